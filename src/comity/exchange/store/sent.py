"""What this node sent: messages, their outbox rows, the receipts that came back, and where each conversation stands.

An outbox row is one thing owed to one recipient: a message (`what` = ``message``) or a receipt (`what` = its kind).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.kit.database.rows import Rows
from comity.kit.database.schema import UtcTime, metadata
from comity.kit.database.statements import Prepared
from comity.kit.database.statements import Row as Row
from comity.kit.database.unit import Unit

_Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

message: Final = sa.Table(
    "exchange_message", metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False, index=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("supersedes", sa.String(36)),
    sa.Column("case_id", sa.String(64)),
    sa.Column("basis", sa.String(64), nullable=False),
    sa.Column("entry", _Whole, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("proof", sa.LargeBinary),
)  # fmt: skip
outbox: Final = sa.Table(
    "exchange_outbox", metadata,
    sa.Column("n", _Whole, primary_key=True, autoincrement=True),
    sa.Column("recipient", sa.String(16), nullable=False),
    sa.Column("message", sa.String(36), nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(36), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", UtcTime, nullable=False),
    sa.Column("deadline", UtcTime, nullable=False),
    sa.Column("reason", sa.String(128), nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.UniqueConstraint("message", "recipient", "what"),
    sa.Index("ix_exchange_outbox_due", "state", "recipient", "next_at"),
)  # fmt: skip
receipt: Final = sa.Table(
    "exchange_receipt", metadata,
    sa.Column("message", sa.String(36), primary_key=True),
    sa.Column("issuer", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("code", sa.String(128), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("proof", sa.LargeBinary),
    sa.Column("stored_at", UtcTime, nullable=False),
)  # fmt: skip
conversation: Final = sa.Table(
    "exchange_conversation", metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)  # fmt: skip

_messages, _outbox, _receipts, _conversations = Rows(message), Rows(outbox), Rows(receipt), Rows(conversation)
OPEN: Final = ("queued", "waiting", "held")
_UNSETTLED: Final = (*OPEN, "non_delivery", "rejected")
_LATER: Final = Prepared(
    sa.select(receipt.c.kind).where(
        receipt.c.message == sa.bindparam("m"), receipt.c.issuer == sa.bindparam("i"), receipt.c.kind != "ACCEPTED"
    )
)
_TRIED: Final = sa.or_(outbox.c.state == "queued", outbox.c.state == "waiting")
_OPEN: Final = sa.or_(_TRIED, outbox.c.state == "held")
_NOW: Final = sa.bindparam("now", type_=UtcTime())
_DUE: Final = Prepared(
    sa.select(outbox, message.c.envelope, message.c.proof, message.c.digest, message.c.at, message.c.id.label("id"))
    .join_from(outbox, message, sa.and_(message.c.id == outbox.c.message, outbox.c.what == "message"), isouter=True)
    .where(
        _OPEN,
        outbox.c.recipient == sa.bindparam("to"),
        sa.or_(outbox.c.next_at <= _NOW, outbox.c.deadline <= _NOW),
    )
    .order_by(outbox.c.n)
    .limit(sa.bindparam("most"))
)
_OVERDUE: Final = (
    sa.select(outbox)
    .where(_OPEN, outbox.c.recipient == sa.bindparam("to"), outbox.c.deadline <= sa.bindparam("now"))
    .order_by(outbox.c.n)
)
_NEXT: Final = Prepared(
    sa.select(sa.func.min(outbox.c.next_at).label("due"), sa.func.min(outbox.c.deadline).label("end")).where(
        _OPEN, outbox.c.recipient == sa.bindparam("to"), outbox.c.next_at > _NOW, outbox.c.deadline > _NOW
    )
)
_TO_WHOM: Final = Prepared(
    sa.select(outbox.c.recipient).where(_OPEN, sa.or_(outbox.c.next_at <= _NOW, outbox.c.deadline <= _NOW)).distinct()
)
_ACCEPTED: Final = Prepared(
    sa.update(outbox)
    .where(outbox.c.n == sa.bindparam("row"), sa.or_(_OPEN, outbox.c.state == "non_delivery"))
    .values(state="accepted", reason="", attempts=outbox.c.attempts + 1)
)


def last_of(unit: Unit, id: str) -> tuple[int, str | None]:
    """Number and digest of our last message in a conversation; (0, None) before the first."""
    row = _conversations.first(unit, {"id": id})
    return (row.seq, row.digest) if row else (0, None)


def set_last(unit: Unit, id: str, seq: int, digest: str) -> None:
    """Our newest message in a conversation."""
    if seq == 1:
        _conversations.add(unit, {"id": id, "seq": seq, "digest": digest})
    else:
        _conversations.change(unit, {"id": id}, {"seq": seq, "digest": digest})


def add_message(unit: Unit, values: dict[str, Any]) -> None:
    """Keep a message that leaves."""
    _messages.add(unit, values)


def proofs(unit: Unit, recipient: str) -> Sequence[Row]:
    """Id, digest, our own proof and the receipt's proof of every message that one partner has accepted."""
    statement = (
        sa.select(message.c.id, message.c.digest, message.c.proof, receipt.c.proof.label("received_proof"))
        .join_from(message, receipt, receipt.c.message == message.c.id)
        .where(receipt.c.issuer == recipient, receipt.c.kind == "ACCEPTED")
    )
    return unit.connection.execute(statement).all()


