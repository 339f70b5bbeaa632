"""Contents of the vault by their pieces: reading any of them alone, in bounded memory."""

import os
import weakref
from pathlib import Path
from typing import Final

from comity.base.errors import Tampered
from comity.base.model import DataKey
from comity.kit.crypto import symmetric
from comity.kit.vault.blobs import (
    CHUNK_BYTES,
    HEAD_BYTES,
    MAGIC,
    SALT_BYTES,
    SEAL_BYTES,
    bound,
    damaged,
    disk,
    file_key,
)

SEALED_BYTES: Final = CHUNK_BYTES + SEAL_BYTES
"""A whole piece, as it lies on the disk."""


def count(size: int) -> int:
    """Of how many pieces a content of `size` bytes is made; an empty one of one."""
    return max(1, -(-size // CHUNK_BYTES))


class Room:
    """Memory for `size` bytes of plaintext and their sealed form, used again and again by one thread at a time.

    Asking the system for megabytes anew at every piece costs more than encrypting them.
    """

    def __init__(self, size: int) -> None:
        self.plain = memoryview(bytearray(size))
        self.sealed = memoryview(bytearray(size + count(size) * SEAL_BYTES))


class Pieces:
    """The file of one content, open: its pieces by number. Any number of threads may use it; `close` it."""

    def __init__(self, path: Path, size: int, key: DataKey, *, writable: bool = False) -> None:
        self.size = size
        self.count = count(size)
        self._end = size + self.count * SEAL_BYTES
        self._path = path
        self._key = key
        with disk(path):
            self._file = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
            head = os.pread(self._file, HEAD_BYTES, 0)
        self._salt = head[len(MAGIC) : len(MAGIC) + SALT_BYTES]
        self._secret = file_key(key, self._salt)

    def close(self) -> None:
        """Let go of the file; twice is once."""
        if self._file >= 0:
            self._file, file = -1, self._file
            os.close(file)

    def read(self, start: int, end: int, room: Room) -> memoryview:
        """The bytes from `start`, the beginning of a piece, to `end`, the end of one; they stay until `room` is used
        again. Tampered when something of them is damaged, or not there yet."""
        numbers = between(start, end)
        place, length = numbers[0] * SEALED_BYTES, end - start + len(numbers) * SEAL_BYTES
        sealed, plain = room.sealed[:length], room.plain[: end - start]
        with disk(self._path):
            if os.preadv(self._file, [sealed], HEAD_BYTES + place) != length:
                raise damaged(self._path.name, "its end is missing")
            os.posix_fadvise(self._file, HEAD_BYTES + place, length, os.POSIX_FADV_DONTNEED)
        for at, number in enumerate(numbers):
            there = sealed[at * SEALED_BYTES : (at + 1) * SEALED_BYTES]
            self._open(there, number, plain[at * CHUNK_BYTES : (at + 1) * CHUNK_BYTES])
        return plain

    def _open(self, sealed: memoryview, number: int, out: memoryview) -> None:
        try:
            symmetric.decrypt_into(self._secret, sealed, self._bound(number), out)
        except Tampered as error:
            raise damaged(self._path.name, "a part of it does not open") from error

    def _bound(self, number: int) -> bytes:
        return bound(self._salt, number, number == self.count - 1)

    def span(self, number: int) -> tuple[int, int]:
        """Where a piece begins and ends in the content."""
        return number * CHUNK_BYTES, min((number + 1) * CHUNK_BYTES, self.size)


class Window:
    """A stored content read by any ranges, a little at a time; for one thread. It is open while somebody holds it."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._room = Room(CHUNK_BYTES)
        self._number = -1
        self._piece = memoryview(b"")
        weakref.finalize(self, pieces.close)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`; Tampered where they are damaged."""
        numbers = between(start // CHUNK_BYTES * CHUNK_BYTES, end) if end > start else range(0)
        return b"".join(self._cut(number, start, end) for number in numbers)

    def _cut(self, number: int, start: int, end: int) -> bytes:
        if number != self._number:
            self._number = -1
            self._piece = self._pieces.read(*self._pieces.span(number), self._room)
            self._number = number
        at = number * CHUNK_BYTES
        return bytes(self._piece[max(start - at, 0) : end - at])


def between(start: int, end: int) -> range:
    """The numbers of the pieces from `start` to `end`."""
    first = start // CHUNK_BYTES
    return range(first, max(first + 1, count(end)))
