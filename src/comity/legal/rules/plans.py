"""The rows of a set of tables made ready for deciding: done once, when the first question meets the tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from comity.legal.model import Instrument, Row, Tables
from comity.legal.rules import conditions, grounds, limits
from comity.legal.rules.matter import Plan, met


@dataclass(frozen=True, slots=True)
class Plans:
    """By measure, the most special first: all rows, and those of instruments whose parties somebody knows."""

    every: Mapping[str, tuple[Plan, ...]]
    known: Mapping[str, tuple[Plan, ...]]
    under: Mapping[tuple[str, str], tuple[Plan, ...]]
    """By measure and instrument."""
    several: frozenset[str]
    """Instruments of which there is more than one version."""
    measures: frozenset[str]
    """Every measure of the vocabulary, whether any row has it or not."""


@lru_cache(maxsize=16)
def plans(tables: Tables) -> Plans:
    """The plans of these tables; kept for the few sets of tables that a process meets."""
    every = {m: tuple(_plan(tables, i, row) for i, row in rows) for m, rows in tables.rows.items()}
    known = {m: tuple(p for p in found if p.instrument.code in tables.joined) for m, found in every.items()}
    under = {
        (m, code): tuple(p for p in found if p.instrument.code == code)
        for m, found in every.items() for code in {p.instrument.code for p in found}
    }  # fmt: skip
    several = frozenset(code for code, versions in tables.versions.items() if len(versions) > 1)
    return Plans(every, known, under, several, frozenset(tables.vocabulary.codes("measures")))


def _plan(tables: Tables, instrument: Instrument, row: Row) -> Plan:
    return Plan(
        tables=tables, instrument=instrument, row=row, tries=conditions.tries(row, tables.vocabulary),
        available=met("measure_available", row.article, {"measure": row.measure, "instrument": instrument.code}),
        no_grounds=grounds.none_raised(instrument, row), as_limited=limits.as_limited(row),
    )  # fmt: skip
