"""From what was done in a matter to where each of its clocks stands."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.legal.model import Course, DayOff, Deadline, Lifecycle, Proceeding, Span, Step
from comity.legal.rules import clocks
from comity.legal.rules.lifecycles import OPENED

Calendars = Mapping[str, tuple[DayOff, ...]]
"""The days off of each state."""


def courses(
    machine: Lifecycle, found: Proceeding, taken: tuple[Step, ...], calendars: Calendars, node: str
) -> list[tuple[Deadline, Course, str]]:
    """Every clock that is for this matter, with what has happened to it and the node whose authority it binds."""
    events = _events(found, taken)
    spans = _stays(machine, found, taken)
    made = []
    for clock in machine.clocks.values():
        if clocks.runs(clock, found.facts):
            fixed = found.facts.get(clock.fixed) if clock.fixed else ""
            theirs = clock.obliges and clock.obliges != found.side and found.partner
            bound = found.partner if theirs else node
            course = Course(
                events, spans, done(clock, taken), fixed if isinstance(fixed, str) else "", calendars.get(bound, ())
            )
            made.append((clock, course, bound))
    return made


def done(clock: Deadline, taken: tuple[Step, ...]) -> datetime | None:
    """When the thing due was done, in the clock's present run; None while it is not."""
    starts = [n for n, step in enumerate(taken, start=1) if step.event in (*clock.start, *clock.restarted_by)]
    since = max(starts, default=0)
    return next((step.at for step in taken[since:] if step.event in clock.until), None)


def _events(found: Proceeding, taken: tuple[Step, ...]) -> dict[str, datetime]:
    return {OPENED: found.opened_at} | {step.event: step.at for step in taken}


def _stays(machine: Lifecycle, found: Proceeding, taken: tuple[Step, ...]) -> dict[str, list[Span]]:
    """By state: from when to when the matter stood in it."""
    spans: dict[str, list[Span]] = defaultdict(list)
    state, since = machine.start, found.opened_at
    for step in taken:
        spans[state].append((since, step.at))
        state, since = step.after, step.at
    spans[state].append((since, found.ended_at))
    return spans


def check_facts(machine: Lifecycle, facts: JsonObject) -> None:
    """BadInput for an end that an act sets and that is no day and no moment."""
    for fact in sorted({clock.fixed for clock in machine.clocks.values()} - {""}):
        if fact in facts and not _is_moment(facts[fact]):
            raise BadInput(
                "legal.proceeding-facts", f"{fact}: {facts[fact]!r} is no day and no moment",
                todo="Write it as 2026-12-31 or 2026-12-31T12:00:00Z.",
            )  # fmt: skip


def _is_moment(value: object) -> bool:
    try:
        text = value if isinstance(value, str) else ""
        return bool(parse_rfc3339(text) if "T" in text else date.fromisoformat(text))
    except ValueError:
        return False
