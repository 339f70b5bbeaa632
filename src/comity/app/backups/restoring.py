"""Restore a backup into an empty home and an empty database, on either engine: all of it, or nothing.

A restored node is read-only: its partners have seen a longer log, and going on would show them a fork.
"""

import base64
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from comity.app.backups import container, rows
from comity.app.backups.making import FORMAT
from comity.app.homes import new_home, seal
from comity.app.migrations import revisions, upgrading
from comity.app.operating import founding
from comity.app.settings import Settings, ported
from comity.app.tables import metadata
from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput, Misconfigured, Tampered
from comity.base.model import JsonObject
from comity.cases import service as cases
from comity.kit.crypto.durable import private
from comity.kit.database.unit import Unit
from comity.log import service as log

_SAFE: Final = re.compile(r"(?:[0-9a-f]{2}/)?[A-Za-z0-9][A-Za-z0-9.-]{0,127}")


@dataclass(frozen=True)
class Files:
    """The two files of a backup and what opens them."""

    data: Path
    keys: Path
    passphrase: str
    token_module: str = ""
    """Where the module of the node's token is on this machine, if elsewhere than on the other."""

    def here(self) -> dict[str, str]:
        """The settings of this machine."""
        return {"token_module": self.token_module} if self.token_module else {}


def restore(home: Path, files: Files, database: str, told: container.Told) -> JsonObject:
    """Restore into `home` and the database URL `database`; what was restored, counted.

    1. The key file is whole and holds keys. 2. The data file's head is of the same node and of this release.
    3. Each record is checked before it is used; rows go in within one transaction. 4. Only when the end was reached
    in good order does the home get its mark and its settings. On any failure home and database are empty again.
    """
    with new_home(home):
        keys = _keys(home / "keys", container.read(files.keys, files.passphrase))
        records = container.read(files.data, files.passphrase, told)
        head = _head(records, "head", files.data)
        _require_fitting(head, keys)
        settings = ported(home, database, {**head["settings"], **files.here()})
        size, count = _fill(settings, records, keys)
        return {"home": str(home), "code": keys.code, "records": count, "log_size": size, "at": head["at"]}


@dataclass(frozen=True)
class _Keys:
    """What the key file told: whose keys they are, of when, and the rows that were kept with them."""

    code: str
    at: str
    rows: list[dict[str, Any]]


def _keys(folder: Path, records: Iterator[dict[str, Any]]) -> _Keys:
    head = _head(records, "keys", folder)
    folder.mkdir(mode=0o700)
    rows = []
    for record in records:
        if record["kind"] == "rows":
            rows.append(record)
        else:
            _append(folder, record)
    return _Keys(str(head["code"]), str(head["at"]), rows)


def _head(records: Iterator[dict[str, Any]], kind: str, where: Path) -> dict[str, Any]:
    head = next(records, {"kind": "nothing"})
    if head["kind"] != kind:
        raise BadInput("backup.kind", "The two files of the backup are mixed up", where=str(where),
                       todo="Give the data file first and the key file with --keys.")  # fmt: skip
    if head["format"] != FORMAT:
        raise BadInput("backup.format", f"The backup has format {head['format']}", where=str(where),
                       todo="Restore it with the release that made it, or a newer one.")  # fmt: skip
    return head


def _require_fitting(head: dict[str, Any], keys: _Keys) -> None:
    if head["code"] != keys.code:
        raise BadInput("backup.keys", f"The data is of node {head['code']}, the keys of {keys.code}",
                       todo="Give this node's newest key file.")  # fmt: skip
    if parse_rfc3339(keys.at) < parse_rfc3339(head["at"]):
        raise BadInput("backup.keys-older", f"The keys are of {keys.at}, the data is of {head['at']}",
                       todo="Give the key file that was written with this data file, or a newer one.")  # fmt: skip
    if head["revision"] != revisions.NEWEST:
        raise Misconfigured("backup.revision", f"The backup is of revision {head['revision']}",
                            todo=f"This release reads {revisions.NEWEST}: restore with the release that made the "
                            "backup, then run `comity upgrade`.")  # fmt: skip


def _fill(settings: Settings, records: Iterator[dict[str, Any]], keys: _Keys) -> tuple[int, int]:
    count = 0
    with founding(settings) as node:
        with node.database.unit("node.restore") as unit:
            upgrading.upgrade(unit.connection)
            for record in records:
                count += 1
                if record["kind"] == "rows":
                    _add(unit, record)
                else:
                    _append(settings.vault_folder, record)
            for record in keys.rows:
                _add(unit, record)
            cases.drop_stray_keys(unit)
            unit.dialect.resume_counters(unit.connection, metadata.sorted_tables)
            size = log.head(unit).size
        os.sync()
        seal(settings.home, "restored from a backup")
    node.close()
    return size, count


def _add(unit: Unit, record: dict[str, Any]) -> None:
    unit.connection.execute(metadata.tables[record["table"]].insert(), rows.unpacked(record["rows"]))


def _append(folder: Path, record: dict[str, Any]) -> None:
    name = str(record["name"])
    if not _SAFE.fullmatch(name):
        raise Tampered("backup.path", "A file of the backup leaves its folder", where=name, todo="Discard the backup.")
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "ab", opener=private) as file:
        file.write(base64.b64decode(record["data"]))
