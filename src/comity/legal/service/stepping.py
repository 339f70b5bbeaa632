"""Steps of a matter, taken one at a time by those who may; and those that a clock takes.

1. The matter is known and the person needs to know it; 2. the signed act is about this step; 3. the machine has such a
step here; 4. this one may take it; 5. a step of a clock waits for the clock's end; 6. its guards hold; 7. no matter is
closed while an emergency of the same subject waits for its review; 8. step, log entry and clocks are kept in one act.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from comity.access.model import Acted
from comity.base.codes import ADMINISTERING, ROLES
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import Actor, Json, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal.model import Finding, Lifecycle, Move, Proceeding, Step, Taker, Told, Transition, Watch
from comity.legal.rules import coursing, guards, steps
from comity.legal.service.following import HOLDER, follow, record
from comity.legal.service.lifecycles import lifecycle
from comity.legal.service.proceedings import REVIEWS, proceeding, require_reviewed, unknown
from comity.legal.service.tables import rules_hash
from comity.legal.store import clocks as clock_store
from comity.legal.store import proceedings as store

MOVERS: Final = ROLES - ADMINISTERING
"""Roles of which one is needed to begin a matter or take a step; the machine then says which for this one."""
By = Acted | Told | None
"""A person's act, the other side's message, or None for the node by rule."""
MAX_REASON: Final = 2000


def step_subject(id: str, event: str) -> JsonObject:
    """What a person signs when taking a step."""
    return {"proceeding": id, "event": event}


def take_step(unit: Unit, id: str, move: Move, by: By) -> Proceeding:
    """Take one step and answer the matter in its new state.

    NotAllowed for the wrong role, side, partner or act, and without need to know; Conflict for a step that the machine
    does not have here (out of order, taken twice, after the end), whose guards or clock do not hold, or that would
    close a matter whose emergency nobody has reviewed. BadInput for a reason beyond 2,000 characters.
    """
    found = proceeding(unit, id)
    machine = lifecycle(found.machine)
    taker = _taker(unit, found, move, by)
    step = steps.step_of(machine, found.state, move.event)
    _check_taker(machine, step, taker, found)
    if taker.kind == "rule" and step.timer:
        _check_time(unit, found, step)
    facts: JsonObject = {**found.facts, **move.facts}
    coursing.check_facts(machine, facts)
    before = store.steps(unit, id)
    held: tuple[Finding, ...] = ()
    if taker.kind != "partner" and step.party in ("", found.side):
        tried = guards.Situation(step, taker, move, facts, found.opened_by, before)
        held = steps.check_guards(machine, tried)
    moved = replace(found, state=step.next, facts=facts)
    if step.next in machine.final:
        _check_end(unit, found, taker)
        moved = replace(moved, ended_at=unit.now)
    taken = replace(_step(unit, found, step, move, taker), seq=len(before), findings=(*move.findings, *held))
    return _kept(unit, machine, moved, (*before, taken), by)


def _check_end(unit: Unit, found: Proceeding, taker: Taker) -> None:
    if taker.kind == "person" and found.machine not in REVIEWS:
        require_reviewed(unit, found.subject)


def _step(unit: Unit, found: Proceeding, step: Transition, move: Move, taker: Taker) -> Step:
    return Step(
        proceeding=found.id, seq=0, before=found.state, event=move.event, after=step.next, person=taker.person,
        authority=_authority(taker), basis=move.basis or step.article, rules_hash=move.rules_hash or rules_hash(unit),
        findings=move.findings, reason=move.reason, at=unit.now, entry=0,
    )  # fmt: skip


def _kept(unit: Unit, machine: Lifecycle, moved: Proceeding, taken: tuple[Step, ...], by: By) -> Proceeding:
    step = taken[-1]
    if not store.move(unit, moved, step.before):
        raise Conflict("legal.transition", f"{moved.id} has moved meanwhile", todo="Look at it again.")
    payload: JsonObject = {
        "machine": machine.name, "from": step.before, "event": step.event, "to": step.after, "basis": step.basis,
        "authority": step.authority, "reason": step.reason, "facts": moved.facts,
        "findings": list[Json]([finding.as_dict() for finding in step.findings]),
    }  # fmt: skip
    step = replace(step, entry=record(unit, "legal.stepped", moved, payload, by))
    store.add_step(unit, step)
    follow(unit, machine, moved, (*taken[:-1], step))
    return moved


def _taker(unit: Unit, found: Proceeding, move: Move, by: By) -> Taker:
    if len(move.reason) > MAX_REASON:
        raise BadInput("legal.reason", f"The reason is longer than {MAX_REASON} characters", todo="Shorten it.")
    if by is None:
        return Taker("rule")
    if isinstance(by, Told):
        if by.partner != found.partner:
            raise NotAllowed(
                "legal.step-side", f"{by.partner} is no party to this matter", where=found.id,
                todo="Only the partner of the matter takes its steps.",
            )  # fmt: skip
        return Taker("partner", by.partner, by.message)
    if found.case is not None:
        cases.require(unit, by.actor, found.case, unknown(found.id))
    if by.act.get("subject") != step_subject(found.id, move.event):
        raise NotAllowed(
            "legal.step-act", "the signed act is about another step", where=found.id,
            todo="Sign the step that is to be taken.",
        )  # fmt: skip
    return Taker("person", by.actor.person, by.actor.unit, by.actor.roles)


def _check_taker(machine: Lifecycle, step: Transition, taker: Taker, found: Proceeding) -> None:
    """May this one take it? A step that only a clock takes is nobody's."""
    if taker.kind == "person" and step.timer and not step.roles:
        raise Conflict(
            "legal.transition", f"{step.event} is taken by the clock {step.timer} only",
            where=f"life cycle {machine.name}, state {step.state}", todo="Wait for its end, or take another step.",
        )  # fmt: skip
    steps.may_take(machine, step, taker, found.side)


