"""Clocks: hours that elapse and days that are civil, across zones, daylight saving and leap days; delays, extensions,
reminders, calendars. The core-data clock: 48 hours from confirmation and facts; a judge's delay is no breach."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.legal.model import Course, DayOff, Deadline, Due, Extension, Reminder, Span, Term
from comity.legal.rules import calendars, clocks
from tests.legal.law import law

START = datetime(2026, 10, 24, 12, tzinfo=UTC)
H = timedelta(hours=1)
CORE = next(row for i, row in law().rows["core_data"] if i.code == "TRAIN-REG").deadlines[0]
EVENTS = {"match_confirmed": START - 5 * H, "facts_received": START}
JUDGE = "judicial_authorisation"

ZONES = st.sampled_from([
    "UTC", "Europe/Brussels", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Africa/Casablanca", "America/Havana", "Asia/Beirut", "Pacific/Apia", "America/St_Johns", "Asia/Tehran",
])  # fmt: skip
SECONDS = st.integers(788_918_400, 2_082_758_400)
MOMENTS = SECONDS.map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 1995 to 2035."""
AMOUNTS = st.integers(1, 400)


def limit(**changes: Any) -> Deadline:
    made: dict[str, Any] = {"clock": "c", "article": "1", "start": ("go",), "zone": "Europe/Brussels", **changes}
    return Deadline(**made)


def stands(deadline: Deadline, start: datetime, now: datetime | None = None, **course: Any) -> Due:
    return clocks.due(deadline, Course({"go": start}, **course), now or start)


def end(deadline: Deadline, start: datetime, **course: Any) -> datetime:
    at = stands(deadline, start, **course).at
    assert at is not None and at.tzinfo is UTC
    return at


def core(now: float, done: float | None = None, delays: dict[str, list[Span]] | None = None) -> Due:
    """The core-data clock so many hours after its start."""
    course = Course(EVENTS, delays or {}, None if done is None else START + done * H)
    return clocks.due(CORE, course, START + now * H)


# --- hours ---------------------------------------------------------------------------------------------------------


def test_it_waits_for_everything_that_starts_it() -> None:
    due = clocks.due(CORE, Course({"match_confirmed": START}), START + 100 * H)
    assert (due.state, due.at, due.alarms) == ("waiting", None, ())


@pytest.mark.parametrize(
    ("done", "now", "state"),
    [(None, 48, "running"), (None, 48.1, "breached"), (48, 90, "kept"), (48.1, 90, "breached")],
)
def test_without_a_judge(done: float | None, now: float, state: str) -> None:
    due = core(now, done)
    assert (due.state, due.at, due.article) == (state, START + 48 * H, "8(1)")


def test_three_days_of_a_judge_are_no_breach() -> None:
    due = core(80, 80, {JUDGE: [(START + 2 * H, START + 74 * H)]})
    assert (due.state, due.extended, due.at) == ("kept", 72 * H, START + 120 * H)


def test_while_the_judge_decides_the_end_moves_on() -> None:
    due = core(500, delays={JUDGE: [(START + 2 * H, None)]})
    assert (due.state, due.at) == ("extended", START + 546 * H)


def test_a_delay_after_the_end_mends_nothing() -> None:
    due = core(70, delays={JUDGE: [(START + 60 * H, None)]})
    assert (due.state, due.at, due.extended) == ("breached", START + 48 * H, timedelta(0))


def test_overlapping_and_early_delays_count_once() -> None:
    spans: list[Span] = [
        (START - 9 * H, START + 10 * H), (START + 4 * H, START + 12 * H), (START + 6 * H, START + 7 * H),
        (START - 9 * H, START - 8 * H),
    ]  # fmt: skip
    due = core(20, delays={JUDGE: spans, "holiday": [(START, None)]})
    assert (due.extended, due.state) == (12 * H, "running")


@given(MOMENTS, AMOUNTS, ZONES)
def test_hours_elapse_whatever_local_clocks_do(start: datetime, hours: int, zone: str) -> None:
    assert end(limit(hours=hours, zone=zone), start) - start == timedelta(hours=hours)


@given(MOMENTS, AMOUNTS, st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=5))
def test_delays_never_bring_the_end_forward(start: datetime, hours: int, delays: list[tuple[int, int]]) -> None:
    spans: list[Span] = [(start + since * H, start + (since + length) * H) for since, length in delays]
    deadline = limit(hours=hours, suspended_by=("pause",))
    later = start + timedelta(days=1000)
    due = stands(deadline, start, later, delays={"pause": spans})
    most = sum((length * H for _, length in delays), timedelta())
    assert due.at == start + hours * H + due.extended and timedelta(0) <= due.extended <= most
    assert due.state == "breached"


# --- days and months -----------------------------------------------------------------------------------------------


