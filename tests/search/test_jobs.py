"""The clock of searches ends what has passed its deadline, by itself and only then, and survives a fault."""

import pytest

from comity.base.errors import Unavailable
from comity.search import jobs
from tests.search.world import World

WEEK = 7 * 24 * 3600


def awaited(two: World, query: str, state: str) -> bool:
    """Whether the query comes to that state within some changes of the database."""
    for _ in range(50):
        if two.a.where(query)[0] == state:
            return True
        two.a.database.wait_for_change(0.2)
    return False


def test_the_clock_ends_what_is_overdue(two: World) -> None:
    query = two.a.ask("XB")[0].id
    with jobs.running(two.a.desk, two.a.matchers, every=0.01):
        assert two.a.where(query)[0] == "searching"
        two.clock.advance(WEEK)
        assert awaited(two, query, "expired")


def test_the_clock_goes_on_after_a_fault(two: World, caplog: pytest.LogCaptureFixture) -> None:
    query = two.a.ask("XB")[0].id
    two.clock.advance(WEEK)
    two.a.database.sealed = True
    with jobs.running(two.a.desk, two.a.matchers, every=0.01):
        for _ in range(50):
            if "search-clock" in caplog.text:
                break
            two.a.database.wait_for_change(0.1)
        assert "search-clock" in caplog.text
        two.a.database.sealed = False
        assert awaited(two, query, "expired")


def test_a_clock_stops_when_its_context_is_left(two: World) -> None:
    with pytest.raises(Unavailable), jobs.running(two.a.desk, two.a.matchers):
        raise Unavailable("search.waiting", "the node stops", todo="Start it again.")
