"""The directory of trust: who is a member, with which keys; signed by the federation's root, which is pinned."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, NotFound, Tampered
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Directory, Member
from comity.exchange.rules import MESSAGE_BYTES, VERSION
from comity.exchange.store import partners as kept
from comity.exchange.wire import directory as format
from comity.kit.codec import dsse
from comity.kit.codec.jcs import parse_object
from comity.kit.codec.notes import VerifierKey
from comity.kit.crypto.certificates import common_name, fingerprint, require_leaf, to_der
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.sealing import KemPublic
from comity.kit.crypto.signing import SigningKey, VerifyKey
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VALID_DAYS: Final = 365


@dataclass(frozen=True)
class Edition:
    """What the signer of a directory decides: the federation's name, the edition's number and its dates."""

    federation: str
    version: int
    issued: datetime
    days: int = VALID_DAYS


def directory(unit: Unit) -> Directory:
    """The directory in force on this node: the newest imported. Misconfigured before the first import."""
    known = unit.scratch.get("exchange.directory")
    if isinstance(known, Directory):
        return known
    newest = kept.newest_directory(unit)
    if newest is None:
        raise Misconfigured(
            "exchange.no-directory", "This node has no directory of partners yet",
            todo="Import the federation's: comity directory import FEDERATION.json --root-key FINGERPRINT",
        )  # fmt: skip
    found = _read(unit, *newest)
    unit.scratch["exchange.directory"] = found
    return found


_read_before: Final[dict[str, Directory]] = {}


def _read(unit: Unit, version: int, digest: str) -> Directory:
    """Parsed once a process for each digest: a directory never changes, and its signature was verified at import."""
    found = _read_before.get(digest)
    if found is None:
        data = kept.directory_bytes(unit, version)
        if sha256(data).hex() != digest:
            raise Tampered("exchange.directory", "The stored directory was changed", where="exchange_directory",
                           todo="Import the federation's directory again.")  # fmt: skip
        found = open_directory(data, None)
        _read_before[digest] = found
    return found


def in_force(unit: Unit) -> Directory:
    """The directory, for exchanging anything on its word; Conflict once it has expired."""
    found = directory(unit)
    if found.expires <= unit.now:
        raise Conflict("exchange.directory-expired", f"The directory expired at {rfc3339(found.expires)}",
                       todo="Import a newer one from the federation's office.")  # fmt: skip
    return found


def member(unit: Unit, code: str) -> Member:
    """The partner `code`; NotFound when the directory does not list it, Conflict when it is revoked or expired."""
    found = in_force(unit).members.get(code)
    if found is None:
        raise NotFound("exchange.unlisted", f"{code} is not in this node's directory",
                       todo="See `comity partners`; import a newer directory.")  # fmt: skip
    if found.revoked:
        raise Conflict("exchange.revoked", f"{code} is revoked in the directory", todo="Ask the federation's office.")
    return found


def others(unit: Unit) -> list[Member]:
    """The members with whom this node may exchange, by code: not itself, and none that is revoked."""
    return [one for code, one in sorted(directory(unit).members.items()) if code != unit.node and not one.revoked]


def open_directory(data: bytes, root: str | None) -> Directory:
    """The directory in a signed file. It needs no database.

    1. The DSSE envelope parses and its payload names a root key. 2. That key's fingerprint is `root` (hex SHA-256);
    with None the file's own key counts, which says nothing about who signed it. 3. The signature holds.
    4. Every entry's keys and certificate are acceptable, and no code occurs twice. Tampered or BadInput otherwise.
    """
    payload = format.unsigned_payload(data)
    key = VerifyKey.from_raw(format.root_of(payload))
    if root is not None and key.fingerprint != root.lower():
        raise Tampered("exchange.root", f"The directory is signed by the root {key.fingerprint}, not by {root}",
                       todo="Ask the federation's office for its root key's fingerprint by another way.")  # fmt: skip
    verified = dsse.verify(data, format.PAYLOAD_TYPE, {key.fingerprint: key}, threshold=1)
    entries = format.member_entries(verified.payload)
    found = format.parse_directory(verified.payload, key.fingerprint, _fingerprints(entries))
    for one in found.members.values():
        check_member_keys(one)
    return found


def check_member_keys(one: Member) -> None:
    """The entry's certificate is its own, its keys are acceptable (no small-order point), its key names agree."""
    try:
        named = {common_name(pem) for pem in one.certificates}
        VerifyKey.from_raw(one.signing)
        KemPublic.from_raw(one.kem)
        log_key = VerifierKey.parse(one.log)
        witness = VerifierKey.parse(one.witness, cosigns=True) if one.witness else None
        for pem in one.certificates:
            require_leaf(pem)
    except ComityError as error:
        raise BadInput("exchange.member", f"The entry of {one.code}: {error.what}", todo=error.todo) from error
    names = {log_key.name == log.origin(one.code), witness is None or witness.name == witness_name(one.code)}
    if named != {one.code} or sha256(one.kem).hex() != one.kem_id or names != {True}:
        raise BadInput("exchange.member", f"The entry of {one.code} holds another node's certificate or keys",
                       todo="Take the entry that this member's own node wrote.")  # fmt: skip
    if witness is not None and witness.key == log_key.key:
        raise BadInput("exchange.member", f"{one.code} would cosign with its log's own key",
                       todo="One purpose, one key: take the entry that this member's own node wrote.")  # fmt: skip


def witness_name(node: str) -> str:
    """The name under which a node cosigns others' checkpoints: ``comity.invalid/XA/witness``."""
    return f"comity.invalid/{node}/witness"


