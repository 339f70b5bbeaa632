"""Confirmed hits that are asked about again, and what became of each, as its case's people said; counts of queries.

What was said is sealed under the case's data key; the kind stays countable when the case is erased.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.base.model import DataKey
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.rows import Row, Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.selections import Selection
from comity.kit.database.unit import Unit
from comity.search.model import FollowUp, HitOutcome
from comity.search.store.queries import query_table
from comity.search.store.samples import SAMPLE

follow_up_table: Final = sa.Table(
    "search_follow_up",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("partner", sa.String(16), nullable=False),
    sa.Column("case", sa.String(36), nullable=False),
    sa.Column("confirmed_at", UtcTime, nullable=False, index=True),
    sa.Column("due_at", UtcTime, nullable=True),
    sa.Column("kind", sa.String(16), nullable=True),
    sa.Index("ix_search_follow_up_due_at", "due_at", "query"),
    sa.Index("ix_search_follow_up_case", "case", "due_at"),
)

outcome_table: Final = sa.Table(
    "search_outcome",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
)

_follow_ups, _outcomes = Rows(follow_up_table), Rows(outcome_table)
_FIELDS: Final = tuple(FollowUp.__dataclass_fields__)


def open_follow_up(unit: Unit, made: FollowUp) -> None:
    """A hit was confirmed; it is asked about later. One of this query that is known stays as it is."""
    _follow_ups.add_new(unit, vars(made))


def find_follow_up(unit: Unit, query: str) -> FollowUp | None:
    """What is kept about the confirmed hit of a query of ours; None where none was confirmed."""
    row = _follow_ups.first(unit, {"query": query}, _FIELDS)
    return FollowUp(*row) if row else None


def follow_up(unit: Unit, query: str, kind: str, due: datetime | None) -> None:
    """The latest word on a hit, and when it is asked about again."""
    _follow_ups.change(unit, {"query": query}, {"kind": kind, "due_at": due})


def due(unit: Unit, mine: Selection, limit: int) -> list[FollowUp]:
    """The first `limit` hits of the cases `mine` that are to be asked about by now, the longest due first.

    Somebody with many cases finds them among the first that are due; for all others they are found by their cases.
    """
    columns = follow_up_table.c
    first = sa.select(*(columns[name] for name in _FIELDS)).where(columns.due_at <= unit.now)
    sample = first.order_by(columns.due_at, columns.query).limit(SAMPLE).subquery()
    among = sa.select(sample).where(mine.has(sample.c.case)).order_by(sample.c.due_at, sample.c.query)
    rows = unit.connection.execute(among.limit(limit)).all()
    if len(rows) < limit:
        exact = first.where(columns.case.in_(mine.ids)).order_by(columns.due_at, columns.query).limit(limit)
        rows = unit.connection.execute(exact).all()
    return [FollowUp(*row) for row in rows]


def insert_outcome(unit: Unit, made: HitOutcome, key: DataKey) -> None:
    """Keep one more word on a hit, its reason sealed."""
    place = _place(made.query, made.seq)
    _outcomes.add(unit, {
        "query": made.query, "seq": made.seq, "kind": made.kind, "person": made.person, "at": made.at,
        "entry": made.entry, "sealed": encrypt(key.secret, json.dumps(made.reason).encode(), place),
    })  # fmt: skip


def outcomes(unit: Unit, query: str, key: DataKey) -> list[HitOutcome]:
    """Everything that was said of a hit, oldest first."""
    return [_outcome(row, key) for row in _outcomes.all(unit, {"query": query}, order=["seq"])]


def _outcome(row: Row, key: DataKey) -> HitOutcome:
    said = json.loads(decrypt(key.secret, row.sealed, _place(row.query, row.seq))) if row.sealed else ""
    return HitOutcome(row.query, row.seq, row.kind, said, row.person, row.at, row.entry)


def _place(query: str, seq: int) -> bytes:
    return f"search|{query}|{seq}|outcome".encode()


def forget(unit: Unit, query: str) -> None:
    """Destroy what was said of a hit, and ask no more; the kinds stay for counting."""
    _outcomes.change(unit, {"query": query}, {"sealed": None})
    _follow_ups.change(unit, {"query": query}, {"due_at": None})


def counts(unit: Unit, since: datetime, until: datetime) -> Sequence[Any]:
    """Of the queries asked from `since` to before `until`: side, partner, status, seconds to the answer, how many.

    The casts say nothing but that groups are not those of an index: SQLite would take one that lacks half of this.
    """
    table = query_table.c
    side, partner = (sa.cast(column, sa.String(16)) for column in (table.side, table.partner))
    columns = (side, partner, table.status, table.answered_in)
    asked = (table.side.in_(("asking", "asked")), table.asked_at >= since, table.asked_at < until)
    return unit.connection.execute(sa.select(*columns, sa.func.count()).where(*asked).group_by(*columns)).all()


def said(unit: Unit, since: datetime, until: datetime) -> Sequence[Any]:
    """Of the hits confirmed from `since` to before `until`: partner, the latest word on it (None: none yet), how
    many."""
    table = follow_up_table
    within = (table.c.confirmed_at >= since, table.c.confirmed_at < until)
    columns = (table.c.partner, table.c.kind)
    return unit.connection.execute(sa.select(*columns, sa.func.count()).where(*within).group_by(*columns)).all()
