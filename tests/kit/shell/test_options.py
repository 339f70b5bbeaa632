"""Who acts, and where the passphrase comes from."""

from pathlib import Path

import pytest
import typer

from comity.base.errors import NotAllowed
from comity.kit import shell
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from tests.kit.desks import counted, desk_for
from tests.kit.shell.programs import app_that


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return desk_for(database, tmp_path)


def acting_once(desk: Desk, done: list[str]) -> typer.Typer:
    def act() -> None:
        with shell.acting(desk, "room.verb", "officer-1") as (unit, issuer):
            done.append(f"{unit.name} {issuer.actor.person}")

    return app_that(act)


def test_a_passphrase_comes_from_the_environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "right")
    done: list[str] = []
    assert shell.run(acting_once(desk, done), ["do"]) == 0
    assert done == ["room.verb officer-1"]


def test_a_passphrase_comes_from_a_file_before_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "wrong")
    file = tmp_path / "passphrase"
    file.write_text("right\nsecond line\n", encoding="utf-8")
    done: list[str] = []
    assert shell.run(acting_once(desk, done), ["--passphrase-file", str(file), "do"]) == 0
    assert done == ["room.verb officer-1"]


@pytest.mark.parametrize(
    "arguments", [["--passphrase", "right", "do"], ["--passphrase-file", "/nowhere", "do"], ["do"]]
)
def test_no_passphrase_in_the_arguments_nor_a_missing_one(
    desk: Desk, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run(acting_once(desk, []), arguments) == 2
    assert "passphrase" in capsys.readouterr().err
    assert counted(desk) == []


def test_a_failed_sign_in_is_kept_and_nothing_is_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "wrong")
    done: list[str] = []
    assert shell.run(acting_once(desk, done), ["do"]) == 3
    assert (done, counted(desk)) == ([], ["officer-1"])


def test_an_act_that_is_not_allowed_is_kept_as_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "right")

    def act() -> None:
        with shell.acting(desk, "room.verb", "officer-1"):
            raise NotAllowed("room.role", "An examiner is needed", todo="Ask one.")

    assert shell.run(app_that(act), ["do"]) == 3
    assert counted(desk) == ["officer-1", "room.verb refused"]
