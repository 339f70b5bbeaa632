"""Life cycles as shipped, their steps, and the clocks of the row on which a decision rests."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from comity.base.errors import NotFound
from comity.kit.database.unit import Unit
from comity.legal.model import Deadline, Decision, Due, Lifecycle
from comity.legal.rules import clocks, lifecycles
from comity.legal.service.shipped import folder
from comity.legal.service.tables import tables
from comity.legal.wire.lifecycles import read_lifecycle


@cache
def lifecycle(name: str) -> Lifecycle:
    """The life cycle of that name as shipped, checked: all states reachable, no dead end. NotFound otherwise."""
    file = folder("lifecycles") / f"{name}.yaml"
    if not name.isidentifier() or not file.is_file():
        raise NotFound("legal.lifecycle", f"no life cycle {name!r}", todo="The first release ships `query`.")
    return lifecycles.check(read_lifecycle(file.read_bytes(), file.name))


def advance(lifecycle: Lifecycle, state: str, event: str, *, human: bool) -> str:
    """The state after `event`; Conflict ``legal.transition`` when the machine has no such step from `state`,
    or when the step is a human decision and nobody (`human` False) has taken it."""
    return lifecycles.advance(lifecycle, state, event, human=human)


def deadlines(unit: Unit, decision: Decision) -> tuple[Deadline, ...]:
    """The time limits of the row on which the decision rests, with their own clocks; none for no row."""
    rows = tables(unit).rows.get(decision.measure, ())
    return next(
        (row.deadlines for i, row in rows if (i.code, row.article) == (decision.instrument, decision.article)), ()
    )


def due(
    deadline: Deadline, events: Mapping[str, datetime], delays: Mapping[str, Iterable[clocks.Span]],
    done: datetime | None, now: datetime,
) -> Due:  # fmt: skip
    """Where the clock stands: `events` such as ``match_confirmed`` start it, `delays` such as
    ``judicial_authorisation`` (from, until or None while it lasts) extend it without a breach."""
    return clocks.due(deadline, events, delays, done, now)
