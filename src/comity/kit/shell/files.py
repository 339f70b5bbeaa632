"""Files that a person names on the command line."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from comity.base.errors import BadInput
from comity.kit.crypto.durable import private as private


def read_file(file: Path, most: int | None = None) -> bytes:
    """The bytes of `file`; BadInput ``shell.file`` where it cannot be read, or is larger than `most` bytes."""
    with reading(file), file.open("rb") as source:
        data = source.read(-1 if most is None else most + 1)
    if most is not None and len(data) > most:
        raise BadInput("shell.file", f"The file is larger than {most:,} bytes", where=str(file),
                       todo="Name the right one.")  # fmt: skip
    return data


def read_text(file: Path, most: int | None = None) -> str:
    """As `read_file`, in UTF-8."""
    try:
        return read_file(file, most).decode()
    except UnicodeDecodeError as error:
        raise BadInput("shell.file", "The file is no text in UTF-8", where=str(file),
                       todo="Name the right one.") from error  # fmt: skip


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
    with writing(file):
        file.write_bytes(data)


@contextlib.contextmanager
def writing(file: Path) -> Iterator[None]:
    """For files that are written in another way: what the disk says as BadInput ``shell.out``."""
    try:
        yield
    except OSError as error:
        raise BadInput("shell.out", f"The file cannot be written: {error.strerror}", where=str(file),
                       todo="Name a file in a folder that exists and can be written to.") from error  # fmt: skip
