"""Queries that wait for a person, few at a time, each kind in the order of an index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.selections import Selection
from comity.kit.database.unit import Unit
from comity.search.model import Query
from comity.search.store.core import core_table
from comity.search.store.queries import query_table

_Q: Final = query_table.c
_QUERY: Final = [_Q[name] for name in Query.__dataclass_fields__]
_SAMPLE: Final = 500
_NEWEST: Final = 100


def in_states(unit: Unit, states: Sequence[str], mine: Selection | None, most: int) -> list[Query]:
    """Queries in these states, the longest asked first: partners', or (`mine`) those of these cases."""
    streams = [_Q.state == state for state in states]
    of = _Q.side == "asked" if mine is None else sa.and_(_Q.side == "asking", mine.has(_Q.case))
    cut = [
        sa.select(sa.select(_Q.id).where(of, stream).order_by(_Q.asked_at, _Q.id).limit(most).subquery())
        for stream in streams
    ]  # fmt: skip
    return _found(unit, sa.union_all(*cut), [_Q.asked_at, _Q.id], most)


def answered(unit: Unit, states: Sequence[str], mine: Selection, since: datetime) -> list[Query]:
    """Queries of these cases that came into one of these states and were asked after `since`, the newest first.

    Whoever has many cases finds them among the newest of each state (`samples`); for whoever has less, those of the
    cases are few, and are read by their index.
    """
    newest = [_Q.asked_at.desc(), _Q.id.desc()]
    found = [] if mine.few else _among_the_newest(unit, states, mine, since)
    if len(found) == _NEWEST:
        return found
    of = (_Q.case.in_(mine.ids), _Q.state.in_(states), _Q.asked_at > since)
    chosen = sa.select(*_QUERY).where(*of).order_by(*newest).limit(_NEWEST)
    return [Query(**row) for row in unit.connection.execute(chosen).mappings()]


def _among_the_newest(unit: Unit, states: Sequence[str], mine: Selection, since: datetime) -> list[Query]:
    cut = []
    for state in states:
        stream = sa.select(_Q.id, _Q.case).where(_Q.side == "asking", _Q.state == state, _Q.asked_at > since)
        first = stream.order_by(_Q.asked_at.desc(), _Q.id.desc()).limit(_SAMPLE).subquery()
        cut.append(sa.select(first.c.id).where(mine.has(first.c.case)))
    return _found(unit, sa.union_all(*cut), [_Q.asked_at.desc(), _Q.id.desc()], _NEWEST)


def named(unit: Unit, start: str, mine: Selection, most: int, *, theirs: bool) -> list[Query]:
    """Queries whose id begins with `start`: of these cases and, if `theirs`, partners'; at most so many."""
    known = [sa.and_(_Q.side == "asking", mine.has(_Q.case)), *([_Q.side == "asked"] if theirs else [])]
    chosen = sa.select(*_QUERY).where(_Q.id >= start, _Q.id < start + "~", sa.or_(*known)).order_by(_Q.id).limit(most)
    return [Query(**row) for row in unit.connection.execute(chosen).mappings()]


def targets(unit: Unit, queries: Sequence[str]) -> dict[str, str]:
    """By query, what those agree on who release its core data."""
    found = sa.select(core_table.c.query, core_table.c.target).where(core_table.c.query.in_(queries))
    return {row.query: row.target for row in unit.connection.execute(found)}


def _found(unit: Unit, ids: Any, order: Sequence[Any], most: int) -> list[Query]:
    chosen = sa.select(*_QUERY).where(_Q.id.in_(ids)).order_by(*order).limit(most)
    return [Query(**row) for row in unit.connection.execute(chosen).mappings()]
