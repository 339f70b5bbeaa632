"""The SQL of searches. Query bodies, candidates, accounts and core data are sealed under the caller's data key.

The associated data of each sealed field is `search|<row>|<field>`, so that a blob moved to another row or column does
not open.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.model import DataKey, JsonObject
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.search.model import Candidate, Query, Transition, Verdict

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

candidate_table = sa.Table(
    "search_candidate",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("quality", sa.Integer, nullable=False),
    sa.Column("near", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

verdict_table = sa.Table(
    "search_verdict",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("round", sa.String(36), primary_key=True),
    sa.Column("number", sa.String(64), primary_key=True),
    sa.Column("node", sa.String(16), primary_key=True),
    sa.Column("person", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

core_table = sa.Table(
    "search_core",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("decision", sa.String(36), nullable=False),
    sa.Column("target", sa.String(64), nullable=False),
    sa.Column("clock", JsonText, nullable=False),
    sa.Column("account", sa.LargeBinary, nullable=True),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
)

transition_table = sa.Table(
    "search_transition",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("before", sa.String(32), nullable=False),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("after", sa.String(32), nullable=False),
    sa.Column("person", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
)

superseded_table = sa.Table(
    "search_superseded",
    metadata,
    sa.Column("query", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

_QUERY_FIELDS = tuple(Query.__dataclass_fields__)
_VERDICT_FIELDS = tuple(Verdict.__dataclass_fields__)
_queries, _candidates, _verdicts = Rows(query_table), Rows(candidate_table), Rows(verdict_table)
_core, _transitions, _superseded = Rows(core_table), Rows(transition_table), Rows(superseded_table)


def _sealed(key: DataKey, row: str, field: str, value: JsonObject) -> bytes:
    return encrypt(key.secret, json.dumps(value).encode(), f"search|{row}|{field}".encode())


def _opened(key: DataKey, row: str, field: str, blob: bytes) -> JsonObject:
    value: JsonObject = json.loads(decrypt(key.secret, blob, f"search|{row}|{field}".encode()))
    return value


def insert_query(unit: Unit, query: Query, body: JsonObject, key: DataKey) -> None:
    """Keep a new query with its sealed body: no steps yet, no candidates. Conflict when a query of that id is kept."""
    row = {name: getattr(query, name) for name in _QUERY_FIELDS}
    if not _queries.add_new(unit, row | {"body": _sealed(key, query.id, "body", body)}):
        raise Conflict("search.known-query", "A query of this id is known here", todo="Give every query a new id.")
    unit.scratch |= {_steps(query.id): 0, _body(query.id): (key, body), _bare(query.id): True}


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
    for rows in (_candidates, _superseded):
        rows.drop(unit, {"query": query})
    _core.change(unit, {"query": query}, {"account": None, "sealed": None})


def body(unit: Unit, query: str, key: DataKey) -> JsonObject:
    """The opened body of a query, as it was sent."""
    known = unit.scratch.get(_body(query))
    if isinstance(known, tuple) and known[0] == key:
        value: JsonObject = known[1]
        return value
    row = _queries.first(unit, {"id": query}, ["body"])
    if row is None:
        raise unknown(query)
    return _opened(key, query, "body", row.body)


def replace_candidates(unit: Unit, query: str, candidates: list[Candidate], key: DataKey) -> None:
    """Keep exactly these candidates for the query, best first."""
    if not unit.scratch.pop(_bare(query), False):
        _candidates.drop(unit, {"query": query})
    rows = [
        {
            "query": query, "number": c.number, "rank": rank, "quality": c.quality, "near": c.near,
            "sealed": _sealed(
                key, f"{query}|{c.number}", "candidate", {"comparison": c.comparison, "record": c.record}
            ),
        }
        for rank, c in enumerate(candidates)
    ]  # fmt: skip
    _candidates.add_all(unit, rows)


def candidates(unit: Unit, query: str, key: DataKey) -> list[Candidate]:
    """The opened candidates of a query, best first."""
    found = []
    for row in _candidates.all(unit, {"query": query}, order=["rank"]):
        inside: Any = _opened(key, f"{query}|{row.number}", "candidate", row.sealed)
        found.append(Candidate(row.number, row.quality, row.near, inside["comparison"], inside["record"]))
    return found


def numbers(unit: Unit, query: str) -> dict[str, int]:
    """The qualities of a query's candidates by their numbers."""
    return {row.number: row.quality for row in _candidates.all(unit, {"query": query}, ["number", "quality"])}


