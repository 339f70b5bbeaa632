"""`comity directory` and `comity partners` as people and programs meet them, with real partners behind mutual TLS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.base.model import Actor
from comity.exchange import cli, service
from comity.exchange.service import Station
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Record
from tests.exchange.federation import FAST, ROOT, Federation, Node, entry, federation, send_query
from tests.faces import Line, desk_over

Make = Callable[[str], Database]
Rings = Callable[[str], KeyRing]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def line(database: Database, tmp_path: Path, capsys: Capture) -> Line:
    desk = desk_over(database, tmp_path)
    return Line("directory", cli.commands(lambda: desk), capsys)


@pytest.fixture
def files(tmp_path: Path, keyring: Rings) -> dict[str, Path]:
    """The members' entries, as their nodes wrote them."""
    written = {}
    for code in ("XA", "XB"):
        written[code] = tmp_path / f"{code}.json"
        written[code].write_text(json.dumps(entry(keyring(code))))
    return written


def sign(files: dict[str, Path], folder: Path, *options: str) -> tuple[str, ...]:
    where = ("--key", str(folder / "root.pem"), "--out", str(folder / "federation.json"))
    return ("directory", "sign", *map(str, files.values()), *where, *options)


# --- directory -----------------------------------------------------------------------------------------------------


def test_from_entries_to_a_directory_in_force(line: Line, files: dict[str, Path], tmp_path: Path) -> None:
    signed = line.ask(*sign(files, tmp_path, "--federation", "training", "--days", "30"))
    assert (signed["federation"], signed["version"]) == ("training", 1)
    assert ((tmp_path / "root.pem").stat().st_mode & 0o777) == 0o600
    file = str(tmp_path / "federation.json")
    assert line.fails("directory", "import", file) == (2, "exchange.root-needed")
    assert line.fails("directory", "import", file, "--root-key", "00" * 32) == (1, "exchange.root")
    assert line.ask("directory", "import", file, "--root-key", signed["root"]) == signed
    assert line.ask("directory", "show") == signed
    code, out, _ = line.run("directory", "show")
    assert code == 0 and "training, version 1" in out and signed["root"] in out and "Agency of XB" in out


def test_the_next_edition_revokes_under_the_same_root(line: Line, files: dict[str, Path], tmp_path: Path) -> None:
    first = line.ask(*sign(files, tmp_path))
    line.ask("directory", "import", str(tmp_path / "federation.json"), "--root-key", first["root"])
    second = line.ask(*sign(files, tmp_path, "--revoke", "XB"))
    assert (second["version"], second["root"]) == (2, first["root"])
    line.ask("directory", "import", str(tmp_path / "federation.json"))
    assert {m["code"]: m["revoked"] for m in line.ask("directory", "show")["members"]} == {"XA": False, "XB": True}
    (tmp_path / "root.pem").write_bytes(SigningKey.generate().to_pem())
    line.ask(*sign(files, tmp_path))
    assert line.fails("directory", "import", str(tmp_path / "federation.json"))[0] == 1, "another root"


def test_what_cannot_be_signed_or_read(line: Line, files: dict[str, Path], tmp_path: Path) -> None:
    assert line.fails(*sign(files, tmp_path, "--revoke", "XC")) == (2, "exchange.member")
    assert line.fails(*sign(files | {"again": files["XA"]}, tmp_path)) == (2, "exchange.member")
    assert line.fails(*sign(files | {"gone": tmp_path / "gone.json"}, tmp_path)) == (2, "shell.file")
    assert not (tmp_path / "federation.json").exists()
    assert line.fails("directory", "show") == (7, "exchange.no-directory")
    (tmp_path / "torn.json").write_bytes(b"{}")
    assert line.fails("directory", "import", str(tmp_path / "torn.json"), "--root-key", "00" * 32)[0] in (1, 2)


# --- partners ------------------------------------------------------------------------------------------------------


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
            service.import_directory(unit, self.signed, ROOT.public.fingerprint)
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
            yield Scene(Line("exchange", cli.partners_command(lambda: desk), capsys), world, signed, other)
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
    assert code == 0 and "extends all 2 heads" in out
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
