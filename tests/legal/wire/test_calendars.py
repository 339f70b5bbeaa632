"""A state's calendar as a dated table: read, checked against itself, and counted by."""

from datetime import UTC, date, datetime

import pytest

from comity.base.errors import BadInput
from comity.legal.model import Course, Deadline
from comity.legal.rules import calendars, clocks, tables
from comity.legal.wire.dated import read_table
from tests.legal.law import dated, instruments, vocabulary

HEADER = "state,day,from,until,name,source"
GOOD = f"""{HEADER}
XA,friday,2020-01-01,,weekly rest,Labour Code 12
XA,--12-25,2020-01-01,2026-12-31,winter day,Holidays Act 2
XA,2026-12-28,2026-01-01,,bridge day,Decree 4
"""


def test_a_calendar_is_indexed_by_state_and_counted_by() -> None:
    table = read_table(GOOD.encode(), "calendar.csv")
    assert (table.kind, len(table)) == ("calendar", 3)
    law = tables.build(instruments(), (*dated(), table), vocabulary(), "0" * 64)
    known = law.calendars["XA"]
    assert [row.day for row in known] == ["friday", "--12-25", "2026-12-28"]
    off = [day for day in range(20, 32) if calendars.is_off(date(2026, 12, day), known)]
    assert off == [25, 28]
    deadline = Deadline("c", "1", ("go",), days=3, working_days=True)
    start = datetime(2026, 12, 24, 9, tzinfo=UTC)
    assert clocks.due(deadline, Course({"go": start}, days_off=known), start).at == datetime(2026, 12, 30, tzinfo=UTC)
    assert "bridge day" in str(tables.plain(instruments(), (table,), vocabulary()))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("XA,Friday,2020-01-01,,n,s", "day: 'Friday'"),
        ("XA,--13-25,2020-01-01,,n,s", "day: '--13-25'"),
        ("XA,20261225,2020-01-01,,n,s", "day: '20261225'"),
        ("Arvenia,friday,2020-01-01,,n,s", "ISO 3166-1"),
        ("XA,friday,2020-01-01,,n,", "source is missing"),
        ("XA,friday,2020-01-01,2019-01-01,n,s", "lies before"),
    ],
)
def test_a_row_that_is_no_day_off(row: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_table(f"{HEADER}\n{row}\n".encode(), "calendar.csv")
    assert reason in caught.value.what and caught.value.where == "calendar.csv row 2"


def test_leap_day_of_each_year() -> None:
    assert calendars.is_day_off("--02-29") and not calendars.is_day_off("--02-30")


def test_the_same_day_twice_is_refused() -> None:
    table = read_table(f"{GOOD}XA,friday,2025-01-01,,again,s\n".encode(), "calendar.csv")
    with pytest.raises(BadInput, match="day off overlaps"):
        tables.build(instruments(), (*dated(), table), vocabulary(), "0" * 64)
