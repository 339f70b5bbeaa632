"""The numbers that partners gave to messages which have not come: runs of them, kept as messages are taken.

A list of partners reads this small table instead of grouping every message that ever came. A run is two numbers
however long it is, for a partner may number a message as it likes.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

gap: Final = sa.Table(
    "exchange_gap", metadata,
    sa.Column("sender", sa.String(16), primary_key=True),
    sa.Column("conversation", sa.String(36), primary_key=True),
    sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)  # fmt: skip

_gaps: Final = Rows(gap)
_AROUND: Final = Prepared(
    sa.select(gap.c.first, gap.c.last).where(
        gap.c.sender == sa.bindparam("s"), gap.c.conversation == sa.bindparam("c"),
        gap.c.first <= sa.bindparam("n"), gap.c.last >= sa.bindparam("n"),
    )
)  # fmt: skip


def fill(unit: Unit, sender: str, conversation: str, number: int) -> bool:
    """This number has come: what is left of the run around it; False where it was in none."""
    found = _AROUND.first(unit.connection, {"s": sender, "c": conversation, "n": number})
    if found is None:
        return False
    _gaps.drop(unit, {"sender": sender, "conversation": conversation, "first": found.first})
    for run in ((found.first, number - 1), (number + 1, found.last)):
        add(unit, sender, conversation, run)
    return True


def add(unit: Unit, sender: str, conversation: str, run: tuple[int, int]) -> None:
    """Numbers from the first to the last of `run` have not come; nothing where the last is below the first."""
    first, last = run
    if first <= last:
        _gaps.add(unit, {"sender": sender, "conversation": conversation, "first": first, "last": last})


def rows(unit: Unit, sender: str = "", most: int | None = None) -> Sequence[Row]:
    """The runs of one sender, or of all where none is named, by sender and conversation; at most so many."""
    query = sa.select(gap).order_by(gap.c.sender, gap.c.conversation, gap.c.first).limit(most)
    return unit.connection.execute(query.where(gap.c.sender == sender) if sender else query).all()


def counts(unit: Unit) -> dict[str, int]:
    """In how many conversations of each sender numbers are missing."""
    number = sa.func.count(gap.c.conversation.distinct())
    return {code: int(n) for code, n in unit.connection.execute(sa.select(gap.c.sender, number).group_by(gap.c.sender))}
