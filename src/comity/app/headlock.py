"""The lock outside the backups: how far this node's log was, in a file that a database put back in time contradicts.

Every commit that grows the log writes size, root and epoch over the last ones, without fsync: after a power cut the
file may lag behind the database, which proves nothing, but the database never lags behind the file unless it was put
back. A check sum tells a file that was read while another process wrote it from one that contradicts the log.
"""

import os
from pathlib import Path
from typing import Final

from comity.base.errors import ComityError, Tampered
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.model import Head

FILE: Final = "head.lock"
_BYTES: Final = 256


def keep(database: Database, path: Path) -> None:
    """From now on write every new head of this process to `path`; a disk that fails costs the check, not the commit."""

    def write(about: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, f"{about} {_sum(about)}".encode().ljust(_BYTES), 0)
        finally:
            os.close(descriptor)

    database.listen(log.HEAD, write)


def contradiction(database: Database, path: Path) -> str:
    """How the log contradicts the file; empty when it does not, or nothing can be compared.

    A database that is away, without tables or damaged proves nothing here; whoever uses it is told.
    """
    kept = remembered(path, database.node)
    if kept is None:
        return ""
    try:
        with database.read("node.lock") as unit:
            return _compared(unit, kept, path.name)
    except ComityError:
        return ""


def _compared(unit: Unit, kept: Head, file: str) -> str:
    """Within one epoch the log only grows; a file of an earlier one says nothing about the present."""
    ours = log.head(unit)
    number, present = log.epoch_of(kept.origin, unit.node), log.epoch_of(ours.origin, unit.node)
    if number > present:
        return f"its log is in epoch {present}, and {file} remembers {kept.size} entries in epoch {number}"
    if number < present:
        return ""
    hashes = log.consistency(unit, kept.size, ours.size) if kept.size <= ours.size else []
    try:
        log.check_consistency(kept, log.checkpoint(unit), hashes, log.verifier(unit))
    except Tampered:
        return f"its log of {ours.size} entries does not extend the {kept.size} that {file} remembers"
    return ""


def remembered(path: Path, node: str) -> Head | None:
    """The head in the file; None for a file that is missing or torn. A first epoch is not written."""
    try:
        size, root, *epoch, told = path.read_text(encoding="ascii").split()
        (number,) = map(int, epoch or ["1"])
        sound = told == _sum(" ".join((size, root, *epoch)))
        return Head(log.origin(node, number), int(size), bytes.fromhex(root)) if sound else None
    except (OSError, ValueError):
        return None


def _sum(about: str) -> str:
    return sha256(about.encode()).hex()[:16]
