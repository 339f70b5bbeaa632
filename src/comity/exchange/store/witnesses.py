"""What this node cosigned of others' logs, what others cosigned of its own, and with whom the exchange is frozen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit
from comity.log.model import Head

HISTORIES: Final = "two-histories"
"""Why an exchange is frozen: the partner's log contradicted itself."""
EPOCH: Final = "new-epoch"
"""Or: it began another epoch, and nobody here has agreed yet."""

witnessed: Final = sa.Table(
    "exchange_witnessed", metadata,
    sa.Column("origin", sa.String(256), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)  # fmt: skip
cosignature: Final = sa.Table(
    "exchange_cosignature", metadata,
    sa.Column("witness", sa.String(16), primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)  # fmt: skip
freeze: Final = sa.Table(
    "exchange_freeze", metadata,
    sa.Column("node", sa.String(16), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("alarm", sa.String(36), nullable=False),
    sa.Column("reason", sa.String(16), nullable=False, server_default=HISTORIES),
)  # fmt: skip
"""`alarm` is empty for an epoch that has not been looked at."""

_witnessed, _cosigned, _freezes = Rows(witnessed), Rows(cosignature), Rows(freeze)


def last_witnessed(unit: Unit, origin: str) -> Head | None:
    """The head of the log called `origin` that this node cosigned last."""
    row = _witnessed.first(unit, {"origin": origin})
    return Head(row.origin, int(row.size), bytes(row.root)) if row else None


def keep_witnessed(unit: Unit, head: Head, note: str) -> None:
    """`head`, in its signed `note`, is the one cosigned last."""
    row = {"origin": head.origin, "size": head.size, "root": head.root, "note": note, "at": unit.now}
    _witnessed.put(unit, row, ["origin"])


def add_cosigned(unit: Unit, witness: str, size: int, note: str, at: datetime) -> None:
    """`witness` cosigned this node's checkpoint of `size` entries at `at`; a later word on the same size replaces."""
    row = {"witness": witness, "size": size, "note": note, "at": at}
    _cosigned.put(unit, row, ["witness", "size"])


def cosigned_sizes(unit: Unit) -> dict[str, int]:
    """The size of this node's largest checkpoint that each witness has cosigned, by its code."""
    query = sa.select(cosignature.c.witness, sa.func.max(cosignature.c.size)).group_by(cosignature.c.witness)
    return {witness: int(size) for witness, size in unit.connection.execute(query)}


def cosigned(unit: Unit, least: int, most: int | None = None) -> Sequence[Row]:
    """This node's cosigned checkpoints (witness, size, note, at) of at least that size, smallest first, `most` rows."""
    query = sa.select(cosignature).where(cosignature.c.size >= least)
    return unit.connection.execute(query.order_by(cosignature.c.size, cosignature.c.witness).limit(most)).all()


def add_freeze(unit: Unit, node: str, alarm: str, reason: str = HISTORIES) -> None:
    """Nothing is exchanged with `node` from now on, because of that alarm; what was frozen stays, with this reason."""
    since = frozen(unit, node) or unit.now
    _freezes.put(unit, {"node": node, "at": since, "alarm": alarm, "reason": reason}, ["node"])


def frozen(unit: Unit, node: str) -> datetime | None:
    """Since when nothing is exchanged with `node`."""
    row = _freezes.first(unit, {"node": node})
    return row.at if row else None


def freeze_row(unit: Unit, node: str) -> Row | None:
    """The freeze (at, alarm, reason) of the exchange with `node`."""
    return _freezes.first(unit, {"node": node})


def freezes(unit: Unit) -> dict[str, Row]:
    """All with whom nothing is exchanged, by code: since when, and why."""
    return {row.node: row for row in _freezes.all(unit, {})}


def end_freeze(unit: Unit, node: str) -> bool:
    """Exchange with `node` again; False when nothing was frozen."""
    return _freezes.drop(unit, {"node": node}) == 1
