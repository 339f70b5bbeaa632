"""One small engine for all life cycles: a machine is checked once, then walked one step at a time."""

from comity.base.errors import BadInput, Conflict
from comity.legal.model import Lifecycle


def check(machine: Lifecycle) -> Lifecycle:
    """The machine itself when it is sound; BadInput names the state and the reason otherwise.

    1. it starts in a state that it knows; 2. no step leaves a final state; 3. every state is reachable from the
    start; 4. from every state some final state can be reached, so that nothing can be caught for ever.
    """
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
    return machine


def _reached(machine: Lifecycle, found: set[str], *, forward: bool) -> set[str]:
    pairs = [(s.state, s.next) if forward else (s.next, s.state) for s in machine.steps.values()]
    while more := {there for here, there in pairs if here in found} - found:
        found = found | more
    return found


def _unsound(machine: Lifecycle, state: str, reason: str) -> BadInput:
    return BadInput(
        "legal.lifecycle", f"state {state}: {reason}", where=f"life cycle {machine.name}",
        todo="Correct the table of the life cycle.",
    )  # fmt: skip


def advance(machine: Lifecycle, state: str, event: str, *, human: bool) -> str:
    """The next state. Conflict ``legal.transition`` for a step that does not exist from here (after the end, a second
    time, out of order) and for a human decision that no person has taken."""
    step = machine.steps.get((state, event))
    if step is None:
        open_events = ", ".join(s.event for s in machine.events(state)) or "none: it has ended"
        raise Conflict(
            "legal.transition", f"{event} is not possible in state {state}", where=f"life cycle {machine.name}",
            todo=f"Possible now: {open_events}.",
        )  # fmt: skip
    if step.human and not human:
        raise Conflict(
            "legal.transition", f"{event} is a human decision", where=f"life cycle {machine.name}, state {state}",
            todo="Have it taken by a person with the role for it.",
        )  # fmt: skip
    return step.next
