"""What partners sent and this node accepted: once per (sender, id), the payload sealed at rest.

Of the partner's envelope the signed part (header, wraps, ciphertext hash) and its signature are kept as they came: with
the opened payload they prove later what was received, without the keys that wrapped it.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from comity.exchange.store import gaps
from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

_Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

inbox: Final = sa.Table(
    "exchange_inbox", metadata,
    sa.Column("sender", sa.String(16), primary_key=True),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("signed", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("entry", _Whole, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("proof", sa.LargeBinary),
    sa.Column("sent_proof", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("code", sa.String(128), nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("settled_at", UtcTime),
    sa.Index("ix_exchange_inbox_pending", "state", "entry"),
    sa.Index("ix_exchange_inbox_conversation", "conversation", "sender", "seq"),
)  # fmt: skip

_inbox: Final = Rows(inbox)
_PENDING: Final = Prepared(
    sa.select(inbox.c.sender, inbox.c.conversation).where(inbox.c.state == "accepted").order_by(inbox.c.entry).limit(1)
)
_EARLIER: Final = Prepared(
    sa.select(inbox)
    .where(inbox.c.state == "accepted", inbox.c.sender == sa.bindparam("s"), inbox.c.conversation == sa.bindparam("c"))
    .order_by(inbox.c.seq)
    .limit(1)
)
_HIGHEST: Final = Prepared(
    sa.select(sa.func.max(inbox.c.seq).label("seq")).where(
        inbox.c.conversation == sa.bindparam("c"), inbox.c.sender == sa.bindparam("s")
    )
)


def seen(unit: Unit, sender: str, id: str) -> Row | None:
    """Digest, receipt, proof and log entry of a message received before."""
    return _inbox.first(unit, {"sender": sender, "id": id}, ["digest", "receipt", "proof", "entry"])


def find(unit: Unit, sender: str, id: str) -> Row | None:
    """A received message."""
    return _inbox.first(unit, {"sender": sender, "id": id})


def add(unit: Unit, values: dict[str, Any]) -> None:
    """Keep an accepted message, and what its number says of those that have not come."""
    sender, conversation, seq = values["sender"], values["conversation"], values["seq"]
    if not gaps.fill(unit, sender, conversation, seq) and seq > 1:
        found = _HIGHEST.first(unit.connection, {"c": conversation, "s": sender})
        highest = (found.seq if found else None) or 0
        if seq > highest + 1:
            gaps.add(unit, sender, conversation, (highest + 1, seq - 1))
    _inbox.add(unit, values)


def proofs(unit: Unit, sender: str) -> Sequence[Row]:
    """Id, digest and both logs' proofs of every message received from one partner."""
    columns = (inbox.c.id, inbox.c.digest, inbox.c.proof, inbox.c.sent_proof)
    return unit.connection.execute(sa.select(*columns).where(inbox.c.sender == sender)).all()


def next_pending(unit: Unit) -> Row | None:
    """The accepted message to handle next: of the conversation waiting longest, the lowest number."""
    first = _PENDING.first(unit.connection, {})
    if first is None:
        return None
    return _EARLIER.first(unit.connection, {"s": first.sender, "c": first.conversation})


def all_pending(unit: Unit) -> Sequence[Row]:
    """Every accepted message that waits for its handler, the longest waiting conversation first."""
    waiting = sa.select(inbox).where(inbox.c.state == "accepted").order_by(inbox.c.entry)
    return unit.connection.execute(waiting).all()


def settle(unit: Unit, sender: str, id: str, state: str, code: str = "") -> None:
    """What became of a received message: deferred, handled or rejected."""
    _inbox.change(unit, {"sender": sender, "id": id}, {"state": state, "code": code, "settled_at": unit.now})


def forget(unit: Unit, conversation: str) -> int:
    """Destroy what partners said in a conversation; header, signature, receipts and proofs stay. How many messages."""
    return _inbox.change(unit, {"conversation": conversation}, {"payload": b""})


def conversation_rows(unit: Unit, id: str) -> Sequence[Row]:
    """What partners sent in a conversation, in order of arrival."""
    return unit.connection.execute(sa.select(inbox).where(inbox.c.conversation == id).order_by(inbox.c.entry)).all()


def digest_at(unit: Unit, conversation: str, sender: str, seq: int) -> str | None:
    """The digest of the message that a sender gave that number in a conversation; None when we have none."""
    row = _inbox.first(unit, {"conversation": conversation, "sender": sender, "seq": seq}, ["digest"])
    return row.digest if row else None
