"""Queries, one row for each partner asked; the record is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.model import DataKey, JsonObject
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.search.model import Query
from comity.search.store import candidates, core, steps
from comity.search.store.sealing import opened, sealed

query_table = sa.Table(
    "search_query",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("question", sa.String(36), nullable=False, index=True),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("partner", sa.String(16), nullable=False),
    sa.Column("modality", sa.String(16), nullable=False),
    sa.Column("case", sa.String(36), nullable=True),
    sa.Column("ref", sa.String(64), nullable=True),
    sa.Column("state", sa.String(32), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", JsonText, nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("message", sa.String(36), nullable=False, index=True),
    sa.Column("asked_at", UtcTime, nullable=False),
    sa.Column("deadline", UtcTime, nullable=False),
    sa.Column("basis", JsonText, nullable=False),
    sa.Column("supersedes", sa.String(36), nullable=True),
    sa.Column("superseded_by", sa.String(36), nullable=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("answered_in", sa.Integer, nullable=True),
    sa.Index("ix_search_query_side", "side", "asked_at", "id", "partner", "status", "answered_in"),
    sa.Index("ix_search_query_stand", "side", "state", "asked_at", "id"),
    sa.Index("ix_search_query_answer", "side", "status", "asked_at", "id"),
    sa.Index("ix_search_query_asker", "side", "partner", "asked_at", "id"),
    sa.Index("ix_search_query_case", "case", "asked_at", "id"),
    sa.Index(
        "ix_search_query_ref",
        "ref",
        sqlite_where=sa.text("ref IS NOT NULL"),
        postgresql_where=sa.text("ref IS NOT NULL"),
    ),
)
"""`answered_in`: whole seconds from asking to the other side's first answer, None where our own law gave it; the
indexes are those of lists in order of time, of which the first also serves counting."""


_QUERY_FIELDS = tuple(Query.__dataclass_fields__)
_queries = Rows(query_table)


def insert_query(unit: Unit, query: Query, body: JsonObject, key: DataKey) -> None:
    """Keep a new query with its sealed body: no steps yet, no candidates. Conflict when a query of that id is kept."""
    row = {name: getattr(query, name) for name in _QUERY_FIELDS}
    if not _queries.add_new(unit, row | {"body": sealed(key, query.id, "body", body)}):
        raise Conflict("search.known-query", "A query of this id is known here", todo="Give every query a new id.")
    steps.begin(unit, query.id)
    candidates.begin(unit, query.id)
    unit.scratch[_body(query.id)] = (key, body)


def find_query(unit: Unit, query: str) -> Query:
    """The query of that id; NotFound otherwise, BadInput where no id is given at all."""
    if not query.strip():
        raise BadInput("search.no-id", "The id of a query is missing", todo="Take it from `comity search list`.")
    row = _queries.first(unit, {"id": query}, _QUERY_FIELDS)
    if row is None:
        raise unknown(query)
    return Query(*row)


def unknown(query: str) -> NotFound:
    """No query has that id here."""
    return NotFound(
        "search.unknown-query", f"No query {query} on this node", todo="List the queries with `comity search list`."
    )


def known(unit: Unit, query: str) -> bool:
    """Whether a query of that id is kept here."""
    return _queries.first(unit, {"id": query}, ["id"]) is not None


def find_by_conversation(unit: Unit, conversation: str) -> Query | None:
    """The query that has that conversation, if there is one."""
    row = _queries.first(unit, {"conversation": conversation}, _QUERY_FIELDS)
    return Query(*row) if row else None


def by_message(unit: Unit, message: str) -> list[Query]:
    """The queries that were asked in the message of that id: one, or those of a batch."""
    return [Query(*row) for row in _queries.all(unit, {"message": message}, _QUERY_FIELDS, ["id"])]


def _select() -> sa.Select[Any]:
    return sa.select(*(query_table.c[name] for name in _QUERY_FIELDS))


def queries(
    unit: Unit, *, question: str | None = None, case: str | None = None, side: str | None = None
) -> list[Query]:
    """Queries by question, case or side, oldest first."""
    statement = _select().order_by(query_table.c.asked_at, query_table.c.id)
    for column, value in (("question", question), ("case", case), ("side", side)):
        if value is not None:
            statement = statement.where(query_table.c[column] == value)
    return [Query(**row) for row in unit.connection.execute(statement).mappings()]


def by_refs(unit: Unit, refs: Sequence[str]) -> list[Query]:
    """Our queries about records of these names, oldest first."""
    statement = _select().where(query_table.c.ref.in_(refs)).order_by(query_table.c.asked_at, query_table.c.id)
    return [Query(**row) for row in unit.connection.execute(statement).mappings()]


def answered_after(unit: Unit, modality: str, statuses: Sequence[str], after: str, most: int) -> list[Query]:
    """Partners' queries of a modality that were answered so and stand, behind the id `after`, in the order of ids."""
    statement = _select().where(*_answered(modality, statuses), query_table.c.id > after)
    found = unit.connection.execute(statement.order_by(query_table.c.id).limit(most))
    return [Query(**row) for row in found.mappings()]


