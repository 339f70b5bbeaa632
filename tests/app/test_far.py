"""The command line at a distance: the same words and the same JSON as on the node's machine, by an access token."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from comity.access import service as access
from comity.access.model import TokenToIssue
from comity.app import officers, operating
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.servers import serve_in_thread
from tests.app.conftest import Line
from tests.exchange.federation import PIN, directory_file, entry
from tests.people import PASSPHRASE, enrol

SCOPES = frozenset({
    "case.open", "case.read", "dna.read", "evidence.read", "search.read", "search.ask", "search.preview", "log.read",
})  # fmt: skip


@dataclass(frozen=True)
class Far:
    """A node that runs, and a file with an officer's token."""

    node: Node
    address: str
    token: Path
    profile: str


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory, keyring: Callable[[str], KeyRing]) -> Iterator[Far]:
    folder = tmp_path_factory.mktemp("far")
    node = operating.init(Settings(folder / "home", "XA", "Agency", training=True),
                          operating.FirstPerson("admin-1", "s", PASSPHRASE))  # fmt: skip
    secret, token = access.new_secret(), folder / "token"
    with node.database.unit("test.people") as unit:
        officer = enrol(unit, "officer-1", "officer", "examiner", until=date(2099, 12, 31))
        access.issue_token(unit, officer, TokenToIssue("far", SCOPES, 1), secret)
        members = [entry(node.keys), entry(keyring("XB"))]
        exchange.import_directory(unit, directory_file(members, 1, unit.now), PIN)
        stain = dna.shipped_file("stain-2800m.xml")
        acted = dna.sign_import(unit, officer, stain, "stain.xml")
        report: Any = dna.import_file(unit, acted, stain, "stain.xml", dna.Options()).as_dict()
    token.touch(mode=0o600)
    token.write_text(f"{secret}\nthe rest is not read\n", encoding="utf-8")
    server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
    yield Far(node, f"http://127.0.0.1:{server.port}", token, report["profiles"][0])
    server.stop()
    node.close()


@dataclass(frozen=True)
class Both:
    """One command line here and one at a distance."""

    line: Line
    far: Far

    def here(self, *argv: str) -> tuple[int, str, str]:
        return self.line.at(self.far.node.settings.home).run(*argv, "--as", "officer-1")

    def there(self, *argv: str) -> tuple[int, str, str]:
        return self.line.run("--at", self.far.address, "--token-file", str(self.far.token), *argv)


@pytest.fixture
def both(line: Line, far: Far) -> Both:
    return Both(line, far)


def test_every_such_command_says_the_same_there_as_here(both: Both) -> None:
    for number, way in enumerate((both.here, both.there)):
        code, told, _ = way("case", "open", f"R-{number}", "--title", "A case", "--offence", "XA-CC-101")
        assert code == 0
        assert re.fullmatch(rf"Case R-{number} is open \([0-9a-f-]{{36}}\)\.\n", told)
    ask = ("search", "ask", "--case", "R-1", "--profile", both.far.profile, "--to", "XB")
    preview = both.here(*ask, "--preview")
    assert preview == both.there(*ask, "--preview")
    assert "Exact recipients:" in preview[1]
    code, _, _ = both.there(*ask, "--yes")
    assert code == 0
    assert both.there(*ask)[0] != 0, "nobody is there to agree"
    query = re.findall(r"[0-9a-f-]{36}", both.there("search", "list")[1])[0]
    for argv in (
        ("case", "list"), ("case", "show", "R-1"), ("search", "list"), ("search", "list", "--case", "R-1"),
        ("search", "show", query), ("dna", "list"), ("evidence", "list", "--case", "R-1"),
        ("search", "list", "--side", "sideways"), ("case", "show", "nothing"), ("search", "show", "nothing"),
    ):  # fmt: skip
        assert both.there(*argv) == both.here(*argv), argv
        assert both.there(*argv, "--json") == both.here(*argv, "--json"), argv


def test_the_log_is_verified_there(both: Both) -> None:
    code, told, _ = both.there("log", "verify")
    assert (code, told.splitlines()[0].split(":")[0]) == (0, "Log comity.invalid/XA/log")
    here = both.line.at(both.far.node.settings.home).run("log", "verify")
    assert told == here[1]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("case", "admit", "x", "--case", "R-1"), "shell.far"), (("person", "list"), "shell.far"),
        (("log", "show"), "shell.far"), (("log", "verify", "--tree"), "shell.far"), (("status",), "shell.far"),
        (("search", "explain", "q"), "shell.far"), (("init", "--code", "XC", "--name", "n"), "shell.far"),
        (("case", "list", "--as", "officer-1"), "shell.far-person"), (("token", "list"), "shell.far"),
        (("evidence", "show", "e"), "shell.far"), (("dna", "show", "d"), "shell.far"), (("doctor",), "shell.far"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_is_done_on_the_machine_alone_says_so(both: Both, argv: tuple[str, ...], code: str) -> None:
    ended, out, err = both.there(*argv, "--json")
    assert (ended, out) == (2, "")
    assert f'"{code}"' in err


def test_the_token_comes_from_a_file_of_ones_own(both: Both, tmp_path: Path) -> None:
    assert both.line.fails("--at", both.far.address, "case", "list") == (2, "shell.token-file")
    file = tmp_path / "token"
    file.write_text("comity_x\n", encoding="utf-8")
    file.chmod(0o644)
    open_file = replace(both, far=replace(both.far, token=file))
    assert "shell.token-open" in open_file.there("case", "list", "--json")[2]
    file.chmod(0o600)
    assert "access.token" in open_file.there("case", "list", "--json")[2]
    elsewhere = replace(both, far=replace(both.far, address="http://node.example:8440"))
    assert "client.clear" in elsewhere.there("case", "list", "--json")[2]


def test_the_environment_names_the_node(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_AT", both.far.address)
    monkeypatch.setenv("COMITY_TOKEN_FILE", str(both.far.token))
    assert both.line.run("dna", "list") == both.there("dna", "list")


def test_help_needs_no_token(both: Both) -> None:
    code, told, _ = both.there("case", "list", "--help")
    assert (code, "--as" in told) == (0, False)
