"""What every change of a matter brings with it: its log entry, and the registry's clocks as they stand then."""

from typing import Final

from comity.access.model import Acted
from comity.base.model import Actor, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal.model import Course, Deadline, Due, Holder, Lifecycle, Proceeding, Step, Watch
from comity.legal.rules import clocks, coursing
from comity.legal.service.registry import clocks_of, unwatch, watch
from comity.legal.service.tables import rules_hash, tables
from comity.log import service as log
from comity.log.model import Record

HOLDER: Final = "proceeding:"
"""How the registry names a matter of this room."""


def follow(unit: Unit, machine: Lifecycle, found: Proceeding, taken: tuple[Step, ...]) -> None:
    """Bring the registry to where the matter's clocks stand after its latest step; an ended matter stops them all."""
    holder = HOLDER + found.id
    for clock, course, bound in coursing.courses(machine, found, taken, tables(unit).calendars, unit.node):
        keep_time(unit, Holder(holder, machine.title, bound, found.case), clock, course)
    if found.ended_at is not None:
        for kept in clocks_of(unit, holder):
            unwatch(unit, holder, kept.clock, "stopped")


def keep_time(unit: Unit, holder: Holder, clock: Deadline, course: Course) -> Due:
    """Where a clock of this matter stands now, and the registry brought to it; until it has started it is not listed.

    While a delay lasts nobody can say when it ends, and no end is shown.
    """
    due = clocks.due(clock, course, unit.now)
    if due.started is not None:
        watch(unit, Watch(
            holder=holder.id, clock=clock.clock, title=holder.title, article=due.article, state=due.state,
            started=due.started, due=None if due.state == "extended" else due.at, effect=clock.effect,
            consequence=clock.consequence, turn=holder.turn, alarms=due.alarms, case=holder.case, ended_at=course.done,
        ))  # fmt: skip
    return due


def record(unit: Unit, kind: str, found: Proceeding, payload: JsonObject, by: object) -> int:
    """The log entry of a change, by a person (`Acted`) or else by the node; its index."""
    acted = by if isinstance(by, Acted) else None
    key = cases.data_key(unit, found.case) if found.case is not None else None
    return log.append(unit, Record(
        type=kind, actor=acted.actor if acted else Actor.system(unit.node),
        subject={"proceeding": found.id, "subject": found.subject}, payload=payload, case=found.case,
        peer=found.partner or None, policy_hash=rules_hash(unit), auth_hash=acted.auth_hash if acted else None,
        key=key,
    ))  # fmt: skip