def count_answered(unit: Unit, modality: str, statuses: Sequence[str]) -> int:
    """How many queries `answered_after` would give in all."""
    chosen = sa.select(sa.func.count()).select_from(query_table).where(*_answered(modality, statuses))
    return int(unit.connection.execute(chosen).scalar_one())


def _answered(modality: str, statuses: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    one = query_table.c
    return one.side == "asked", one.modality == modality, one.status.in_(statuses), one.superseded_by.is_(None)


def standing(unit: Unit, states: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many queries there are in these states, by side and state; read from the index of these."""
    group = (query_table.c.side, query_table.c.state)
    these = query_table.c.side.in_(("asking", "asked")), query_table.c.state.in_(states)
    rows = unit.connection.execute(sa.select(*group, sa.func.count()).where(*these).group_by(*group).order_by(*group))
    return {(side, state): int(count) for side, state, count in rows}


def due(unit: Unit, states: tuple[str, ...], now: datetime) -> list[Query]:
    """Asking-side queries in one of `states` whose deadline has passed."""
    statement = _select().where(
        query_table.c.side == "asking", query_table.c.state.in_(states), query_table.c.deadline <= now
    )
    return [Query(**row) for row in unit.connection.execute(statement).mappings()]


def waiting(unit: Unit) -> list[Query]:
    """The queries of either side that wait, oldest first."""
    statement = _select().where(query_table.c.state == "waiting").order_by(query_table.c.asked_at, query_table.c.id)
    return [Query(**row) for row in unit.connection.execute(statement).mappings()]


def update_query(unit: Unit, query: str, **values: object) -> None:
    """Change columns of one query."""
    _queries.change(unit, {"id": query}, values)


def forget(unit: Unit, query: str) -> None:
    """Destroy record, candidates, accounts and core data of a query, and the name of its record."""
    _queries.change(unit, {"id": query}, {"ref": None, "body": b""})
    candidates.forget_candidates(unit, query)
    core.forget_core(unit, query)


def body(unit: Unit, query: str, key: DataKey) -> JsonObject:
    """The opened body of a query, as it was sent."""
    known = unit.scratch.get(_body(query))
    if isinstance(known, tuple) and known[0] == key:
        value: JsonObject = known[1]
        return value
    row = _queries.first(unit, {"id": query}, ["body"])
    if row is None:
        raise unknown(query)
    return opened(key, query, "body", row.body)


def _body(query: str) -> str:
    """Under which a unit notes the body of a query that it keeps itself, and the key."""
    return f"search.body:{query}"


def replace_body(unit: Unit, query: str, body: JsonObject, key: DataKey) -> None:
    """Put a corrected record in the place of the one that was sent before."""
    unit.scratch.pop(_body(query), None)
    _queries.change(unit, {"id": query}, {"body": sealed(key, query, "body", body)})
