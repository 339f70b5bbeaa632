"""Tables checked against each other and indexed: codes, dates and overlaps, with file, row and reason.

What one row says by itself is checked where it is read (`wire`); here it meets all the others.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from typing import Final, Protocol, TypeVar, cast

from comity.base.errors import BadInput
from comity.base.model import Json
from comity.legal.model import DatedTable, Declaration, Instrument, Offence, Participation, Row, Tables
from comity.legal.rules import vocabulary as known

SPECIAL_FIRST: Final = {"bilateral": 0, "regional": 1, "convention": 2}

_LISTS: Final[Mapping[str, frozenset[str]]] = {
    "modality": known.MODALITIES, "purpose": known.PURPOSES, "data_category": known.DATA_CATEGORIES,
    "data_subject": known.DATA_SUBJECTS, "authority": known.AUTHORITIES, "offence_scope": known.EAW_LIST,
    "dual_criminality": known.EAW_LIST,
}  # fmt: skip
_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "exclude_offence_category": known.CATEGORIES, "exclude_measure": known.MEASURES, "exclude_purpose": known.PURPOSES,
}  # fmt: skip


class Dated(Protocol):
    """A row with validity, both ends included; None is open."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def where(self) -> str: ...


D = TypeVar("D", bound=Dated)


def holds(row: Dated | Instrument, on: date) -> bool:
    """Whether the row is valid on that day."""
    return row.valid_from <= on and (row.valid_until is None or on <= row.valid_until)


def covers(declared: str, article: str) -> bool:
    """Whether a declaration to the articles `declared` (as ``5;6``) touches `article` (as ``5(1)``)."""
    return any(article == part or article.startswith(f"{part}(") for part in declared.split(";"))


def build(instruments: Iterable[Instrument], dated: Iterable[DatedTable], rules_hash: str) -> Tables:
    """The index over all tables; BadInput (file, row, reason) when a code is unknown or validity overlaps."""
    by_code = _unique_instruments(instruments)
    dated = tuple(dated)
    participations = tuple(p for table in dated for p in table.participations)
    declarations = tuple(d for table in dated for d in table.declarations)
    offences = tuple(o for table in dated for o in table.offences)
    _check_codes(by_code, participations, declarations, offences)
    _apart(participations, lambda p: (p.instrument, p.state), "participation")
    _apart(declarations, _sameness, "declaration")
    _apart(offences, lambda o: (o.state, o.code), "offence")
    _unique_ids(declarations)
    rows: dict[str, list[tuple[Instrument, Row]]] = defaultdict(list)
    for instrument in sorted(by_code.values(), key=lambda i: (SPECIAL_FIRST[i.kind], i.code)):
        for row in instrument.rows:
            rows[row.measure].append((instrument, row))
    starts = [i.valid_from for i in by_code.values()] + [p.valid_from for p in participations]
    return Tables(
        rules_hash=rules_hash, instruments=by_code, rows={m: tuple(found) for m, found in rows.items()},
        participations=_by(participations, lambda p: (p.instrument, p.state)),
        declarations=_by(declarations, lambda d: (d.instrument, d.state)),
        offences=_by(offences, lambda o: (o.state, o.code)), offences_of=_by(offences, lambda o: o.state),
        states=frozenset(p.state for p in participations), first_day=min(starts, default=date.max),
    )  # fmt: skip


def plain(instruments: Iterable[Instrument], dated: Iterable[DatedTable]) -> list[Json]:
    """All rows as JSON in an order that does not depend on the order of files or imports: what `rules_hash` covers."""
    tables = tuple(dated)
    rows: list[tuple[str, tuple[str, ...], Instrument | Participation | Declaration | Offence]]
    rows = [("instrument", (i.code,), i) for i in instruments]
    rows += [("participation", (p.instrument, p.state, str(p.valid_from)), p) for t in tables for p in t.participations]
    rows += [("declaration", (d.id,), d) for t in tables for d in t.declarations]
    rows += [("offence", (o.state, o.code, str(o.valid_from)), o) for t in tables for o in t.offences]
    return [[kind, _json(asdict(row))] for kind, _, row in sorted(rows, key=lambda r: (r[0], r[1]))]


