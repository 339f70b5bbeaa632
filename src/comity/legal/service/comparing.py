"""What differs, row by row: between two signed sets, a signed set and what waits, a file and what is held."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from comity.base.errors import NotFound
from comity.base.model import Json, JsonObject
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Change, DatedTable, Instrument
from comity.legal.service.held import Held, held, read, row_hash, rows_of, verified
from comity.legal.service.signing import current_rows, imported_tables, waiting


def diff_sets(unit: Unit, old: int | None = None, new: int | None = None) -> list[Change]:
    """What set `new` has otherwise than set `old`.

    Without `new`: what signing now would change (tables that wait, a newer package); without `old`: since the newest
    set, or since the package alone where none was signed. NotFound for a number that no set has; a set whose signature
    does not hold is Tampered.
    """
    known = held(unit)
    now = current_rows(replace(known, tables=(*known.tables, *waiting(unit, imported_tables(unit)))))
    said = _said(unit, now)
    nothing_signed = old is None and store.find_set(unit) is None
    before = _hashed(current_rows(Held())) if nothing_signed else _hashes(unit, old)
    after = _hashes(unit, new) if new is not None else _hashed(now)
    return _changes(before, after, said)


def diff_file(unit: Unit, data: bytes, name: str) -> list[Change]:
    """What importing the table in `data` would add, change or, for an instrument, remove; BadInput as at an import."""
    content = read(data, name)
    after = rows_of(content)
    before = _rivals(content, current_rows(held(unit)), after)
    said = {row_hash(row): cast(Json, row) for row in (*before.values(), *after.values())}
    return _changes(_hashed(before), _hashed(after), said)


def _rivals(
    content: Instrument | DatedTable, rows: Mapping[str, JsonObject], after: Mapping[str, JsonObject]
) -> dict[str, JsonObject]:
    """The held rows that the file speaks of: all of an instrument's version of that first day, of a dated table's those
    of the same name."""
    if isinstance(content, Instrument):
        since = f" from {content.valid_from}" if content.valid_from else ""
        return {name: row for name, row in rows.items() if name.startswith(f"row {content.code} ") and since in name}
    return {name: row for name, row in rows.items() if name in after}


def _hashed(rows: Mapping[str, JsonObject]) -> dict[str, str]:
    return {name: row_hash(row) for name, row in rows.items()}


def _hashes(unit: Unit, number: int | None) -> dict[str, str]:
    found = store.find_set(unit, number)
    if found is None:
        raise NotFound("legal.set", f"no signed set {number}", todo="See `comity legal sets`.")
    return cast(dict[str, str], verified(unit, found)["rows"])


def _said(unit: Unit, now: Mapping[str, JsonObject]) -> dict[str, Json]:
    """What rows say, by their hashes, as far as this node still has them."""
    found: dict[str, Json] = {row_hash(row): row for row in now.values()}
    for stored in store.stored_tables(unit).values():
        found |= {row_hash(row): row for row in rows_of(read(stored.data, stored.name)).values()}
    found |= {row_hash(r.as_dict()): r.as_dict() for r in store.reviews(unit).values()}
    return found


def _changes(before: Mapping[str, str], after: Mapping[str, str], said: Mapping[str, Json]) -> list[Change]:
    made = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new:
            kind = "added" if old is None else "removed" if new is None else "changed"
            made.append(Change(kind, name, _content(old, said), _content(new, said)))
    return made


def _content(said_hash: str | None, said: Mapping[str, Json]) -> Json:
    return None if said_hash is None else said.get(said_hash, said_hash)
