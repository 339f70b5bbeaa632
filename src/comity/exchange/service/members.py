"""A member's entry in the directory: what a node writes of itself, and what must hold of every entry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeVar

from comity.base.errors import BadInput, ComityError, Conflict, Tampered
from comity.base.model import JsonObject
from comity.exchange.model import Member
from comity.exchange.rules import CAPABILITIES, MESSAGE_BYTES, RELAY, SPOKEN
from comity.exchange.wire import directory as format
from comity.kit.codec.notes import VerifierKey
from comity.kit.crypto.certificates import common_name, fingerprint, require_leaf, to_der
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.sealing import KemKey, KemPublic
from comity.kit.crypto.signing import VerifyKey
from comity.kit.crypto.symmetric import sha256
from comity.log import service as log

T = TypeVar("T")


@dataclass(frozen=True)
class Role:
    """What a node does for others (`services`), and by which member's relaying it is reached, if any."""

    services: tuple[str, ...] = ()
    relay: str = ""

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it announces: a relay takes nothing for itself, and files need a connection to the recipient."""
        if RELAY in self.services:
            return ()
        return tuple(one for one in CAPABILITIES if not self.relay or one != "files")


MEMBER: Final = Role()


def read_entry(code: str, data: bytes, *, revoked: bool = False) -> Member:
    """The member in an entry file that belongs to `code`, its keys checked; BadInput otherwise."""
    source = format.parse_entry(data)
    made = format.parse_member(source, _fingerprints([source]), revoked=revoked)
    if made.code != code:
        raise BadInput("exchange.member", f"{code} signs the entry of {made.code}",
                       todo="Take the entry that this member's own node wrote.")  # fmt: skip
    check_member_keys(made)
    return made


def check_member_keys(one: Member) -> None:
    """The entry's certificate is its own, its keys are acceptable (no small-order point), its key names agree."""
    try:
        named = {common_name(pem) for pem in one.certificates}
        for raw in (one.signing, *one.signing_also):
            VerifyKey.from_raw(raw)
        for raw in filter(None, (one.kem, one.kem_next)):
            KemPublic.from_raw(raw)
        log_key = VerifierKey.parse(one.log)
        witness = VerifierKey.parse(one.witness, cosigns=True) if one.witness else None
        for pem in one.certificates:
            require_leaf(pem)
    except ComityError as error:
        raise BadInput("exchange.member", f"The entry of {one.code}: {error.what}", todo=error.todo) from error
    names = {log.epoch_of(log_key.name, one.code) > 0, witness is None or witness.name == witness_name(one.code)}
    if named != {one.code} or sha256(one.kem).hex() != one.kem_id or names != {True}:
        raise BadInput("exchange.member", f"The entry of {one.code} holds another node's certificate or keys",
                       todo="Take the entry that this member's own node wrote.")  # fmt: skip
    if witness is not None and witness.key == log_key.key:
        raise BadInput("exchange.member", f"{one.code} would cosign with its log's own key",
                       todo="One purpose, one key: take the entry that this member's own node wrote.")  # fmt: skip


def log_epoch(one: Member) -> int:
    """Which epoch of its log the member's entry lists, by the name of the key."""
    return log.epoch_of(one.log.partition("+")[0], one.code)


def check_forward(code: str, before: str, now: str) -> None:
    """Conflict (``exchange.epoch-back``) where a member's log key, in C2SP form, is of an earlier epoch than before."""
    was, lists = (log.epoch_of(key.partition("+")[0], code) for key in (before, now))
    if 0 < lists < was:  # another node's name is refused elsewhere
        raise Conflict(
            "exchange.epoch-back", f"The log of {code} was in epoch {was}; its entry lists epoch {lists}",
            todo="Take the newest file that its node wrote; a node that lost its log begins a higher epoch.",
        )  # fmt: skip


def witness_name(node: str) -> str:
    """The name under which a node cosigns others' checkpoints: ``comity.invalid/XA/witness``."""
    return f"comity.invalid/{node}/witness"


def member_entry(keys: KeyRing, name: str, endpoint: str, *, officer: str = "", role: Role = MEMBER) -> JsonObject:
    """This node's own entry for the federation's directory: public keys only. `endpoint` is ``https://host:port``.

    `role`: what it does for others, and the member through which it is reached.
    """
    pem = keys.tls_certificate.read_text(encoding="ascii")
    signing, next_kem = keys.slot("signing"), keys.slot("kem").next
    coming = keys.next_certificate.read_text(encoding="ascii") if keys.next_certificate.exists() else ""
    made = Member(
        code=keys.node, name=name, endpoint=endpoint, officer=officer, tls_certificate=pem,
        signing=keys.signing.public.raw, kem=keys.kem.public.raw, kem_id=kem_id(keys),
        log=VerifierKey(log.origin(keys.node), keys.log.public).format(),
        witness=VerifierKey(witness_name(keys.node), keys.witness.public, cosigns=True).format(),
        services=role.services,
        message_bytes=MESSAGE_BYTES, versions=SPOKEN, capabilities=role.capabilities, revoked=False,
        certificate_fingerprint=_fingerprint(pem), next_certificate=coming,
        next_fingerprint=_fingerprint(coming) if coming else "",
        signing_also=tuple(keys.public("signing", path) for path in (signing.next, signing.past) if path.exists()),
        kem_next=keys.public("kem", next_kem) if next_kem.exists() else b"", relay=role.relay,
    )  # fmt: skip
    check_member_keys(made)
    return format.member_dict(made)


def kem_id(keys: KeyRing) -> str:
    """The name of this node's present KEM key: SHA-256 of the raw public key, in hex."""
    return kem_name(keys.kem)


def kem_name(key: KemKey) -> str:
    """The name of a KEM key: SHA-256 of the raw public key, in hex."""
    return sha256(key.public.raw).hex()


@lru_cache(maxsize=1024)
def signing_key(raw: bytes) -> VerifyKey:
    """A member's signing key, checked once."""
    return VerifyKey.from_raw(raw)


def signed_by(one: Member, verify: Callable[[VerifyKey], T]) -> T:
    """What `verify` answers under the first of the member's signing keys that holds; Tampered when none does.

    A member that replaces its key signs under the old one and under the new one for a while.
    """
    for raw in one.signing_also:
        try:
            return verify(signing_key(one.signing))
        except Tampered:
            one = replace(one, signing=raw)
    return verify(signing_key(one.signing))


@lru_cache(maxsize=1024)
def sealing_key(raw: bytes) -> KemPublic:
    """A member's KEM key, checked once."""
    return KemPublic.from_raw(raw)


@lru_cache(maxsize=1024)
def log_key(vkey: str) -> VerifierKey:
    """A member's log key, checked once."""
    return VerifierKey.parse(vkey)


@lru_cache(maxsize=1024)
def witness_key(vkey: str) -> VerifierKey:
    """A member's witness key, checked once."""
    return VerifierKey.parse(vkey, cosigns=True)


def _fingerprints(entries: Sequence[JsonObject]) -> dict[str, str]:
    """The fingerprint of every certificate in these entries, by its PEM text."""
    found = (entry.get(name) for entry in entries for name in ("tls_certificate", "tls_next"))
    return {pem: _fingerprint(pem) for pem in found if isinstance(pem, str)}


def _fingerprint(pem: str) -> str:
    return fingerprint(to_der(pem.encode()))


def fingerprint_of(one: Member) -> str:
    """The fingerprint of a member's signing key (hex SHA-256)."""
    return sha256(one.signing).hex()