def _json(value: object) -> Json:
    if isinstance(value, dict):
        return {str(key): _json(inner) for key, inner in value.items() if key != "where"}
    if isinstance(value, list | tuple):
        return [_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else cast(Json, value)


def _by(rows: Iterable[D], key: "Key[D, H]") -> dict["H", tuple[D, ...]]:
    found: dict[H, list[D]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: r.valid_from):
        found[key(row)].append(row)
    return {k: tuple(v) for k, v in found.items()}


H = TypeVar("H", bound=Hashable)
D_contra = TypeVar("D_contra", contravariant=True)
H_co = TypeVar("H_co", covariant=True)


class Key(Protocol[D_contra, H_co]):
    """What rows are grouped by."""

    def __call__(self, row: D_contra, /) -> H_co: ...


def _bad(reason: str, where: str) -> BadInput:
    return BadInput("legal.table", reason, where=where, todo="Correct the row and load the table again.")


def _unique_instruments(instruments: Iterable[Instrument]) -> dict[str, Instrument]:
    by_code: dict[str, Instrument] = {}
    for instrument in instruments:
        if instrument.code in by_code:
            raise _bad("two tables of this instrument", instrument.code)
        by_code[instrument.code] = instrument
        for row in instrument.rows:
            _check_row(row)
    return by_code


def _check_row(row: Row) -> None:
    _one(row.measure, known.MEASURES, "measure", row.where)
    for ground in row.refusal_grounds:
        _one(ground.code, known.REFUSAL_GROUNDS, "refusal ground", row.where)
    for condition in row.conditions:
        for key in ("one_of", "none_of", "listed", "unless_listed"):
            codes = condition.values.get(key)
            if condition.kind in _LISTS and isinstance(codes, list):
                for code in codes:
                    _one(str(code), _LISTS[condition.kind], condition.kind, row.where)


def _one(code: str, codes: frozenset[str], what: str, where: str) -> None:
    if code not in codes:
        raise _bad(f"{what}: unknown code {code!r}", where)


def _check_codes(
    instruments: Mapping[str, Instrument], participations: Iterable[Participation],
    declarations: Iterable[Declaration], offences: Iterable[Offence],
) -> None:  # fmt: skip
    named = [(p.instrument, p.where) for p in participations] + [(d.instrument, d.where) for d in declarations]
    for code, where in named:
        if code not in instruments:
            raise _bad(f"unknown instrument {code!r}", where)
    for declaration in declarations:
        _check_declaration(declaration, instruments[declaration.instrument])
    for offence in offences:
        _one(offence.iccs, known.ICCS, "iccs", offence.where)
        _one(offence.category, known.CATEGORIES, "category", offence.where)
        if offence.eaw_list:
            _one(offence.eaw_list, known.EAW_LIST, "eaw_list", offence.where)


def _check_declaration(row: Declaration, instrument: Instrument) -> None:
    _one(row.effect, known.EFFECTS, "effect", row.where)
    if row.effect in _VALUES:
        _one(row.value, _VALUES[row.effect], "value", row.where)
    elif row.effect == "threshold":
        if not (row.value.isascii() and row.value.isdigit() and len(row.value) <= 5):
            raise _bad(f"value: a threshold is a number of months, not {row.value!r}", row.where)
    elif row.value:
        raise _bad(f"value: {row.effect} takes none, not {row.value!r}", row.where)
    for part in row.article.split(";"):
        if not any(covers(part, r.article) for r in instrument.rows):
            raise _bad(f"article {part!r}: no row of {instrument.code} rests on it", row.where)


def _sameness(row: Declaration) -> tuple[str, str, str, str, str]:
    value = "" if row.effect == "threshold" else row.value
    return (row.instrument, row.state, row.article, row.effect, value)


def _apart(rows: Iterable[D], key: "Key[D, Hashable]", what: str) -> None:
    for same in _by(rows, key).values():
        for first, second in pairwise(same):
            if first.valid_until is None or second.valid_from <= first.valid_until:
                raise _bad(f"{what} overlaps {first.where} (from {first.valid_from})", second.where)


def _unique_ids(declarations: Iterable[Declaration]) -> None:
    seen: dict[str, str] = {}
    for row in declarations:
        if row.id in seen:
            raise _bad(f"id {row.id!r} is already that of {seen[row.id]}", row.where)
        seen[row.id] = row.where
