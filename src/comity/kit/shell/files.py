"""Files that a person names on the command line."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from comity.base.errors import BadInput


def read_file(file: Path) -> bytes:
    """The bytes of `file`; BadInput ``shell.file`` where it cannot be read."""
    with reading(file):
        return file.read_bytes()


@contextlib.contextmanager
def reading(file: Path) -> Iterator[None]:
    """For files that are read piece by piece: what the disk says as BadInput ``shell.file``."""
    try:
        yield
    except OSError as error:
        raise BadInput("shell.file", f"The file cannot be read: {error.strerror}", where=str(file),
                       todo="Name a readable file.") from error  # fmt: skip


def write_file(file: Path, data: bytes) -> None:
    """Write `file`, new or over an old one; BadInput ``shell.out`` where that is not possible."""
    try:
        file.write_bytes(data)
    except OSError as error:
        raise BadInput("shell.out", f"The file cannot be written: {error.strerror}", where=str(file),
                       todo="Name a file in a folder that exists and can be written to.") from error  # fmt: skip
