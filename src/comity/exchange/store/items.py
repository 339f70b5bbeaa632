"""Versioned state that this node tells: each item's version, and what every partner was told of it last."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from comity.exchange.model import Listed
from comity.kit.database.rows import Row as Row
from comity.kit.database.rows import Rows
from comity.kit.database.schema import metadata
from comity.kit.database.unit import Unit

item: Final = sa.Table(
    "exchange_item", metadata,
    sa.Column("kind", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.UniqueConstraint("kind", "number"),
)  # fmt: skip
told: Final = sa.Table(
    "exchange_item_told", metadata,
    sa.Column("kind", sa.String(64), primary_key=True),
    sa.Column("partner", sa.String(16), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.UniqueConstraint("kind", "partner", "number"),
)  # fmt: skip
_items: Final = Rows(item)
_told: Final = Rows(told)


def change(unit: Unit, kind: str, id: str) -> tuple[int, int]:
    """The next version of an item, its first if it is new, and the number of this change."""
    row = _items.first(unit, {"kind": kind, "id": id})
    last = sa.select(sa.func.coalesce(sa.func.max(item.c.number), 0)).where(item.c.kind == kind)
    version, number = (row.version if row else 0) + 1, int(unit.connection.execute(last).scalar_one()) + 1
    _items.put(unit, {"kind": kind, "id": id, "version": version, "number": number}, ("kind", "id"))
    return version, number


def told_to(unit: Unit, kind: str, id: str) -> list[str]:
    """The partners that hold an item by what they were told."""
    rows = _told.all(unit, {"kind": kind, "id": id, "withdrawn": False}, ("partner",), ("partner",))
    return [row.partner for row in rows]


def last_told(unit: Unit, kind: str, partner: str) -> int:
    """The number of the last change of which a partner was told; 0 for none."""
    query = sa.select(sa.func.coalesce(sa.func.max(told.c.number), 0))
    return int(unit.connection.execute(query.where(told.c.kind == kind, told.c.partner == partner)).scalar_one())


def tell(unit: Unit, kind: str, partner: str, one: Listed) -> None:
    """Keep what a partner is told of an item, in the place of what it was told before."""
    values = {"kind": kind, "partner": partner, "id": one.id, "version": one.version, "number": one.number,
              "withdrawn": one.withdrawn}  # fmt: skip
    _told.put(unit, values, ("kind", "partner", "id"))


def since(unit: Unit, kind: str, partner: str, number: int, most: int) -> list[Listed]:
    """What a partner was told of changes after that number, in their order; at most so many."""
    query = sa.select(told).where(told.c.kind == kind, told.c.partner == partner, told.c.number > number)
    rows = unit.connection.execute(query.order_by(told.c.number).limit(most))
    return [Listed(row.id, row.version, row.number, row.withdrawn) for row in rows]


def live(unit: Unit, kind: str, partner: str) -> Sequence[tuple[str, int]]:
    """Id and version of each item that a partner should hold, by id."""
    rows = _told.all(unit, {"kind": kind, "partner": partner, "withdrawn": False}, ("id", "version"), ("id",))
    return [(row.id, row.version) for row in rows]


def find(unit: Unit, kind: str, partner: str, id: str) -> Listed | None:
    """What a partner was told last of an item; None where nothing."""
    row = _told.first(unit, {"kind": kind, "partner": partner, "id": id})
    return Listed(row.id, row.version, row.number, row.withdrawn) if row else None
