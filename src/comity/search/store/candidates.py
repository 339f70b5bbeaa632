"""The candidates of a query, sealed; and what was answered to an earlier record, put aside."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from comity.base.clock import rfc3339
from comity.base.model import DataKey, JsonObject
from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.search.model import Candidate, Query
from comity.search.store.sealing import opened, sealed

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

_candidates, _superseded = Rows(candidate_table), Rows(superseded_table)


def begin(unit: Unit, query: str) -> None:
    """Note that a new query has no candidates yet."""
    unit.scratch[_bare(query)] = True


def replace_candidates(unit: Unit, query: str, candidates: list[Candidate], key: DataKey) -> None:
    """Keep exactly these candidates for the query, best first."""
    if not unit.scratch.pop(_bare(query), False):
        _candidates.drop(unit, {"query": query})
    rows = [
        {
            "query": query, "number": c.number, "rank": rank, "quality": c.quality, "near": c.near,
            "sealed": sealed(
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
        inside: Any = opened(key, f"{query}|{row.number}", "candidate", row.sealed)
        found.append(Candidate(row.number, row.quality, row.near, inside["comparison"], inside["record"]))
    return found


def numbers(unit: Unit, query: str) -> dict[str, int]:
    """The qualities of a query's candidates by their numbers."""
    return {row.number: row.quality for row in _candidates.all(unit, {"query": query}, ["number", "quality"])}


def keep_superseded(unit: Unit, query: Query, body: JsonObject, key: DataKey) -> None:
    """Put the record `body` and the answer of the query aside, sealed, before a corrected record comes; no candidate is
    left."""
    seq = len(superseded(unit, query.id, key))
    found = [asdict(c) for c in candidates(unit, query.id, key)]
    aside: JsonObject = {"record": body, "candidates": list(found)}
    row = {
        "query": query.id, "seq": seq, "message": query.message, "status": query.status, "at": unit.now,
        "sealed": sealed(key, f"{query.id}|{seq}", "superseded", aside),
    }  # fmt: skip
    _superseded.add(unit, row)
    replace_candidates(unit, query.id, [], key)


def superseded(unit: Unit, query: str, key: DataKey) -> list[JsonObject]:
    """Earlier records of a query with their answers, oldest first: message, status, at, record, candidates."""
    rows = _superseded.all(unit, {"query": query}, order=["seq"])
    return [
        {"message": row.message, "status": row.status, "at": rfc3339(row.at)}
        | opened(key, f"{query}|{row.seq}", "superseded", row.sealed)
        for row in rows
    ]  # fmt: skip


def _bare(query: str) -> str:
    """Under which a unit notes that a query of its own has no candidates yet."""
    return f"search.bare:{query}"


def forget_candidates(unit: Unit, query: str) -> None:
    """Destroy the candidates, and what was put aside."""
    for rows in (_candidates, _superseded):
        rows.drop(unit, {"query": query})
