"""Homes, empty databases of both engines, and the whole command line in this process."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from comity.app.cli import build
from comity.kit import shell
from tests.people import PASSPHRASE


class Line:
    """`comity` as it is installed; everybody's passphrase is `tests.people.PASSPHRASE`."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def at(self, home: Path) -> "Line":
        """The same for another home."""
        return Line(home, self._capsys)

    def run(self, *argv: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command."""
        app, close = build()
        self._capsys.readouterr()
        try:
            code = shell.run(app, ["--home", str(self.home), *argv])
        finally:
            close()
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def ask(self, *argv: str) -> Any:
        """The JSON answer of a command that must succeed."""
        code, out, err = self.run(*argv, "--json")
        assert code == 0, err
        return json.loads(out)

    def fails(self, *argv: str) -> tuple[int, str]:
        """Exit code and error code of a command that must fail."""
        code, out, err = self.run(*argv, "--json")
        assert out == ""
        return code, json.loads(err)["error"]["code"]

    def init(self, *argv: str) -> Any:
        """A new node XA in the home."""
        return self.ask("init", "--code", "XA", "--name", "Agency of XA", *argv)


def joined(line: Line, folder: Path) -> dict[str, Any]:
    """The node of `line` founds a federation in `folder`, joins it, and takes its first edition into use."""
    office, invitation, entry = (str(folder / name) for name in ("office", "invitation.json", "entry.json"))
    if not (folder / "office").exists():
        line.ask("federation", "create", "training", "--dir", office)
    told = line.ask("federation", "invite", "XA", "--dir", office, "--out", invitation)
    line.ask("federation", "join", invitation, "--root-key", told["root"], "--out", entry)
    line.ask("federation", "publish", entry, "--dir", office)
    found: dict[str, Any] = line.ask("federation", "mirror", "--from", office)
    return found


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Line:
    """The command line for the home `home` of this test."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    return Line(tmp_path / "home", capsys)


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`empty_url("one")`: the URL of a database without tables; on PostgreSQL a clone that was emptied."""
    if engine == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.db"
        return
    database_url: Callable[[str], str] = request.getfixturevalue("database_url")

    def emptied(name: str) -> str:
        url = database_url(name)
        made = sa.create_engine(url)
        with made.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        made.dispose()
        return url

    yield emptied
