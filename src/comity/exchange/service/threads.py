"""One conversation as both sides have it: what was said, when, what became of it, and which log entry records it."""

from dataclasses import dataclass
from datetime import datetime

from comity.exchange import store
from comity.kit.database.unit import Unit


@dataclass(frozen=True)
class Said:
    """One message of a conversation. `state` is that of its delivery or, for a partner's, of its handling; `receipts`
    are the kinds that this node holds about it, oldest first; `proven`: its partner's log has been shown to hold it."""

    id: str
    type: str
    outgoing: bool
    partner: str
    at: datetime
    state: str
    reason: str
    entry: int
    digest: str
    receipts: tuple[str, ...]
    proven: bool


def thread(unit: Unit, conversation: str, message: str = "") -> list[Said]:
    """Everything of a conversation, oldest first, and the `message` of another in which it began; nothing is opened.

    Three statements, whatever was said.
    """
    sent = store.threads.sent(unit, conversation, message)
    kinds: dict[tuple[str, str], list[str]] = {}
    proven = set()
    for row in store.threads.receipts(unit, [row.id for row in sent]):
        kinds.setdefault((row.message, row.issuer), []).append(row.kind)
        if row.proven:
            proven.add((row.message, row.issuer))
    ours = [
        Said(
            row.id, row.type, True, row.recipient, row.at, row.state, row.reason, row.entry, row.digest,
            tuple(kinds.get((row.id, row.recipient), ())), (row.id, row.recipient) in proven,
        )
        for row in sent
    ]  # fmt: skip
    theirs = [
        Said(row.id, row.type, False, row.sender, row.received_at, row.state, row.code, row.entry, row.digest, (), True)
        for row in store.threads.received(unit, conversation, message)
    ]
    return sorted([*ours, *theirs], key=lambda one: one.at)
