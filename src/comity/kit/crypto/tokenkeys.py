"""Keys in a token: Ed25519 to sign, AES-256 to encrypt other keys, and the file that stands for one of them.

What is made here cannot be extracted (CKA_SENSITIVE, not CKA_EXTRACTABLE). PKCS #11 v3.0: CKM_EC_EDWARDS_KEY_PAIR_GEN,
CKM_EDDSA without parameters (2.3.14), CKM_AES_GCM (2.13.2). A key is found by its CKA_ID, 16 random bytes; its label is
for people. The file holds, in PEM armour, the id and the 32 bytes of the public key: enough to name, not to sign.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from comity.base.errors import BadInput, Tampered
from comity.kit.crypto.signing import VerifyKey
from comity.kit.crypto.symmetric import NONCE_BYTES, TAG_BYTES, random_bytes
from comity.kit.crypto.tokens import Token, driver

if TYPE_CHECKING:
    from pkcs11 import Session

ID_BYTES: Final = 16
_ED25519: Final = "1.3.101.112"
_POINT: Final = b"\x04\x20"
"""DER of an octet string of 32 bytes, in which a token hands out a public key."""
_TEST: Final = b"comity token self-test|"
_BEGIN: Final = b"-----BEGIN COMITY TOKEN KEY-----\n"
_END: Final = b"\n-----END COMITY TOKEN KEY-----\n"


@dataclass(frozen=True)
class Reference:
    """What the file of a signing key says when the key itself is in a token."""

    id: bytes
    public: VerifyKey

    @classmethod
    def from_pem(cls, pem: bytes) -> "Reference | None":
        """The reference in a key file; None where the file holds a key itself, BadInput where it is damaged."""
        if not pem.startswith(_BEGIN):
            return None
        try:
            raw = base64.b64decode(pem.removeprefix(_BEGIN).removesuffix(_END), validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != ID_BYTES + 32:
            raise BadInput("crypto.token-key", "Not a reference to a key in a token",
                           todo="Give the file that Comity wrote for this key.")  # fmt: skip
        return cls(raw[:ID_BYTES], VerifyKey.from_raw(raw[ID_BYTES:]))

    def to_pem(self) -> bytes:
        """The file's bytes."""
        return _BEGIN + base64.b64encode(self.id + self.public.raw) + _END


def make_signing(token: Token, label: str) -> Reference:
    """A fresh Ed25519 key in the token, which people see there as `label`."""
    id = random_bytes(ID_BYTES)
    token.keep_count(id)
    point = token.use(lambda session: _make_pair(session, label, id))
    raw = point.removeprefix(_POINT) if len(point) == 34 else point
    return Reference(id, VerifyKey.from_raw(raw))


def signer(token: Token, known: Reference) -> "TokenSigner":
    """The key that `known` refers to, which has proven itself: Tampered where it signs for another public key."""
    made = TokenSigner(known.public, known.id, token)
    challenge = _TEST + random_bytes(32)
    if not known.public.verify(made.sign(challenge), challenge):
        raise Tampered("keys.token-test", "A key in the token does not sign for the public key of its file",
                       where=known.id.hex(), todo="Stop the node, and look who changed the token.")  # fmt: skip
    return made


def make_cipher(token: Token, label: str) -> "TokenCipher":
    """A fresh AES-256 key in the token, which people see there as `label`."""
    id = random_bytes(ID_BYTES)
    token.keep_count(id)
    token.use(lambda session: _make_secret(session, label, id))
    return TokenCipher(id, token)


@dataclass(frozen=True)
class TokenSigner:
    """An Ed25519 key in a token; `id` names it there."""

    public: VerifyKey
    id: bytes
    token: Token = field(repr=False, compare=False)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over `data`, made in the token (RFC 8032, 5.1.6); errors as `Token.use`."""

        def deed(_: "Session") -> bytes:
            made: bytes = self.token.find("PRIVATE_KEY", self.id).sign(data, mechanism=driver().Mechanism.EDDSA)
            return made

        return self.token.use(deed)


@dataclass(frozen=True)
class TokenCipher:
    """An AES-256 key in a token, for keys alone: each call is a round trip; `id` names it there."""

    id: bytes
    token: Token = field(repr=False, compare=False)

    def encrypt(self, plaintext: bytes, aad: bytes) -> bytes:
        """AES-256-GCM in the token, bound to `aad`: nonce (12 bytes), ciphertext, tag (16); errors as `Token.use`."""
        nonce = random_bytes(NONCE_BYTES)
        return nonce + self.token.use(lambda _: self._apply("encrypt", plaintext, nonce, aad))

    def decrypt(self, blob: bytes, aad: bytes) -> bytes:
        """The plaintext of what `encrypt` made; Tampered when key, blob and `aad` do not belong together."""

        def deed(_: "Session") -> bytes | None:
            try:
                return self._apply("decrypt", blob[NONCE_BYTES:], blob[:NONCE_BYTES], aad)
            except driver().PKCS11Error:  # modules have no common word for a wrong tag: ask for what must work
                self._apply("encrypt", _TEST, random_bytes(NONCE_BYTES), b"")
                return None

        opened = self.token.use(deed) if len(blob) >= NONCE_BYTES + TAG_BYTES else None
        if opened is None:
            raise Tampered("keys.token-open", "A wrapped key does not open in the token: it was changed or moved",
                           todo="Restore the record from a backup and report the incident.")  # fmt: skip
        return opened

    def _apply(self, verb: str, data: bytes, nonce: bytes, aad: bytes) -> bytes:
        api = driver()
        parameters = api.GCMParams(nonce, aad, TAG_BYTES * 8)
        key = self.token.find("SECRET_KEY", self.id)
        made: bytes = getattr(key, verb)(data, mechanism=api.Mechanism.AES_GCM, mechanism_param=parameters)
        return made


def _make_pair(session: "Session", label: str, id: bytes) -> bytes:
    """Make the pair; the public half as the token hands it out."""
    api = driver()
    parameters = {api.Attribute.EC_PARAMS: api.util.ec.encode_named_curve_parameters(_ED25519)}
    curve = session.create_domain_parameters(api.KeyType.EC_EDWARDS, parameters, local=True)
    public, _ = curve.generate_keypair(
        mechanism=api.Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=label, id=id, private_template=_kept(api)
    )
    point: bytes = public[api.Attribute.EC_POINT]
    return point


def _make_secret(session: "Session", label: str, id: bytes) -> None:
    api = driver()
    may = api.MechanismFlag.ENCRYPT | api.MechanismFlag.DECRYPT
    session.generate_key(api.KeyType.AES, 256, id=id, label=label, store=True, capabilities=may, template=_kept(api))


def _kept(api: Any) -> dict[Any, bool]:
    """Attributes of a key that leaves its token in no form."""
    return {api.Attribute.SENSITIVE: True, api.Attribute.EXTRACTABLE: False}
