"""Large files on their way: what this node pushes to partners, and what it fetches from them. Never commits.

A row is one file of one message for one partner, by its number in the message. Names and keys of files stand only in
what is sealed: `sealed` here, the payload in the inbox.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

push: Final = sa.Table(
    "exchange_push", metadata,
    sa.Column("message", sa.String(36), primary_key=True),
    sa.Column("recipient", sa.String(16), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("moved", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("next_at", UtcTime, nullable=False),
    sa.Column("deadline", UtcTime, nullable=False),
    sa.Column("since", UtcTime),
    sa.Column("reason", sa.String(128), nullable=False),
    sa.Index("ix_exchange_push_due", "state", "recipient", "next_at"),
)  # fmt: skip
arrival: Final = sa.Table(
    "exchange_arrival", metadata,
    sa.Column("sender", sa.String(16), primary_key=True),
    sa.Column("message", sa.String(36), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("moved", sa.BigInteger, nullable=False),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Column("deadline", UtcTime, nullable=False),
    sa.Column("since", UtcTime),
    sa.Column("reason", sa.String(128), nullable=False),
    sa.Index("ix_exchange_arrival_state", "state"),
)  # fmt: skip

MOVING: Final = ("held", "open")


# --- to partners --------------------------------------------------------------------------------------------------


def add_push(unit: Unit, values: dict[str, Any]) -> None:
    """A file that leaves, held until its message is accepted."""
    unit.connection.execute(sa.insert(push), values)


def due_pushes(unit: Unit, recipient: str) -> Sequence[Row]:
    """Open files for a partner that are due now, or overdue, oldest message first."""
    late = push.c.state.in_(MOVING) & (push.c.deadline <= unit.now)
    due = (push.c.state == "open") & (push.c.next_at <= unit.now)
    query = sa.select(push).where(push.c.recipient == recipient, sa.or_(late, due))
    return unit.connection.execute(query.order_by(push.c.message, push.c.n)).all()


def next_push(unit: Unit, recipient: str) -> datetime | None:
    """When the next file for a partner will be due or reach its deadline."""
    query = sa.select(sa.func.min(sa.case((push.c.state == "open", push.c.next_at), else_=push.c.deadline)))
    found: datetime | None = unit.connection.scalar(
        query.where(push.c.recipient == recipient, push.c.state.in_(MOVING))
    )
    return found


def pushed_to(unit: Unit) -> list[str]:
    """Partners for whom a file is open or overdue."""
    due = sa.or_(push.c.state == "open", push.c.deadline <= unit.now)
    query = sa.select(push.c.recipient).where(push.c.state.in_(MOVING), due).distinct()
    return sorted(unit.connection.scalars(query))


def set_push(unit: Unit, row: Row, values: dict[str, Any]) -> bool:
    """Change one file's row, unless it is over already."""
    change = sa.update(push).where(_same(row), push.c.state.in_(MOVING)).values(**values)
    return unit.connection.execute(change).rowcount == 1


def set_pushes(unit: Unit, message: str, recipient: str | None, states: Sequence[str], values: dict[str, Any]) -> int:
    """Change the files of a message that are in one of these states, for one partner or all; how many."""
    change = sa.update(push).where(push.c.message == message, push.c.state.in_(states))
    if recipient is not None:
        change = change.where(push.c.recipient == recipient)
    return unit.connection.execute(change.values(**values)).rowcount


def hurry(unit: Unit, recipient: str) -> None:
    """What waits for a partner is due now."""
    change = sa.update(push).where(push.c.recipient == recipient, push.c.state == "open")
    unit.connection.execute(change.values(next_at=unit.now))


def _same(row: Row) -> sa.ColumnElement[bool]:
    return sa.and_(push.c.message == row.message, push.c.recipient == row.recipient, push.c.n == row.n)


# --- from partners ------------------------------------------------------------------------------------------------


def add_arrival(unit: Unit, values: dict[str, Any]) -> None:
    """A file that a partner announced and this node is willing to take."""
    unit.connection.execute(sa.insert(arrival), values)


def arrivals(unit: Unit, sender: str, message: str) -> Sequence[Row]:
    """The files of a partner's message, in order."""
    query = sa.select(arrival).where(arrival.c.sender == sender, arrival.c.message == message)
    return unit.connection.execute(query.order_by(arrival.c.n)).all()


def open_arrivals(unit: Unit, sender: str | None = None) -> Sequence[Row]:
    """Files still on their way here, from one partner or all."""
    query = sa.select(arrival).where(arrival.c.state == "open").order_by(arrival.c.message, arrival.c.n)
    return unit.connection.execute(query if sender is None else query.where(arrival.c.sender == sender)).all()


def overdue_arrivals(unit: Unit) -> Sequence[Row]:
    """Files that did not come in time."""
    query = sa.select(arrival).where(arrival.c.state == "open", arrival.c.deadline <= unit.now)
    return unit.connection.execute(query).all()


def open_bytes(unit: Unit, sender: str) -> int:
    """How much a partner has on its way here."""
    query = sa.select(sa.func.sum(arrival.c.size)).where(arrival.c.sender == sender, arrival.c.state == "open")
    return int(unit.connection.scalar(query) or 0)


def set_arrival(unit: Unit, row: Row, values: dict[str, Any]) -> None:
    """Change one file's row."""
    same = (arrival.c.sender == row.sender) & (arrival.c.message == row.message) & (arrival.c.n == row.n)
    unit.connection.execute(sa.update(arrival).where(same).values(**values))


def end_arrivals(unit: Unit, sender: str, message: str, reason: str) -> None:
    """No more of that message is taken."""
    ours = (arrival.c.sender == sender) & (arrival.c.message == message)
    change = sa.update(arrival).where(ours, arrival.c.state == "open")
    unit.connection.execute(change.values(state="ended", reason=reason))


# --- both ---------------------------------------------------------------------------------------------------------


def moving(unit: Unit) -> tuple[Sequence[Row], Sequence[Row]]:
    """Files on their way to partners and from them."""
    out = sa.select(push).where(push.c.state.in_(MOVING)).order_by(push.c.message, push.c.n)
    return unit.connection.execute(out).all(), open_arrivals(unit)
