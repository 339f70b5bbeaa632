"""Time: a partner that is down for three days, and clocks that are off by ten minutes or by an hour."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from tests.faults.world import World, check_operator, status
from tests.journeys.story import queries, query

pytestmark = pytest.mark.journey
Start = Callable[..., World]

HOUR: Final = 3_600.0
DAY: Final = 24 * HOUR


def test_a_partner_that_is_down_for_three_days(world: Start) -> None:
    made = world("XA", "XB")
    a, b = made["XA"], made["XB"]
    made.rest()
    b.stop()
    (urgent,) = made.ask("XB", urgency="immediate")
    (usual,) = made.ask("XB")
    for id in (urgent, usual):
        made.answered(id, "unavailable")
    check_operator(a, "XB", "exchange.unreachable", "2")
    for day in range(3):
        made.pass_time(DAY)
        made.until(lambda: made.stand("XA", "XB").undelivered == 1, "eight hours are over for the immediate one")
        assert status(a, "XB")["waiting"] == 1, f"the other waits on day {day}"
    assert query(a, urgent).reason["reason"] == "exchange.unreachable"
    b.start()
    made.answered(usual, "hit")
    made.check()
    assert [q.id for q in queries(b)] == [usual], "what was given up did not leave later"
    assert query(a, usual).asked_at < b.eyes.database.clock() - timedelta(days=3)
    check_operator(a, "XB", "available", "1")
    (id,) = made.ask("XB")
    made.answered(id, "hit")


def test_clocks_ten_minutes_apart_are_near_enough(world: Start) -> None:
    made = world("XA", "XB")
    for minutes in (10, -10):
        made["XB"].shift.value = minutes * 60.0
        (id,) = made.ask("XB")
        made.answered(id, "hit")
    made.rest()
    made["XB"].shift.value = 0.0
    made.check()


def test_a_clock_an_hour_ahead_is_seen_on_both_sides_and_mends_by_itself(world: Start) -> None:
    made = world("XA", "XB")
    a, b = made["XA"], made["XB"]
    made.rest()
    a.shift.value = HOUR
    (id,) = made.ask("XB")
    made.until(lambda: made.stand("XA", "XB").reason == "exchange.future", "XB says so")
    check_operator(a, "XB", "available", "exchange.future", "1")
    assert made.status(id) == "unavailable"
    assert query(a, id).reason["reason"] == "exchange.future"
    assert queries(b) == []
    a.shift.value = 0.0
    (second,) = made.ask("XB")
    made.answered(second, "hit")
    assert made.status(id) == "unavailable", "the envelope says an hour from now, and is not taken before"
    for node in (a, b):
        node.shift.value = HOUR
    made.answered(id, "hit")
    made.check()
    check_operator(a, "XB", "available", "0")
