"""Bytes that are read where they lie, such as an entry of an archive of gigabytes: by ranges, never all at once."""

import hashlib
import io
import os
import weakref
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from comity.base.errors import BadInput

PIECE: Final = 1024 * 1024
WHOLE: Final = 64 * 1024 * 1024
"""The most that is ever read into memory at once: lists and signatures, never contents."""


class Part:
    """`size` bytes from `start` of what `read` reads, which is given a first and a last offset."""

    def __init__(self, size: int, read: Callable[[int, int], bytes], start: int = 0) -> None:
        self.size = size
        self._read = read
        self._start = start
        self._known: tuple[str, int] | None = None

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, cut at the end of the part."""
        return self._read(self._start + min(start, self.size), self._start + min(end, self.size))

    def pieces(self) -> Iterator[bytes]:
        """All of it, by the MiB."""
        for start in range(0, self.size, PIECE):
            yield self.read(start, start + PIECE)

    def part(self, start: int, end: int) -> "Part":
        """A part of this one."""
        return Part(min(end, self.size) - start, self._read, self._start + start)

    def whole(self) -> bytes:
        """All of it in memory; BadInput when it is larger than anything that is read so."""
        if self.size > WHOLE:
            raise BadInput("codec.too-large", f"{self.size} bytes, where at most {WHOLE} are read at once",
                           todo="Ask its maker for an untouched copy.")  # fmt: skip
        return self.read(0, self.size)

    @property
    def sha256(self) -> str:
        """The SHA-256 in hex; computed once, together with the checksum."""
        return self._sums()[0]

    @property
    def crc(self) -> int:
        """The CRC-32 of ZIP archives."""
        return self._sums()[1]

    def digest(self, algorithm: str) -> str:
        """Its hash by any algorithm that hashlib knows, in hex."""
        if algorithm == "sha256":
            return self.sha256
        found = hashlib.new(algorithm, usedforsecurity=False)
        for piece in self.pieces():
            found.update(piece)
        return found.hexdigest()

    def _sums(self) -> tuple[str, int]:
        if self._known is None:
            digest, crc = hashlib.sha256(), 0
            for piece in self.pieces():
                digest.update(piece)
                crc = zlib.crc32(piece, crc)
            self._known = digest.hexdigest(), crc
        return self._known


def part_of(data: "bytes | Part") -> Part:
    """Bytes in memory as a part; a part as it is."""
    return data if isinstance(data, Part) else Part(len(data), lambda start, end: data[start:end])


def file_part(path: Path, told: Callable[[int], None] | None = None) -> Part:
    """A file, open as long as somebody holds the part; OSError where it cannot be opened.

    `told` is told how many bytes were read, each time.
    """
    file = os.open(path, os.O_RDONLY)

    def read(start: int, end: int) -> bytes:
        found = os.pread(file, end - start, start)
        if told is not None:
            told(len(found))
        return found

    made = Part(os.fstat(file).st_size, read)
    weakref.finalize(read, os.close, file)
    return made


class PartFile(io.RawIOBase):
    """A part as a file, for readers that want one."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._part.size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        found = self._part.read(self._at, self._at + len(buffer))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
