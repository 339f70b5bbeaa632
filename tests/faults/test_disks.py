"""Disks that fill up: an act is stopped whole, and what a partner cannot take waits for it."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.world import World, check_operator
from tests.journeys.nodes import LiveNode, Refused
from tests.journeys.pictures import picture
from tests.journeys.story import Story, queries

pytestmark = pytest.mark.journey


@contextmanager
def full_disk(node: LiveNode) -> Iterator[None]:
    """No file of the node's process can grow while this lasts."""
    before = resource.prlimit(node.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(node.pid, resource.RLIMIT_FSIZE, before)


def test_a_full_disk_stops_an_act_whole(world: Callable[..., World]) -> None:
    made = world("XA", "XB")
    a = made["XA"]
    made.rest()
    before = picture(a)
    with full_disk(a), pytest.raises(Refused) as caught:
        made.ask("XB")
    assert caught.value.status == 503
    assert picture(a) == before
    assert queries(a) == []
    Story(made.federation).tell()
    made.check()


def test_a_full_disk_at_the_partner_delays_and_loses_nothing(world: Callable[..., World]) -> None:
    made = world("XA", "XB")
    a, b = made["XA"], made["XB"]
    made.rest()
    with full_disk(b):
        (id,) = made.ask("XB")
        made.until(lambda: made.status(id) == "unavailable", "XB cannot take it")
        check_operator(a, "XB", "node.storage")
    made.answered(id, "hit")
    made.rest()
    assert [q.id for q in queries(b)] == [id]
    check_operator(a, "XB", "available", "0")
