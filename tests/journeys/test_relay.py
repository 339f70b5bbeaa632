"""Three processes: XA, a relay that can read nothing, and XB, which opens no port: a search and its answer."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from comity.app.demo.commands import Commands
from comity.app.settings import load, save
from comity.exchange import service as exchange
from tests.faults.test_disks import full_disk
from tests.journeys.federation import Federation, Scene, joined
from tests.journeys.story import query
from tests.journeys.test_search_abroad import answered, ask
from tests.people import PASSPHRASE

pytestmark = pytest.mark.journey


@pytest.fixture
def world(scene: Scene, tmp_path: Path) -> Iterator[Federation]:
    for code in ("XA", "XB"):
        shutil.copytree(scene.home(code), tmp_path / code.lower())
    behind = tmp_path / "xb"
    save(replace(load(behind), relay="XR"))
    Commands(PASSPHRASE).ask(tmp_path / "xr", "relay", "init", "--code", "XR", "--name", "Relay of Arvenia")
    with joined(replace(scene, folder=tmp_path), ("XA", "XB", "XR")) as made:
        made.start()
        yield made


def held(world: Federation) -> int:
    """How many requests the relay keeps for XB."""
    with world["XR"].eyes.database.read("test") as unit:
        return sum(int(str(box["held"])) for box in exchange.boxes(unit))


def test_a_search_and_its_answer_through_a_relay(world: Federation) -> None:
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", world["XB"].settings.partner_port), 2):
        pass
    (hit,) = (one["query"] for one in ask(world, "homicide", "XB"))
    assert [c["near"] for c in answered(world, hit, "hit")["candidates"]] == [False]
    world.bell.until(lambda: held(world) == 0, "XB has taken everything")


def test_what_is_held_survives_the_relays_death(world: Federation, tmp_path: Path) -> None:
    a, b, r = world["XA"], world["XB"], world["XR"]
    b.stop()
    (hit,) = (one["query"] for one in ask(world, "homicide", "XB"))
    world.bell.until(lambda: held(world) == 1, "the relay holds the question")
    (box,) = Commands(PASSPHRASE).ask(tmp_path / "xr", "relay", "status")
    assert (box["member"], box["held"]) == ("XB", 1)
    os.kill(r.pid, signal.SIGKILL)
    world.bell.until(lambda: r.deaths == 1 and r.up.is_set(), "the relay is back")
    assert held(world) == 1 and query(a, hit).state == "searching"
    b.start()
    assert answered(world, hit, "hit")["candidates"]


def test_a_full_disk_at_the_relay_puts_senders_off_and_loses_nothing(world: Federation) -> None:
    a, b, r = world["XA"], world["XB"], world["XR"]
    b.stop()
    with full_disk(r):
        (hit,) = (one["query"] for one in ask(world, "homicide", "XB"))
        world.bell.until(lambda: "node.storage" in Commands(PASSPHRASE).run(a.home, "partners").out, "XA is put off")
        assert held(world) == 0 and query(a, hit).status == "unavailable"
    world.bell.until(lambda: held(world) == 1, "the relay has room again")
    b.start()
    assert answered(world, hit, "hit")["candidates"]
