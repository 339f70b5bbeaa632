"""The life of a query, step by step."""

from collections.abc import Sequence

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit
from comity.search.model import Transition

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
_transitions = Rows(transition_table)


def begin(unit: Unit, query: str) -> None:
    """Note that a new query has no steps yet."""
    unit.scratch[_steps(query)] = 0


def add_transitions(unit: Unit, steps: Sequence[Transition]) -> None:
    """Append steps to one query's life, numbered as `steps_taken` says."""
    _transitions.add_all(unit, [vars(step) for step in steps])
    unit.scratch[_steps(steps[-1].query)] = steps[-1].seq + 1


def steps_taken(unit: Unit, query: str) -> int:
    """How many steps a query's life has so far; read once a unit."""
    known = unit.scratch.get(_steps(query))
    return known if isinstance(known, int) else len(_transitions.all(unit, {"query": query}, ["seq"]))


def transitions(unit: Unit, query: str) -> list[Transition]:
    """The life of a query so far."""
    return [Transition(**row._asdict()) for row in _transitions.all(unit, {"query": query}, order=["seq"])]


def _steps(query: str) -> str:
    """Under which a unit notes the number of steps."""
    return f"search.steps:{query}"
