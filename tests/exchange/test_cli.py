"""`comity partners` as people and programs meet them, with real partners behind mutual TLS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.base.model import Actor
from comity.exchange import cli, service
from comity.exchange.service import Station
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Record
from tests.exchange.federation import FAST, PIN, Federation, Node, federation, send_query
from tests.faces import Line, desk_over

Make = Callable[[str], Database]
Rings = Callable[[str], KeyRing]
Capture = pytest.CaptureFixture[str]


@dataclass
class Scene:
    """XA's command line, and its partner XB, who has accepted one message."""

    line: Line
    world: Federation
    signed: bytes
    other: Database

    def replace(self, *, entries: int) -> None:
        """XB's log becomes another one under the same keys, as a restored backup would be: so many entries longer."""
        old = self.world.nodes["XB"]
        assert old.server is not None
        port = old.server.port
        old.hang_up()
        new = Node(Station(self.other, pace=FAST))
        self.world.nodes["XB"] = new
        with new.database.unit("test.restore") as unit:
            service.import_directory(unit, self.signed, PIN)
        with new.database.unit("test.restore") as unit:
            for number in range(entries):
                log.append(unit, Record("test.other", Actor.system("XB"), {"number": number}, None))
        new.listen(port)

    def verify(self) -> tuple[int, dict[str, object]]:
        code, out, _ = self.line.run("exchange", "partners", "--verify", "--json")
        (report,) = json.loads(out)
        return code, report

    def alarms(self) -> list[str]:
        with self.world.nodes["XA"].database.read("test") as unit:
            return [alarm.kind for alarm in service.alarms(unit)]


@pytest.fixture
def scene(make_database: Make, database_url: Callable[[str], str], tmp_path: Path, capsys: Capture) -> Iterator[Scene]:
    with federation(make_database, listening=("XA", "XB")) as world:
        send_query(world.nodes["XA"].station, "XB")
        service.deliver_due(world.nodes["XA"].station)
        desk = desk_over(world.nodes["XA"].database, tmp_path)
        signed = world.publish()
        old = world.nodes["XB"].database
        other = Database(database_url("XB-restored"), node="XB", keys=old.keys, clock=old.clock)
        try:
            yield Scene(Line("exchange", cli.partners_command(lambda: desk, dict), capsys), world, signed, other)
        finally:
            world.nodes["XB"].hang_up()
            other.dispose()


def test_partners_and_how_they_stand(scene: Scene) -> None:
    (stand,) = scene.line.ask("exchange", "partners")
    assert (stand["code"], stand["available"], stand["queued"], stand["waiting"]) == ("XB", True, 0, 0)
    assert stand["head_size"] > 0 and stand["heads_unverified"] == 1
    code, out, _ = scene.line.run("exchange", "partners")
    assert code == 0 and "Agency of XB" in out and "available" in out
    assert scene.line.fails("exchange", "partners", "--retry", "XC")[0] == 2


def test_an_honest_partners_log_extends_all_it_showed(scene: Scene) -> None:
    code, report = scene.verify()
    assert (code, report["ok"], report["partner"]) == (0, True, "XB")
    (stand,) = scene.line.ask("exchange", "partners")
    assert (stand["head_size"], stand["heads_unverified"]) == (report["size"], 1), "only the newest has none after it"
    code, out, _ = scene.line.run("exchange", "partners", "--verify")
    assert code == 0 and "extends all that it showed" in out
    assert scene.alarms() == []


@pytest.mark.parametrize(("entries", "why"), [(0, "showed"), (40, "proof")])
def test_a_shrunk_and_a_forked_log_raise_an_alarm(scene: Scene, entries: int, why: str) -> None:
    scene.replace(entries=entries)
    code, report = scene.verify()
    assert (code, report["ok"]) == (1, False)
    assert why in str(report["detail"])
    assert scene.alarms() == ["two-histories"]


def test_a_partner_that_is_away_is_not_verified_but_no_alarm(scene: Scene) -> None:
    scene.world.nodes["XB"].hang_up()
    code, report = scene.verify()
    assert (code, report["ok"]) == (1, False)
    assert "not checked" in str(report["detail"])
    assert scene.alarms() == []
