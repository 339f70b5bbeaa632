"""All tables together: checked against each other, indexed for the engine, and put in one canonical form."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import is_dataclass
from datetime import date
from typing import Final, cast

from comity.base.model import Json, JsonObject
from comity.legal.model import (
    DatedQuota,
    DatedTable,
    DayOff,
    Declaration,
    Instrument,
    Offence,
    Participation,
    Recipient,
    Row,
    Tables,
    Vocabulary,
)
from comity.legal.rules import checking
from comity.legal.rules.quotas import key_of
from comity.legal.rules.vocabulary import check

SPECIAL_FIRST: Final = {"bilateral": 0, "regional": 1, "convention": 2}

DatedRow = Participation | Declaration | Offence | Recipient | DayOff | DatedQuota
"""A row of any dated table."""

REVIEWED: Final = ("status", "review")
"""What a review changes of a row; its own hash is over everything else, so that a changed row is unreviewed again."""


def holds(row: checking.Dated | Instrument, on: date) -> bool:
    """Whether the row is valid on that day; no first day is open, as no last day is."""
    return (row.valid_from is None or row.valid_from <= on) and (row.valid_until is None or on <= row.valid_until)


def version_on(versions: tuple[Instrument, ...], on: date) -> Instrument:
    """The version in force on that day; on a day of none, the last one that had begun, or else the first."""
    begun = [version for version in versions if version.valid_from is None or version.valid_from <= on]
    return next((version for version in versions if holds(version, on)), (begun or list(versions[:1]))[-1])


def build(
    instruments: Iterable[Instrument], dated: Iterable[DatedTable], vocabulary: Vocabulary, rules_hash: str
) -> Tables:
    """The index over all tables; BadInput (file, row, reason) when a code is unknown or validity overlaps."""
    by_code = checking.check_instruments(instruments, check(vocabulary))
    dated = tuple(dated)
    participations = tuple(p for table in dated for p in table.participations)
    declarations = tuple(d for table in dated for d in table.declarations)
    offences = tuple(o for table in dated for o in table.offences)
    recipients = tuple(r for table in dated for r in table.recipients)
    calendar = tuple(d for table in dated for d in table.calendar)
    checking.check_participations(participations, by_code)
    checking.check_declarations(declarations, by_code, vocabulary)
    checking.check_offences(offences, vocabulary)
    checking.check_recipients(recipients, vocabulary)
    checking.apart(calendar, lambda d: (d.state, d.day), "day off")
    quotas = tuple(q for table in dated for q in table.quotas)
    checking.check_quotas(quotas, vocabulary)
    every = [version for versions in by_code.values() for version in versions]
    starts = [i.valid_from for i in every if i.valid_from] + [p.valid_from for p in participations]
    return Tables(
        rules_hash=rules_hash, instruments={code: versions[-1] for code, versions in by_code.items()},
        versions=by_code, rows=_by_measure(every),
        participations=checking.grouped(participations, lambda p: (p.instrument, p.state)),
        declarations=checking.grouped(declarations, lambda d: (d.instrument, d.state)),
        offences=checking.grouped(offences, lambda o: (o.state, o.code)),
        offences_of=checking.grouped(offences, lambda o: o.state),
        recipients=checking.grouped(recipients, lambda r: (r.by, r.recipient)),
        calendars=checking.grouped(calendar, lambda d: d.state), quotas=quotas,
        states=frozenset(p.state for p in participations), joined=frozenset(p.instrument for p in participations),
        vocabulary=vocabulary, first_day=min(starts, default=date.max),
    )  # fmt: skip


def _by_measure(instruments: Iterable[Instrument]) -> dict[str, tuple[tuple[Instrument, Row], ...]]:
    rows: dict[str, list[tuple[Instrument, Row]]] = defaultdict(list)
    for instrument in sorted(instruments, key=lambda i: (SPECIAL_FIRST[i.kind], i.code)):
        for row in instrument.rows:
            rows[row.measure].append((instrument, row))
    return {measure: tuple(found) for measure, found in rows.items()}


def plain(instruments: Iterable[Instrument], dated: Iterable[DatedTable], vocabulary: Vocabulary) -> list[Json]:
    """All rows as JSON in an order that does not depend on the order of files or imports: what `rules_hash` covers."""
    tables = tuple(dated)
    rows: list[tuple[str, tuple[str, ...], Instrument | DatedRow]]
    rows = [("instrument", (i.code, str(i.valid_from or "")), i) for i in instruments]
    rows += [(kind, key, row) for table in tables for kind, key, row in dated_rows(table)]
    found: list[Json] = [[kind, as_json(row)] for kind, _, row in sorted(rows, key=lambda r: (r[0], r[1]))]
    return [*found, ["vocabulary", as_json(vocabulary)]]


def dated_rows(table: DatedTable) -> list[tuple[str, tuple[str, ...], DatedRow]]:
    """Kind, key and row of everything in one dated table; the key tells a row from all others of its kind."""
    found: list[tuple[str, tuple[str, ...], DatedRow]] = []
    found += [("participation", (p.instrument, p.state, str(p.valid_from)), p) for p in table.participations]
    found += [("declaration", (d.id,), d) for d in table.declarations]
    found += [("offence", (o.state, o.code, str(o.valid_from)), o) for o in table.offences]
    found += [("recipient", (r.by, r.recipient, str(r.valid_from)), r) for r in table.recipients]
    found += [("day_off", (d.state, d.day, str(d.valid_from)), d) for d in table.calendar]
    found += [("quota", (*key_of(q.quota), str(q.valid_from)), q) for q in table.quotas]
    return found


def plain_row(instrument: Instrument, row: Row) -> JsonObject:
    """What a review of this row is about: the row without its status, under its instrument's code and dates."""
    said = cast(JsonObject, as_json({k: v for k, v in vars(row).items() if k not in REVIEWED}))
    head = as_json([instrument.code, instrument.valid_from, instrument.valid_until, instrument.in_force])
    return {"instrument": head, "row": said}


def plain_dated(row: DatedRow) -> Json:
    """What a row of a dated table says."""
    return as_json(row)


def as_json(value: object) -> Json:
    """A table's nouns as JSON, without the places in files where they stood."""
    if is_dataclass(value):
        value = vars(value)  # `dataclasses.asdict` would copy every text on the way
    if isinstance(value, dict):
        return {str(key): as_json(inner) for key, inner in value.items() if key != "where"}
    if isinstance(value, list | tuple | frozenset):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else cast(Json, value)
