"""What a repository whose upper roles have been verified says: its terms, and each delegated role's single file."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from tuf.api.exceptions import ExpiredMetadataError
from tuf.api.metadata import DelegatedRole, Delegations, Targets
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput
from comity.exchange.model import Terms, Verified
from comity.exchange.service.federation.metadata import (
    REVOCATIONS,
    check_keys,
    role_file,
    root_file,
    target_file,
    target_path,
)
from comity.exchange.service.federation.refusals import odd
from comity.exchange.wire import directory as wire
from comity.exchange.wire.fields import CODE
from comity.kit.crypto.symmetric import sha256

_ROOT: Final = re.compile(r"metadata/([1-9][0-9]{0,5})\.root\.json")
METADATA_BYTES: Final = 1 << 20


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


def read_terms(trusted: TrustedMetadataSet) -> Terms:
    """Whose federation it is, how fresh its word must be, and which others it links."""
    return wire.parse_terms(trusted.targets.unrecognized_fields.get("comity"))


def read_verified(trusted: TrustedMetadataSet, files: Mapping[str, bytes]) -> Verified:
    """What it says, entry by entry; `trusted` has believed its root, timestamp, snapshot and targets."""
    terms, issued = read_terms(trusted), _issued(trusted)
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
        raise odd("nobody signs its list of revocations")
    first, *_ = expiries = [trusted.root.expires, trusted.targets.expires, trusted.snapshot.expires]
    return Verified(
        terms.federation, terms.freshness, trusted.snapshot.version, issued, min(first, *expiries),
        fingerprint(roots(files)[-1]), entries, revoked,
    )  # fmt: skip


def _issued(trusted: TrustedMetadataSet) -> datetime:
    told = trusted.timestamp.unrecognized_fields.get("issued")
    if not isinstance(told, str):
        raise odd("its timestamp does not say when it was made")
    return parse_rfc3339(told)


def _delegated(targets: Targets) -> list[str]:
    """The names of the delegated roles, each of which may sign its own file and nothing else."""
    found: Delegations | None = targets.delegations
    if targets.targets or found is None or found.roles is None:
        raise odd("the office signs for its members, or delegates nothing")
    check_keys(found.keys)
    for name, role in found.roles.items():
        _check_role(name, role)
    return sorted(found.roles)


def _check_role(name: str, role: DelegatedRole) -> None:
    if name != REVOCATIONS and not CODE.fullmatch(name):
        raise odd(f"{name[:80]!r} is no node code")
    if role.paths != [target_path(name)]:
        raise odd(f"{name} is given more than its own entry to sign")


def _target(trusted: TrustedMetadataSet, files: Mapping[str, bytes], name: str) -> bytes:
    """The one file that a delegated role signs."""
    role = trusted.update_delegated_targets(file_of(files, role_file(name)), name, Targets.type)
    if set(role.targets) != {target_path(name)} or role.delegations is not None:
        raise odd(f"{name} signs something else than its own entry")
    data = file_of(files, target_file(name))
    role.targets[target_path(name)].verify_length_and_hashes(data)
    return data


def file_of(files: Mapping[str, bytes], name: str) -> bytes:
    """A file of the repository, of bounded size; BadInput where it is missing."""
    if name not in files:
        raise odd(f"it lacks {name}")
    return small(files[name])


def small(data: bytes) -> bytes:
    """The same, unless it is larger than a node reads."""
    if len(data) > METADATA_BYTES:
        raise odd("one of its files is larger than a node reads")
    return data
