"""Heads of partners' logs, kept from every proof, and the alarms that a contradiction between them raises."""

from comity.base.ids import uuid7
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Alarm
from comity.exchange.store import partners as store
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head, Record


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


def raise_alarm(unit: Unit, kind: str, partner: str, detail: JsonObject) -> None:
    """Keep an alarm for the operator, and log it."""
    store.add_alarm(unit, store.alarm_values(uuid7(unit.now), unit.now, kind, partner, detail))
    log.append(unit, Record(
        type="alarm.raised", actor=Actor.system(unit.node), subject={"kind": kind}, payload=detail, peer=partner,
    ))  # fmt: skip


def alarms(unit: Unit) -> list[Alarm]:
    """All alarms, newest first."""
    found = []
    for row in store.alarms(unit):
        detail = row.detail if isinstance(row.detail, dict) else {}
        found.append(Alarm(row.id, row.at, row.kind, row.partner, detail))
    return found