@given(MOMENTS, AMOUNTS, ZONES)
def test_civil_days_end_with_the_last_local_hour(start: datetime, days: int, zone: str) -> None:
    local = ZoneInfo(zone)
    last = start.astimezone(local).date() + timedelta(days=days)
    at = end(limit(days=days, zone=zone), start)
    assert (at - timedelta(microseconds=1)).astimezone(local).date() <= last < at.astimezone(local).date()
    assert abs(at - start - timedelta(days=days)) <= timedelta(hours=50)


@given(MOMENTS, st.integers(1, 120), ZONES)
def test_months_keep_the_day_or_end_with_the_month(start: datetime, months: int, zone: str) -> None:
    first = start.astimezone(ZoneInfo(zone)).date()
    last = calendars.add_months(first, months)
    assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == months
    assert last.day == first.day or (last.day < first.day and (last + timedelta(days=1)).day == 1)
    assert end(limit(months=months, zone=zone), start) == calendars.end_of(last, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [("2024-02-29", 12, "2025-02-28"), ("2024-02-29", 48, "2028-02-29"), ("2025-01-31", 1, "2025-02-28"),
     ("2024-01-31", 1, "2024-02-29"), ("2026-03-31", 6, "2026-09-30"), ("2026-12-15", 1, "2027-01-15")],
)  # fmt: skip
def test_leap_days_and_short_months(first: str, months: int, last: str) -> None:
    assert calendars.add_months(date.fromisoformat(first), months) == date.fromisoformat(last)
    assert calendars.add_months(date.fromisoformat(last), -months) <= date.fromisoformat(first)


@pytest.mark.parametrize(
    ("start", "length"),
    [(datetime(2026, 3, 27, 23, tzinfo=UTC), 71), (datetime(2026, 10, 23, 22, tzinfo=UTC), 73),
     (datetime(2026, 6, 1, 22, tzinfo=UTC), 72)],
)  # fmt: skip
def test_two_days_from_local_midnight_when_clocks_change(start: datetime, length: int) -> None:
    assert end(limit(days=2), start) - start == length * H


def test_a_night_without_midnight() -> None:
    """In Beirut the clocks go from 00:00 to 01:00: the day begins with the first moment that exists."""
    zone = ZoneInfo("Asia/Beirut")
    begins = calendars.midnight(date(2024, 3, 31), zone)
    assert begins.astimezone(zone).time() == time(1) and (begins - timedelta(seconds=1)).astimezone(zone).day == 30
    friday = datetime(2024, 3, 29, 10, tzinfo=UTC)
    deadline = limit(days=1, zone="Asia/Beirut", suspended_by=("pause",))
    spans: list[Span] = [(friday, friday + 24 * H)]
    moved = stands(deadline, friday - H, friday + 240 * H, delays={"pause": spans})
    assert moved.at == calendars.midnight(date(2024, 4, 1), zone)


@given(MOMENTS, AMOUNTS, ZONES, st.integers(1, 400))
def test_a_suspended_civil_term_still_ends_at_midnight(start: datetime, days: int, zone: str, hours: int) -> None:
    local = ZoneInfo(zone)
    deadline = limit(days=days, zone=zone, suspended_by=("pause",))
    spans: list[Span] = [(start + H, start + (hours + 1) * H)]
    at = stands(deadline, start, start + timedelta(days=2000), delays={"pause": spans}).at
    assert at is not None and at == calendars.midnight(at.astimezone(local).date(), local)
    assert at >= end(deadline, start)


# --- working days --------------------------------------------------------------------------------------------------


def off(day: str, start: str = "2020-01-01", until: str | None = None) -> DayOff:
    return DayOff("XA", day, date.fromisoformat(start), date.fromisoformat(until) if until else None, "n", "s")


def test_working_days_leave_out_weekends_and_holidays() -> None:
    friday = datetime(2026, 12, 18, 9, tzinfo=UTC)
    calendar = (off("2026-12-24"), off("--12-25"), off("--12-28", until="2025-12-31"))
    at = end(limit(days=6, working_days=True), friday, days_off=calendar)
    assert at == calendars.end_of(date(2026, 12, 30), ZoneInfo("Europe/Brussels"))


def test_a_calendar_with_days_of_the_week_has_its_own_weekend() -> None:
    calendar = (off("friday"), off("saturday", until="2025-12-31"))
    assert [calendars.is_off(date(2026, 11, day), calendar) for day in (20, 21, 22)] == [True, False, False]
    assert calendars.is_off(date(2026, 11, 21), ())


def test_a_last_day_off_rolls_on() -> None:
    thursday = datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert end(limit(days=2, rolls=True), thursday) == calendars.end_of(date(2026, 11, 23), ZoneInfo("Europe/Brussels"))
    assert end(limit(days=1, rolls=True), thursday) == calendars.end_of(date(2026, 11, 20), ZoneInfo("Europe/Brussels"))
    assert end(limit(days=2), thursday) == calendars.end_of(date(2026, 11, 21), ZoneInfo("Europe/Brussels"))