def _check_time(unit: Unit, found: Proceeding, step: Transition) -> None:
    kept = clock_store.find(unit, HOLDER + found.id, step.timer)
    if kept is None or kept.due is None or unit.now < kept.due or kept.state in ("extended", "kept", "stopped"):
        raise Conflict(
            "legal.clock-runs", f"{step.event} waits for the end of the clock {step.timer}", where=found.id,
            todo="See `comity deadlines`.",
        )  # fmt: skip


def _authority(taker: Taker) -> str:
    if taker.kind == "person":
        return f"{taker.unit}: {', '.join(sorted(taker.roles))}"
    return f"{taker.person}: message {taker.unit}" if taker.kind == "partner" else ""


def possible(unit: Unit, id: str, actor: Actor) -> list[Transition]:
    """The steps that this person could take now, as far as role and side tell."""
    return open_to(proceeding(unit, id), actor)


def open_to(found: Proceeding, actor: Actor) -> list[Transition]:
    """The steps of a matter that this person could take now, as far as role and side tell."""
    machine = lifecycle(found.machine)
    taker = Taker("person", actor.person, actor.unit, actor.roles)
    return [step for step in machine.events(found.state) if _may(machine, step, taker, found)]


def _may(machine: Lifecycle, step: Transition, taker: Taker, found: Proceeding) -> bool:
    try:
        _check_taker(machine, step, taker, found)
    except (NotAllowed, Conflict):
        return False
    return True


# --- clocks --------------------------------------------------------------------------------------------------------


def due_steps(unit: Unit, now: datetime) -> list[tuple[str, str]]:
    """The steps that clocks take by `now`: proceeding and event."""
    ended = [clock for clock in clock_store.ringing(unit, now) if clock.alarms[-1].at <= now]
    found = (_step_of_clock(unit, clock) for clock in ended)
    return [step for step in found if step is not None]


def _step_of_clock(unit: Unit, clock: Watch) -> tuple[str, str] | None:
    found = store.find(unit, clock.holder.removeprefix(HOLDER)) if clock.holder.startswith(HOLDER) else None
    if found is None:
        return None
    taken = (step.event for step in lifecycle(found.machine).events(found.state) if step.timer == clock.clock)
    return next(((found.id, event) for event in taken), None)


def fire(unit: Unit, clock: Watch) -> None:
    """Take the step of a clock that has ended; nothing where the matter has left the state that waits for it."""
    step = _step_of_clock(unit, clock)
    if step is not None:
        take_step(unit, step[0], Move(step[1], basis=clock.article), None)
