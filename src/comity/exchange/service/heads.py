"""Heads of partners' logs, kept from every proof; a contradiction raises an alarm and freezes the exchange."""

from comity.access import service as access
from comity.base.errors import Conflict, NotAllowed, Tampered
from comity.base.ids import uuid7
from comity.base.model import Actor, Issuer, JsonObject
from comity.exchange.model import Alarm, Member
from comity.exchange.service.station import OWED
from comity.exchange.store import partners as store
from comity.exchange.store import sent, witnesses
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head, Record

HISTORIES = "two-histories"
_THAWING = frozenset({"security_admin"})
_NOTES = 20
"""How many kept notes an alarm repeats."""


def contradicts(unit: Unit, partner: str, head: Head) -> bool:
    """Whether the partner showed another root at the same size before: two histories, which no honest log has."""
    known = store.head_root(unit, partner, head.size)
    return known is not None and known != head.root


def keep_head(unit: Unit, partner: str, head: Head, note: str) -> bool:
    """Keep a proven head of the partner's log, once; False, with nothing kept, when it contradicts an earlier one.

    Whether it extends the others is checked by `verify_partners`.
    """
    new = store.add_head(unit, {
        "node": partner, "size": head.size, "origin": head.origin, "root": head.root, "note": note, "at": unit.now,
        "verified": False,
    })  # fmt: skip
    return new or not contradicts(unit, partner, head)


def two_histories(partner: str, head: Head) -> Tampered:
    """The partner showed another log of that size before."""
    return Tampered("exchange.head", f"{partner} showed two different logs of {head.size} entries",
                    todo="Keep both checkpoints as evidence; the operators of both nodes must talk.")  # fmt: skip


def freeze(unit: Unit, partner: str, head: Head, note: str, what: str) -> None:
    """The partner's log contradicts itself: an alarm with the signed notes of both histories; nothing is exchanged.

    Once: while the exchange is frozen, further contradictions add nothing to what is known.
    """
    if witnesses.frozen(unit, partner) is not None:
        return
    kept = [
        *store.notes_at(unit, partner, head.size),
        *(row.note for row in store.heads(unit, partner, unverified=True)),
    ]
    detail: JsonObject = {"size": head.size, "what": what, "note": note, "kept": [*dict.fromkeys(kept)][:_NOTES]}
    witnesses.add_freeze(unit, partner, raise_alarm(unit, HISTORIES, partner, detail))


def not_frozen(unit: Unit, one: Member) -> Member:
    """The member; NotAllowed while the exchange with it is frozen."""
    if witnesses.frozen(unit, one.code) is not None:
        raise NotAllowed("exchange.frozen", f"The exchange with {one.code} is frozen: its log showed two histories",
                         todo="The operators of both nodes must talk.")  # fmt: skip
    return one


def thaw(unit: Unit, issuer: Issuer, partner: str, reason: str) -> None:
    """Exchange with the partner again: a security administrator's act, after both sides have talked. Logged.

    What waited for it is due at once. Conflict when nothing is frozen.
    """
    acted = access.act(unit, issuer, "exchange.thaw", {"partner": partner, "reason": reason}, _THAWING)
    if not witnesses.end_freeze(unit, partner):
        raise Conflict(
            "exchange.not-frozen", f"The exchange with {partner} is not frozen", todo="See `comity partners`."
        )
    sent.retry_now(unit, partner)
    unit.signal(OWED, partner)
    log.append(unit, Record(
        type="exchange.thawed", actor=acted.actor, subject={"partner": partner}, payload={"reason": reason},
        peer=partner, auth_hash=acted.auth_hash,
    ))  # fmt: skip


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
