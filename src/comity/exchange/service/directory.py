"""The directory of trust on a node: the newest edition it has verified, for everything that the exchange asks of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, Misconfigured, NotFound, Tampered
from comity.base.model import Actor
from comity.exchange import rules
from comity.exchange.model import Directory, Member, Verified
from comity.exchange.service.members import read_entry
from comity.exchange.service.turning import list_epochs
from comity.exchange.store import partners as kept
from comity.exchange.wire import directory as wire
from comity.kit.crypto.symmetric import decrypt, encrypt, sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record


def directory(unit: Unit) -> Directory:
    """The directory in force on this node: the newest imported. Misconfigured before the first import."""
    known = unit.scratch.get("exchange.directory")
    if isinstance(known, Directory):
        return known
    newest = kept.newest_directory(unit)
    if newest is None:
        raise Misconfigured(
            "exchange.no-directory", "This node has no directory of partners yet",
            todo="Join a federation: comity federation join INVITATION; then comity federation mirror --from SOURCE",
        )  # fmt: skip
    found = _read(unit, *newest)
    unit.scratch["exchange.directory"] = found
    return found


_READ_BEFORE: Final = 64
_read_before: Final[dict[str, Directory]] = {}


def _read(unit: Unit, version: int, digest: str) -> Directory:
    """Parsed once a process for each digest: its freshness and its place after the others were verified at import."""
    found = _read_before.get(digest)
    if found is None:
        data = kept.directory_bytes(unit, version)
        if sha256(data).hex() != digest:
            raise Tampered("exchange.directory", "The stored directory was changed", where="exchange_directory",
                           todo="Take the federation's directory in again.")  # fmt: skip
        found = _listed(_reading(unit, version, digest) or _verified(data, None))
        if len(_read_before) >= _READ_BEFORE:  # every refresh by the office is another digest
            _read_before.clear()
        _read_before[digest] = found
    return found


def _reading(unit: Unit, version: int, digest: str) -> Verified | None:
    """What this node read in that edition when it verified it, under its own key: nobody else can have written it.

    None where there is no such reading, or another key has sealed it: then the edition itself is verified anew.
    """
    sealed = kept.directory_reading(unit, version)
    if sealed is None:
        return None
    try:
        return wire.parse_reading(decrypt(_reading_key(unit), sealed, digest.encode()))
    except (Tampered, BadInput):
        return None


def _sealed_reading(unit: Unit, found: Verified, digest: str) -> bytes:
    return encrypt(_reading_key(unit), wire.reading_file(found), digest.encode())


def _reading_key(unit: Unit) -> bytes:
    return unit.keys.data_key("directory-readings").secret


def in_force(unit: Unit) -> Directory:
    """The directory, for exchanging anything on its word; Conflict once it has expired."""
    found = directory(unit)
    if found.expires <= unit.now:
        raise Conflict("exchange.directory-expired", f"The directory expired at {rfc3339(found.expires)}",
                       todo="Take a newer one in from the federation's office.")  # fmt: skip
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


def recipient(unit: Unit, code: str) -> Member:
    """The partner `code`, to whom something is to be sent; as `member`, and Conflict where no version is common."""
    found = member(unit, code)
    rules.version_with(found)
    return found


def takes(unit: Unit, code: str, capability: str) -> bool:
    """Whether a member announces that capability; NotFound or Conflict where it is no partner (any more)."""
    return capability in member(unit, code).capabilities


def others(unit: Unit) -> list[Member]:
    """The members with whom this node may exchange, by code: not itself, none that is revoked, and none with whom it
    has no version in common."""
    return [
        one for code, one in sorted(directory(unit).members.items())
        if code != unit.node and not one.revoked and rules.common_version(rules.SPOKEN, one.versions)
    ]  # fmt: skip


def reachable(unit: Unit) -> list[Member]:
    """The `others` that accept connections."""
    return [one for one in others(unit) if not one.relay]


def through(unit: Unit, to: Member) -> Member | None:
    """Who takes what is sent to a member: itself, or its relay; None where there is no such relay (any more)."""
    if not to.relay:
        return to
    return next((one for one in others(unit) if one.code == to.relay and rules.RELAY in one.services), None)


def open_directory(
    data: bytes, root: str | None, at: datetime | None = None, before: Mapping[str, bytes] | None = None
) -> Directory:
    """The directory in a bundle, every signature verified (`federation.verifying.verify`). It needs no database.

    `root`: the fingerprint (hex SHA-256) of a root metadata in its chain, learnt by another way; with None its own
    oldest counts, which says nothing about whose it is. Then: every entry's keys and certificates are acceptable and
    its own. Tampered, BadInput or Conflict otherwise.
    """
    return _listed(_verified(data, root, at, before))


def _verified(
    data: bytes, root: str | None, at: datetime | None = None, before: Mapping[str, bytes] | None = None
) -> Verified:
    from comity.exchange.service.federation.verifying import verify  # noqa: PLC0415  # TUF is loaded for a new edition

    return verify(wire.unpack(data), root, at, before)


def _listed(found: Verified) -> Directory:
    members = {
        code: replace(read_entry(code, entry, revoked=code in found.revoked), federation=found.of.get(code, ""))
        for code, entry in sorted(found.entries.items())
    }
    return Directory(
        found.federation, found.version, found.issued, found.expires, found.root, members, found.freshness
    )  # fmt: skip


def check_fresh(unit: Unit, type: str) -> None:
    """Conflict (``exchange.directory-stale``) where the directory is too old for a message of this type."""
    rules.check_fresh(directory(unit), type, unit.now)


def is_fresh(unit: Unit, type: str) -> bool:
    """Whether the directory is fresh enough for a message of this type."""
    what = rules.need(type)
    return what == "nothing" or not rules.overdue(directory(unit), what, unit.now)


def freshness(unit: Unit) -> str:
    """How fresh the directory is, in words for the operator; starts with ``fresh`` when all is well."""
    return rules.freshness_told(directory(unit), unit.now)


def pin(unit: Unit, federation: str, root: str) -> None:
    """This node belongs to `federation`, whose root metadata has the fingerprint `root` (hex). Once; then Conflict."""
    pinned = kept.pinned_root(unit)
    if pinned is None:
        kept.pin_root(unit, root.lower(), federation)
    elif pinned[1] != federation:
        raise Conflict("exchange.federation", f"This node belongs to {pinned[1]}, not to {federation}",
                       todo="A node belongs to one federation.")  # fmt: skip


def belongs_to(unit: Unit) -> str:
    """The name of the federation that this node has joined; Misconfigured before."""
    pinned = kept.pinned_root(unit)
    if pinned is None:
        raise Misconfigured("exchange.no-federation", "This node has not joined a federation yet",
                            todo="Ask the office for an invitation: comity federation join INVITATION")  # fmt: skip
    return pinned[1]


def import_directory(unit: Unit, data: bytes, root: str | None = None, actor: Actor | None = None) -> Directory:
    """Take a newer edition into use; logged, but for a mere refresh, by which the office says that nothing changed.

    Without an invitation the first import pins the root, whose fingerprint must then be given. Conflict when it is
    older than what is known here (the same bytes again change nothing), or a member's log went back to an epoch that
    has ended; Tampered for another root. With a partner whose log is in another epoch nothing is exchanged until that
    was looked at.
    """
    pinned = kept.pinned_root(unit)
    if pinned is None and root is None:
        raise BadInput("exchange.root-needed", "The first import needs the root's fingerprint",
                       todo="Add --root-key FINGERPRINT, as the federation's office told it to you.")  # fmt: skip
    newest, digest = kept.newest_directory(unit), sha256(data).hex()
    if pinned and root is not None and root.lower() != pinned[0]:
        raise Conflict("exchange.root-pinned", "Another root is pinned", todo="Leave --root-key out.")
    if newest and newest[1] == digest:
        return directory(unit)
    before = wire.unpack(kept.directory_bytes(unit, newest[0])) if newest else None
    verified = _verified(data, pinned[0] if pinned else root, unit.now, before)
    found, reading = _listed(verified), _sealed_reading(unit, verified, digest)
    _check_ours(unit, found)
    pin(unit, found.federation, found.root)
    kept.move_root(unit, found.root)
    unit.scratch.pop("exchange.directory", None)
    if newest and newest[0] == found.version:
        kept.refresh_directory(unit, found.version, digest, data, reading)
        return found
    list_epochs(unit, directory(unit) if newest else None, found)
    unit.scratch.pop("exchange.directory", None)
    kept.add_directory(unit, found.version, digest, data, reading)
    log.append(unit, Record(
        type="directory.imported", actor=actor or Actor.system(unit.node), subject={"federation": found.federation},
        payload={"version": found.version, "digest": digest, "root": found.root},
    ))  # fmt: skip
    return found


def _check_ours(unit: Unit, found: Directory) -> None:
    pinned = kept.pinned_root(unit)
    if pinned and found.federation != pinned[1]:
        raise Conflict("exchange.federation", f"This is the directory of {found.federation}, not of {pinned[1]}",
                       todo="A node belongs to one federation.")  # fmt: skip
    mine = found.members.get(unit.node)
    ours = {unit.keys.signing.public.raw, *unit.keys.further_signing}
    if mine is not None and mine.signing not in ours:
        raise Conflict("exchange.not-me", f"The directory lists other keys for {unit.node} than this node's",
                       todo="Hand in the entry that this node wrote, and take the next edition.")  # fmt: skip
