"""Files that only their owner can read and that survive a loss of power: keys, settings, backups.

A file's contents and the name under which it lies are two things on a disk; both are there before these return.
"""

import os
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644


def private(path: str, flags: int) -> int:
    """An `opener` for the builtin `open`: what it makes, nobody but its owner can read from its first moment on."""
    return os.open(path, flags, PRIVATE)


def write_new(path: Path, data: bytes) -> None:
    """A new file that only its owner can read, on disk before this returns; FileExistsError where there is one."""
    with open(path, "xb", opener=private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)


def replace(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """The file with other contents, or a new one: whoever reads it, at any time, finds the old or the new, never half.

    `mode` of the file is `PRIVATE` or `PUBLIC`, whatever it was before.
    """
    coming = path.with_name(path.name + ".new")
    with open(coming, "wb", opener=private) as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    coming.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make the folder's list of names durable as well."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
