"""Sealing and opening envelopes: one content key, wrapped for each recipient, everything bound to the header.

AAD of the ciphertext and HPKE info bind the header's JCS form, hence sender, recipients and purpose; the signature
binds header, wraps and ciphertext; `cek_commit` makes AES-GCM committing; the salted payload hash binds what was said.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from comity.base.errors import BadInput, Tampered
from comity.exchange.model import Header, Member
from comity.exchange.rules import refused
from comity.exchange.service.members import kem_name, sealing_key, signed_by
from comity.exchange.wire.envelope import (
    Envelope,
    Payload,
    Wrap,
    header_dict,
    parse_payload,
    signed_part,
    wraps_bytes,
)
from comity.kit.codec import jws
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.sealing import open_sealed, seal
from comity.kit.crypto.symmetric import commit, constant_equal, decrypt, encrypt, random_bytes, sha256

_SALT: Final = 32
_PAYLOAD: Final = b"cx1-payload\0"
_WRAP: Final = b"cx1-wrap\0"
_CEK: Final = b"cx1-cek\0"


@dataclass(frozen=True)
class Made:
    """A sealed and signed envelope: its JCS form, and its digest (hex SHA-256 of that form)."""

    data: bytes = field(repr=False)
    digest: str


@dataclass(frozen=True)
class Opened:
    """An envelope whose seal held: the salt and payload bytes, and the payload as read."""

    salted: bytes = field(repr=False)
    payload: Payload


def make(keys: KeyRing, header: Header, payload: bytes, members: tuple[Member, ...]) -> Made:
    """Seal `payload` for `members` (in the order of `header.to`) and sign; hash and commitment are filled in here."""
    salted, cek = random_bytes(_SALT) + payload, random_bytes(32)
    whole = replace(header, payload_hash=sha256(_PAYLOAD + salted).hex(), cek_commit=commit(cek, _CEK).hex())
    clear = header_dict(whole)
    bound = canonical(clear)
    ciphertext = encrypt(cek, salted, bound)
    wraps = tuple(Wrap(m.code, m.kem_id, seal(sealing_key(m.kem), cek, _WRAP + bound)) for m in members)
    wrapped = wraps_bytes(wraps)
    signed = signed_part(bound, wrapped, sha256(ciphertext))
    signature = jws.sign_detached(keys.signing, keys.signing.public.fingerprint, signed)
    data = Envelope(clear, bound, wraps, wrapped, ciphertext, signature).encoded()
    return Made(data, sha256(data).hex())


def digest_of(envelope: Envelope) -> str:
    """The SHA-256 (hex) of an envelope's JCS form."""
    return sha256(envelope.encoded()).hex()


def check_signature(envelope: Envelope, sender: Member) -> bytes:
    """The signed bytes, when `sender`'s signature over them holds; Tampered ``exchange.signature`` otherwise."""
    signed = signed_part(envelope.header_bytes, envelope.wraps_bytes, sha256(envelope.ciphertext))
    try:
        signed_by(sender, lambda key: jws.verify_detached(envelope.signature, signed, key))
    except (BadInput, Tampered) as error:
        raise Tampered("exchange.signature", f"The envelope is not signed by {sender.code}",
                       todo="Send the message again from the node that the directory lists.") from error  # fmt: skip
    return signed


def open_envelope(keys: KeyRing, envelope: Envelope, header: Header) -> Opened:
    """Unwrap, check the key's commitment, decrypt, check the payload's hash; Tampered ``exchange.seal`` otherwise."""
    held = {kem_name(key): key for key in (keys.kem, *keys.further_kem)}
    mine = [w for w in envelope.wraps if w.to == keys.node and w.kid in held]
    if len(mine) != 1 or {w.to for w in envelope.wraps} != set(header.to):
        raise refused("seal", "the content key is not wrapped once for each recipient's own key")
    try:
        cek = open_sealed(held[mine[0].kid], mine[0].sealed, _WRAP + envelope.header_bytes)
        holds = constant_equal(commit(cek, _CEK).hex().encode(), header.cek_commit.encode())
        salted = decrypt(cek, envelope.ciphertext, envelope.header_bytes) if holds else b""
    except (Tampered, ValueError) as error:
        raise _broken() from error
    if not holds or len(salted) < _SALT or sha256(_PAYLOAD + salted).hex() != header.payload_hash:
        raise _broken()
    opened = Opened(salted, parse_payload(salted[_SALT:]))
    if len(opened.payload.files) != header.files:
        raise refused("payload", f"{len(opened.payload.files)} files, where the header announces {header.files}")
    return opened


def seal_at_rest(keys: KeyRing, salted: bytes, sender: str, id: str) -> bytes:
    """Salt and payload as the inbox keeps them, bound to their row."""
    return encrypt(keys.data_key("exchange-inbox").secret, salted, f"exchange_inbox|payload|{sender}|{id}".encode())


def open_at_rest(keys: KeyRing, sealed: bytes, sender: str, id: str) -> Payload:
    """The payload of an inbox row."""
    bound = f"exchange_inbox|payload|{sender}|{id}".encode()
    return parse_payload(decrypt(keys.data_key("exchange-inbox").secret, sealed, bound)[_SALT:])


def _broken() -> Tampered:
    return Tampered("exchange.seal", "The envelope's seal does not hold", todo="Send the message again.")
