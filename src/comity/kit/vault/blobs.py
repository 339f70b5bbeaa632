"""Contents too large for a row, content-addressed and encrypted in chunks of 1 MiB.

Promises:

1. A blob's id is the SHA-256 of its plaintext, and what `get` and `chunks` give out has that id or raises `Tampered`.
2. A chunk that was changed, moved, dropped or taken from another blob does not open (AES-256-GCM, NIST SP 800-38D; the
   additional data names the blob's salt, the chunk's number and whether it is the last). What a reader has got of
   `chunks` before an error came from the right blob, in order.
3. File first (written aside, fsync, rename, fsync of the folder), row second: a row never names a missing file.
4. Neither file names nor rows reveal an id: both hold keyed hashes, so a stolen disk cannot be searched for known
   contents.

File: ``COMITYB1`` | salt (32) | sealed id (60) | one sealed chunk after another, each nonce (12), ciphertext, tag (16).
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

import sqlalchemy as sa

from comity.base.errors import NotFound, Tampered
from comity.base.model import DataKey
from comity.kit.crypto import symmetric
from comity.kit.crypto.durable import sync
from comity.kit.database.dialects import storage
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

CHUNK_BYTES: Final = 1024 * 1024
SYNC_BYTES: Final = 32 * CHUNK_BYTES
"""So much of a large file may wait for the disk."""
GRACE: Final = timedelta(days=1)
"""A sweep leaves alone whatever is younger: an act may be about to refer to it."""

ARRIVING: Final = "arriving"

MAGIC: Final = b"COMITYB1"
SALT_BYTES: Final = 32
SEAL_BYTES: Final = symmetric.NONCE_BYTES + symmetric.TAG_BYTES
HEAD_BYTES: Final = len(MAGIC) + SALT_BYTES + SEAL_BYTES + 32

vault_blob: Final = sa.Table(
    "vault_blob",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),  # keyed hash of key id and blob id; also the file's name
    sa.Column("content", sa.String(64), nullable=False, index=True),  # keyed hash of the blob id alone
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)


@dataclass(frozen=True)
class BlobRef:
    """A stored content: lower-case hex SHA-256 of the plaintext, and its size in bytes."""

    id: str
    size: int


@dataclass(frozen=True)
class Staged:
    """A content written aside, on disk but in no row yet; `Vault.keep` takes it in, or a sweep removes it."""

    ref: BlobRef
    key: DataKey
    path: Path = field(repr=False)


class Vault:
    """The blob store in `folder`; holds no connection, every method that needs rows is given the unit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.arriving: Final = folder / ARRIVING
        """Contents that come in pieces, until they are whole (`kit.vault.arriving`); no sweep of ours touches them."""

    def put(self, unit: Unit, data: bytes | Iterable[bytes], key: DataKey) -> BlobRef:
        """Stores `data` under `key`; the same content under the same key is stored once."""
        return self.keep(unit, self.stage(data, key))

    def stage(self, data: bytes | Iterable[bytes], key: DataKey) -> Staged:
        """Writes `data` aside without a transaction, so that a large content does not hold up the node's writer."""
        with disk(self._folder):
            aside = self._folder / "aside"
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(dir=aside)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    ref = _write(file, [data] if isinstance(data, bytes) else data, key)
                    file.flush()
                    os.fsync(file.fileno())
            except BaseException:
                Path(path).unlink()
                raise
        return Staged(ref, key, Path(path))

    def discard(self, staged: Staged) -> None:
        """Remove a staged content that nothing will take in."""
        staged.path.unlink(missing_ok=True)

    def keep(self, unit: Unit, staged: Staged) -> BlobRef:
        """Takes a staged content in: the file to its place, then its row."""
        name, content = _names(unit, staged.ref.id, staged.key)
        place = self._place(name)
        with disk(place):
            if not place.parent.is_dir():
                place.parent.mkdir(mode=0o700)
                sync(self._folder)
            os.utime(staged.path, (unit.now.timestamp(), unit.now.timestamp()))
            staged.path.replace(place)
            sync(place.parent)
        row = {"name": name, "content": content, "key_id": staged.key.id, "size": staged.ref.size, "at": unit.now}
        unit.connection.execute(unit.dialect.upsert(vault_blob, row, ("name",)))
        return staged.ref

    def get(self, unit: Unit, blob_id: str, key: DataKey) -> bytes:
        """The whole content `blob_id`; NotFound when it was not stored under `key`, Tampered when it is damaged."""
        return b"".join(self.chunks(unit, blob_id, key))

    def chunks(self, unit: Unit, blob_id: str, key: DataKey) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB; `unit` is needed only for this call, not while reading on."""
        return _read(self.place(unit, blob_id, key), blob_id, key)

    def place(self, unit: Unit, blob_id: str, key: DataKey) -> Path:
        """Where the content `blob_id` lies; NotFound when it was not stored under `key`."""
        name, _ = _names(unit, blob_id, key)
        if not _stored(unit, name):
            raise NotFound(
                "vault.unknown", "The vault holds no such content under this key", where=blob_id,
                todo="Check the reference, and that the case is the one in which it was stored.",
            )  # fmt: skip
        return self._place(name)

    def holds(self, unit: Unit, blob_id: str, key: DataKey) -> bool:
        """Whether the content `blob_id` is stored under `key`."""
        return _stored(unit, _names(unit, blob_id, key)[0])

    def drop(self, unit: Unit, blob_id: str, key: DataKey) -> None:
        """Removes a content to which nothing refers any more: its row now, its file once that is committed."""
        name, _ = _names(unit, blob_id, key)
        unit.connection.execute(sa.delete(vault_blob).where(vault_blob.c.name == name))
        unit.after_commit(lambda: self._place(name).unlink(missing_ok=True))

    def drop_under(self, unit: Unit, key_id: str) -> int:
        """Removes every content stored under the key of that name, as `drop` does; how many. The key is not needed."""
        under = vault_blob.c.key_id == key_id
        names = list(unit.connection.scalars(sa.select(vault_blob.c.name).where(under)))
        unit.connection.execute(sa.delete(vault_blob).where(under))

        def unlink() -> None:
            for name in names:
                self._place(name).unlink(missing_ok=True)

        unit.after_commit(unlink)
        return len(names)

    def sweep(self, unit: Unit) -> int:
        """Removes files older than a day that no row names: acts that never committed left them. How many."""
        before = unit.now - GRACE
        known = set(unit.connection.scalars(sa.select(vault_blob.c.name)))
        with disk(self._folder):
            found = (path for path in self._folder.glob("*/*") if path.parent.name != ARRIVING)
            strays = [path for path in found if path.name not in known]
            return sum(_remove_older(path, before.timestamp()) for path in strays)

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name


# --- names --------------------------------------------------------------------------------------------------------


def _naming(unit: Unit) -> bytes:
    """The node's key for names; without it, a name cannot be matched with a known content."""
    return unit.keys.data_key("vault-names").secret


