"""What a person looked at last: ids alone, beside the log, which keeps that it was done."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from comity.access.model import Look
from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

access_look: Final = sa.Table(
    "access_look",
    metadata,
    sa.Column("person", sa.String(63), primary_key=True),
    sa.Column("thing", sa.String(64), primary_key=True),
    sa.Column("mark", sa.String(32), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_access_look_recent", "person", "at"),
)

_looks: Final = Rows(access_look)


def keep(unit: Unit, person: str, look: Look) -> None:
    """The person's newest look at that thing."""
    row = {"person": person, "thing": look.thing, "mark": look.mark, "at": look.at}
    _looks.put(unit, row, ["person", "thing"])


def recent(unit: Unit, person: str, most: int) -> list[Look]:
    """What the person looked at, the latest first."""
    look = access_look.c
    query = sa.select(look.thing, look.mark, look.at).where(look.person == person).order_by(look.at.desc())
    return [Look(*row) for row in unit.connection.execute(query.limit(most))]


def marks(unit: Unit, person: str, things: Sequence[str]) -> dict[str, str]:
    """What the person saw last of those of these things that he or she has looked at."""
    if not things:
        return {}
    look = access_look.c
    query = sa.select(look.thing, look.mark).where(look.person == person, look.thing.in_(things))
    return {row.thing: row.mark for row in unit.connection.execute(query)}
