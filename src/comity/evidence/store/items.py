"""Items and the lines of their custody chains, which are kept as signed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comity.base.model import DataKey
from comity.evidence.model.flow import Standing
from comity.evidence.store.tables import Condition, aad, custody_table, item_table, unknown
from comity.kit.crypto.symmetric import decrypt, encrypt
from comity.kit.database.unit import Unit


def insert_item(unit: Unit, row: dict[str, Any], told: bytes, key: DataKey) -> None:
    """A new item; `told` is its record as bytes, sealed here."""
    sealed = encrypt(key.secret, told, aad("item", row["id"]))
    unit.connection.execute(sa.insert(item_table).values(**row, sealed=sealed))


def item_row(unit: Unit, item: str) -> sa.Row[Any]:
    """One item's clear columns and its sealed record; NotFound when this node keeps no such item."""
    row = unit.connection.execute(sa.select(item_table).where(item_table.c.id == item)).first()
    if row is None:
        raise unknown("item", item)
    return row


def open_item(row: sa.Row[Any], key: DataKey) -> bytes:
    """The record that `insert_item` sealed."""
    return decrypt(key.secret, row.sealed, aad("item", row.id))


def item_exists(unit: Unit, item: str) -> bool:
    return unit.connection.scalar(sa.select(item_table.c.id).where(item_table.c.id == item)) is not None


def item_rows(unit: Unit, case: str) -> Sequence[sa.Row[Any]]:
    """The items of a case in the order in which they came."""
    chosen = sa.select(item_table).where(item_table.c.case_id == case).order_by(item_table.c.at, item_table.c.id)
    return unit.connection.execute(chosen).all()


def same_container(unit: Unit, case: str, sha256: str) -> str | None:
    """The item of this case whose container has this hash, or None."""
    chosen = sa.select(item_table.c.id).where(item_table.c.case_id == case, item_table.c.container_sha256 == sha256)
    return unit.connection.scalar(chosen.limit(1))


def exhibit_taken(unit: Unit, case: str, origin: str, exhibit: str) -> bool:
    """Whether the exhibit number is in use in this case."""
    chosen = sa.select(item_table.c.id).where(
        item_table.c.case_id == case, item_table.c.origin == origin, item_table.c.exhibit == exhibit
    )
    return unit.connection.scalar(chosen) is not None


def count_items(unit: Unit, case: str, origin: str) -> int:
    """How many items `origin` has in this case."""
    chosen = sa.select(sa.func.count()).where(item_table.c.case_id == case, item_table.c.origin == origin)
    return unit.connection.scalar(chosen) or 0


def set_standing(unit: Unit, item: str, standing: Standing) -> None:
    unit.connection.execute(sa.update(item_table).where(item_table.c.id == item).values(standing=standing))


def items_named(unit: Unit, mine: Condition, start: str, most: int) -> list[tuple[str, str, str]]:
    """Id, case and exhibit number of the items of `mine` whose exhibit number or id begins with `start`, whatever its
    case."""
    column = item_table.c
    begins = sa.or_(
        sa.func.lower(column.exhibit).startswith(start, autoescape=True), column.id.startswith(start, autoescape=True)
    )
    query = sa.select(column.id, column.case_id, column.exhibit).where(mine(column.case_id), begins)
    return [(id, case, exhibit) for id, case, exhibit in unit.connection.execute(query.order_by(column.id).limit(most))]


def append_line(unit: Unit, item: str, seq: int, line: bytes) -> None:
    """One more link; the primary key keeps two of one number apart."""
    unit.connection.execute(sa.insert(custody_table).values(item=item, seq=seq, line=line))


def set_entry(unit: Unit, item: str, seq: int, entry: int) -> None:
    """Which entry of the log tells of that event."""
    changed = sa.update(custody_table).where(custody_table.c.item == item, custody_table.c.seq == seq)
    unit.connection.execute(changed.values(entry=entry))


def entries_of(unit: Unit, item: str) -> dict[int, int]:
    """The log entries that tell of the item's events, by the events' numbers."""
    chosen = sa.select(custody_table.c.seq, custody_table.c.entry)
    rows = unit.connection.execute(chosen.where(custody_table.c.item == item, custody_table.c.entry.is_not(None)))
    return {row.seq: row.entry for row in rows}


def lines(unit: Unit, item: str) -> list[bytes]:
    """The custody lines of one item, by number."""
    chosen = sa.select(custody_table.c.line).where(custody_table.c.item == item).order_by(custody_table.c.seq)
    return list(unit.connection.scalars(chosen))
