"""Life cycles as shipped, their steps, and the clocks of the row on which a decision rests."""

from datetime import datetime
from functools import cache

from comity.base.errors import NotFound
from comity.kit.database.unit import Unit
from comity.legal.model import Course, Deadline, Decision, Due, Lifecycle
from comity.legal.rules import clocks, lifecycles, steps
from comity.legal.rules.tables import version_on
from comity.legal.service.shipped import folder
from comity.legal.service.tables import tables
from comity.legal.wire.lifecycles import read_lifecycle


def machines() -> tuple[str, ...]:
    """The names of the shipped life cycles."""
    files = (file.name for file in folder("lifecycles").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


@cache
def lifecycle(name: str) -> Lifecycle:
    """The life cycle of that name as shipped, checked: all states reachable, no dead end. NotFound otherwise."""
    file = folder("lifecycles") / f"{name}.yaml"
    if not name.isidentifier() or not file.is_file():
        raise NotFound("legal.lifecycle", f"no life cycle {name!r}", todo=f"There are: {', '.join(machines())}.")
    return lifecycles.check(read_lifecycle(file.read_bytes(), file.name))


def advance(
    lifecycle: Lifecycle, state: str, event: str, *, human: bool, roles: frozenset[str] | None = None
) -> str:  # fmt: skip
    """The state after `event`.

    Conflict ``legal.transition`` when the machine has no such step from `state`, or when the step is a human decision
    and nobody (`human` False) has taken it; NotAllowed ``legal.step-role`` when the person's `roles` are given and none
    of them may.
    """
    return steps.advance(lifecycle, state, event, human=human, roles=roles)


def deadlines(unit: Unit, decision: Decision) -> tuple[Deadline, ...]:
    """The time limits of the row on which the decision rests, with their own clocks; none for no row."""
    versions = tables(unit).versions.get(decision.instrument)
    rows = version_on(versions, decision.on).rows if versions else ()
    wanted = (decision.measure, decision.article)
    return next((row.deadlines for row in rows if (row.measure, row.article) == wanted), ())


def due(deadline: Deadline, course: Course, now: datetime) -> Due:
    """Where the clock stands, given what has happened to it."""
    return clocks.due(deadline, course, now)
