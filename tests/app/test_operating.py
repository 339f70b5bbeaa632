"""A node's making, its standing and the doctor: whole or not at all, and every finding says what to do."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.app import doctor, operating, server
from comity.app.settings import Settings, load, save
from comity.app.wiring import create_node
from comity.base.clock import system_clock
from comity.base.errors import Conflict
from comity.base.model import Actor
from comity.log import service as log
from comity.log.model import Record
from tests.app.conftest import Line, joined
from tests.people import PASSPHRASE

FIRST = operating.FirstPerson("admin-1", "security", PASSPHRASE)


# --- init ----------------------------------------------------------------------------------------------------------


def test_a_node_is_made(line: Line) -> None:
    made = line.init("--training")
    assert made.pop("link").startswith("http://xa.localhost:8440/join/")
    assert made == {"home": str(line.home), "code": "XA", "admin": "security-1"}
    assert line.home.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in (line.home / "keys").iterdir())
    found = line.ask("status")
    assert (found["log"]["size"], found["training"], found["partners"], found["read_only"]) == (1, True, [], False)


def test_on_either_engine(tmp_path: Path, empty_url: Callable[[str], str]) -> None:
    settings = Settings(tmp_path / "home", "XA", "Agency", empty_url("node"))
    operating.init(settings, FIRST).close()
    with pytest.raises(Conflict) as caught:
        operating.init(Settings(tmp_path / "other", "XB", "Agency", settings.database_url), FIRST)
    assert caught.value.code == "node.database-used"
    assert not (tmp_path / "other").exists()


def test_a_used_home_stays_as_it_is(line: Line) -> None:
    line.init()
    before = {p: p.read_bytes() for p in line.home.rglob("*") if p.is_file()}
    assert line.fails("init", "--code", "XB", "--name", "B") == (4, "node.home-used")
    assert {p: p.read_bytes() for p in line.home.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("--code", "xa", "--name", "A"), "node.code"),
        (("--code", "XA", "--name", " "), "node.settings"),
        (("--code", "XA", "--name", "A", "--partner-port", "8440"), "node.settings"),
        (("--code", "XA", "--name", "A", "--database", "mysql://x/y"), "node.database-url"),
        (("--code", "XA", "--name", "A", "--admin", "No Body"), "access.name"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(line: Line, argv: tuple[str, ...], code: str) -> None:
    assert line.fails("init", *argv) == (2, code)
    assert not line.home.exists()


def test_a_weak_passphrase_leaves_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "short")
    line.home.mkdir()
    assert line.fails("init", "--code", "XA", "--name", "A")[0] == 2
    assert list(line.home.iterdir()) == []


def test_a_home_that_cannot_be(line: Line, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file" / "home", tmp_path / "file", Path("/proc/home")):
        assert line.at(home).fails("init", "--code", "XA", "--name", "A") == (2, "node.home")


def test_a_database_that_does_not_answer(line: Line) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    assert line.fails("init", "--code", "XA", "--name", "A", "--database", url) == (6, "node.database-away")
    assert not line.home.exists()


# --- the doctor ----------------------------------------------------------------------------------------------------


def found(line: Line) -> dict[str, tuple[bool, str]]:
    """The doctor's checks by name."""
    code, out, _ = line.run("doctor", "--json")
    told = json.loads(out)
    assert code == (0 if told["ok"] else 1)
    assert all(check["ok"] or check["todo"] for check in told["checks"])
    return {check["check"]: (check["ok"], check["detail"]) for check in told["checks"]}


def test_a_new_node_lacks_only_its_directory(line: Line) -> None:
    line.init()
    assert [name for name, (ok, _) in found(line).items() if not ok] == ["directory"]
    code, out, _ = line.run("doctor")
    assert code == 1
    assert "comity federation join" in out


def test_a_healthy_node(line: Line, tmp_path: Path) -> None:
    line.init()
    (me,) = joined(line, tmp_path)["members"]
    assert (me["code"], me["endpoint"]) == ("XA", "https://127.0.0.1:9440")
    assert "directory: fresh" in line.run("status")[1]
    assert all(ok for ok, _ in found(line).values())


def test_what_the_law_lacks_and_that_somebody_changed_it(line: Line, tmp_path: Path) -> None:
    line.ask("init", "--code", "XY", "--name", "Agency of XY")
    assert found(line)["law"] == (False, "nothing can be allowed without participations, offences, recipients of XY")
    assert "comity legal import" in line.run("doctor")[1] and "NOTHING CAN BE ALLOWED" in line.run("status")[1]
    line.ask("person", "add", "lawyer-1", "--unit", "law", "--role", "lawyer", "--as", "security-1")
    line.ask("person", "add", "operator-1", "--unit", "it", "--role", "operator", "--as", "security-1")
    for name, person in (("one", "lawyer-1"), ("three", "operator-1")):
        table = tmp_path / f"{name}.csv"
        table.write_text(f"state,day,from,until,name,source\nXY,--12-2{len(name)},2020-01-01,,{name},s\n")
        line.ask("legal", "import", str(table), "--as", person)
    assert "law: signed set 1; 1 imported tables wait" in line.run("status")[1]
    engine = sa.create_engine(f"sqlite:///{line.home}/node.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM legal_set")
    engine.dispose()
    ok, detail = found(line)["law"]
    assert not ok and "is no longer stored" in detail
    assert "law: CHANGED, nothing is decided" in line.run("status")[1]


def test_findings(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.init()
    monkeypatch.setattr(doctor, "LOW_DISK_BYTES", 1 << 60)
    monkeypatch.setattr(doctor, "LOW_CERTIFICATE", timedelta(days=1000))
    engine = sa.create_engine(f"sqlite:///{line.home}/node.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log_entry SET leaf_hash = zeroblob(32)")
    engine.dispose()
    lacking = {name for name, (ok, _) in found(line).items() if not ok}
    assert lacking == {"disk", "certificate", "log", "directory"}


def test_a_clock_behind_the_log(line: Line) -> None:
    line.init()
    node = create_node(load(line.home), clock=lambda: system_clock() + timedelta(days=2))
    with node.database.unit("test.future") as unit:
        log.append(unit, Record("test.note", Actor("XA", "p", "u", frozenset()), {}, {}))
    node.close()
    assert not found(line)["clock"][0]


def test_a_node_that_cannot_be_opened_is_a_finding(line: Line) -> None:
    assert found(line)["node"][1].startswith("There is no node here")
    line.init()
    (line.home / "keys" / "log.pem").chmod(0o644)
    assert "open to other users" in found(line)["node"][1]
    (line.home / "keys" / "log.pem").unlink()
    assert "cannot be read" in found(line)["node"][1]


def test_a_database_of_another_release_is_a_finding(line: Line) -> None:
    line.init()
    engine = sa.create_engine(f"sqlite:///{line.home}/node.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert found(line)["schema"] == (
        False,
        "The database is at revision 9999, made by a newer release of Comity than this one",
    )


# --- run -----------------------------------------------------------------------------------------------------------


def test_a_sealed_node_serves_only_its_officers(line: Line) -> None:
    line.init()
    settings = load(line.home)
    node = create_node(settings)
    node.database.sealed = True
    with server.running(node) as at:
        assert at.partners == ""
    node.close()


def test_settings_of_another_node_are_refused(line: Line) -> None:
    line.init()
    save(Settings(line.home, "XB", "Other"))
    assert line.fails("status") == (7, "keys.node")
