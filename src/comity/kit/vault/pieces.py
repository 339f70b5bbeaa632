"""Contents of the vault by their pieces: reading any of them alone, and writing them as they come, in any order.

Promises:

1. A piece is sealed where it will stay: an arriving content is written once, in the form in which the vault keeps it.
2. What of an arriving content is on disk is known from the disk alone: a piece that was torn by a crash, or never
   came, does not open (AES-GCM) and counts as missing.
3. `finish` hashes what was read back from the disk, not what was handed in.
"""

import hashlib
import os
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
    SYNC_BYTES,
    BlobRef,
    Staged,
    bound,
    damaged,
    disk,
    file_key,
    write_through,
)

_SEALED: Final = CHUNK_BYTES + SEAL_BYTES


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
        numbers = _between(start, end)
        place, length = numbers[0] * _SEALED, end - start + len(numbers) * SEAL_BYTES
        sealed, plain = room.sealed[:length], room.plain[: end - start]
        with disk(self._path):
            if os.preadv(self._file, [sealed], HEAD_BYTES + place) != length:
                raise damaged(self._path.name, "its end is missing")
            os.posix_fadvise(self._file, HEAD_BYTES + place, length, os.POSIX_FADV_DONTNEED)
        for at, number in enumerate(numbers):
            there = sealed[at * _SEALED : (at + 1) * _SEALED]
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
        numbers = _between(start // CHUNK_BYTES * CHUNK_BYTES, end) if end > start else range(0)
        return b"".join(self._cut(number, start, end) for number in numbers)

    def _cut(self, number: int, start: int, end: int) -> bytes:
        if number != self._number:
            self._number = -1
            self._piece = self._pieces.read(*self._pieces.span(number), self._room)
            self._number = number
        at = number * CHUNK_BYTES
        return bytes(self._piece[max(start - at, 0) : end - at])


class Arriving(Pieces):
    """A content that comes in pieces, in a file of its own beside the vault's; begin it with `begin`."""

    def __init__(self, path: Path, size: int, key: DataKey) -> None:
        super().__init__(path, size, key, writable=True)
        self.present = bytearray(self.count)
        """1 for each piece that is on disk."""
        self._digest = hashlib.sha256()
        self._room = Room(CHUNK_BYTES)
        self._hashed = 0
        self._unsynced = 0
        self._behind = ThreadPoolExecutor(1, "hashing")
        self._writing = threading.Lock()
        self._hashing = threading.Lock()

    @classmethod
    def begin(cls, path: Path, size: int, key: DataKey) -> "Arriving":
        """The content that arrives at `path`, begun now or earlier; `look` finds what is there of it."""
        with disk(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists() or path.stat().st_size < HEAD_BYTES:
                head = MAGIC + symmetric.random_bytes(SALT_BYTES)
                path.write_bytes(head + bytes(HEAD_BYTES - len(head)))
                path.chmod(0o600)
        return cls(path, size, key)

    def look(self) -> None:
        """Find out what is on disk already: what opens, is."""
        with disk(self._path):
            there = os.fstat(self._file).st_size
        for number in range(self.count):
            if HEAD_BYTES + number * _SEALED >= there:
                break
            try:
                data = self.read(*self.span(number), self._room)
            except Tampered:
                continue
            self.present[number] = 1
            if number == self._hashed:
                self._digest.update(data)
                self._hashed += 1

    def has(self, start: int, end: int) -> bool:
        """Whether the bytes from `start`, the beginning of a piece, to `end` are on disk."""
        return all(self.present[number] for number in _between(start, end))

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return all(self.present)

    def write(self, start: int, room: Room, size: int) -> bool:
        """Seal `size` bytes of `room.plain` into their place, from `start`, the beginning of a piece, to the end of
        one; False when they are there already. Unavailable when the disk is full: then they are not."""
        numbers = _between(start, start + size)
        sealed = self._sealed(numbers, room, size)
        with self._writing:
            if self.has(start, start + size):
                return False
            with disk(self._path):
                _write_all(self._file, sealed, HEAD_BYTES + numbers[0] * _SEALED)
            self.present[numbers[0] : numbers[-1] + 1] = b"\1" * len(numbers)
            self._unsynced += len(sealed)
            due, self._unsynced = self._unsynced >= SYNC_BYTES, self._unsynced % SYNC_BYTES
        if due:
            self.sync()
        if not self._hashing.locked():  # else whoever hashes comes to it
            self._behind.submit(self._hash_on)
        return True

    def sync(self) -> None:
        """What was written so far survives a loss of power from here on."""
        with disk(self._path):
            write_through(self._file)

    def finish(self, expected: str) -> Staged:
        """The whole content, ready to be kept; Tampered when what is on disk has another SHA-256 than `expected`."""
        with self._hashing:
            self._hash_present()
        found = self._digest.copy().digest()
        if self._hashed != self.count or found.hex() != expected:
            raise damaged(expected, "what arrived has another hash")
        start = MAGIC + self._salt
        with disk(self._path):
            _write_all(self._file, start + symmetric.encrypt(self._secret, found, start), 0)
            os.ftruncate(self._file, HEAD_BYTES + self._end)
            os.fsync(self._file)
            return Staged(BlobRef(expected, self.size), self._key, self._second_name())

    def _second_name(self) -> Path:
        """Under which the vault takes it in: its first one stays until that is committed, or nothing of it was lost."""
        aside = self._path.parent.with_name("aside") / self._path.name
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        aside.unlink(missing_ok=True)
        os.link(self._path, aside)
        return aside

    def remove(self) -> None:
        """Its first name goes: the vault has it, or nobody wants it."""
        self._path.unlink(missing_ok=True)

    def _sealed(self, numbers: range, room: Room, size: int) -> memoryview:
        whole = room.sealed[: size + len(numbers) * SEAL_BYTES]
        for at, number in enumerate(numbers):
            plain = room.plain[at * CHUNK_BYTES : min((at + 1) * CHUNK_BYTES, size)]
            symmetric.encrypt_into(self._secret, plain, self._bound(number), whole[at * _SEALED : (at + 1) * _SEALED])
        return whole

    def close(self) -> None:
        """Let go of the file, and of the thread that hashes it."""
        self._behind.shutdown(cancel_futures=True)
        super().close()

    def _hash_on(self) -> None:
        """Hash what follows on what is hashed, behind the pieces as they come: at the end little is left to do."""
        with self._hashing:
            self._hash_present()

    def _hash_present(self) -> None:
        while self._hashed < self.count and self.present[self._hashed]:
            self._digest.update(self.read(*self.span(self._hashed), self._room))
            self._hashed += 1


def _between(start: int, end: int) -> range:
    """The numbers of the pieces from `start` to `end`."""
    first = start // CHUNK_BYTES
    return range(first, max(first + 1, count(end)))


def _write_all(file: int, data: symmetric.Bytes, place: int) -> None:
    with memoryview(data) as rest:
        done = 0
        while done < len(rest):
            done += os.pwrite(file, rest[done:], place + done)


def strays(folder: Path, known: set[str]) -> Iterator[Path]:
    """Files of contents that arrive no more: those in `folder` whose names nobody knows."""
    return (path for path in folder.glob("*") if path.name not in known)
