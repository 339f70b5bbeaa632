"""Civil time: where a term of days or months ends, in the zone and by the calendar of the authority that it binds.

Source of the counting rules: Regulation (EEC, Euratom) 1182/71, article 3: the day of the event does not count (1); a
period ends with the last hour of its last day (2)(b) and (c), and a month that lacks the day with that month's last
day; a last day that is a day off is followed by the next working day (4). Hours are elapsed hours, whatever local
clocks do.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from comity.legal.model import DayOff, Term

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND: Final = frozenset({"saturday", "sunday"})
ONE_DAY: Final = timedelta(days=1)
MOST_DAYS_OFF: Final = 400
"""More days off in a row than any calendar has: a table that goes on for longer is broken, not slow."""


def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name; KeyError (ZoneInfoNotFoundError) or ValueError when this machine knows none."""
    return UTC if name == "UTC" else ZoneInfo(name)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which `day` begins in the zone, in UTC; where that night's clocks skip it, the first one after."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The moment after the last one of `day`."""
    return midnight(day + ONE_DAY, zone)


def is_off(day: date, calendar: Iterable[DayOff]) -> bool:
    """Whether nobody works on `day`; a calendar without days of the week has Saturdays and Sundays off."""
    valid = {
        row.day for row in calendar if row.valid_from <= day and (row.valid_until is None or day <= row.valid_until)
    }
    weekly = valid & frozenset(WEEKDAYS) or WEEKEND
    return bool({day.isoformat(), f"--{day.month:02d}-{day.day:02d}"} & valid) or WEEKDAYS[day.weekday()] in weekly


def is_day_off(text: str) -> bool:
    """Whether `text` names a day, a day of each year (``--02-29``, too) or a day of the week."""
    try:
        full = f"2024{text[1:]}" if text.startswith("--") else text
        return text in WEEKDAYS or date.fromisoformat(full).isoformat() == full
    except ValueError:
        return False


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or that month's last one."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_working_days(day: date, days: int, calendar: tuple[DayOff, ...]) -> date:
    """The last of so many working days after `day`."""
    idle = 0
    while days:
        day += ONE_DAY
        idle = idle + 1 if is_off(day, calendar) else 0
        days -= idle == 0
        if idle > MOST_DAYS_OFF:
            raise ValueError(f"the calendar has no working day in {MOST_DAYS_OFF} days before {day}")
    return day


def next_working_day(day: date, calendar: tuple[DayOff, ...]) -> date:
    """`day` itself unless it is off, else the first working day after it."""
    return add_working_days(day, 1, calendar) if is_off(day, calendar) else day


def last_day(term: Term, first: date, calendar: tuple[DayOff, ...], *, working: bool) -> date:
    """The last day of a term of days or months that is counted from the event on `first`."""
    if term.unit == "months":
        return add_months(first, term.amount)
    return add_working_days(first, term.amount, calendar) if working else first + timedelta(days=term.amount)
