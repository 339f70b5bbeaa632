"""Exchanging again with a partner that was frozen, after the operators of both nodes have talked.

Where its log began another epoch because entries were lost, it has also lost what they spoke of. Its receipts tell of
which messages: those whose entry in its log lies beyond what is left. They are sent again, as long as they count.
"""

from dataclasses import dataclass
from typing import Final

from comity.access import service as access
from comity.base.errors import Conflict
from comity.base.model import Issuer
from comity.exchange.service.filing import has_files
from comity.exchange.service.heads import let_go
from comity.exchange.store import partners as store
from comity.exchange.store import sent, witnesses
from comity.exchange.wire.receipts import read_kept
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

THAWING: Final = frozenset({"security_admin"})
_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Again:
    """How many messages that a partner had accepted, and lost, are sent again, and how many cannot be."""

    sent: int = 0
    over: int = 0
    """Their deadline has passed, or files followed them: a person sends what still matters anew."""


def thaw(unit: Unit, issuer: Issuer, partner: str, reason: str) -> Again:
    """Exchange with the partner again: a security administrator's act, after both sides have talked. Logged.

    Of a log that began another epoch it is the agreement to it: what it lost of our messages is sent again. What waited
    for the partner is due at once. Conflict when nothing is frozen.
    """
    acted = access.act(unit, issuer, "exchange.thaw", {"partner": partner, "reason": reason}, THAWING)
    if not witnesses.end_freeze(unit, partner):
        raise Conflict(
            "exchange.not-frozen", f"The exchange with {partner} is not frozen", todo="See `comity partners`."
        )
    again = _send_lost(unit, partner)
    let_go(unit, partner)
    log.append(unit, Record(
        type="exchange.thawed", actor=acted.actor, subject={"partner": partner},
        payload={"reason": reason, "sent_again": again.sent, "over": again.over}, peer=partner,
        auth_hash=acted.auth_hash,
    ))  # fmt: skip
    return again


def _send_lost(unit: Unit, partner: str) -> Again:
    """Once for each epoch: what the newest one says was lost."""
    epochs = [epoch for node, epoch in store.log_keys(unit) if node == partner]
    row = store.log_key_row(unit, partner, max(epochs)) if epochs else None
    for epoch in epochs:
        store.meet(unit, partner, epoch, None)
    if row is None or row.start is None or row.repaired:
        return Again()
    store.repair(unit, partner, row.epoch)
    done = [_send_again(unit, one) for one in _lost(unit, partner, row)]
    return Again(sum(done), len(done) - sum(done))


def _lost(unit: Unit, partner: str, row: store.Row) -> list[sent.Row]:
    """Our messages that the partner's log accepted in an earlier epoch, beyond the `start` of `row`'s; newest first."""
    found: list[sent.Row] = []
    skip = 0
    while rows := sent.accepted(unit, partner, skip, _AT_ONCE):
        skip += len(rows)
        for one in rows:
            said = read_kept(one.jws)
            if log.epoch_of(said.origin, partner) >= row.epoch:
                continue
            if said.index is None or said.index < row.start:
                return found  # in order of time: all that is older is left
            found.append(one)
    return found


def _send_again(unit: Unit, one: sent.Row) -> bool:
    """Whether the message still counts, and its files need not follow."""
    counts = one.deadline > unit.now and not has_files(one.envelope)
    if counts:
        sent.settle(unit, one.n, {"state": "queued", "next_at": unit.now, "reason": ""})
    return counts
