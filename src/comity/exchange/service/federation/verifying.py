"""What every node does with a federation's repository before it believes any of it; no database, no network.

The order and the refusals are those of TUF's client workflow (specification 1.0, 5.3 to 5.6), done by python-tuf's
`TrustedMetadataSet`; what is Comity's own is which roles there may be and what each may sign.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Targets
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from comity.base.errors import ComityError, Tampered
from comity.exchange.model import Link, Verified
from comity.exchange.service.federation.metadata import check_keys, role_file
from comity.exchange.service.federation.reading import (
    file_of,
    fingerprint,
    read_terms,
    read_verified,
    roots,
    small,
)
from comity.exchange.service.federation.refusals import told_in_words
from comity.exchange.wire import directory as wire

_TIMELESS: Final = datetime.min.replace(tzinfo=UTC)


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
    with told_in_words():
        trusted = _from_root(files, pin)
        trusted.reference_time = at or _TIMELESS
        _update(trusted, files, before or {})
        return _with_linked(read_verified(trusted, files), trusted, files, before or {})


def check_root(chain: list[bytes], newer: bytes) -> None:
    """The root in `newer` follows the last of `chain`: next number, the old threshold and its own. Else ComityError."""
    with told_in_words():
        trusted = TrustedMetadataSet(chain[-1], EnvelopeType.METADATA)
        check_keys(trusted.update_root(newer).keys)


def _from_root(files: Mapping[str, bytes], pin: str | None) -> TrustedMetadataSet:
    chain = roots(files)
    names = [fingerprint(data) for data in chain]
    if pin is not None and pin.lower() not in names:
        raise Tampered("exchange.root", f"The directory's root is {names[-1]}, and none leads to it from {pin}",
                       todo="Ask the federation's office for its root's fingerprint by another way.")  # fmt: skip
    start = names.index(pin.lower()) if pin else 0
    trusted = TrustedMetadataSet(small(chain[start]), EnvelopeType.METADATA)
    check_keys(trusted.root.keys)
    for data in chain[start + 1 :]:
        check_keys(trusted.update_root(small(data)).keys)
    return trusted


def _update(trusted: TrustedMetadataSet, files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Timestamp, snapshot and targets; those of `before` are loaded first, as TUF's client does with what it kept."""
    known = before.get(role_file("timestamp"))
    timestamp = file_of(files, role_file("timestamp"))
    if known is not None and known != timestamp:
        with suppress(RepositoryError):  # expired, or under a key that the root has replaced
            trusted.update_timestamp(known)
    trusted.update_timestamp(timestamp)
    if role_file("snapshot") in before:
        with suppress(RepositoryError):
            trusted.update_snapshot(before[role_file("snapshot")], trusted=True)
    trusted.update_snapshot(file_of(files, role_file("snapshot")))
    trusted.update_targets(file_of(files, role_file(Targets.type)))


def _with_linked(
    found: Verified, trusted: TrustedMetadataSet, files: Mapping[str, bytes], before: Mapping[str, bytes]
) -> Verified:
    """The members of linked federations beside our own, each verified from the root that our office names.

    A federation that is silent for too long, missing or not in order leaves only its own members out; one that is
    older than known here is a rollback and refuses all. A code of our own is ours, one that two links claim nobody's.
    """
    claims: dict[str, list[Verified]] = {}
    for link in read_terms(trusted).links:
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
