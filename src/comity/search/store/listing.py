"""Queries page by page, for people: the newest first or the oldest first, by what narrows them.

A page of partners' queries is read in the order of an index; one of our own as `samples` tells. So it costs the same in
a table of a million. Every page takes at most four statements.
"""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.schema import UtcTime
from comity.kit.database.selections import Selection
from comity.kit.database.unit import Unit
from comity.search.model import Query, Transition, Verdict, Wanted
from comity.search.store.queries import query_table
from comity.search.store.samples import BY_CASE, SAMPLE, is_cut
from comity.search.store.steps import transition_table
from comity.search.store.verdicts import verdict_table

_Q: Final = query_table.c
_QUERY: Final = [_Q[name] for name in Query.__dataclass_fields__]
_VERDICT: Final = [verdict_table.c[name] for name in Verdict.__dataclass_fields__]
_STEP: Final = [transition_table.c[name] for name in Transition.__dataclass_fields__]

Standing = tuple[datetime, str]
"""When a query was asked, and its id: where it stands in a list."""


def page(unit: Unit, wanted: Wanted, states: tuple[str, ...], mine: Selection | None, *, theirs: bool) -> list[Query]:
    """The queries of one page and one more, where there is one; in the order that is wanted, or, before a place, in the
    other. Of the cases `mine` (None: no query of ours), and partners' where `theirs`."""
    found: list[Standing] = []
    if mine is not None:
        found += _ours(unit, wanted, states, mine)
    if theirs:
        found += _places(unit, wanted, [_stream(wanted, state).where(_Q.side == "asked") for state in states or ("",)])
    found.sort(reverse=not _rising(wanted))
    ids = [id for _, id in found[: wanted.rows + 1]]
    chosen = sa.select(*_QUERY).where(_Q.id.in_(ids)).order_by(*_order(_Q, wanted))
    return [Query(**row) for row in unit.connection.execute(chosen).mappings()]


def _ours(unit: Unit, wanted: Wanted, states: tuple[str, ...], mine: Selection) -> list[Standing]:
    if not wanted.case:
        samples = [_sample(wanted, state, SAMPLE // max(1, len(states))) for state in states or ("",)]
        found = _places(unit, wanted, [
            sa.select(one.c.asked_at, one.c.id).where(mine.has(one.c.case)) for one in samples
        ])  # fmt: skip
        if len(found) > wanted.rows or not is_cut(unit, samples, SAMPLE // max(1, len(states))):
            return found
    exact = _stream(wanted, "").where(_Q.case == wanted.case if wanted.case else _Q.case.in_(mine.ids))
    return _places(unit, wanted, [exact.where(BY_CASE.in_(states)) if states else exact])


def _sample(wanted: Wanted, state: str, most: int) -> sa.Subquery:
    """The first of our queries in the order that is wanted, whosever they are."""
    stream = _stream(wanted, state).where(_Q.side == "asking").add_columns(_Q.case)
    return stream.order_by(*_order(_Q, wanted)).limit(most).subquery()


def _stream(wanted: Wanted, state: str) -> sa.Select[Any]:
    given = {"state": state, "status": wanted.status, "partner": wanted.partner}
    chosen = sa.select(_Q.asked_at, _Q.id).where(*(_Q[name] == value for name, value in given.items() if value))
    place = wanted.before or wanted.after
    if place is None:
        return chosen
    here = sa.tuple_(_Q.asked_at, _Q.id)
    there = sa.tuple_(sa.literal(place[0], UtcTime), sa.literal(place[1]))
    return chosen.where(here > there if _rising(wanted) else here < there)


def _places(unit: Unit, wanted: Wanted, streams: list[sa.Select[Any]]) -> list[Standing]:
    cut = []
    for stream in streams:
        columns = stream.selected_columns
        cut.append(sa.select(stream.order_by(*_order(columns, wanted)).limit(wanted.rows + 1).subquery()))
    return [(at, id) for at, id in unit.connection.execute(sa.union_all(*cut))]


def _rising(wanted: Wanted) -> bool:
    """Whether the page is read from the oldest on: the wanted order, or the other one for what is before a place."""
    return wanted.oldest_first != (wanted.before is not None)


def _order(columns: Any, wanted: Wanted) -> list[sa.ColumnElement[Any]]:
    return [key.asc() if _rising(wanted) else key.desc() for key in (columns.asked_at, columns.id)]


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
