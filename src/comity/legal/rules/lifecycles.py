"""The soundness of a life cycle, judged once when it is loaded; `steps` walks it.

1. The machine starts in a state that it knows; 2. no step leaves a final state; 3. every state is reachable from the
start; 4. from every state some final state can be reached; 5. once begun, neither side can be left waiting for ever on
the other's word; 6. roles, guards and clocks are known, and each clock's events are the machine's own; 7. a human
decision names who may take it, and no clock takes it; 8. nothing is released by silence, and silence counts at all only
by an article.
"""

from collections.abc import Callable, Iterable
from typing import Final

from comity.base.codes import ROLES
from comity.base.errors import BadInput
from comity.legal.model import Deadline, Lifecycle, Party, Transition
from comity.legal.rules.guards import GUARDS

OPENED: Final = "opened"
"""The event with which every proceeding begins, for clocks that start with it."""
SIDES: Final[tuple[Party, Party]] = ("asking", "asked")


def check(machine: Lifecycle) -> Lifecycle:
    """The machine itself when it is sound; BadInput names the state or row and the reason otherwise."""
    _check_shape(machine)
    for step in machine.steps.values():
        _check_step(machine, step)
    for clock in machine.clocks.values():
        _check_clock(machine, clock)
    if any(step.party for step in machine.steps.values()):
        for state in sorted({s.state for s in machine.steps.values()} - {machine.start}):
            _check_waiting(machine, state)
    return machine


def _check_shape(machine: Lifecycle) -> None:
    states = {machine.start, *machine.final} | {s.state for s in machine.steps.values()}
    states |= {s.next for s in machine.steps.values()}
    leaving = {s.state for s in machine.steps.values()}
    if machine.start not in leaving:
        raise _unsound(machine, machine.start, "nothing leaves the start")
    for state in sorted(machine.final & leaving):
        raise _unsound(machine, state, "a step leaves a final state")
    for state in sorted(states - _reached(machine, {machine.start}, forward=True)):
        raise _unsound(machine, state, "unreachable")
    for state in sorted(states - _reached(machine, set(machine.final), forward=False)):
        raise _unsound(machine, state, "a dead end: no final state can be reached from it")


def _reached(machine: Lifecycle, found: set[str], *, forward: bool) -> set[str]:
    pairs = [(s.state, s.next) if forward else (s.next, s.state) for s in machine.steps.values()]
    while more := {there for here, there in pairs if here in found} - found:
        found = found | more
    return found


def _unsound(machine: Lifecycle, state: str, reason: str) -> BadInput:
    return _bad(machine, f"state {state}: {reason}", "")


def _bad(machine: Lifecycle, reason: str, where: str) -> BadInput:
    return BadInput(
        "legal.lifecycle", reason, where=where or f"life cycle {machine.name}",
        todo="Correct the table of the life cycle.",
    )  # fmt: skip


def _check_step(machine: Lifecycle, step: Transition) -> None:
    def bad(reason: str) -> BadInput:
        return _bad(machine, f"{step.event} from {step.state}: {reason}", step.where)

    _known(step.roles, ROLES, "role", bad)
    _known(step.guards, GUARDS, "guard", bad)
    if step.human and not step.roles:
        raise bad("a human decision without a role that may take it")
    if step.human and step.timer:
        raise bad("a human decision that a clock would take")
    if step.releases and (not step.human or step.timer):
        raise bad("something would leave without a person's decision: silence never grants a release")
    _known({step.timer} - {""}, machine.clocks, "clock", bad)


def _known(codes: Iterable[str], known: Iterable[str], what: str, bad: Callable[[str], BadInput]) -> None:
    for code in sorted(set(codes) - set(known)):
        raise bad(f"unknown {what} {code!r}")


def _check_clock(machine: Lifecycle, clock: Deadline) -> None:
    def bad(reason: str) -> BadInput:
        return _bad(machine, f"clock {clock.clock}: {reason}", clock.where)

    events = {OPENED, *(event for _, event in machine.steps)}
    states = {machine.start, *(s.next for s in machine.steps.values())}
    _known((*clock.start, *clock.restarted_by, *clock.until), events, "event", bad)
    _known((e.event for e in clock.extensions), events, "event", bad)
    _known((*clock.extended_by, *clock.suspended_by), states, "state", bad)
    _known((role for r in clock.reminders for role in r.to), ROLES, "role", bad)
    if clock.effect != "breach" and not clock.article:
        raise bad("time decides here without an article that lets it")
    fires = any(step.timer == clock.clock for step in machine.steps.values())
    if fires != (clock.effect != "breach"):
        raise bad("takes a step, so its effect must be `ends` or `no_objection`" if fires else "takes no step")


def _check_waiting(machine: Lifecycle, state: str) -> None:
    for side in SIDES:
        if not any(step.timer or step.party in ("", side) for step in machine.events(state)):
            raise _unsound(machine, state, f"the {side} side could wait here for ever: give it a step or a clock")
