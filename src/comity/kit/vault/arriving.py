"""Contents of the vault that come in pieces, in any order, until they are whole; each is written once, where it stays.

Promises:

1. What of an arriving content is on disk is known from the disk alone: a piece that was torn by a crash, or never
   came, does not open (AES-GCM) and counts as missing.
2. `finish` hashes what was read back from the disk, not what was handed in.
"""

import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
    damaged,
    disk,
    write_through,
)
from comity.kit.vault.pieces import SEALED_BYTES, Pieces, Room, between


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
            if HEAD_BYTES + number * SEALED_BYTES >= there:
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
        return all(self.present[number] for number in between(start, end))

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return all(self.present)

    def write(self, start: int, room: Room, size: int) -> bool:
        """Seal `size` bytes of `room.plain` into their place, from `start`, the beginning of a piece, to the end of
        one; False when they are there already. Unavailable when the disk is full: then they are not."""
        numbers = between(start, start + size)
        sealed = self._sealed(numbers, room, size)
        with self._writing:
            if self.has(start, start + size):
                return False
            with disk(self._path):
                _write_all(self._file, sealed, HEAD_BYTES + numbers[0] * SEALED_BYTES)
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
            symmetric.encrypt_into(
                self._secret, plain, self._bound(number), whole[at * SEALED_BYTES : (at + 1) * SEALED_BYTES]
            )
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


def _write_all(file: int, data: symmetric.Bytes, place: int) -> None:
    with memoryview(data) as rest:
        done = 0
        while done < len(rest):
            done += os.pwrite(file, rest[done:], place + done)


def strays(folder: Path, known: set[str]) -> Iterator[Path]:
    """Files of contents that arrive no more: those in `folder` whose names nobody knows."""
    return (path for path in folder.glob("*") if path.name not in known)
