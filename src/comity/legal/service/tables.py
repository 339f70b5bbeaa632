"""All tables that this node decides by, built once for each signed set, and their one hash."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from weakref import WeakKeyDictionary

from comity.base.errors import NotFound
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import DatedTable, Instrument, Review, Row, Tables
from comity.legal.rules import engine
from comity.legal.rules import tables as tabling
from comity.legal.rules.checking import overlap
from comity.legal.service.held import Held, check_newest, held, last_sealed, row_hash
from comity.legal.service.shipped import shipped_file, shipped_instruments, shipped_tables, vocabulary

_built: dict[str, Tables] = {}
_in_use: WeakKeyDictionary[object, tuple[str, int]] = WeakKeyDictionary()
"""The version that each database stood at when it was last asked, and the log's last word on it: where either differs,
the one is held against the other first."""
_building = threading.Lock()


def tables(unit: Unit) -> Tables:
    """All tables that this node decides by: the package's, those of the agency's newest signed set, and the agreements
    that bind it, indexed.

    Built once for each set; Tampered when what is stored is not what a lawyer signed, or not the set that was signed
    last. A running process goes on with the law that it has verified while its set stays the newest; whoever reads the
    database anew meets the change.
    """
    known = unit.scratch.get(store.IN_FORCE)
    if isinstance(known, Tables):
        return known
    found = unit.scratch[store.IN_FORCE] = _in_force(unit)
    return found


def _in_force(unit: Unit) -> Tables:
    """The tables, asked of the database."""
    version = " ".join((store.head(unit), *store.binding(unit)))
    found, engine, seen = _built.get(version), unit.connection.engine, (version, last_sealed(unit))
    if found is not None and _in_use.get(engine) == seen:
        return found
    if found is None:
        found = build(held(unit))
    else:
        check_newest(unit)
    with _building:
        _built[version], _in_use[engine] = found, seen
    return found


def rules_hash(unit: Unit) -> str:
    """SHA-256 (hex) over the canonical form of every row, with who reviewed it, the vocabulary and the engine's
    version: which law was applied."""
    return tables(unit).rules_hash


def told_instrument(unit: Unit, code: str) -> JsonObject:
    """One instrument, in its version of today, with its rows, the days of all its versions and, where the package has
    it, its full text; NotFound for a code nobody knows.
    """
    versions = tables(unit).versions.get(code)
    if versions is None:
        raise NotFound("legal.instrument", f"no table of an instrument {code}", todo="See `comity legal show`.")
    found = tabling.version_on(versions, unit.now.date())
    days: list[Json] = [{"from": str(v.valid_from or ""), "until": str(v.valid_until or "")} for v in versions]
    text = shipped_file(f"instruments/{found.text}").decode("utf-8") if found.text else ""
    rows: list[Json] = [row.as_dict() for row in found.rows]
    return {**found.outline(), "instrument": code, "versions": days, "rows": rows, "text": text}


def build(known: Held) -> Tables:
    """The index over the package's tables and these; BadInput when they contradict each other."""
    instruments = (*instruments_with(known), *(one.instrument for one in known.agreed))
    parties = DatedTable("participations", "agreements", tuple(p for one in known.agreed for p in one.participations))
    dated = (*shipped_tables(), *known.dated, parties)
    rows: list[Json] = tabling.plain(instruments, dated, vocabulary())
    digest = sha256(canonical({"engine": engine.VERSION, "texts": _texts(), "tables": rows})).hexdigest()
    return tabling.build(instruments, dated, vocabulary(), digest)


def instruments_with(known: Held) -> tuple[Instrument, ...]:
    """The package's instruments with the imported ones, which replace those of the same code and days, and every row
    with its review.

    A review holds for the row that it was made of, and for no other: a changed row is as unreviewed as a new one. Rows
    of an imported instrument are unreviewed whatever their file says.
    """
    own = [_unreviewed(i) for i in known.instruments]
    kept = [i for i in shipped_instruments() if not any(i.code == o.code and overlap(i, o) for o in own)]
    by_row = {(r.instrument, r.measure, r.article, r.row_hash): r for r in known.reviews}
    touched = {r.instrument for r in known.reviews}
    return tuple(_reviewed(i, by_row) if i.code in touched else i for i in (*kept, *own))


def _unreviewed(instrument: Instrument) -> Instrument:
    return replace(instrument, rows=tuple(replace(row, status="unreviewed") for row in instrument.rows))


def _reviewed(instrument: Instrument, reviews: dict[tuple[str, str, str, str], Review]) -> Instrument:
    return replace(instrument, rows=tuple(_with(row, instrument, reviews) for row in instrument.rows))


def _with(row: Row, instrument: Instrument, reviews: dict[tuple[str, str, str, str], Review]) -> Row:
    said = row_hash(tabling.plain_row(instrument, row))
    review = reviews.get((instrument.code, row.measure, row.article, said))
    if review is None:
        return row
    return replace(row, status="reviewed", review=f"{review.by} on {review.at.date().isoformat()}")


@cache
def shipped_digest() -> str:
    """SHA-256 (hex) over everything that the package itself ships as law, and the engine's version."""
    rows: list[Json] = tabling.plain(shipped_instruments(), shipped_tables(), vocabulary())
    return sha256(canonical({"engine": engine.VERSION, "texts": _texts(), "tables": rows})).hexdigest()


@cache
def _texts() -> JsonObject:
    named: Iterable[str] = (i.text for i in shipped_instruments() if i.text)
    return {name: sha256(shipped_file(f"instruments/{name}")).hexdigest() for name in named}
