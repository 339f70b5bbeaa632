"""Heads of partners' logs, kept from every proof; a contradiction raises an alarm and freezes the exchange."""

from comity.base.errors import NotAllowed, Tampered
from comity.base.ids import uuid7
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Alarm, Member
from comity.exchange.service.station import OWED
from comity.exchange.store import partners as store
from comity.exchange.store import sent, witnesses
from comity.exchange.store.witnesses import HISTORIES
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head, Record

_NOTES = 20
"""How many kept notes an alarm repeats."""


def contradicts(unit: Unit, partner: str, head: Head) -> bool:
    """Whether the partner showed another root at the same size before: two histories, which no honest log has."""
    known = store.head_root(unit, partner, log.epoch_of(head.origin, partner), head.size)
    return known is not None and known != head.root


def keep_head(unit: Unit, partner: str, head: Head, note: str) -> bool:
    """Keep a proven head of the partner's log, once; False, with nothing kept, when it contradicts an earlier one.

    Whether it extends the others is checked by `verify_partners`.
    """
    new = store.add_head(unit, {
        "node": partner, "epoch": log.epoch_of(head.origin, partner), "size": head.size, "origin": head.origin,
        "root": head.root, "note": note, "at": unit.now, "verified": False,
    })  # fmt: skip
    return new or not contradicts(unit, partner, head)


def two_histories(partner: str, head: Head) -> Tampered:
    """The partner showed another log of that size before."""
    return Tampered("exchange.head", f"{partner} showed two different logs of {head.size} entries",
                    todo="Keep both checkpoints as evidence; the operators of both nodes must talk.")  # fmt: skip


def freeze(unit: Unit, partner: str, head: Head, note: str, what: str) -> None:
    """The partner's log contradicts itself: an alarm with the signed notes of both histories; nothing is exchanged.

    Once: while the exchange is frozen for that, further contradictions add nothing to what is known.
    """
    known = witnesses.freeze_row(unit, partner)
    if known is not None and known.reason == HISTORIES:
        return
    epoch = log.epoch_of(head.origin, partner)
    kept = [
        *store.notes_at(unit, partner, epoch, head.size),
        *(row.note for row in store.unverified_heads(unit, partner, epoch, _NOTES)),
    ]
    detail: JsonObject = {"size": head.size, "what": what, "note": note, "kept": [*dict.fromkeys(kept)][:_NOTES]}
    witnesses.add_freeze(unit, partner, raise_alarm(unit, HISTORIES, partner, detail))


def not_frozen(unit: Unit, one: Member) -> Member:
    """The member; NotAllowed while the exchange with it is frozen."""
    known = witnesses.freeze_row(unit, one.code)
    if known is not None:
        raise NotAllowed("exchange.frozen", f"The exchange with {one.code} is frozen: {frozen_told(known.reason)}",
                         todo="The operators of both nodes must talk.")  # fmt: skip
    return one


def frozen_told(reason: str) -> str:
    """Why an exchange is frozen, in words."""
    return "its log showed two histories" if reason == HISTORIES else "its log began another epoch"


def let_go(unit: Unit, partner: str) -> None:
    """What waited for the partner is due now."""
    sent.retry_now(unit, partner)
    unit.signal(OWED, partner)


def raise_alarm(unit: Unit, kind: str, partner: str, detail: JsonObject) -> str:
    """Keep an alarm for the operator, and log it; its id."""
    alarm = uuid7(unit.now)
    store.add_alarm(unit, store.alarm_values(alarm, unit.now, kind, partner, detail))
    log.append(unit, Record(
        type="alarm.raised", actor=Actor.system(unit.node), subject={"kind": kind}, payload=detail, peer=partner,
    ))  # fmt: skip
    return alarm


def alarms(unit: Unit) -> list[Alarm]:
    """All alarms, newest first."""
    found = []
    for row in store.alarms(unit):
        detail = row.detail if isinstance(row.detail, dict) else {}
        found.append(Alarm(row.id, row.at, row.kind, row.partner, detail))
    return found
