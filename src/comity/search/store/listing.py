"""Queries page by page, for people: the newest first or the oldest first, by what narrows them.

A page reads at most a page's rows of each of its streams (a side, a state), each in the order of an index; so it costs
the same in a table of a million. Streams are laid together in one statement.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.schema import UtcTime
from comity.kit.database.unit import Unit
from comity.search.model import Query, Side, Transition, Verdict
from comity.search.store.queries import query_table, transition_table, verdict_table

_QUERY: Final = [query_table.c[name] for name in Query.__dataclass_fields__]
_VERDICT: Final = [verdict_table.c[name] for name in Verdict.__dataclass_fields__]
_STEP: Final = [transition_table.c[name] for name in Transition.__dataclass_fields__]


@dataclass(frozen=True)
class Page:
    """Which queries: of which side and, where they are given, of these states, answer, partner, case or question;
    those after `after` (when asked, and the id), at most `rows`."""

    states: tuple[str, ...] = ()
    status: str = ""
    partner: str = ""
    case: str = ""
    question: str = ""
    oldest_first: bool = False
    after: tuple[datetime, str] | None = None
    rows: int = 51


def page(unit: Unit, wanted: Page, sides: dict[Side, sa.ColumnElement[bool]]) -> list[Query]:
    """The queries of one page; `sides` are those looked at, each with the condition of need to know."""
    streams = [
        _stream(wanted, side, state, known)
        for side, known in sides.items() for state in (wanted.states or ("",))
    ]  # fmt: skip
    if not streams:
        return []
    together = sa.union_all(*streams).subquery()
    ids = sa.select(together.c.id).order_by(*_order(together.c, wanted)).limit(wanted.rows)
    chosen = sa.select(*_QUERY).where(query_table.c.id.in_(ids)).order_by(*_order(query_table.c, wanted))
    return [Query(**row) for row in unit.connection.execute(chosen).mappings()]


def _stream(wanted: Page, side: Side, state: str, known: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns = query_table.c
    given = {"state": state, "status": wanted.status, "partner": wanted.partner, "case": wanted.case,
             "question": wanted.question}  # fmt: skip
    same = [columns[name] == value for name, value in given.items() if value]
    chosen = sa.select(columns.id, columns.asked_at).where(columns.side == side, known, *same)
    if wanted.after is not None:
        at, id = wanted.after
        here, there = sa.tuple_(columns.asked_at, columns.id), sa.tuple_(sa.literal(at, UtcTime), sa.literal(id))
        chosen = chosen.where(here > there if wanted.oldest_first else here < there)
    return sa.select(chosen.order_by(*_order(columns, wanted)).limit(wanted.rows).subquery())


def _order(columns: Any, wanted: Page) -> list[sa.ColumnElement[Any]]:
    keys = (columns.asked_at, columns.id)
    return [key.asc() if wanted.oldest_first else key.desc() for key in keys]


def verdicts_of(unit: Unit, queries: list[str]) -> dict[str, list[Verdict]]:
    """The verdicts of several queries, of every round, oldest first, by query."""
    found: dict[str, list[Verdict]] = {}
    order = (verdict_table.c.at, verdict_table.c.node, verdict_table.c.person)
    chosen = sa.select(*_VERDICT).where(verdict_table.c.query.in_(queries)).order_by(*order)
    for row in unit.connection.execute(chosen):
        found.setdefault(row.query, []).append(Verdict(*row))
    return found


def lives_of(unit: Unit, queries: list[str]) -> dict[str, list[Transition]]:
    """The lives of several queries, by query."""
    found: dict[str, list[Transition]] = {}
    chosen = sa.select(*_STEP).where(transition_table.c.query.in_(queries))
    for row in unit.connection.execute(chosen.order_by(transition_table.c.query, transition_table.c.seq)):
        found.setdefault(row.query, []).append(Transition(*row))
    return found
