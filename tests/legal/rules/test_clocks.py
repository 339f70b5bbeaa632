"""The core-data clock: 48 hours from confirmation and facts; a judge's delay moves the end without a breach."""

from datetime import UTC, datetime, timedelta

import pytest

from comity.legal.rules import clocks
from tests.legal.law import law

START = datetime(2026, 10, 24, 12, tzinfo=UTC)
H = timedelta(hours=1)
CORE = next(row for i, row in law().rows["core_data"] if i.code == "TRAIN-REG").deadlines[0]
EVENTS = {"match_confirmed": START - 5 * H, "facts_received": START}


def test_it_waits_for_everything_that_starts_it() -> None:
    due = clocks.due(CORE, {"match_confirmed": START}, {}, None, START + 100 * H)
    assert (due.state, due.at) == ("waiting", None)


@pytest.mark.parametrize(
    ("done", "now", "state"),
    [(None, 48, "running"), (None, 48.1, "breached"), (48, 90, "kept"), (48.1, 90, "breached")],
)
def test_without_a_judge(done: float | None, now: float, state: str) -> None:
    due = clocks.due(CORE, EVENTS, {}, None if done is None else START + done * H, START + now * H)
    assert (due.state, due.at, due.article) == (state, START + 48 * H, "8(1)")


def test_three_days_of_a_judge_are_no_breach() -> None:
    delay = {"judicial_authorisation": [(START + 2 * H, START + 74 * H)]}
    due = clocks.due(CORE, EVENTS, delay, START + 80 * H, START + 80 * H)
    assert (due.state, due.extended, due.at) == ("kept", 72 * H, START + 120 * H)


def test_while_the_judge_decides_the_end_moves_on() -> None:
    due = clocks.due(CORE, EVENTS, {"judicial_authorisation": [(START + 2 * H, None)]}, None, START + 500 * H)
    assert (due.state, due.at) == ("extended", START + 546 * H)


def test_a_delay_after_the_end_mends_nothing() -> None:
    due = clocks.due(CORE, EVENTS, {"judicial_authorisation": [(START + 60 * H, None)]}, None, START + 70 * H)
    assert due.state == "breached"


def test_overlapping_and_early_delays_count_once() -> None:
    spans = [(START - 9 * H, START + 10 * H), (START + 4 * H, START + 12 * H), (START + 6 * H, START + 7 * H)]
    due = clocks.due(CORE, EVENTS, {"judicial_authorisation": spans, "holiday": [(START, None)]}, None, START + 20 * H)
    assert (due.extended, due.state) == (12 * H, "running")
