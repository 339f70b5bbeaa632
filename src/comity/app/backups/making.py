"""Make a backup of a node while it runs: one snapshot of the rows, then the sealed contents that they name."""

import base64
import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from comity.app.backups import container, rows
from comity.app.migrations import revisions
from comity.app.settings import Settings
from comity.app.tables import metadata
from comity.app.wiring import Node
from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.log import service as log

CHUNK: Final = 1 << 20
FORMAT: Final = 2
APART: Final = frozenset({"case_key"})
"""Tables that go with the keys: a case whose key was destroyed is to stay erased, whatever older data is restored."""


def volume(node: Node) -> int:
    """How many steps a backup will take, for showing progress: a row or a chunk of a file each."""
    with node.database.read("node.backup") as unit:
        counts = [sa.select(sa.func.count()).select_from(t).scalar_subquery() for t in metadata.sorted_tables]
        many = sum(unit.connection.execute(sa.select(*counts)).one())
    return many + sum(_chunks(path) for path in _contents(node.settings.vault_folder))


def backup(
    node: Node, files: tuple[Path, Path], passphrase: str, told: container.Told, cost: container.Cost = container.USUAL
) -> JsonObject:
    """Write `files`, (data, keys), both opened by `passphrase`; what they hold, counted. Both are made, or none.

    Conflict when one is there already. The contents are copied as they lie, sealed; those that came after the
    snapshot are copied too and are in no row: a sweep removes them.
    """
    data, keys = files
    if data.resolve() == keys.resolve():
        raise BadInput("backup.same-file", "Data and keys would go into one file", where=str(data),
                       todo="Name two files; keep them in different places.")  # fmt: skip
    settings = node.settings
    with node.database.read("node.backup") as unit:
        size = log.head(unit).size
        container.write(keys, _key_records(unit, settings), passphrase, cost)
        try:
            count = container.write(data, _told(records(unit, settings, size), told), passphrase, cost)
        except BaseException:
            keys.unlink()
            raise
    return {"backup": str(data), "keys": str(keys), "records": count, "log_size": size}


def _told(records: Iterator[JsonObject], told: container.Told) -> Iterator[JsonObject]:
    for record in records:
        yield record
        made = record.get("rows")
        told(len(made) if isinstance(made, list) else 1)


def records(unit: Unit, settings: Settings, size: int) -> Iterator[JsonObject]:
    """The data file's records, made one at a time."""
    yield {
        "kind": "head", "format": FORMAT, "code": settings.code, "at": rfc3339(unit.now), "log_size": size,
        "revision": revisions.revision(unit.connection), "settings": settings.portable(),
    }  # fmt: skip
    for table in metadata.sorted_tables:
        if table.name not in APART:
            yield from rows.packed(unit.connection, table)
    yield from _files(settings.vault_folder, _contents(settings.vault_folder))


def _key_records(unit: Unit, settings: Settings) -> Iterator[JsonObject]:
    yield {"kind": "keys", "format": FORMAT, "code": settings.code, "at": rfc3339(unit.now)}
    for name in sorted(APART):
        yield from rows.packed(unit.connection, metadata.tables[name])
    yield from _files(settings.keys_folder, sorted(settings.keys_folder.iterdir()))


def _contents(vault: Path) -> list[Path]:
    """The vault's files, without those that are being written aside."""
    return sorted(path for path in vault.glob("??/*") if path.is_file())


def _chunks(path: Path) -> int:
    with suppress(FileNotFoundError):
        return math.ceil(path.stat().st_size / CHUNK)
    return 0


def _files(folder: Path, paths: list[Path]) -> Iterator[JsonObject]:
    for path in paths:
        with suppress(FileNotFoundError), path.open("rb") as file:  # a sweep removed it: no row names it any more
            name = path.relative_to(folder).as_posix()
            while chunk := file.read(CHUNK):
                yield {"kind": "file", "name": name, "data": base64.b64encode(chunk).decode()}