def conversations_of(unit: Unit, case: str) -> list[str]:
    """The conversations in which this node has sent something of a case."""
    return sorted({row.conversation for row in _messages.all(unit, {"case_id": case}, ["conversation"])})


def failed_of(unit: Unit, mine: sa.ColumnElement[bool], most: int) -> Sequence[Row]:
    """The messages of which `mine` holds that did not reach their recipient or that it rejected, the newest first."""
    query = (
        sa.select(
            message.c.id, message.c.type, outbox.c.recipient, message.c.case_id, message.c.conversation,
            outbox.c.state, outbox.c.reason, message.c.at,
        )
        .join_from(outbox, message, message.c.id == outbox.c.message)
        .where(outbox.c.state.in_(("non_delivery", "rejected")), outbox.c.what == "message")
        .where(mine)
        .order_by(outbox.c.n.desc())
        .limit(most)
    )  # fmt: skip
    return unit.connection.execute(query).all()


def set_proof(unit: Unit, id: str, proof: bytes) -> None:
    """The log's proof that travels beside the message."""
    _messages.change(unit, {"id": id}, {"proof": proof})


def message_row(unit: Unit, id: str) -> Row | None:
    """A sent message."""
    return _messages.first(unit, {"id": id})


def conversation_rows(unit: Unit, id: str) -> Sequence[Row]:
    """Our messages in a conversation, in order."""
    return unit.connection.execute(sa.select(message).where(message.c.conversation == id).order_by(message.c.seq)).all()


def owe(unit: Unit, rows: list[dict[str, Any]]) -> None:
    """Add outbox rows, due at once; `rows` say to whom, what and until when, and the body of what is no message."""
    fresh = {"state": "queued", "attempts": 0, "next_at": unit.now, "reason": "", "body": None}
    _outbox.add_all(unit, [fresh | row for row in rows])


def owes(unit: Unit, message_id: str, recipient: str, what: str) -> bool:
    """Whether that row exists already."""
    return _outbox.first(unit, {"message": message_id, "recipient": recipient, "what": what}, ["n"]) is not None


def due(unit: Unit, recipient: str, most: int) -> Sequence[Row]:
    """What is owed to a recipient and due now or overdue, oldest first, with the message's bytes."""
    return _DUE.all(unit.connection, {"to": recipient, "now": unit.now, "most": most})


def next_due(unit: Unit, recipient: str) -> datetime | None:
    """When the next row that is not due yet, as in `due`, will be due or reach its deadline."""
    found = _NEXT.first(unit.connection, {"to": recipient, "now": unit.now}) or ()
    return min((moment for moment in found if moment is not None), default=None)


def overdue(unit: Unit, recipient: str) -> Sequence[Row]:
    """Open rows whose deadline has passed."""
    return unit.connection.execute(_OVERDUE, {"to": recipient, "now": unit.now}).all()


def accepted(unit: Unit, issuer: str, skip: int, most: int) -> Sequence[Row]:
    """What one recipient has accepted, newest first by its own clock: outbox row, envelope and the receipt's `jws`."""
    same = sa.and_(receipt.c.message == outbox.c.message, receipt.c.issuer == outbox.c.recipient)
    query = (
        sa.select(outbox.c.n, outbox.c.deadline, message.c.envelope, receipt.c.jws)
        .join_from(outbox, receipt, same)
        .join(message, message.c.id == outbox.c.message)
        .where(outbox.c.recipient == issuer, outbox.c.what == "message", receipt.c.kind == "ACCEPTED")
        .order_by(receipt.c.at.desc(), outbox.c.n.desc())
    )
    return unit.connection.execute(query.offset(skip).limit(most)).all()


def owed_messages(unit: Unit) -> list[tuple[str, int]]:
    """Id and log entry of every message that is owed to somebody."""
    query = sa.select(message.c.id, message.c.entry).where(
        message.c.id.in_(sa.select(outbox.c.message).where(_OPEN, outbox.c.what == "message"))
    )
    return [(row.id, int(row.entry)) for row in unit.connection.execute(query.order_by(message.c.entry))]


def owed_receipts(unit: Unit) -> Sequence[Row]:
    """Receipts that are to be posted."""
    return unit.connection.execute(sa.select(outbox).where(_OPEN, outbox.c.what != "message")).all()


