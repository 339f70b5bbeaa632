"""What a relay keeps for members that accept no connections: requests as they were posted, until taken or expired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

held: Final = sa.Table(
    "exchange_held", metadata,
    sa.Column("box", sa.String(16), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("sender", sa.String(16), nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("expires", UtcTime, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)  # fmt: skip
_held = Rows(held)
_LISTED: Final = ("id", "sender", "what", "at")


def add(unit: Unit, values: dict[str, Any]) -> bool:
    """Keep a request; False when the same bytes are kept already."""
    return _held.add_new(unit, values)


def holds(unit: Unit, box: str, id: str) -> bool:
    """Whether the request whose body has this SHA-256 is kept for a member."""
    return _held.first(unit, {"box": box, "id": id}, ["id"]) is not None


def find(unit: Unit, box: str, id: str) -> Row | None:
    """A request kept for a member."""
    return _held.first(unit, {"box": box, "id": id})


def listed(unit: Unit, box: str, most: int) -> Sequence[Row]:
    """What is kept for a member, oldest first, without the bytes."""
    columns = [held.c[name] for name in _LISTED]
    query = sa.select(*columns).where(held.c.box == box).order_by(held.c.at, held.c.id).limit(most)
    return unit.connection.execute(query).all()


def used(unit: Unit, box: str, sender: str) -> tuple[int, int]:
    """Bytes kept for a member: from everybody, and from one sender."""
    theirs = sa.func.sum(sa.case((held.c.sender == sender, held.c.size), else_=0))
    row = unit.connection.execute(sa.select(sa.func.sum(held.c.size), theirs).where(held.c.box == box)).one()
    return int(row[0] or 0), int(row[1] or 0)


def drop(unit: Unit, box: str, ids: Sequence[str]) -> int:
    """Delete what a member has taken; how many there were."""
    return unit.connection.execute(sa.delete(held).where(held.c.box == box, held.c.id.in_(ids))).rowcount


def expire(unit: Unit, now: datetime) -> None:
    """Delete what nobody took in time."""
    unit.connection.execute(sa.delete(held).where(held.c.expires <= now))


def boxes(unit: Unit) -> Sequence[Row]:
    """By member: how many requests, how many bytes, since when the oldest."""
    query = sa.select(
        held.c.box, sa.func.count().label("count"), sa.func.sum(held.c.size).label("size"),
        sa.func.min(held.c.at).label("oldest"),
    )  # fmt: skip
    return unit.connection.execute(query.group_by(held.c.box).order_by(held.c.box)).all()
