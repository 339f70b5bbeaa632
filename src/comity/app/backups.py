"""Backups: every table and every sealed blob in one encrypted file, the keys in another, to be kept elsewhere.

The data file is a stream of sealed records, each bound to its number, so that none can be dropped, moved or added:

    COMITYD1 | length (4) passphrase-locked key | records: length (4), AES-256-GCM of the record under the key

A record is JSON: first the head, then rows of tables, then chunks of blob files, last the end with the count. A
restored node is marked read-only: its partners have seen a longer log, and going on would show them a fork.
"""

import base64
import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import sqlalchemy as sa

from comity.app.migrations import upgrading
from comity.app.settings import Settings, save
from comity.app.tables import metadata
from comity.app.wiring import SEALED_MARK, Node, create_node
from comity.base.clock import parse_rfc3339, rfc3339, system_clock
from comity.base.errors import BadInput, ComityError, Conflict, Tampered
from comity.base.model import JsonObject
from comity.kit.crypto import passphrase as passphrases
from comity.kit.crypto.symmetric import decrypt, encrypt, random_bytes
from comity.log import service as log

_MAGIC: Final = b"COMITYD1"
_LENGTH: Final = struct.Struct(">I")
_ROWS: Final = 500
_CHUNK: Final = 1 << 20
_MOST: Final = 64 << 20


def backup(node: Node, out: Path, keys_out: Path, passphrase: str) -> JsonObject:
    """Write a consistent backup of `node`; what it holds, counted. Conflict when a file is there already."""
    for path in (out, keys_out):
        if path.exists():
            raise Conflict("backup.exists", "This file exists already", where=str(path), todo="Choose another name.")
    with node.database.read("node.backup") as unit:
        size = log.head(unit).size
        records = _records(node, unit.connection, size)
        count = _write(out, records, passphrase)
    _write(keys_out, _key_records(node), passphrase)
    return {"backup": str(out), "keys": str(keys_out), "records": count, "log_size": size}


def _records(node: Node, connection: sa.Connection, size: int) -> Iterator[JsonObject]:
    settings = node.settings
    yield {"kind": "head", "code": settings.code, "name": settings.name, "at": rfc3339(system_clock()),
           "log_size": size, "revision": upgrading.revision(connection), "training": settings.training,
           "ports": [settings.partner_port, settings.officer_port]}  # fmt: skip
    for table in metadata.sorted_tables:
        rows = connection.execute(sa.select(table)).mappings()
        for part in rows.partitions(_ROWS):
            yield {
                "kind": "rows",
                "table": table.name,
                "rows": [{k: _plain(v) for k, v in row.items()} for row in part],
            }
    yield from _files(settings.vault_folder)


def _files(folder: Path) -> Iterator[JsonObject]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield {"kind": "file", "name": name, "data": base64.b64encode(chunk).decode()}


def _key_records(node: Node) -> Iterator[JsonObject]:
    yield {"kind": "keys", "code": node.settings.code}
    yield from _files(node.settings.keys_folder)


def _write(path: Path, records: Iterator[JsonObject], passphrase: str) -> int:
    key, count = random_bytes(32), 0
    locked = passphrases.lock(key, passphrase)
    with path.open("xb") as file:
        path.chmod(0o600)
        file.write(_MAGIC + _LENGTH.pack(len(locked)) + locked)
        for record in records:
            _put(file, key, count, record)
            count += 1
        _put(file, key, count, {"kind": "end", "records": count})
    return count


def _put(file: BinaryIO, key: bytes, number: int, record: JsonObject) -> None:
    sealed = encrypt(key, json.dumps(record).encode(), f"comity-backup|{number}".encode())
    file.write(_LENGTH.pack(len(sealed)) + sealed)


def _read(path: Path, passphrase: str) -> Iterator[dict[str, Any]]:
    """The opened records; BadInput for another kind of file, Tampered for a changed or cut one."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput(
            "backup.file", "The backup cannot be read", where=str(path), todo="Name a backup file."
        ) from error
    with file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise BadInput("backup.file", "This is no backup of Comity", where=str(path), todo="Name a backup file.")
        key = passphrases.unlock(_piece(file, path), passphrase)
        number = 0
        while True:
            record = json.loads(decrypt(key, _piece(file, path), f"comity-backup|{number}".encode()))
            if record["kind"] == "end":
                return
            yield record
            number += 1


def _piece(file: BinaryIO, path: Path) -> bytes:
    head = file.read(_LENGTH.size)
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _MOST + 1
    piece = file.read(size) if size <= _MOST else b""
    if len(piece) != size:
        raise Tampered("backup.cut", "The backup is cut short or damaged", where=str(path), todo="Use another copy.")
    return piece


def restore(home: Path, files: tuple[Path, Path], database: str, passphrase: str) -> JsonObject:
    """Restore data and keys into an empty home, read-only; nothing stays behind when a file turns out damaged."""
    if home.exists() and any(home.iterdir()):
        raise Conflict("node.home-used", "The home is not empty", where=str(home), todo="Choose an empty folder.")
    for path in files:
        for _ in _read(path, passphrase):  # the whole file is opened once before anything is written
            continue
    data, keys = files
    _unpack(home / "keys", _read(keys, passphrase))
    records = _read(data, passphrase)
    head = next(records)
    partner, officer = head["ports"]
    settings = Settings(
        home,
        head["code"],
        head["name"],
        database,
        partner_port=partner,
        officer_port=officer,
        training=head["training"],
    )
    save(settings)
    (home / SEALED_MARK).write_text("restored from a backup\n", encoding="utf-8")
    return _fill(create_node(settings), records, head)


def _unpack(folder: Path, records: Iterator[dict[str, Any]]) -> None:
    for record in records:
        if record["kind"] == "file":
            _append(folder, record)


def _append(folder: Path, record: dict[str, Any]) -> None:
    path = (folder / record["name"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Tampered(
            "backup.path", "A file of the backup leaves its folder", where=record["name"], todo="Discard it."
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        path.chmod(0o600)
        file.write(base64.b64decode(record["data"]))


def _fill(node: Node, records: Iterator[dict[str, Any]], head: dict[str, Any]) -> JsonObject:
    upgrading.upgrade(node.database.engine)
    if head["revision"] != upgrading.newest():
        raise ComityError("backup.revision", f"The backup is of revision {head['revision']}",
                          todo="Restore it with the release that made it, then upgrade.")  # fmt: skip
    count = 0
    with node.database.engine.begin() as connection:
        for record in records:
            count += 1
            if record["kind"] == "rows":
                table = metadata.tables[record["table"]]
                connection.execute(table.insert(), [{k: _rich(v) for k, v in row.items()} for row in record["rows"]])
            else:
                _append(node.settings.vault_folder, record)
    with node.database.read("node.restore") as unit:
        size = log.head(unit).size
    node.close()
    return {"home": str(node.settings.home), "code": node.settings.code, "records": count, "log_size": size}


def _plain(value: object) -> Any:
    """A column's value as JSON; bytes and times are tagged."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$time": value.astimezone(UTC).isoformat()}
    if isinstance(value, dict | list):
        return {"$json": value}
    return value if not hasattr(value, "isoformat") else {"$date": value.isoformat()}


def _rich(value: Any) -> Any:
    """The value that `_plain` wrote."""
    if not isinstance(value, dict):
        return value
    ((tag, inside),) = value.items()
    if tag == "$bytes":
        return base64.b64decode(inside)
    if tag == "$time":
        return parse_rfc3339(inside)
    return datetime.fromisoformat(inside).date() if tag == "$date" else inside
