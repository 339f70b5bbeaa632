"""Time limits with clocks of their own: they start when everything they wait for is in, and a delay that the article
allows moves the end without a breach."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from comity.legal.model import Deadline, Due

Span = tuple[datetime, datetime | None]
"""From when to when something lasted; None: it still lasts."""


def due(
    deadline: Deadline, events: Mapping[str, datetime], delays: Mapping[str, Iterable[Span]], done: datetime | None,
    now: datetime,
) -> Due:  # fmt: skip
    """Where the clock stands at `now`. `events` are what has happened, `delays` what extends or suspends the limit by
    its name in the table; `done` is when the thing due was done, None while it is not."""
    if any(name not in events for name in deadline.start):
        return Due(deadline.clock, deadline.article, "waiting", None, None, timedelta(0))
    start = max(events[name] for name in deadline.start)
    end = done or now
    allowed = (*deadline.extended_by, *deadline.suspended_by)
    spans = [span for name in allowed for span in delays.get(name, ())]
    extended = _length(spans, start, end)
    at = start + timedelta(hours=deadline.hours) + extended
    if done is not None:
        state = "kept" if done <= at else "breached"
    elif any(until is None for _, until in spans):
        state = "extended" if now <= at else "breached"
    else:
        state = "running" if now <= at else "breached"
    return Due(deadline.clock, deadline.article, state, start, at, extended)


def _length(spans: Iterable[Span], start: datetime, end: datetime) -> timedelta:
    """How long at least one of the spans lasted between `start` and `end`; overlaps count once."""
    total, reached = timedelta(0), start
    for since, until in sorted(((max(s, start), min(u or end, end)) for s, u in spans), key=lambda span: span[0]):
        if until > max(since, reached):
            total += until - max(since, reached)
            reached = until
    return total
