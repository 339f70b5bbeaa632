"""The duty desk of an organisational unit: who answers for it when, and what one tells the next.

A rota is its own unit's: its people plan it and read it, nobody else does. What was is never changed: a shift that has
begun can no more be called off, and a note no more be rewritten. Notes may name cases, so they are sealed; the log says
who handed over and who took over, with the note's hash.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.access import rules, store
from comity.access.model import Acted, HandOver, NewShift, Shift
from comity.access.service.acting import act
from comity.access.service.people import find_person
from comity.base.clock import rfc3339
from comity.base.codes import ADMINISTERING, ROLES
from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.ids import is_uuid, uuid7
from comity.base.model import Actor, Issuer, JsonObject
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

DUTIFUL: Final = ROLES - ADMINISTERING
"""Roles of which one is needed to plan, to hand over and to take over."""
_KEY: Final = "duty"
_MOST: Final = 100
_LAST: Final = "~"
"""Above every id."""


def plan_shift(unit: Unit, issuer: Issuer, new: NewShift) -> Shift:
    """A person of one's own unit is on duty for that time. BadInput for times that cannot be, or somebody of another
    unit, or who left; Conflict where that person is on duty then already."""
    rules.check_shift(new, unit.now)
    made = Shift(uuid7(unit.now), issuer.actor.unit, new.person, new.begins, new.ends, issuer.actor.person)
    subject: JsonObject = {
        "shift": made.id, "person": new.person, "begins": rfc3339(new.begins), "ends": rfc3339(new.ends),
    }  # fmt: skip
    acted = act(unit, issuer, "duty.plan", subject, DUTIFUL)
    planned = find_person(unit, new.person)
    if planned.unit != acted.actor.unit or not planned.active or not planned.roles & DUTIFUL:
        raise BadInput("access.shift-person", f"{new.person} cannot be on duty for {acted.actor.unit}", where="person",
                       todo="Name somebody of your own unit who can act; see `comity person list`.")  # fmt: skip
    rules.check_free(store.duty.shifts_of(unit, new.person, new.begins), new)
    store.duty.insert_shift(unit, made)
    _log(unit, "duty.planned", acted, subject)
    return made


def cancel_shift(unit: Unit, issuer: Issuer, id: str) -> Shift:
    """Call a shift of one's own unit off before it begins; it stays on record as called off."""
    found = store.duty.find_shift(unit, id)
    if found is None or found.unit != issuer.actor.unit:
        raise NotFound("access.no-shift", "Your unit has no such shift", where=id[:80], todo="See `comity duty list`.")
    subject: JsonObject = {"shift": id}
    acted = act(unit, issuer, "duty.cancel", subject, DUTIFUL)
    if found.cancelled_by or found.begins <= unit.now:
        why = "was called off already" if found.cancelled_by else "has begun"
        raise Conflict("access.shift-fixed", f"The shift {why}", where=id, todo="It stays on record as it is.")
    store.duty.cancel_shift(unit, id, acted.actor.person)
    _log(unit, "duty.cancelled", acted, subject)
    return found


def rota(unit: Unit, actor: Actor) -> list[Shift]:
    """The shifts of the person's unit that last or come, by their end; those called off are among them."""
    return store.duty.coming(unit, actor.unit, unit.now, _MOST)


def past_shifts(unit: Unit, actor: Actor, before: Shift | None = None, most: int = 50) -> list[Shift]:
    """The shifts of the person's unit that are over, the latest first; those before the shift `before`."""
    place = (before.ends, before.id) if before is not None else (unit.now, _LAST)
    return store.duty.past(unit, actor.unit, place, most)


def find_shift(unit: Unit, actor: Actor, id: str) -> Shift | None:
    """A shift of the person's unit."""
    found = store.duty.find_shift(unit, id)
    return found if found is not None and found.unit == actor.unit else None


def on_duty(shifts: list[Shift], now: datetime) -> list[Shift]:
    """Those of `shifts` that last at `now`."""
    return [one for one in shifts if not one.cancelled_by and one.begins <= now < one.ends]


def hand_over(unit: Unit, issuer: Issuer, text: str, id: str = "") -> HandOver:
    """Who is on duty, or was up to twelve hours ago, tells whoever comes next what is open.

    `id`, where it is given, makes a note that is sent twice one note: Conflict ``access.handed-over`` for the second.
    """
    rules.check_note(text)
    if id and not is_uuid(id):
        raise BadInput("access.note-id", "This is no id of a note", where="id", todo="Load the page and write anew.")
    me = issuer.actor
    made = HandOver(id or uuid7(unit.now), me.unit, me.person, unit.now, text)
    subject: JsonObject = {"note": made.id, "sha256": sha256(text.encode()).hex()}
    acted = act(unit, issuer, "duty.hand-over", subject, DUTIFUL)
    if not rules.may_hand_over(store.duty.shifts_of(unit, me.person, unit.now - rules.AFTER_SHIFT), unit.now):
        raise Conflict("access.not-on-duty", f"{me.person} is not on duty, and has not been lately",
                       todo="Have your shift planned first: comity duty plan.")  # fmt: skip
    if not store.duty.insert_note(unit, made, unit.keys.data_key(_KEY)):
        raise Conflict("access.handed-over", "This note was written already", where=made.id, todo="Carry on.")
    _log(unit, "duty.handed-over", acted, subject)
    return made


def take_over(unit: Unit, issuer: Issuer, id: str) -> HandOver:
    """Whoever comes says that he or she has read the note: another person of the unit, once."""
    found = store.duty.find_note(unit, id, unit.keys.data_key(_KEY))
    if found is None or found.unit != issuer.actor.unit:
        raise NotFound(
            "access.no-note", "Your unit has no such hand-over", where=id[:80], todo="See `comity duty list`."
        )
    subject: JsonObject = {"note": id, "sha256": sha256(found.text.encode()).hex()}
    acted = act(unit, issuer, "duty.take-over", subject, DUTIFUL)
    if found.taken_by or found.person == acted.actor.person:
        why = f"{found.taken_by} has taken it over" if found.taken_by else "nobody takes over from themselves"
        raise Conflict("access.taken-over", f"This hand-over cannot be taken over: {why}", where=id, todo="Carry on.")
    store.duty.take_note(unit, id, acted.actor.person, unit.now)
    _log(unit, "duty.taken-over", acted, subject)
    return replace(found, taken_by=acted.actor.person, taken_at=unit.now)


def hand_overs(unit: Unit, actor: Actor, before: str = "", most: int = 20) -> list[HandOver]:
    """The notes of the person's unit below the id `before`, the newest first; none for whoever only runs the node."""
    if not actor.roles & DUTIFUL:
        return []
    return store.duty.notes(unit, actor.unit, before, most, unit.keys.data_key(_KEY))


def waiting_hand_overs(unit: Unit, actor: Actor, most: int = 20) -> list[tuple[str, str, datetime]]:
    """Id, writer and time of the notes that this person could take over, the newest first."""
    if not actor.roles & DUTIFUL:
        return []
    return list(store.duty.untaken(unit, actor.unit, actor.person, most))


def _log(unit: Unit, kind: str, acted: Acted, subject: JsonObject) -> None:
    log.append(unit, Record(type=kind, actor=acted.actor, subject=subject, payload=None, auth_hash=acted.auth_hash))
