"""The command line as a person and as a program meet it: real commands, real exit codes, real streams."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from comity.base import errors
from comity.base.errors import ComityError, NotAllowed, Tampered, Unavailable
from comity.kit import shell
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from tests.kit.desks import counted, desk_for

BRANCHES = {
    kind.branch: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ComityError)
}


def app_that(act: Callable[[], None]) -> typer.Typer:
    """A program with one command, ``do [--json] [--times N]``."""
    app = typer.Typer()

    @app.callback()
    def root(
        from_environment: shell.FromEnvironment = None,
        passphrase_file: shell.PassphraseFile = None,
    ) -> None:
        shell.keep_passphrase(from_environment, passphrase_file)

    @app.command()
    def do(as_json: shell.AsJson = False, times: int = 1) -> None:
        for _ in range(times):
            act()

    return app


def failing(error: BaseException) -> typer.Typer:
    def act() -> None:
        raise error

    return app_that(act)


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("branch", sorted(set(BRANCHES) - {"error"}))
def test_every_branch_has_its_exit_code(branch: str, capsys: pytest.CaptureFixture[str]) -> None:
    error = BRANCHES[branch]("room.reason", "What happened", where="file.csv", todo="Do this.")
    assert shell.run(failing(error), ["do"]) == shell.EXIT_CODES[branch]
    assert capsys.readouterr() == ("", "Error: What happened (file.csv). Do this.\n")


def test_errors_are_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run(failing(Tampered("log.leaf", "A leaf differs", todo="Keep the disk.")), ["do", "--json"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err) == {
        "error": {"code": "log.leaf", "what": "A leaf differs", "where": "", "todo": "Keep the disk."}
    }


@pytest.mark.parametrize("arguments", [["undo"], ["do", "--unknown"], ["do", "--times", "many"], ["do", "more"]])
def test_misuse_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    app = app_that(lambda: None)
    assert shell.run(app, arguments) == 2
    assert "Error: " in capsys.readouterr().err
    assert shell.run(app, [*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "shell.usage"


def test_a_fault_of_ours_is_not_mistaken_for_tampering(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run(failing(ZeroDivisionError()), ["do", "--json"]) == shell.INTERNAL
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["error"]["code"] == "shell.internal"


def test_interruption_exit_and_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run(failing(KeyboardInterrupt()), ["do"]) == shell.INTERRUPTED
    assert shell.run(failing(typer.Exit(9)), ["do"]) == 9
    assert shell.run(app_that(lambda: None), ["do"]) == 0
    assert shell.run(app_that(lambda: None), ["--help"]) == 0
    assert "--passphrase " not in capsys.readouterr().out, "only the file and the environment are offered"


# --- output --------------------------------------------------------------------------------------------------------


def test_emit_speaks_to_people_or_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    shell.emit({"n": 1}, True, lambda: "one")
    shell.emit({"n": 1}, False, lambda: "one")
    assert capsys.readouterr().out == '{"n": 1}\none\n'


def test_text_of_a_partner_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    shell.emit(None, False, lambda: "a\x1b[2Jb\x9bc\rd\te\nf")
    shell.run(failing(Unavailable("x.y", "a\x1b]0;b", todo="c")), ["do"])
    assert capsys.readouterr() == ("a\\x1b[2Jb\\x9bc\\x0dd\te\nf\n", "Error: a\\x1b]0;b. c\n")


def test_a_table_aligns_and_says_what_to_do_when_empty() -> None:
    assert (
        shell.table(["ID", "UNIT"], [["officer-1", "u"], ["o", "unit"]], "none")
        == "ID         UNIT\nofficer-1  u\no          unit"
    )
    assert shell.table(["ID"], [], "Nobody yet: comity person add.") == "Nobody yet: comity person add."


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 10**7))
def test_time_left_is_said_only_while_something_is_left(done: int, total: int, seconds: float) -> None:
    assert (shell.time_left(done, total, seconds) != "") == (0 < done < total)


def test_time_left_in_words() -> None:
    assert shell.time_left(50, 100, 30) == "about 30 s left"
    assert shell.time_left(10, 100, 60) == "about 9 min left"
    assert shell.time_left(1, 100, 60) == "about 1.6 h left"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_rewrites_one_line_of_a_terminal_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell.Progress, "REDRAW_SECONDS", 0.0)
    with shell.Progress("importing", 2000, Terminal()) as progress:
        progress.advance(1500)
        stream = progress._stream
        assert isinstance(stream, Terminal)
        assert stream.getvalue() == "\r\x1b[Kimporting: 1,500 of 2,000, about 1 s left"
    assert stream.getvalue().endswith("\r\x1b[K")


def test_progress_is_silent_where_nobody_watches() -> None:
    stream = io.StringIO()
    with shell.Progress("importing", 2, stream) as progress:
        progress.advance(2)
    assert stream.getvalue() == ""


# --- who acts ------------------------------------------------------------------------------------------------------


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