def test_a_calendar_without_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="no working day"):
        calendars.add_working_days(date(2026, 1, 1), 1, tuple(off(day) for day in calendars.WEEKDAYS))


@given(
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.integers(0, 300),
    st.sets(st.dates(date(2000, 1, 1), date(2031, 1, 1))),
)
def test_working_days_are_as_many_as_asked(first: date, days: int, holidays: set[date]) -> None:
    calendar = tuple(off(day.isoformat(), "1999-01-01") for day in holidays)
    last = calendars.add_working_days(first, days, calendar)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(not calendars.is_off(day, calendar) for day in between) == days
    assert last == first or not calendars.is_off(last, calendar)


# --- extensions, restarts, stated ends, reminders ------------------------------------------------------------------


def test_an_extension_adds_to_the_term_if_it_comes_in_time() -> None:
    deadline = limit(days=30, extensions=(Extension("delayed", Term(30, "days")),))
    plain = end(deadline, START)
    for after, days in ((1, 60), (29, 60), (40, 30)):
        events = {"go": START, "delayed": START + timedelta(days=after)}
        at = clocks.due(deadline, Course(events), START).at
        assert at is not None and (at == plain) == (days == 30)
        assert at == calendars.end_of(date(2026, 10, 24) + timedelta(days=days), ZoneInfo("Europe/Brussels"))


@pytest.mark.parametrize(
    ("term", "more", "last"),
    [({"days": 10}, Term(1, "months"), date(2026, 12, 3)), ({"hours": 24}, Term(2, "days"), date(2026, 10, 27))],
)
def test_extensions_in_another_unit_follow_the_term(term: dict[str, int], more: Term, last: date) -> None:
    deadline = limit(**term, extensions=(Extension("more", more),))
    at = clocks.due(deadline, Course({"go": START, "more": START + H}), START).at
    assert at == calendars.end_of(last, ZoneInfo("Europe/Brussels"))


def test_hours_may_extend_days() -> None:
    deadline = limit(days=1, extensions=(Extension("more", Term(8, "hours")),))
    at = clocks.due(deadline, Course({"go": START, "more": START + H}), START).at
    assert at == calendars.end_of(date(2026, 10, 25), ZoneInfo("Europe/Brussels")) + 8 * H


def test_a_renewal_starts_the_term_anew() -> None:
    deadline = limit(days=60, restarted_by=("renew",))
    again = START + timedelta(days=50)
    due = clocks.due(deadline, Course({"go": START, "renew": again}), again)
    assert due.started == again and due.at == end(deadline, again)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-12-31", datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("2026-12-31T10:00:00+01:00", datetime(2026, 12, 31, 9, tzinfo=UTC)),
    ],
)
def test_an_end_that_an_act_sets(text: str, at: datetime) -> None:
    deadline = limit(fixed="until")
    assert deadline.term == Term(0, "hours")
    assert end(deadline, START, fixed=text) == at
    waiting = stands(deadline, START)
    assert (waiting.state, waiting.started) == ("waiting", START)


def test_what_is_meant_to_end_is_not_breached() -> None:
    for effect, state in (("breach", "breached"), ("ends", "ended"), ("no_objection", "ended")):
        assert stands(limit(hours=1, effect=effect), START, START + 2 * H).state == state


def test_eighteen_and_forty_days() -> None:
    """ETS 24, article 16(4): the arrest may be ended after 18 days and must after 40."""
    early = Reminder(Term(18, "days"), False, ("lawyer",), "may be ended")
    late = Reminder(Term(7, "days"), True, ("judge",))
    due = stands(limit(days=40, reminders=(late, early)), datetime(2026, 10, 1, 8, tzinfo=UTC))
    zone = ZoneInfo("Europe/Brussels")
    assert [(a.at, a.level, a.to) for a in due.alarms] == [
        (calendars.end_of(date(2026, 10, 19), zone), 1, ("lawyer",)),
        (calendars.end_of(date(2026, 11, 3), zone), 2, ("judge",)),
        (calendars.end_of(date(2026, 11, 10), zone), 3, ()),
    ]


def test_reminders_before_the_end_in_each_unit_and_never_after_it() -> None:
    before = (Term(5, "hours"), Term(1, "months"), Term(900, "days"))
    reminders = (*(Reminder(term, True, ()) for term in before), Reminder(Term(900, "days"), False, ()))
    due = stands(limit(days=60, reminders=reminders), START)
    assert due.at is not None
    assert [alarm.at for alarm in due.alarms] == [
        START, datetime(2026, 11, 23, 23, tzinfo=UTC), due.at - 5 * H, due.at,
    ]  # fmt: skip


def test_a_clock_runs_for_the_matters_it_is_for() -> None:
    deadline = replace(limit(days=1), when={"instrument": ("EIO",), "urgency": ("certified",)})
    assert clocks.runs(deadline, {"instrument": "EIO", "urgency": "certified"})
    assert not clocks.runs(deadline, {"instrument": "EIO"})
    assert clocks.runs(limit(days=1), {})
