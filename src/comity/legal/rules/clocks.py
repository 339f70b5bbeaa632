"""Time limits with clocks of their own: they start when everything they wait for is in; a delay that the article allows
moves the end without a breach; an event may extend the term or start it anew; reminders come before the end.

A limit in hours ends so many elapsed hours after its start. One in days or months ends at a local midnight, and a delay
moves it by the civil time that the delay took, to the end of the day on which it then falls.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from comity.base.clock import parse_rfc3339
from comity.base.model import Json
from comity.legal.model import Alarm, Course, Deadline, Due, Reminder, Span, Term
from comity.legal.rules import calendars

NOTHING = timedelta(0)


def due(deadline: Deadline, course: Course, now: datetime) -> Due:
    """Where the clock stands at `now`; ValueError when the end that an act should set is no day and no moment."""
    start = started(deadline, course.events)
    if start is None or (deadline.fixed and not course.fixed):
        return Due(deadline.clock, deadline.article, "waiting", start, None, NOTHING)
    until = course.done or now
    spans = _merged(_spans(deadline, course.delays), start, until)
    at, extended = _end(deadline, course, start, spans)
    lasting = any(since <= at and open_ for since, _, open_ in spans)
    if course.done is not None:
        state = "kept" if course.done <= at else "breached"
    else:
        missed = "breached" if deadline.effect == "breach" else "ended"
        state = missed if now > at else "extended" if lasting else "running"
    alarms = _alarms(deadline, course, (start, at), spans)
    return Due(deadline.clock, deadline.article, state, start, at, extended, alarms)


def started(deadline: Deadline, events: Mapping[str, datetime]) -> datetime | None:
    """When the clock's present run began; None while something that it waits for is missing."""
    if any(name not in events for name in deadline.start):
        return None
    first = max(events[name] for name in deadline.start)
    return max([first, *(events[name] for name in deadline.restarted_by if name in events)]).astimezone(UTC)


def runs(deadline: Deadline, facts: Mapping[str, Json]) -> bool:
    """Whether this clock is for a matter with such facts."""
    return all(facts.get(fact) in codes for fact, codes in deadline.when.items())


def _spans(deadline: Deadline, delays: Mapping[str, Iterable[Span]]) -> list[Span]:
    return [span for name in (*deadline.extended_by, *deadline.suspended_by) for span in delays.get(name, ())]


Stretch = tuple[datetime, datetime, bool]
"""From, to, and whether it still lasts."""


def _merged(spans: Iterable[Span], start: datetime, until: datetime) -> list[Stretch]:
    """The spans between `start` and `until`, in order and apart: what overlaps counts once."""
    cut = [(max(since, start), min(to or until, until), to is None) for since, to in spans]
    found: list[Stretch] = []
    for stretch in sorted((s for s in cut if s[1] > s[0] or (s[1] == s[0] and s[2])), key=lambda s: s[0]):
        if found and stretch[0] <= found[-1][1]:
            before = found.pop()
            found.append((before[0], max(before[1], stretch[1]), before[2] or stretch[2]))
        else:
            found.append(stretch)
    return found


def _end(deadline: Deadline, course: Course, start: datetime, spans: list[Stretch]) -> tuple[datetime, timedelta]:
    """The end of the limit, and by how much delays have moved it; a delay after the end mends nothing."""
    zone = calendars.zone_of(deadline.zone)
    if deadline.fixed:
        return _stated(course.fixed, zone), NOTHING
    term = deadline.term
    at = _moved(_after(deadline, term, start, course), spans, zone, term)
    for extension in deadline.extensions:
        happened = course.events.get(extension.event)
        if happened is not None and start <= happened <= at[0]:
            longer = _prolonged(deadline, course, start, extension.term)
            at = _moved(longer, spans, zone, extension.term)
    return at


def _prolonged(deadline: Deadline, course: Course, start: datetime, more: Term) -> datetime:
    """The end of the term with its extension: added within one unit, else one after the other."""
    term = deadline.term
    if term.unit == more.unit:
        return _after(deadline, replace(term, amount=term.amount + more.amount), start, course)
    first = _after(deadline, term, start, course)
    within = first if more.unit == "hours" else first - timedelta(microseconds=1)  # in the last day, not after it
    return _after(deadline, more, within, course)


def _after(deadline: Deadline, term: Term, start: datetime, course: Course) -> datetime:
    if term.unit == "hours":
        return start + timedelta(hours=term.amount)
    zone = calendars.zone_of(deadline.zone)
    first = start.astimezone(zone).date()
    last = calendars.last_day(term, first, course.days_off, working=deadline.working_days)
    return calendars.end_of(calendars.next_working_day(last, course.days_off) if deadline.rolls else last, zone)


def _moved(at: datetime, spans: list[Stretch], zone: tzinfo, term: Term) -> tuple[datetime, timedelta]:
    civil = term.unit != "hours"
    total = NOTHING
    for since, to, _ in spans:
        if since > at:
            break
        length = max(NOTHING, _wall(to, zone) - _wall(since, zone)) if civil else to - since
        total += length
        at = _next_midnight(at, length, zone) if civil else at + length
    return at, total


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _next_midnight(at: datetime, length: timedelta, zone: tzinfo) -> datetime:
    """So much later than the beginning of a local day: the end of the day that is reached, or that beginning itself."""
    wall = datetime.combine(_wall(at, zone).date(), time()) + length
    whole = wall.time() == time()
    return calendars.midnight(wall.date(), zone) if whole else calendars.end_of(wall.date(), zone)


def _stated(text: str, zone: tzinfo) -> datetime:
    """The end that an act has set: a moment, or the last hour of a day."""
    return parse_rfc3339(text) if "T" in text else calendars.end_of(date.fromisoformat(text), zone)


def _alarms(
    deadline: Deadline, course: Course, run: tuple[datetime, datetime], spans: list[Stretch]
) -> tuple[Alarm, ...]:
    start, at = run
    zone = calendars.zone_of(deadline.zone)

    def moment(reminder: Reminder) -> datetime:
        if reminder.before_end:
            return _before(at, reminder.term, zone)
        return _moved(_after(deadline, reminder.term, start, course), spans, zone, reminder.term)[0]

    timely = sorted(((max(moment(r), start), r) for r in deadline.reminders), key=lambda pair: pair[0])
    known = [(when, r) for when, r in timely if when < at]
    alarms = [Alarm(when, level, r.to, r.text) for level, (when, r) in enumerate(known, start=1)]
    return (*alarms, Alarm(at, len(alarms) + 1))


def _before(at: datetime, term: Term, zone: tzinfo) -> datetime:
    """So long before the end: elapsed hours, or at the same local time so many days or months earlier."""
    if term.unit == "hours":
        return at - timedelta(hours=term.amount)
    wall = _wall(at, zone)
    day = wall.date() - timedelta(days=term.amount)
    if term.unit == "months":
        day = calendars.add_months(wall.date(), -term.amount)
    return datetime.combine(day, wall.time(), zone).astimezone(UTC)
