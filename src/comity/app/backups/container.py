"""The file of a backup: a stream of sealed records, each bound to its place, so that none can be dropped or moved.

    COMITYD1 | length (4), key locked under a passphrase | records: length (4), AES-256-GCM of the record under the key

The additional data of a record is its number, big-endian, after ``comity-backup|``. A record is a JSON object; the
last has the kind ``end`` and the count of the others. Nothing may follow it. Both directions hold one record at a time.
"""

import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from comity.base.errors import BadInput, Conflict, NotAllowed, Tampered, Unavailable
from comity.base.model import JsonObject
from comity.kit.crypto import passphrase as passphrases
from comity.kit.crypto.durable import private
from comity.kit.crypto.symmetric import decrypt, encrypt, random_bytes

MAGIC: Final = b"COMITYD1"
_LENGTH: Final = struct.Struct(">I")
_MOST: Final = 256 << 20
"""A record holds one row or more; the largest row is a message of 32 MiB in base64."""

Told = Callable[[int], None]
"""Told how many more bytes are done."""

Cost = passphrases.Cost
USUAL: Final = Cost()


def write(path: Path, records: Iterable[JsonObject], passphrase: str, cost: Cost = USUAL) -> int:
    """Write a new file (mode 0600), on disk before this returns; the count of records. Nothing stays on failure.

    Conflict when the file exists, BadInput where none can be made, Unavailable when the disk fails.
    """
    file = _new_file(path)
    try:
        with file:
            count = _write(file, records, passphrase, cost)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError):
            raise Unavailable("backup.disk", f"The backup cannot be written: {error.strerror}", where=str(path),
                              todo="Make room, or choose another disk.") from error  # fmt: skip
        raise
    return count


def _new_file(path: Path) -> BinaryIO:
    try:
        return open(path, "xb", opener=private)
    except FileExistsError as error:
        raise Conflict("backup.exists", "This file exists already", where=str(path),
                       todo="Choose another name.") from error  # fmt: skip
    except OSError as error:
        raise BadInput("backup.file", f"The file cannot be made: {error.strerror}", where=str(path),
                       todo="Choose a folder that exists and that this user may write to.") from error  # fmt: skip


def _write(file: BinaryIO, records: Iterable[JsonObject], passphrase: str, cost: Cost) -> int:
    key, count = random_bytes(32), 0
    locked = passphrases.lock(key, passphrase, cost)
    file.write(MAGIC + _LENGTH.pack(len(locked)) + locked)
    for record in records:
        _put(file, key, count, record)
        count += 1
    _put(file, key, count, {"kind": "end", "records": count})
    return count


def _put(file: BinaryIO, key: bytes, number: int, record: JsonObject) -> None:
    sealed = encrypt(key, json.dumps(record, separators=(",", ":")).encode(), _bound(number))
    file.write(_LENGTH.pack(len(sealed)))
    file.write(sealed)


def _bound(number: int) -> bytes:
    return b"comity-backup|" + number.to_bytes(8, "big")


def read(path: Path, passphrase: str, told: Told | None = None) -> Iterator[dict[str, Any]]:
    """The records in order, each checked before it is given out; the end is reached only by a file that is whole.

    BadInput for another kind of file, NotAllowed for another passphrase, Tampered for a changed, cut or longer one.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput("backup.file", f"The backup cannot be read: {error.strerror}", where=str(path),
                       todo="Name a backup file.") from error  # fmt: skip
    with file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BadInput("backup.file", "This is no backup of Comity", where=str(path), todo="Name a backup file.")
        key = _unlocked(_piece(file, path), path, passphrase)
        yield from _records(file, path, key, told or (lambda _: None))
        if file.read(1):
            raise _damaged(path, "something was added to it")


def _unlocked(piece: bytes, path: Path, passphrase: str) -> bytes:
    try:
        return passphrases.unlock(piece, passphrase)
    except NotAllowed as error:
        raise NotAllowed(
            "backup.wrong-passphrase", "The passphrase does not open this backup", where=str(path),
            todo="Type the passphrase that was chosen when the backup was made; it is no person's.",
        ) from error  # fmt: skip


def _records(file: BinaryIO, path: Path, key: bytes, told: Told) -> Iterator[dict[str, Any]]:
    number = 0
    while True:
        sealed = _piece(file, path)
        try:
            record: dict[str, Any] = json.loads(decrypt(key, sealed, _bound(number)))
        except Tampered as error:
            raise _damaged(path, f"its record {number} does not open") from error
        told(len(sealed) + _LENGTH.size)
        if record["kind"] == "end":
            return
        yield record
        number += 1


def _piece(file: BinaryIO, path: Path) -> bytes:
    head = file.read(_LENGTH.size)
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _MOST + 1
    piece = file.read(size) if size <= _MOST else b""
    if len(piece) != size:
        raise _damaged(path, "it is cut short, or a length in it is wrong")
    return piece


def _damaged(path: Path, why: str) -> Tampered:
    return Tampered("backup.damaged", f"The backup is damaged: {why}", where=str(path), todo="Use another copy of it.")