def _keyed(secret: bytes, text: str) -> str:
    return symmetric.commit(secret, text.encode()).hex()


def _stored(unit: Unit, name: str) -> bool:
    return unit.connection.scalar(sa.select(vault_blob.c.name).where(vault_blob.c.name == name)) is not None


def _names(unit: Unit, blob_id: str, key: DataKey) -> tuple[str, str]:
    """(name, content): the file's name, which depends on the key, and the content's, which does not."""
    secret = _naming(unit)
    return _keyed(secret, f"{key.id}|{blob_id}"), _keyed(secret, blob_id)


# --- the file -----------------------------------------------------------------------------------------------------


def _write(file: BinaryIO, data: Iterable[bytes], key: DataKey) -> BlobRef:
    """Writes the file's form of `data`; the head comes last, when the id is known."""
    salt, digest, size = symmetric.random_bytes(SALT_BYTES), hashlib.sha256(), 0
    secret = file_key(key, salt)
    file.write(bytes(HEAD_BYTES))
    for number, (chunk, last) in enumerate(_rechunked(data)):
        digest.update(chunk)
        size += len(chunk)
        file.write(symmetric.encrypt(secret, chunk, bound(salt, number, last)))
        if size % SYNC_BYTES == 0:
            file.flush()
            write_through(file.fileno())
    file.seek(0)
    file.write(MAGIC + salt + symmetric.encrypt(secret, digest.digest(), MAGIC + salt))
    return BlobRef(digest.hexdigest(), size)