def send_again(unit: Unit) -> list[str]:
    """Everything owed is due now, what relays hold too; to whom."""
    owed = recipients_owed(unit)
    unit.connection.execute(sa.update(outbox).where(_OPEN).values(state="queued", next_at=unit.now, reason=""))
    return owed


def open_rows(unit: Unit, recipient: str, state: str) -> Sequence[Row]:
    """A recipient's rows in one open state."""
    return _outbox.all(unit, {"state": state, "recipient": recipient}, order=["n"])


def recipients_owed(unit: Unit) -> list[str]:
    """Everybody to whom something is owed."""
    query = sa.select(outbox.c.recipient).where(_OPEN).distinct()
    return sorted(unit.connection.execute(query).scalars())


def recipients_due(unit: Unit) -> list[str]:
    """Everybody to whom something is owed and due now, or overdue."""
    return sorted(row.recipient for row in _TO_WHOM.all(unit.connection, {"now": unit.now}))


def accept(unit: Unit, n: int) -> bool:
    """The recipient has a message; False when a later receipt was here first."""
    return _ACCEPTED.run(unit.connection, {"row": n}) == 1


def settle(unit: Unit, n: int, values: dict[str, Any]) -> None:
    """Change one outbox row."""
    _outbox.change(unit, {"n": n}, values)


def postpone(unit: Unit, recipient: str, moment: datetime, reason: str) -> None:
    """All that is owed to a recipient, and that no relay holds, waits until `moment`."""
    unit.connection.execute(
        sa.update(outbox)
        .where(_TRIED, outbox.c.recipient == recipient)
        .values(state="waiting", next_at=moment, reason=reason)
    )


def retry_now(unit: Unit, recipient: str) -> int:
    """All that waits for a recipient is due at once; how many rows."""
    change = sa.update(outbox).where(outbox.c.state == "waiting", outbox.c.recipient == recipient)
    return unit.connection.execute(change.values(next_at=unit.now)).rowcount


def outbox_row(unit: Unit, message_id: str, recipient: str) -> Row | None:
    """The row of a message for one recipient."""
    return _outbox.first(unit, {"message": message_id, "recipient": recipient, "what": "message"})


def outbox_rows(unit: Unit, message_id: str) -> Sequence[Row]:
    """A message's rows, one per recipient."""
    return _outbox.all(unit, {"message": message_id, "what": "message"}, order=["recipient"])


def counts(unit: Unit) -> dict[tuple[str, str], int]:
    """Number of message rows by (recipient, state), of those that have not arrived: the others are many."""
    query = (
        sa.select(outbox.c.recipient, outbox.c.state, sa.func.count())
        .where(outbox.c.what == "message", outbox.c.state.in_(_UNSETTLED))
        .group_by(outbox.c.recipient, outbox.c.state)
    )
    return {(recipient, state): int(count) for recipient, state, count in unit.connection.execute(query)}


def unsettled(unit: Unit, recipient: str, before: int | None, most: int) -> Sequence[Row]:
    """Messages that wait for a recipient, or did not reach it, below number `before`; the newest first."""
    chosen = (
        sa.select(outbox, message.c.at)
        .join(message, message.c.id == outbox.c.message)
        .where(outbox.c.state.in_(_UNSETTLED), outbox.c.recipient == recipient, outbox.c.what == "message")
        .order_by(outbox.c.n.desc())
        .limit(most)
    )
    return unit.connection.execute(chosen if before is None else chosen.where(outbox.c.n < before)).all()


def reasons(unit: Unit) -> dict[str, str]:
    """Why the newest message that waits for a recipient does, by recipient."""
    waits = outbox.c.state.in_(("waiting", "held"))
    newest = sa.select(sa.func.max(outbox.c.n)).where(waits).group_by(outbox.c.recipient)
    found = unit.connection.execute(sa.select(outbox.c.recipient, outbox.c.reason).where(outbox.c.n.in_(newest)))
    return {row.recipient: row.reason for row in found}


def add_receipt(unit: Unit, values: dict[str, Any]) -> bool:
    """Keep a receipt about a message that we sent; False when the same kind is there already."""
    return _receipts.add_new(unit, values)


def kinds_kept(unit: Unit, message_id: str, issuer: str) -> Sequence[Any]:
    """The kinds of later receipts kept about a message from one recipient."""
    return [row.kind for row in _LATER.all(unit.connection, {"m": message_id, "i": issuer})]


def receipts(unit: Unit, message_id: str) -> Sequence[Row]:
    """What recipients and this node itself said about a message, oldest first; not what relays did."""
    rows = _receipts.all(unit, {"message": message_id}, order=["stored_at", "at"])
    return [row for row in rows if row.kind != "HELD"]
