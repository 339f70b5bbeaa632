"""What examiners said of candidates."""

from dataclasses import asdict

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.search.model import Query, Verdict

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
_FIELDS = tuple(Verdict.__dataclass_fields__)
_verdicts = Rows(verdict_table)


def insert_verdict(unit: Unit, verdict: Verdict) -> None:
    """Keep an examiner's verdict; one person judges a candidate once a round (the primary key)."""
    _verdicts.add(unit, asdict(verdict))


def verdicts(unit: Unit, query: Query, number: str | None = None) -> list[Verdict]:
    """Verdicts on the answer to the query's latest message, oldest first; none on an answer to an earlier record."""
    where = {"query": query.id, "round": query.message} | ({} if number is None else {"number": number})
    return [Verdict(*row) for row in _verdicts.all(unit, where, _FIELDS, ["at", "node", "person"])]