def write_through(file: int) -> None:
    """What was written to an open file survives a loss of power from here on, and leaves the system's memory to others.

    Now and then within a large file: a long wait at its end would look like a dead node, and to fill all memory with
    what nobody reads again costs more time than the disk takes.
    """
    os.fdatasync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def _read(path: Path, blob_id: str, key: DataKey) -> Iterator[bytes]:
    """The checked chunks of the file at `path`; see promises 1 and 2."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise damaged(blob_id, "its file is missing") from error
    with file:
        head = file.read(HEAD_BYTES)
        salt = head[len(MAGIC) : len(MAGIC) + SALT_BYTES]
        secret = file_key(key, salt)
        digest = hashlib.sha256()
        if opened(secret, head[len(MAGIC) + SALT_BYTES :], head[: len(MAGIC)] + salt, blob_id).hex() != blob_id:
            raise damaged(blob_id, "another content lies in its place")
        for number, (sealed, last) in enumerate(_with_last(iter(lambda: file.read(CHUNK_BYTES + SEAL_BYTES), b""))):
            chunk = opened(secret, sealed, bound(salt, number, last), blob_id)
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != blob_id:
            raise damaged(blob_id, "its contents do not have its hash")


def opened(secret: bytes, sealed: bytes, where: bytes, blob_id: str) -> bytes:
    """A sealed piece opened, `where` being what `bound` makes of its place; Tampered when it was changed or moved."""
    try:
        return symmetric.decrypt(secret, sealed, where)
    except Tampered as error:
        raise damaged(blob_id, "a part of it does not open") from error


def file_key(key: DataKey, salt: bytes) -> bytes:
    """The key of one file, from the key of its case and the salt in its head."""
    return symmetric.derive(key.secret, f"comity vault {salt.hex()}")


def bound(salt: bytes, number: int, last: bool) -> bytes:
    """Additional data of one sealed piece: whose it is, where it stands, whether the file ends with it."""
    return salt + number.to_bytes(8, "big") + bytes([last])


def _rechunked(data: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """`data` in pieces of exactly 1 MiB save the last, which is marked; an empty content is one empty piece."""
    rest = bytearray()
    for piece in data:
        for start in range(0, len(piece), CHUNK_BYTES):
            rest += piece[start : start + CHUNK_BYTES]
            if len(rest) > CHUNK_BYTES:
                yield bytes(rest[:CHUNK_BYTES]), False
                del rest[:CHUNK_BYTES]
    yield bytes(rest), True


def _with_last(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each piece with whether it is the last one."""
    held = next(pieces, b"")
    for piece in pieces:
        yield held, False
        held = piece
    yield held, True


def damaged(blob_id: str, why: str) -> Tampered:
    """A stored content that is not what was stored."""
    return Tampered(
        "vault.damaged", f"A stored content is damaged: {why}", where=blob_id,
        todo="Restore it from a backup, and report the incident: nothing in this node alters stored contents.",
    )  # fmt: skip


# --- the disk -----------------------------------------------------------------------------------------------------


def _remove_older(path: Path, moment: float) -> bool:
    """Deletes a file written before `moment`; whether it did."""
    if path.stat().st_mtime >= moment:
        return False
    path.unlink()
    return True


@contextlib.contextmanager
def disk(where: Path) -> Iterator[None]:
    """A failing disk in the node's words."""
    try:
        yield
    except OSError as error:
        raise storage(error.strerror or "the disk fails", str(error.filename or where)) from error
