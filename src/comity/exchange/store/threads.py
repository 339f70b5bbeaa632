"""What lists show of a conversation, without anything sealed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from comity.exchange.store.inbox import inbox
from comity.exchange.store.sent import message as messages
from comity.exchange.store.sent import outbox
from comity.exchange.store.sent import receipt as kept
from comity.kit.database.unit import Unit

_SENT = [messages.c[name] for name in ("id", "type", "at", "entry", "digest")]
_OUT = [outbox.c[name] for name in ("recipient", "state", "reason")]
_IN = [inbox.c[name] for name in ("id", "type", "sender", "received_at", "state", "code", "entry", "digest")]


def sent(unit: Unit, conversation: str, message: str) -> Sequence[Any]:
    """The messages that this node sent in it, with each recipient's delivery."""
    wanted = sa.or_(messages.c.conversation == conversation, messages.c.id == message)
    joined = sa.select(*_SENT, *_OUT).join(outbox, outbox.c.message == messages.c.id)
    return unit.connection.execute(joined.where(wanted, outbox.c.what == "message").order_by(messages.c.at)).all()


def receipts(unit: Unit, ids: Sequence[str]) -> Sequence[Any]:
    """Message, issuer and kind of the receipts about these messages, and whether a proof came with each."""
    chosen = sa.select(kept.c.message, kept.c.issuer, kept.c.kind, kept.c.proof.is_not(None).label("proven"))
    return unit.connection.execute(chosen.where(kept.c.message.in_(ids)).order_by(kept.c.at)).all()


def received(unit: Unit, conversation: str, message: str) -> Sequence[Any]:
    """The messages that partners sent in it."""
    wanted = sa.or_(inbox.c.conversation == conversation, inbox.c.id == message)
    return unit.connection.execute(sa.select(*_IN).where(wanted).order_by(inbox.c.received_at)).all()
