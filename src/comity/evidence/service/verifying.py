"""Verification from outside: files in, numbered checks out. It needs no node, no database and no network."""

from collections.abc import Callable, Sequence
from pathlib import Path

from comity.evidence.model.package import Trust, Verification
from comity.evidence.service.common import trust_of
from comity.evidence.wire import verify as verifier
from comity.exchange.service.directory import open_directory
from comity.kit.codec.parts import Part, file_part


def verify(
    package: Part | bytes, directory: bytes | None = None, root: str | None = None, receipts: Sequence[bytes] = ()
) -> Verification:
    """The verification of a package file, with receipts, against a federation's directory file.

    `root`: the fingerprint (hex SHA-256) of the directory's root key, learnt by another way; None takes the file's
    own. Without a directory authenticity is not checked. BadInput or Tampered for a directory that does not hold.
    A package of any size is read where it lies.
    """
    trust = trust_from(directory, root)
    return verifier.verify_package(package, trust, receipts)


def package_file(path: Path, told: Callable[[int], None]) -> Part:
    """A package's file, to be verified where it lies; `told` is told of the bytes read, twice the file's in all.

    OSError where it cannot be read.
    """
    return file_part(path, told)


def trust_from(directory: bytes | None, root: str | None) -> Trust | None:
    """The trust that a directory file gives, its signature checked; None without one."""
    if directory is None:
        return None
    return trust_of(open_directory(directory, root), pinned=root is not None)
