"""Walking a life cycle one step at a time: does the step exist, may this one take it, do its guards hold?

A step out of order, taken twice or after the end does not exist (Conflict); a step of somebody else's is not allowed
(NotAllowed); a guard that does not hold is a Conflict that says what would cure it.
"""

from typing import Final

from comity.base.errors import Conflict, NotAllowed
from comity.legal.model import Finding, Lifecycle, Party, Taker, Transition
from comity.legal.rules import guards

RECORDERS: Final = frozenset({"officer", "lawyer", "approver"})
"""Who may record a step of the other side that came on paper or by another channel, with its reference as reason."""


def step_of(machine: Lifecycle, state: str, event: str) -> Transition:
    """The step; Conflict ``legal.transition`` when there is none from here."""
    step = machine.steps.get((state, event))
    if step is None:
        open_events = ", ".join(s.event for s in machine.events(state)) or "none: it has ended"
        raise Conflict(
            "legal.transition", f"{event} is not possible in state {state}", where=f"life cycle {machine.name}",
            todo=f"Possible now: {open_events}.",
        )  # fmt: skip
    return step


def advance(machine: Lifecycle, state: str, event: str, *, human: bool, roles: frozenset[str] | None = None) -> str:
    """The next state. Conflict ``legal.transition`` for a step that does not exist from here and for a human decision
    that no person has taken; NotAllowed ``legal.step-role`` for a person (`roles` given) without a role for it."""
    step = step_of(machine, state, event)
    if step.human and not human:
        raise _undecided(machine, step)
    if roles is not None:
        _check_role(machine, step, step.roles, roles)
    return step.next


def _undecided(machine: Lifecycle, step: Transition) -> Conflict:
    return Conflict(
        "legal.transition", f"{step.event} is a human decision", where=f"life cycle {machine.name}, state {step.state}",
        todo="Have it taken by a person with the role for it.",
    )  # fmt: skip


def _check_role(machine: Lifecycle, step: Transition, needed: frozenset[str], held: frozenset[str]) -> None:
    if needed and not held & needed:
        raise NotAllowed(
            "legal.step-role", f"{step.event} is not for {' and '.join(sorted(held)) or 'a person without a role'}",
            where=f"life cycle {machine.name}, state {step.state}",
            todo=f"It takes one of these roles: {', '.join(sorted(needed))}.",
        )  # fmt: skip


def may_take(machine: Lifecycle, step: Transition, taker: Taker, side: Party) -> None:
    """NotAllowed or Conflict unless `taker` may take the step on this side of the matter.

    1. The node itself takes no human decision; 2. a partner takes no step of our side; 3. a person takes steps of our
    side in a role for it, and records those of the other side in one of `RECORDERS`.
    """
    theirs = step.party not in ("", side)
    if taker.kind == "rule":
        if step.human:
            raise _undecided(machine, step)
    elif taker.kind == "partner":
        if step.party == side and side:
            raise NotAllowed(
                "legal.step-side", f"{step.event} is a step of our side", where=f"life cycle {machine.name}",
                todo="A partner's message cannot take it; have a person here take it.",
            )  # fmt: skip
    else:
        _check_role(machine, step, RECORDERS if theirs else step.roles, taker.roles)


def check_guards(machine: Lifecycle, situation: guards.Situation) -> tuple[Finding, ...]:
    """The findings of the step's guards, all passed; Conflict ``legal.guard`` with every cure otherwise.

    Only this side's own steps are guarded: what the other side has done, it has done.
    """
    found = guards.findings(situation)
    wrong = [finding for finding in found if finding.result != "pass"]
    if wrong:
        raise Conflict(
            "legal.guard", f"{situation.step.event} cannot be taken: {', '.join(f.condition for f in wrong)}",
            where=f"life cycle {machine.name}, state {situation.step.state}",
            todo="; ".join(f.cure for f in wrong) + ".",
        )  # fmt: skip
    return found
