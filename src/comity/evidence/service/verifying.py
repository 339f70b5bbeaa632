"""Verification from outside: files in, numbered checks out. It needs no node, no database and no network."""

from collections.abc import Sequence

from comity.evidence.model.package import Trust, Verification
from comity.evidence.service.common import trust_of
from comity.evidence.wire import verify as verifier
from comity.exchange.service.directory import open_directory


def verify(
    package: bytes, directory: bytes | None = None, root: str | None = None, receipts: Sequence[bytes] = ()
) -> Verification:
    """The verification of a package file, with receipts, against a federation's directory file.

    `root`: the fingerprint (hex SHA-256) of the directory's root key, learnt by another way; None takes the file's
    own. Without a directory authenticity is not checked. BadInput or Tampered for a directory that does not hold.
    """
    return verifier.verify_package(package, trust_from(directory, root), receipts)


def trust_from(directory: bytes | None, root: str | None) -> Trust | None:
    """The trust that a directory file gives, its signature checked; None without one."""
    if directory is None:
        return None
    return trust_of(open_directory(directory, root), pinned=root is not None)
