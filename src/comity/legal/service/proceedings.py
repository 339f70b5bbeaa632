"""Proceedings, the matters that live by a machine: begun, found, listed, told as JSON."""

from typing import Final

from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.ids import uuid7
from comity.base.model import Json, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal.model import Lifecycle, NewProceeding, Proceeding, Step
from comity.legal.rules import coursing
from comity.legal.rules.lifecycles import SIDES
from comity.legal.service.following import follow, record
from comity.legal.service.lifecycles import lifecycle
from comity.legal.store import proceedings as store

REVIEWS: Final = frozenset({"emergency_review", "written_confirmation", "deferred_approval"})
"""What must have ended before a matter of the same subject may be closed."""


def open_proceeding(unit: Unit, new: NewProceeding, by: Acted | None) -> Proceeding:
    """Begin a matter; `by` is the person's act that begins it, None where the node does so by rule.

    BadInput for a fact, side or subject that the machine needs and nobody gave; NotAllowed without need to know.
    """
    machine = lifecycle(new.machine)
    _check_new(machine, new)
    if new.case is not None and by is not None:
        cases.require(unit, by.actor, new.case)
    made = Proceeding(
        id=uuid7(unit.now), machine=new.machine, subject=new.subject, side=new.side, partner=new.partner,
        case=new.case, facts=new.facts, state=machine.start, opened_at=unit.now,
        opened_by=by.actor.person if by else "", ended_at=None,
    )  # fmt: skip
    store.add(unit, made)
    payload: JsonObject = {"machine": made.machine, "subject": made.subject, "side": made.side, "facts": made.facts}
    record(unit, "legal.opened", made, payload, by)
    follow(unit, machine, made, ())
    return made


def _check_new(machine: Lifecycle, new: NewProceeding) -> None:
    coursing.check_facts(machine, new.facts)
    sided = any(step.party for step in machine.steps.values())
    missing = [fact for fact in machine.facts if not new.facts.get(fact)]
    missing += [] if new.subject else ["subject"]
    missing += ["side"] if sided and new.side not in SIDES else []
    if missing:
        raise BadInput(
            "legal.proceeding-facts", f"a matter of {machine.name} cannot begin without: {', '.join(missing)}",
            todo="State it; the steps and clocks of the matter depend on it.",
        )  # fmt: skip


def proceeding(unit: Unit, id: str) -> Proceeding:
    """The matter of that id; NotFound otherwise."""
    found = store.find(unit, id)
    if found is None:
        raise unknown(id)
    return found


def unknown(id: str) -> NotFound:
    """There is no such matter, or none that whoever asks may know of."""
    return NotFound("legal.proceeding", f"no proceeding {id or 'without an id'}", todo="See `comity deadlines`.")


def proceedings(unit: Unit, *, subject: str | None = None, ended: bool = True) -> list[Proceeding]:
    """Matters, oldest first: of one subject, or only those that have not ended."""
    return store.listed(unit, subject=subject, ended=ended)


def steps_of(unit: Unit, id: str) -> tuple[Step, ...]:
    """What was done in a matter so far, in order."""
    return store.steps(unit, id)


def require_reviewed(unit: Unit, subject: str) -> None:
    """Conflict ``legal.review-open`` while an emergency of this subject waits for its review, its writing or its second
    approval."""
    waiting = [p for p in store.listed(unit, subject=subject, ended=False) if p.machine in REVIEWS]
    if waiting:
        raise Conflict(
            "legal.review-open", f"{lifecycle(waiting[0].machine).title}: not done yet", where=waiting[0].id,
            todo="Have another person do it with `comity legal step`; until then the matter cannot be closed.",
        )  # fmt: skip


def summary(found: Proceeding) -> JsonObject:
    """A matter as JSON."""
    return {
        "proceeding": found.id, "machine": found.machine, "subject": found.subject, "side": found.side,
        "partner": found.partner, "case": found.case, "state": found.state, "facts": found.facts,
        "opened_at": rfc3339(found.opened_at), "opened_by": found.opened_by,
        "ended_at": rfc3339(found.ended_at) if found.ended_at else None,
    }  # fmt: skip


def step_as_dict(step: Step) -> JsonObject:
    """A step as JSON."""
    return {
        "seq": step.seq, "from": step.before, "event": step.event, "to": step.after, "person": step.person,
        "authority": step.authority, "basis": step.basis, "rules_hash": step.rules_hash,
        "findings": list[Json]([finding.as_dict() for finding in step.findings]), "reason": step.reason,
        "at": rfc3339(step.at), "entry": step.entry,
    }  # fmt: skip
