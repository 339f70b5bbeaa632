"""The candidates that wait for one examiner, in the order in which they were asked about.

Of queries that nobody has decided, most wait for anybody; of those that are decided, an examiner has judged most, and
looking for the others costs as much as what he or she ever judged. So of these only the latest are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.selections import Selection
from comity.kit.database.unit import Unit
from comity.search.model import Judgeable
from comity.search.store.candidates import candidate_table
from comity.search.store.queries import query_table
from comity.search.store.samples import BY_CASE, SAMPLE, is_cut
from comity.search.store.verdicts import verdict_table

SECOND: Final = 500
"""Of how many decided queries of each side and state, those asked last, a second verdict waits."""
_Q: Final = query_table.c
_C: Final = candidate_table.c
_STANDING: Final = (_Q.id, _Q.case, _Q.message, _Q.asked_at)


@dataclass(frozen=True)
class Judge:
    """Who is to judge: a person of the node, and the ids of the cases that the person knows."""

    node: str
    person: str
    mine: Selection


def to_judge(unit: Unit, open_: Sequence[str], decided: Sequence[str], judge: Judge, most: int) -> list[Judgeable]:
    """The candidates that the judge has not judged, the longest asked first, of his or her cases and of partners': all
    of queries in the states `open_`, and of those in the states `decided` the latest. At most five statements."""
    share, unjudged = SAMPLE // len(open_), _unjudged(judge, _Q)
    first = [_oldest(unjudged, _Q.side == "asking", _Q.state == state, most=share) for state in open_]
    ours = [sa.select(one).where(judge.mine.has(one.c.case)).limit(most) for one in first]  # in the samples' order
    ours += [sa.select(one).where(judge.mine.has(one.c.case)) for one in _latest(judge, "asking", decided)]
    found = _first(unit, ours, most)
    if len(found) < most and is_cut(unit, first, share):
        exact = _oldest(unjudged, _Q.case.in_(judge.mine.ids), BY_CASE.in_(open_), most=most)
        found += _first(unit, [sa.select(exact)], most)
    theirs = [_oldest(unjudged, _Q.side == "asked", _Q.state == state, most=most) for state in open_]
    found += _first(unit, [sa.select(one) for one in [*theirs, *_latest(judge, "asked", decided)]], most)
    rows = unit.connection.execute(
        sa.select(_Q.id, _C.number, _Q.partner, _C.near, _Q.asked_at).join(candidate_table, _C.query == _Q.id)
        .where(_Q.id.in_(found), ~_given(judge, _Q)).order_by(_Q.asked_at, _Q.id, _C.rank).limit(most)
    )  # fmt: skip
    return [Judgeable(*row) for row in rows]


def _oldest(*where: sa.ColumnElement[bool], most: int) -> sa.Subquery:
    return sa.select(*_STANDING).where(*where).order_by(_Q.asked_at, _Q.id).limit(most).subquery()


def _latest(judge: Judge, side: str, states: Sequence[str]) -> list[sa.Subquery]:
    """Of the queries of a side that were asked last, by state, those with a candidate that the judge has not judged."""
    newest = sa.select(*_STANDING).where(_Q.side == side).order_by(_Q.asked_at.desc(), _Q.id.desc()).limit(SECOND)
    looked_at = [newest.where(_Q.state == state).subquery() for state in states]
    return [sa.select(one).where(_unjudged(judge, one.c)).subquery() for one in looked_at]


def _first(unit: Unit, streams: list[sa.Select[Any]], most: int) -> list[str]:
    """The ids of those that were asked first."""
    each = [sa.select(stream.c.id, stream.c.asked_at) for stream in (one.subquery() for one in streams)]
    joined = sa.union_all(*each).subquery().c
    chosen = sa.select(joined.id).order_by(joined.asked_at, joined.id).limit(most)
    return list(unit.connection.execute(chosen).scalars())


def _unjudged(judge: Judge, of: Any) -> sa.ColumnElement[bool]:
    """Whether the query whose columns these are has a candidate that the judge has not judged."""
    some = sa.select(_C.number).where(_C.query == of.id, ~_given(judge, of))
    return some.correlate_except(candidate_table).exists()


def _given(judge: Judge, of: Any) -> sa.ColumnElement[bool]:
    """Whether the judge has judged a candidate in the answer to the query's latest message."""
    v = verdict_table.c
    same = (v.query == of.id, v.round == of.message, v.number == _C.number)
    given = sa.select(v.number).where(*same, v.node == judge.node, v.person == judge.person)
    return given.correlate_except(verdict_table).exists()
