"""What every node does with a federation's repository before it believes any of it; no database, no network.

The order and the refusals are those of TUF's client workflow (specification 1.0, 5.3 to 5.6), done by python-tuf's
`TrustedMetadataSet`; what is Comity's own is which roles there may be and what each may sign.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from tuf.api.exceptions import (
    BadVersionNumberError,
    EqualVersionNumberError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import DelegatedRole, Delegations, Targets
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput, ComityError, Conflict, Tampered
from comity.exchange.model import Freshness, Link, Terms
from comity.exchange.service.federation.metadata import (
    REVOCATIONS,
    check_keys,
    role_file,
    root_file,
    target_file,
    target_path,
)
from comity.exchange.wire import directory as wire
from comity.exchange.wire.fields import CODE
from comity.kit.crypto.symmetric import sha256

METADATA_BYTES: Final = 1 << 20
_TIMELESS: Final = datetime.min.replace(tzinfo=UTC)
_ROOT: Final = re.compile(r"metadata/([1-9][0-9]{0,5})\.root\.json")


@dataclass(frozen=True)
class Verified:
    """What a repository says, every signature checked. Entries are the members' own bytes, by code."""

    federation: str
    freshness: Freshness
    version: int
    issued: datetime
    expires: datetime
    root: str
    """SHA-256 (hex) of the newest root metadata."""
    entries: Mapping[str, bytes] = field(repr=False)
    revoked: frozenset[str] = frozenset()
    of: Mapping[str, str] = field(default_factory=dict)
    """The members of other federations, by code: the federation's name."""


def fingerprint(root: bytes) -> str:
    """By what people compare a root: the SHA-256 (hex) of its file."""
    return sha256(root).hex()


def roots(files: Mapping[str, bytes]) -> list[bytes]:
    """The root metadata files of a repository, oldest first; BadInput where one in between is missing."""
    numbers = sorted(int(found[1]) for name in files if (found := _ROOT.fullmatch(name)))
    if not numbers or numbers != list(range(numbers[0], numbers[-1] + 1)):
        raise BadInput("exchange.directory", "The directory holds no unbroken chain of roots",
                       todo="Ask the federation's office for FEDERATION.zip anew.")  # fmt: skip
    return [files[root_file(number)] for number in numbers]


def verify(
    files: Mapping[str, bytes], pin: str | None, at: datetime | None = None, before: Mapping[str, bytes] | None = None
) -> Verified:
    """What the repository in `files` says. Raises ComityError and nothing else.

    1. The root whose fingerprint is `pin` (None: the oldest one there, which says nothing about whose it is) is signed
    by itself, and every later one by the threshold of the one before and its own. 2. Timestamp, snapshot, targets and
    each delegated role are signed by the keys that the role above names, and hash to what it says. 3. None has expired
    by `at` (None: not asked). 4. None is older than in `before`, the repository believed so far. 5. Every key is an
    acceptable Ed25519 key, and a role signs its own single file. A member whose entry had expired when the office
    last spoke is left out: one state's neglect must not stop the others. 6. The same for linked federations.
    """
    with _told():
        trusted = _from_root(files, pin)
        trusted.reference_time = at or _TIMELESS
        _update(trusted, files, before or {})
        return _with_linked(_read(trusted, files), trusted, files, before or {})


def check_root(chain: list[bytes], newer: bytes) -> None:
    """The root in `newer` follows the last of `chain`: next number, the old threshold and its own. Else ComityError."""
    with _told():
        trusted = TrustedMetadataSet(chain[-1], EnvelopeType.METADATA)
        check_keys(trusted.update_root(newer).keys)


def _from_root(files: Mapping[str, bytes], pin: str | None) -> TrustedMetadataSet:
    chain = roots(files)
    names = [fingerprint(data) for data in chain]
    if pin is not None and pin.lower() not in names:
        raise Tampered("exchange.root", f"The directory's root is {names[-1]}, and none leads to it from {pin}",
                       todo="Ask the federation's office for its root's fingerprint by another way.")  # fmt: skip
    start = names.index(pin.lower()) if pin else 0
    trusted = TrustedMetadataSet(_small(chain[start]), EnvelopeType.METADATA)
    check_keys(trusted.root.keys)
    for data in chain[start + 1 :]:
        check_keys(trusted.update_root(_small(data)).keys)
    return trusted


