"""`comity person` as people and programs meet it."""

from pathlib import Path

import pytest

from comity.access import cli
from comity.kit.database.unit import Database
from tests.faces import Line, desk_over
from tests.people import PASSPHRASE, enrol


@pytest.fixture
def person(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    desk = desk_over(database, tmp_path)
    return Line("person", cli.commands(lambda: desk), capsys)


@pytest.fixture
def admin(database: Database) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "admin-1")


def test_an_empty_list_says_what_to_do(person: Line) -> None:
    assert person.run("person", "list") == (
        0, "Nobody can act here yet. `comity init` adds a node's first person.\n", ""
    )  # fmt: skip
    assert person.ask("person", "list") == {"people": []}


@pytest.mark.usefixtures("admin")
def test_a_person_is_added_listed_and_deactivated(person: Line) -> None:
    argv = ("person", "add", "examiner-1", "--unit", "laboratory", "--role", "examiner", "--role", "officer")
    added = person.ask(*argv, "--qualified-until", "2027-12-31", "--as", "admin-1")
    assert added["roles"] == ["examiner", "officer"]
    assert added["qualified_until"] == "2027-12-31"
    code, out, _ = person.run("person", "list")
    assert code == 0
    assert "examiner-1  laboratory  examiner, officer  2027-12-31" in out
    renew = ("person", "qualify", "examiner-1", "--as", "admin-1", "--until")
    assert person.ask(*renew, "2029-06-30")["qualified_until"] == "2029-06-30"
    assert "2029-06-30" in person.run("person", "list")[1]
    assert person.fails(*renew, "soon") == (2, "access.date")
    assert not person.ask("person", "deactivate", "examiner-1", "--as", "admin-1")["active"]
    assert "no longer acts" in person.run("person", "list")[1]


@pytest.mark.usefixtures("admin")
def test_a_person_keeps_a_passphrase_of_their_own(person: Line, tmp_path: Path) -> None:
    own, other = tmp_path / "own.txt", tmp_path / "other.txt"
    own.write_text("known to nobody else\n", encoding="utf-8")
    other.write_text("and changed once more\n", encoding="utf-8")
    add = ("person", "add", "security-2", "--unit", "security", "--role", "security_admin", "--as", "admin-1")
    person.ask(*add, "--new-passphrase-file", str(own))
    change = ("person", "passphrase", "--as", "security-2", "--new-passphrase-file", str(other))
    assert person.fails(*change) == (3, "access.passphrase")
    person.ask("--passphrase-file", str(own), *change)
    assert person.fails("--passphrase-file", str(own), *change) == (3, "access.passphrase")


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"--role": "wizard"}, "access.role-unknown"),
        ({"--unit": "Not A Slug"}, "access.name"),
        ({"--qualified-until": "soon"}, "access.date"),
        ({"--key": "/nowhere/key.pem"}, "shell.file"),
        ({"--new-passphrase-file": "/nowhere/new.txt"}, "shell.file"),
    ],
)
def test_bad_options_change_nothing(person: Line, change: dict[str, str], code: str) -> None:
    options = {"--unit": "homicide", "--role": "officer", "--as": "admin-1"} | change
    argv = [part for pair in options.items() for part in pair]
    assert person.fails("person", "add", "officer-1", *argv) == (2, code)
    assert [p["id"] for p in person.ask("person", "list")["people"]] == ["admin-1"]


def test_only_an_administrator_adds(person: Line, database: Database) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
    argv = ("person", "add", "officer-2", "--unit", "u", "--role", "officer", "--as", "officer-1")
    assert person.fails(*argv) == (3, "access.role")


def test_help_teaches_and_shows_no_passphrase(person: Line) -> None:
    code, out, _ = person.run("person", "add", "--help")
    assert code == 0
    assert "Example: comity person add" in out
    assert PASSPHRASE not in out


@pytest.mark.usefixtures("admin")
def test_links_and_recovery(person: Line, database: Database) -> None:
    with database.unit("probe.more") as unit:
        enrol(unit, "officer-1", "officer")
        enrol(unit, "approver-1", "approver")
        enrol(unit, "approver-2", "approver")
    made = person.ask("person", "link", "officer-1", "--as", "admin-1")
    assert made["person"] == "officer-1" and "/join/" in made["link"]
    code, out, _ = person.run("person", "link", "officer-1", "--as", "admin-1")
    assert code == 0 and "within 24 hours" in out
    assert person.fails("person", "link", "officer-1", "--visit", "--as", "admin-1") == (3, "access.visit")
    assert person.fails("person", "link", "officer-1", "--as", "officer-1") == (3, "access.role")
    assert person.fails("person", "link", "officer-9", "--as", "admin-1") == (2, "access.person-unknown")
    recover = ("person", "recover", "officer-1", "--reason", "lost")
    assert person.ask(*recover, "--as", "approver-1") == {"person": "officer-1", "asked": True}
    assert person.fails(*recover, "--as", "approver-1") == (4, "access.four-eyes")
    assert "/join/" in person.ask(*recover, "--as", "approver-2")["link"]
    again = ("person", "recover", "admin-1", "--reason", "x", "--as", "approver-1")
    assert "Somebody of another unit" in person.run(*again)[1]
