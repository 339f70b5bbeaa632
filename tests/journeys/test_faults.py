"""Lines that break and disks that fill up: nothing is lost, doubled or half-done, and nobody waits for another."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.federation import Federation, Scene, copied, take_port
from tests.journeys.lines import Fate, Line, cut_after, garble_after, honest
from tests.journeys.nodes import LiveNode, Refused
from tests.journeys.pictures import check_sound, picture
from tests.journeys.story import Story, custody, queries, query, rest
from tests.journeys.test_search_abroad import ask

pytestmark = pytest.mark.journey


@contextmanager
def behind(scene: Scene, folder: Path, codes: tuple[str, ...], fates: dict[str, Fate | None]) -> Iterator[Federation]:
    """A running federation in which the given nodes are reached over a bad line; None is a line that never answers."""
    with copied(scene, folder, codes) as made:
        lines = []
        for code, fate in fates.items():
            port = take_port()
            lines.append(Line(port, made[code].settings.partner_port, fate or honest, silent=fate is None))
            made.endpoints[code] = f"https://127.0.0.1:{port}"
        made.publish()
        made.start()
        try:
            yield made
        finally:
            for line in lines:
                line.close()


@pytest.mark.parametrize(
    "fate",
    [cut_after(3_000, 4), cut_after(6_000, 4), garble_after(4_000, 4)],
    ids=["cut in the handshake", "cut in the message", "a byte changed"],
)
def test_a_bad_line_costs_time_and_nothing_else(scene: Scene, tmp_path: Path, fate: Fate) -> None:
    with behind(scene, tmp_path, ("XA", "XB"), {"XB": fate, "XA": fate}) as world:
        story = Story(world)
        story.tell()
        rest(world)
        assert custody(world["XA"], story.request) == "XA"
        for node in world.nodes.values():
            found = picture(node)
            assert found["log"]["message.received"] == len(found["inbox"])
            assert found["log"]["message.sent"] == len(found["messages"])
            assert {row[3] for row in found["inbox"]} == {"handled"}
        check_sound(world)


def test_a_silent_partner_holds_up_nobody_else(scene: Scene, tmp_path: Path) -> None:
    with behind(scene, tmp_path, ("XA", "XB", "XC"), {"XC": None}) as world:
        quick, slow = (q["query"] for q in ask(world, "homicide", "XB", "XC"))
        world.bell.until(lambda: query(world["XA"], quick).status == "hit", "XB's answer")
        assert query(world["XA"], slow).status in ("pending", "unavailable"), "and never no-hit"


@contextmanager
def full_disk(node: LiveNode) -> Iterator[None]:
    """No file of the node's process can grow while this lasts."""
    before = resource.prlimit(node.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(node.pid, resource.RLIMIT_FSIZE, before)


def test_a_full_disk_stops_an_act_whole(federation: Callable[..., Federation]) -> None:
    world = federation("XA", "XB")
    a, story = world["XA"], Story(world)
    rest(world)
    before = picture(a)
    with full_disk(a), pytest.raises(Refused) as caught:
        ask(world, "homicide", "XB")
    assert caught.value.status == 503
    assert picture(a) == before
    assert queries(a) == []
    story.tell()
    rest(world)
    check_sound(world)


def test_a_full_disk_at_the_partner_delays_and_loses_nothing(federation: Callable[..., Federation]) -> None:
    world = federation("XA", "XB")
    a, b = world["XA"], world["XB"]
    with full_disk(b):
        (sent,) = ask(world, "homicide", "XB")
        world.bell.until(lambda: query(a, sent["query"]).status == "unavailable", "XB cannot take it")
    world.bell.until(lambda: query(a, sent["query"]).status == "hit", "the answer")
    rest(world)
    assert [q.id for q in queries(b)] == [sent["query"]]
    check_sound(world)
