"""Taking an agency's dated tables into use: signed by a person, checked against all others, kept with their bytes."""

from hashlib import sha256
from typing import Final

from comity.access.model import Acted
from comity.base.errors import Conflict, NotAllowed
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import ImportedTable
from comity.legal.service.shipped import shipped_tables
from comity.legal.service.tables import build, rules_hash, stored_tables
from comity.legal.wire.dated import read_table
from comity.log import service as log
from comity.log.model import Record

IMPORTERS: Final = frozenset({"lawyer", "operator"})
"""Roles of which one is needed to import a table."""


def import_table(unit: Unit, acted: Acted, data: bytes, name: str) -> ImportedTable:
    """Take a dated CSV table (participations, declarations or offences) into use from now on; logged.

    BadInput names file, row and reason (unknown code, overlap, missing article or source); nothing is kept then.
    Conflict when the same bytes were imported before.
    """
    digest = sha256(data).hexdigest()
    if acted.act.get("subject") != import_subject(data, name):
        raise NotAllowed("legal.import", "the act is about another file", where=name, todo="Sign the import again.")
    if digest in store.digests(unit):
        raise Conflict("legal.table-known", f"{name} was imported before", todo="Nothing needs to be done.")
    table = read_table(data, name)
    build((*shipped_tables(), *stored_tables(unit), table))
    made = ImportedTable(
        id=uuid7(unit.now), kind=table.kind, name=name, digest=digest, rows=len(table), at=unit.now,
        by=acted.actor.person,
    )  # fmt: skip
    store.add_table(unit, made, data)
    payload: JsonObject = {"kind": made.kind, "name": name, "digest": digest, "rows": made.rows}
    log.append(
        unit,
        Record(
            type="legal.imported", actor=acted.actor, subject={"table": made.id}, payload=payload,
            policy_hash=rules_hash(unit), auth_hash=acted.auth_hash,
        ),
    )  # fmt: skip
    return made


def import_subject(data: bytes, name: str) -> JsonObject:
    """What a person signs when importing: the file's name and the hash of its bytes."""
    return {"table": name, "digest": sha256(data).hexdigest()}


def imported_tables(unit: Unit) -> list[ImportedTable]:
    """What this agency imported, oldest first."""
    return store.imported(unit)
