"""Taking an agency's tables in: checked against all others, kept with their bytes, in use once a lawyer has signed."""

from dataclasses import replace
from hashlib import sha256
from typing import Final

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import BadInput, Conflict
from comity.base.ids import uuid7
from comity.base.model import Issuer, JsonObject
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import DatedTable, Depositary, ImportedTable, Instrument
from comity.legal.service.held import Table, held, read
from comity.legal.service.shipped import state_codes
from comity.legal.service.signing import LAWYERS, Deed, seal
from comity.legal.service.tables import build, rules_hash
from comity.legal.wire.depositary import read_depositary
from comity.log import service as log
from comity.log.model import Record

IMPORTERS: Final = frozenset({"lawyer", "operator"})
"""Roles of which one is needed to import a table; a lawyer's import is at once the signature."""


def import_table(unit: Unit, issuer: Issuer, data: bytes, name: str) -> ImportedTable:
    """Take a dated CSV table or the YAML table of an instrument in; logged.

    A lawyer's import signs the set with it, and it is in use from now on; an operator's waits for `sign_set`. BadInput
    names file, row and reason (unknown code, overlap, missing article or source), and nothing is kept then. Conflict
    when the same bytes were imported before.
    """
    digest = sha256(data).hexdigest()
    if any(table.digest == digest for table in store.imported(unit)):
        raise Conflict("legal.table-known", f"{name} was imported before", todo="Nothing needs to be done.")
    content, known = read(data, name), held(unit)
    kind, rows = ("instrument", len(content.rows)) if isinstance(content, Instrument) else _dated(content)
    table = Table(uuid7(unit.now), kind, name, digest, content)
    wider = replace(known, tables=(*known.tables, table))
    build(wider)
    subject: JsonObject = {"table": name, "digest": digest}
    made = ImportedTable(table.id, kind, name, digest, rows, unit.now, issuer.actor.person)
    store.add_table(unit, made, data)
    payload: JsonObject = {"kind": kind, "name": name, "digest": digest, "rows": rows}
    if issuer.actor.roles & LAWYERS:
        seal(unit, issuer, wider, Deed("legal.import", subject, "legal.imported", payload))
        return replace(made, signed=True)
    acted = access.act(unit, issuer, "legal.import", subject, IMPORTERS)
    _note(unit, acted, made, payload)
    return made


def import_depositary(
    unit: Unit, issuer: Issuer, data: bytes, name: str, asked: Depositary
) -> tuple[list[ImportedTable], list[str]]:
    """Take the parties, and the declarations in words, of a depositary's XML in; also what was left out and why.

    The tables are imported as the CSV files that the document comes to, so that what is signed can be read and
    corrected. BadInput when nothing in the document can be told for sure.
    """
    read = read_depositary(data, name, asked, state_codes())
    files = read.files(name[:-4] if name.lower().endswith(".xml") else name)
    if not files:
        raise BadInput(
            "legal.nothing", f"no row can be taken over: {'; '.join(read.refused[:3])}", where=name,
            todo="Add the parties by hand, as a CSV table.",
        )  # fmt: skip
    return [import_table(unit, issuer, made, file) for file, made in files.items()], read.refused


def _dated(table: DatedTable) -> tuple[str, int]:
    return table.kind, len(table)


def _note(unit: Unit, acted: Acted, made: ImportedTable, payload: JsonObject) -> None:
    log.append(
        unit,
        Record(
            type="legal.submitted", actor=acted.actor, subject={"table": made.id}, payload=payload,
            policy_hash=rules_hash(unit), auth_hash=acted.auth_hash,
        ),
    )  # fmt: skip
