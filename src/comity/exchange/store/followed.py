"""Versioned state that partners tell this node: which versions it holds, which it waits for, and how far it knows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import sqlalchemy as sa

from comity.exchange.model import Cursor, Followed
from comity.kit.database.rows import Row as Row
from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.unit import Unit

held: Final = sa.Table(
    "exchange_item_held", metadata,
    sa.Column("holder", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("era", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # 0: none of it has come yet
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("due", sa.Integer, nullable=False),  # the version that is announced and has not come; 0: none
    sa.Column("marked", sa.Boolean, nullable=False),  # named since the whole was asked for
)  # fmt: skip
cursor: Final = sa.Table(
    "exchange_item_cursor", metadata,
    sa.Column("holder", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(64), primary_key=True),
    sa.Column("era", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("asked", sa.Integer),
    sa.Column("asked_at", UtcTime),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("checked", UtcTime),
    sa.Column("own_era", sa.Integer, nullable=False),
)  # fmt: skip
_held: Final = Rows(held)
_cursors: Final = Rows(cursor)


def cursor_of(unit: Unit, holder: str, kind: str) -> Cursor:
    """How far the items of a kind are known; at the beginning where nothing is."""
    row = _cursors.first(unit, {"holder": holder, "kind": kind})
    return Cursor(*row) if row else Cursor(holder, kind)


def keep_cursor(unit: Unit, one: Cursor) -> None:
    """Keep how far they are known."""
    _cursors.put(unit, asdict(one), ("holder", "kind"))


def cursors(unit: Unit) -> list[Cursor]:
    """All of them, by holder and kind."""
    return [Cursor(*row) for row in _cursors.all(unit, {}, order=("holder", "kind"))]


def find(unit: Unit, holder: str, kind: str, id: str) -> Row | None:
    """What is held of an item, or waited for."""
    return _held.first(unit, {"holder": holder, "kind": kind, "id": id})


def keep(unit: Unit, of: tuple[str, str, str], values: Mapping[str, Any]) -> None:
    """Keep what is held of the item (holder, kind, id): era, version, withdrawn and due. It counts as named."""
    holder, kind, id = of
    _held.put(unit, {"holder": holder, "kind": kind, "id": id, **values, "marked": True}, ("holder", "kind", "id"))


def unmark(unit: Unit, holder: str, kind: str) -> None:
    """From now on what is named is marked: the whole was asked for."""
    _held.change(unit, {"holder": holder, "kind": kind}, {"marked": False})


def unmarked(unit: Unit, holder: str, kind: str) -> list[str]:
    """The items that are held, or waited for, and were not named since."""
    rows = _held.all(unit, {"holder": holder, "kind": kind, "marked": False, "withdrawn": False}, ("id",), ("id",))
    return [row.id for row in rows]


def live(unit: Unit, holder: str, kind: str) -> Sequence[tuple[str, int]]:
    """Id and version of each item that should be held, what is waited for included, by id."""
    rows = _held.all(unit, {"holder": holder, "kind": kind, "withdrawn": False}, ("id", "version", "due"), ("id",))
    return [(row.id, row.due or row.version) for row in rows]


def waited_for(unit: Unit, holder: str, kind: str, most: int) -> list[str]:
    """Items that are announced and have not come."""
    query = sa.select(held.c.id).where(held.c.holder == holder, held.c.kind == kind, held.c.due > 0)
    return [row.id for row in unit.connection.execute(query.order_by(held.c.id).limit(most))]


def due(unit: Unit) -> dict[str, int]:
    """How many items of each holder are announced and have not come."""
    query = sa.select(held.c.holder, sa.func.count()).where(held.c.due > 0).group_by(held.c.holder)
    return {holder: int(count) for holder, count in unit.connection.execute(query)}


def followed(unit: Unit) -> list[Followed]:
    """How the items of each kind of each holder stand."""
    come = sa.func.sum(sa.case((sa.and_(held.c.version > 0, sa.not_(held.c.withdrawn)), 1), else_=0))
    due = sa.func.sum(sa.case((held.c.due > 0, 1), else_=0))
    query = sa.select(held.c.holder, held.c.kind, come, due).group_by(held.c.holder, held.c.kind)
    counts = {(holder, kind): (int(n), int(m)) for holder, kind, n, m in unit.connection.execute(query)}
    return [Followed(one, *counts.get((one.holder, one.kind), (0, 0))) for one in cursors(unit)]
