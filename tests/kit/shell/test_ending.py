"""How commands end, as a person and as a program meet it: real commands, real exit codes, real streams."""

import json

import pytest
import typer

from comity.base import errors
from comity.base.errors import ComityError, Tampered
from comity.kit import shell
from tests.kit.shell.programs import app_that, failing

BRANCHES = {
    kind.branch: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ComityError)
}


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