def _update(trusted: TrustedMetadataSet, files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Timestamp, snapshot and targets; those of `before` are loaded first, as TUF's client does with what it kept."""
    known = before.get(role_file("timestamp"))
    timestamp = _file(files, role_file("timestamp"))
    if known is not None and known != timestamp:
        with suppress(RepositoryError):  # expired, or under a key that the root has replaced
            trusted.update_timestamp(known)
    trusted.update_timestamp(timestamp)
    if role_file("snapshot") in before:
        with suppress(RepositoryError):
            trusted.update_snapshot(before[role_file("snapshot")], trusted=True)
    trusted.update_snapshot(_file(files, role_file("snapshot")))
    trusted.update_targets(_file(files, role_file(Targets.type)))


def _with_linked(
    found: Verified, trusted: TrustedMetadataSet, files: Mapping[str, bytes], before: Mapping[str, bytes]
) -> Verified:
    """The members of linked federations beside our own, each verified from the root that our office names.

    A federation that is silent for too long, missing or not in order leaves only its own members out; one that is
    older than known here is a rollback and refuses all. A code of our own is ours, one that two links claim nobody's.
    """
    claims: dict[str, list[Verified]] = {}
    for link in _terms(trusted).links:
        name = wire.link_file(link.root)
        if name not in files:
            continue
        other = _linked(link, files[name], found.issued, before.get(name))
        for code in other.entries if other else ():
            if other and code not in found.entries and (not link.codes or code in link.codes):
                claims.setdefault(code, []).append(other)
    single = {code: several[0] for code, several in claims.items() if len(several) == 1}
    revoked = {code for code, other in single.items() if code in other.revoked}
    entries = {code: other.entries[code] for code, other in single.items()}
    of = {code: other.of.get(code, other.federation) for code, other in single.items()}
    return replace(found, entries={**found.entries, **entries}, revoked=found.revoked | revoked, of=of)


def _linked(link: Link, bundle: bytes, at: datetime, before: bytes | None) -> Verified | None:
    """What a linked federation says, at the moment of our own office's word; None where it cannot be relied on."""
    try:
        files, known = (shallow(wire.unpack(data), link.depth) if data else {} for data in (bundle, before))
        found = verify(files, link.root, at, known)
    except ComityError as error:
        if error.code == "exchange.directory-old":
            raise
        return None
    silent = at - found.issued > found.freshness.revocations_hard
    return None if silent or found.federation != link.federation else found


def shallow(files: Mapping[str, bytes], depth: int) -> dict[str, bytes]:
    """A repository's files with those of linked federations only so deep: two that link each other grow no further."""
    kept = {}
    for name, data in files.items():
        if not name.startswith("federations/"):
            kept[name] = data
        elif depth > 0:
            kept[name] = wire.pack(shallow(wire.unpack(data), depth - 1))
    return kept


def _terms(trusted: TrustedMetadataSet) -> Terms:
    return wire.parse_terms(trusted.targets.unrecognized_fields.get("comity"))


def _read(trusted: TrustedMetadataSet, files: Mapping[str, bytes]) -> Verified:
    terms, issued = _terms(trusted), _issued(trusted)
    trusted.reference_time = issued  # as long as one edition is in force, the same members are in it
    entries: dict[str, bytes] = {}
    revoked: frozenset[str] | None = None
    for name in _delegated(trusted.targets):
        if name == REVOCATIONS:
            revoked = wire.parse_revocations(_target(trusted, files, name))
            continue
        with suppress(ExpiredMetadataError):
            entries[name] = _target(trusted, files, name)
    if revoked is None:
        raise _odd("nobody signs its list of revocations")
    first, *_ = expiries = [trusted.root.expires, trusted.targets.expires, trusted.snapshot.expires]
    return Verified(
        terms.federation, terms.freshness, trusted.snapshot.version, issued, min(first, *expiries),
        fingerprint(roots(files)[-1]), entries, revoked,
    )  # fmt: skip


def _issued(trusted: TrustedMetadataSet) -> datetime:
    told = trusted.timestamp.unrecognized_fields.get("issued")
    if not isinstance(told, str):
        raise _odd("its timestamp does not say when it was made")
    return parse_rfc3339(told)


def _delegated(targets: Targets) -> list[str]:
    """The names of the delegated roles, each of which may sign its own file and nothing else."""
    found: Delegations | None = targets.delegations
    if targets.targets or found is None or found.roles is None:
        raise _odd("the office signs for its members, or delegates nothing")
    check_keys(found.keys)
    for name, role in found.roles.items():
        _check_role(name, role)
    return sorted(found.roles)


def _check_role(name: str, role: DelegatedRole) -> None:
    if name != REVOCATIONS and not CODE.fullmatch(name):
        raise _odd(f"{name[:80]!r} is no node code")
    if role.paths != [target_path(name)]:
        raise _odd(f"{name} is given more than its own entry to sign")


def _target(trusted: TrustedMetadataSet, files: Mapping[str, bytes], name: str) -> bytes:
    """The one file that a delegated role signs."""
    role = trusted.update_delegated_targets(_file(files, role_file(name)), name, Targets.type)
    if set(role.targets) != {target_path(name)} or role.delegations is not None:
        raise _odd(f"{name} signs something else than its own entry")
    data = _file(files, target_file(name))
    role.targets[target_path(name)].verify_length_and_hashes(data)
    return data


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise _odd(f"it lacks {name}")
    return _small(files[name])


def _small(data: bytes) -> bytes:
    if len(data) > METADATA_BYTES:
        raise _odd("one of its files is larger than a node reads")
    return data


def _odd(why: str) -> BadInput:
    return BadInput("exchange.directory", f"This is no directory that an office of Comity writes: {why}",
                    todo="Ask the federation's office for FEDERATION.zip anew.")  # fmt: skip


@contextmanager
def _told() -> Iterator[None]:
    """What python-tuf refuses, in the house's words."""
    try:
        yield
    except ComityError:
        raise
    except ExpiredMetadataError as error:
        raise BadInput("exchange.directory-expired", f"The directory has expired ({error})",
                       todo="Ask the federation's office for the present directory.") from error  # fmt: skip
    except (BadVersionNumberError, EqualVersionNumberError) as error:
        raise Conflict("exchange.directory-old", f"The directory is older than one known here ({error})",
                       todo="Ask the federation's office for the present directory.") from error  # fmt: skip
    except UnsignedMetadataError as error:
        raise Tampered("exchange.directory-signature", f"A part of the directory is not signed as it must be ({error})",
                       todo="Do not use it; ask the federation's office.") from error  # fmt: skip
    except (RepositoryError, ValueError, TypeError, KeyError) as error:
        raise Tampered("exchange.directory-parts", f"The directory's parts do not belong together ({error})",
                       todo="Do not use it; ask the federation's office.") from error  # fmt: skip
