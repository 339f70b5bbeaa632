"""Time stamps over this node's checkpoints, and how asking for the next one stands. Never commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from comity.exchange.model import Stamp
from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

stamp: Final = sa.Table(
    "exchange_stamp", metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("token", sa.LargeBinary, nullable=False),
    sa.Column("stamped_at", UtcTime, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("authority", sa.String(1024), nullable=False),
)  # fmt: skip
stamping: Final = sa.Table(
    "exchange_stamping", metadata,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one"), primary_key=True, autoincrement=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(512), nullable=False),
    sa.Column("next_at", UtcTime),
)  # fmt: skip

_stamps, _standing = Rows(stamp), Rows(stamping)


def add(unit: Unit, made: Stamp) -> bool:
    """Keep a token; False where there is one over that size, which is older and says more."""
    return _stamps.add_new(unit, {
        "size": made.size, "note": made.note, "token": made.token, "stamped_at": made.stamped_at, "at": made.asked_at,
        "authority": made.authority,
    })  # fmt: skip


def newest(unit: Unit) -> Stamp | None:
    """The token over the largest checkpoint."""
    row = unit.connection.execute(sa.select(stamp).order_by(stamp.c.size.desc()).limit(1)).first()
    return _stamp(row) if row else None


def covering(unit: Unit, size: int) -> list[Stamp]:
    """The first and the newest token over at least that many entries, each once."""
    query = sa.select(stamp).where(stamp.c.size >= size)
    rows = [
        unit.connection.execute(query.order_by(way).limit(1)).first() for way in (stamp.c.size, stamp.c.size.desc())
    ]
    found = {int(row.size): _stamp(row) for row in rows if row is not None}
    return [*found.values()]


def every(unit: Unit, most: int) -> Sequence[Stamp]:
    """The newest tokens, newest first."""
    query = sa.select(stamp).order_by(stamp.c.size.desc()).limit(most)
    return [_stamp(row) for row in unit.connection.execute(query)]


def standing(unit: Unit) -> tuple[int, str, datetime | None]:
    """How often in a row asking failed, why the last time, and when to try again."""
    row = _standing.first(unit, {"one": 1})
    return (int(row.failures), str(row.reason), row.next_at) if row else (0, "", None)


def stand(unit: Unit, failures: int, reason: str, next_at: datetime | None) -> None:
    """Write `standing`."""
    _standing.put(unit, {"one": 1, "failures": failures, "reason": reason[:512], "next_at": next_at}, ["one"])


def _stamp(row: Row) -> Stamp:
    return Stamp(int(row.size), row.note, bytes(row.token), row.stamped_at, row.at, row.authority)