def import_directory(unit: Unit, data: bytes, root: str | None = None, actor: Actor | None = None) -> Directory:
    """Take a newer directory into use; logged. The first import pins the root key, whose fingerprint must be given.

    Conflict when the version is not newer than the one in force (the same bytes again change nothing), Tampered for
    another root.
    """
    pinned = kept.pinned_root(unit)
    if pinned is None and root is None:
        raise BadInput("exchange.root-needed", "The first import needs the root key's fingerprint",
                       todo="Add --root-key FINGERPRINT, as the federation's office gave it to you.")  # fmt: skip
    found = open_directory(data, pinned[0] if pinned else root)
    if pinned and root is not None and root.lower() != pinned[0]:
        raise Conflict("exchange.root-pinned", "Another root key is pinned", todo="Leave --root-key out.")
    _check_newer(unit, found, sha256(data).hex(), pinned)
    newest = kept.newest_directory(unit)
    if newest == (found.version, sha256(data).hex()):
        return found
    if pinned is None:
        kept.pin_root(unit, found.root, found.federation)
    kept.add_directory(unit, found.version, sha256(data).hex(), data)
    unit.scratch.pop("exchange.directory", None)
    log.append(unit, Record(
        type="directory.imported", actor=actor or Actor.system(unit.node), subject={"federation": found.federation},
        payload={"version": found.version, "digest": sha256(data).hex(), "root": found.root},
    ))  # fmt: skip
    return found


def _check_newer(unit: Unit, found: Directory, digest: str, pinned: tuple[str, str] | None) -> None:
    newest = kept.newest_directory(unit)
    if newest and found.version <= newest[0] and newest != (found.version, digest):
        raise Conflict("exchange.directory-old", f"Version {found.version} is not newer than {newest[0]}",
                       todo="Ask the federation's office for the present directory.")  # fmt: skip
    if pinned and found.federation != pinned[1]:
        raise Conflict("exchange.federation", f"This is the directory of {found.federation}, not of {pinned[1]}",
                       todo="A node belongs to one federation.")  # fmt: skip
    if found.expires <= unit.now:
        raise BadInput("exchange.directory-expired", "The directory has expired",
                       todo="Ask the federation's office for the present directory.")  # fmt: skip
    mine = found.members.get(unit.node)
    if mine is not None and mine.signing != unit.keys.signing.public.raw:
        raise Conflict("exchange.not-me", f"The directory lists other keys for {unit.node} than this node's",
                       todo="Hand in the entry that this node wrote, and import the next directory.")  # fmt: skip


def sign_directory(entries: Sequence[JsonObject], key: SigningKey, edition: Edition) -> bytes:
    """A federation's directory file over the members' entries, each checked. BadInput names the entry at fault."""
    members: dict[str, Member] = {}
    for entry in entries:
        one = format.parse_member(entry, _fingerprints([entry]))
        check_member_keys(one)
        if one.code in members:
            raise BadInput("exchange.member", f"{one.code} is given twice", todo="Give each member's entry once.")
        members[one.code] = one
    expires = edition.issued + timedelta(days=edition.days)
    root = key.public.fingerprint
    made = Directory(edition.federation, edition.version, edition.issued, expires, root, members)
    return dsse.sign(format.PAYLOAD_TYPE, format.payload_of(made, key.public.raw), [key])


def member_entry(
    keys: KeyRing, name: str, endpoint: str, *, officer: str = "", services: Sequence[str] = ()
) -> JsonObject:
    """This node's own entry for the federation's directory: public keys only. `endpoint` is ``https://host:port``."""
    pem = keys.tls_certificate.read_text(encoding="ascii")
    coming = keys.next_certificate.read_text(encoding="ascii") if keys.next_certificate.exists() else ""
    made = Member(
        code=keys.node, name=name, endpoint=endpoint, officer=officer, tls_certificate=pem,
        signing=keys.signing.public.raw, kem=keys.kem.public.raw, kem_id=kem_id(keys),
        log=VerifierKey(log.origin(keys.node), keys.log.public).format(),
        witness=VerifierKey(witness_name(keys.node), keys.witness.public, cosigns=True).format(),
        services=tuple(services),
        message_bytes=MESSAGE_BYTES, versions=(VERSION, VERSION), revoked=False,
        certificate_fingerprint=_fingerprint(pem), next_certificate=coming,
        next_fingerprint=_fingerprint(coming) if coming else "",
    )  # fmt: skip
    check_member_keys(made)
    return format.member_dict(made)


def read_member_entry(data: bytes) -> JsonObject:
    """A member's entry file; BadInput when it is none."""
    return parse_object(data, limit=65_536, where="member entry")


def kem_id(keys: KeyRing) -> str:
    """The name of this node's present KEM key: SHA-256 of the raw public key, in hex."""
    return sha256(keys.kem.public.raw).hex()


@lru_cache(maxsize=1024)
def signing_key(raw: bytes) -> VerifyKey:
    """A member's signing key, checked once."""
    return VerifyKey.from_raw(raw)


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


def make_root_key(path: Path) -> bytes:
    """A fresh root key at `path` (mode 0600) as PEM, also answered. Conflict when the file exists."""
    pem = SigningKey.generate().to_pem()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict("exchange.root-exists", "There is a root key already", where=str(path),
                       todo="Sign with it.") from error  # fmt: skip
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(descriptor)
    return pem


def root_key(pem: bytes) -> SigningKey:
    """The root key in a PEM file; BadInput for anything else."""
    return SigningKey.from_pem(pem)


def fingerprint_of(one: Member) -> str:
    """The fingerprint of a member's signing key (hex SHA-256)."""
    return sha256(one.signing).hex()
