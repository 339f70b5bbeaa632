"""Files that the commands of the log write, never over one that is there; and how much of one they read."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from comity.base.errors import Conflict
from comity.kit.shell import private, writing

MOST: Final = 4 << 20
"""Bytes of a file that is read: proofs, entries, time stamps and keys are far smaller."""


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file, written to the disk at the end and taken away again when anything fails.

    It is made at once, before whatever is done inside: Conflict when it is there already, BadInput where none can be.
    """
    file = _made(path)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


class Cache:
    """A folder of files that can always be made again: what is there already is left, what is out of date replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: set[Path] = set()
        self.written = 0

    def put(self, name: str, data: bytes) -> None:
        """One file by its path in the folder; a reader finds the old one or the new one. BadInput where none can be."""
        path = self.folder / name
        self.kept.add(path)
        with writing(path):
            if path.is_file() and path.read_bytes() == data:
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.new")
            beside.write_bytes(data)
            beside.replace(path)
        self.written += 1

    def drop_outgrown(self, pattern: str) -> None:
        """Remove the files of that pattern which this run did not put there."""
        for path in set(self.folder.glob(pattern)) - self.kept:
            path.unlink()
            with contextlib.suppress(OSError):  # the folder holds others still
                path.parent.rmdir()


def _made(path: Path) -> IO[bytes]:
    with writing(path):
        try:
            return open(path, "xb", opener=private)
        except FileExistsError as error:
            raise Conflict("log.out-exists", "This file exists already", where=str(path),
                           todo="Name another one: nothing is overwritten.") from error  # fmt: skip