def keep_superseded(unit: Unit, query: Query, key: DataKey) -> None:
    """Put record and answer of the query aside, sealed, before a corrected record comes; no candidate is left."""
    seq = len(superseded(unit, query.id, key))
    found = [asdict(c) for c in candidates(unit, query.id, key)]
    aside: JsonObject = {"record": body(unit, query.id, key), "candidates": list(found)}
    row = {
        "query": query.id, "seq": seq, "message": query.message, "status": query.status, "at": unit.now,
        "sealed": _sealed(key, f"{query.id}|{seq}", "superseded", aside),
    }  # fmt: skip
    _superseded.add(unit, row)
    replace_candidates(unit, query.id, [], key)


def superseded(unit: Unit, query: str, key: DataKey) -> list[JsonObject]:
    """Earlier records of a query with their answers, oldest first: message, status, at, record, candidates."""
    rows = _superseded.all(unit, {"query": query}, order=["seq"])
    return [
        {"message": row.message, "status": row.status, "at": rfc3339(row.at)}
        | _opened(key, f"{query}|{row.seq}", "superseded", row.sealed)
        for row in rows
    ]  # fmt: skip


def insert_verdict(unit: Unit, verdict: Verdict) -> None:
    """Keep an examiner's verdict; one person judges a candidate once a round (the primary key)."""
    _verdicts.add(unit, asdict(verdict))


def verdicts(unit: Unit, query: Query, number: str | None = None) -> list[Verdict]:
    """Verdicts on the answer to the query's latest message, oldest first; none on an answer to an earlier record."""
    where = {"query": query.id, "round": query.message} | ({} if number is None else {"number": number})
    return [Verdict(*row) for row in _verdicts.all(unit, where, _VERDICT_FIELDS, ["at", "node", "person"])]


def save_core(unit: Unit, row: dict[str, Any]) -> None:
    """Open a core-data request on a query."""
    _core.add(unit, row)


def find_core(unit: Unit, query: str) -> dict[str, Any] | None:
    """The core-data request of a query (number, decision, target, clock), if one was made."""
    row = _core.first(unit, {"query": query})
    return row._asdict() if row else None


def update_clock(unit: Unit, query: str, clock: JsonObject) -> None:
    """Replace the core-data clock of a query."""
    _core.change(unit, {"query": query}, {"clock": clock})


def seal_core(unit: Unit, query: str, data: JsonObject, key: DataKey) -> None:
    """Keep received core data sealed."""
    _core.change(unit, {"query": query}, {"sealed": _sealed(key, query, "core", data)})


def open_core(unit: Unit, query: str, key: DataKey) -> JsonObject | None:
    """The opened core data of a query, or None while none has been released."""
    found = find_core(unit, query)
    return _opened(key, query, "core", found["sealed"]) if found and found["sealed"] else None


def seal_account(unit: Unit, query: str, account: str, key: DataKey) -> None:
    """Keep the facts of the offence that a partner told with its request, sealed."""
    _core.change(unit, {"query": query}, {"account": _sealed(key, query, "account", {"account": account})})


def open_account(unit: Unit, query: str, key: DataKey) -> str | None:
    """The opened facts of the offence of a core-data request, where this node was told them."""
    found = find_core(unit, query)
    return str(_opened(key, query, "account", found["account"])["account"]) if found and found["account"] else None


def add_transitions(unit: Unit, steps: Sequence[Transition]) -> None:
    """Append steps to one query's life, numbered as `steps_taken` says."""
    _transitions.add_all(unit, [vars(step) for step in steps])
    unit.scratch[_steps(steps[-1].query)] = steps[-1].seq + 1


def steps_taken(unit: Unit, query: str) -> int:
    """How many steps a query's life has so far; read once a unit."""
    known = unit.scratch.get(_steps(query))
    return known if isinstance(known, int) else len(_transitions.all(unit, {"query": query}, ["seq"]))


def _steps(query: str) -> str:
    """Under which a unit notes the number of steps."""
    return f"search.steps:{query}"


def _body(query: str) -> str:
    """Under which a unit notes the body of a query that it keeps itself, and the key."""
    return f"search.body:{query}"


def _bare(query: str) -> str:
    """Under which a unit notes that a query of its own has no candidates yet."""
    return f"search.bare:{query}"


def transitions(unit: Unit, query: str) -> list[Transition]:
    """The life of a query so far."""
    return [Transition(**row._asdict()) for row in _transitions.all(unit, {"query": query}, order=["seq"])]


def replace_body(unit: Unit, query: str, body: JsonObject, key: DataKey) -> None:
    """Put a corrected record in the place of the one that was sent before."""
    unit.scratch.pop(_body(query), None)
    _queries.change(unit, {"id": query}, {"body": _sealed(key, query, "body", body)})
