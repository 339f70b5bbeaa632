"""All tables that this node knows, built once for each set of imported digests, and their one hash."""

import threading
from hashlib import sha256

from comity.base.errors import Tampered
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import DatedTable, Tables
from comity.legal.rules import engine
from comity.legal.rules import tables as tabling
from comity.legal.service.shipped import shipped_file, shipped_instruments, shipped_tables
from comity.legal.wire.dated import read_table

_built: dict[tuple[str, ...], Tables] = {}
_building = threading.Lock()


def tables(unit: Unit) -> Tables:
    """All tables that this node knows: those shipped for the training states and those imported, indexed.

    Built once for each set of imported digests; Tampered when stored bytes no longer have theirs.
    """
    known = store.digests(unit)
    found = _built.get(known)
    if found is None:
        found = build(shipped_tables() + tuple(stored_tables(unit)))
        with _building:
            _built[known] = found
    return found


def rules_hash(unit: Unit) -> str:
    """SHA-256 (hex) over the canonical form of every row and the engine's version: which law was applied."""
    return tables(unit).rules_hash


def stored_tables(unit: Unit) -> list[DatedTable]:
    """The imported tables, read from the stored bytes; Tampered when those no longer have their digest."""
    read = []
    for name, digest, data in store.table_bytes(unit):
        if sha256(data).hexdigest() != digest:
            raise Tampered(
                "legal.table-changed", f"the stored table {name} is not what was imported",
                todo="Restore the node from a backup, then import the table again.",
            )  # fmt: skip
        read.append(read_table(data, name))
    return read


def build(dated: tuple[DatedTable, ...]) -> Tables:
    """The index over the shipped instruments and these dated tables; BadInput when they contradict each other."""
    instruments = shipped_instruments()
    texts: JsonObject = {i.text: sha256(shipped_file(f"instruments/{i.text}")).hexdigest() for i in instruments}
    rows: list[Json] = tabling.plain(instruments, dated)
    digest = sha256(canonical({"engine": engine.VERSION, "texts": texts, "tables": rows})).hexdigest()
    return tabling.build(instruments, dated, digest)
