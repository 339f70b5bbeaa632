"""Alarms that a person has seen: who, when, and what was done about it. An alarm is never removed."""

from typing import Final

from comity.access import service as access
from comity.base.codes import ROLES
from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.model import Issuer, JsonObject
from comity.exchange.model import Alarm, Seen
from comity.exchange.store import alarms as store
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

WATCHERS: Final = ROLES
"""An alarm tells of nodes and logs and of no case: everybody here may have seen it."""
MOST_NOTE: Final = 2000
MANY: Final = 100


def alarms_seen(unit: Unit, before: str = "", most: int = 50) -> list[tuple[Alarm, list[Seen]]]:
    """Alarms below the id `before` (empty: all), the newest first, each with who has seen it; two statements."""
    rows = store.newest(unit, before, most)
    seen = store.seen(unit, [row.id for row in rows])
    return [
        (Alarm(row.id, row.at, row.kind, row.partner, row.detail if isinstance(row.detail, dict) else {}), seen[row.id])
        for row in rows
    ]  # fmt: skip


def unseen_alarms(unit: Unit) -> int:
    """How many alarms nobody has seen yet; `MANY` for that many or more."""
    return store.count_unseen(unit, MANY)


def acknowledge(unit: Unit, issuer: Issuer, alarm: str, note: str) -> Seen:
    """A person has seen an alarm, and says in `note` what was done or found out. Logged; once for each person."""
    if not note.strip() or len(note) > MOST_NOTE:
        raise BadInput("exchange.alarm-note", f"Say in 1 to {MOST_NOTE} characters what you did about it", where="note",
                       todo="Such as: rang the operator of XB, who looks into it.")  # fmt: skip
    found = store.find(unit, alarm)
    if found is None:
        raise NotFound(
            "exchange.no-alarm", "There is no such alarm", where=alarm[:80], todo="See `comity duty alarms`."
        )
    subject: JsonObject = {"alarm": alarm, "kind": found.kind}
    acted = access.act(unit, issuer, "duty.acknowledge", subject | {"note": note}, WATCHERS)
    one = Seen(alarm, acted.actor.person, note, unit.now)
    if not store.add_seen(unit, one):
        raise Conflict("exchange.alarm-seen", f"{one.person} has acknowledged this alarm already", where=alarm,
                       todo="Carry on.")  # fmt: skip
    log.append(unit, Record(
        type="alarm.acknowledged", actor=acted.actor, subject=subject, payload={"note": note}, peer=found.partner,
        auth_hash=acted.auth_hash,
    ))  # fmt: skip
    return one
