"""A node with keys in a real token as its operator meets it: founded, restarted, moved, saved, and shut without it."""

from pathlib import Path
from typing import Any

import pytest

from comity.app import operating
from comity.app.settings import load
from comity.app.wiring import create_node
from comity.base.errors import ComityError, Conflict, Unavailable
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.kit.crypto.tokenkeys import Reference, signer
from comity.log import service as log
from tests.app.conftest import Line
from tests.people import signed_in
from tests.softhsm import PIN, SoftToken

pytestmark = pytest.mark.softhsm


@pytest.fixture(autouse=True)
def pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PIN", PIN)


def named(token: SoftToken) -> list[str]:
    return ["--token-module", token.place.module, "--token-label", token.place.label]


def with_case(line: Line, reference: str = "XA-1") -> str:
    """A person opens a case; its id."""
    if "officer-1" not in str(line.ask("person", "list")):
        line.ask("person", "add", "officer-1", "--unit", "desk", "--role", "officer", "--as", "security-1")
    made = line.ask("case", "open", reference, "--title", "A title", "--offence", "XA-CC-101", "--as", "officer-1")
    return str(made["id"])


def shown(line: Line, case: str) -> Any:
    return line.ask("case", "show", case, "--as", "officer-1")["title"]


def places(line: Line) -> dict[str, str]:
    return {one["key"]: one["where"] for one in line.ask("keys", "show") if one["which"] == "present"}


def checked(line: Line, name: str) -> Any:
    return next(one for one in line.ask("doctor")["checks"] if one["check"] == name)


def told(line: Line, name: str) -> str:
    """What the doctor says, who may find something else to care about."""
    return next(text for text in line.run("doctor")[1].splitlines() if f" {name}: " in text)


def test_a_node_is_founded_with_its_keys_in_the_token(line: Line, token: SoftToken) -> None:
    line.init(*named(token))
    inside = f"token {token.place.label}"
    assert places(line) == {"tls": "file", "signing": inside, "kem": "file", "log": inside, "kek": inside}
    case = with_case(line)
    assert shown(line, case) == "A title", "every command starts anew"
    assert line.ask("log", "verify")["ok"]
    assert told(line, "token").startswith(f"ok   token: {token.place.label} answers; in it: signing, log, kek")
    assert PIN not in (line.home / "comity.toml").read_text()


def test_the_pin_never_comes_from_the_arguments(
    line: Line, token: SoftToken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.init(*named(token))
    assert line.fails("--pin", PIN, "status") == (2, "shell.pin")
    monkeypatch.setenv("COMITY_PIN", "wrong-pin")
    assert line.fails("status") == (3, "keys.token-pin")
    (tmp_path / "pin").write_text(f"{PIN}\n")
    assert line.ask("--pin-file", str(tmp_path / "pin"), "status")
    monkeypatch.setenv("COMITY_PIN_FILE", str(tmp_path / "pin"))
    assert line.ask("status")
    monkeypatch.delenv("COMITY_PIN_FILE")
    monkeypatch.delenv("COMITY_PIN")
    assert line.fails("status") == (7, "shell.pin"), "and nobody to ask"


def test_a_founding_that_fails_leaves_nothing_in_the_token(line: Line, token: SoftToken, tmp_path: Path) -> None:
    used = f"sqlite:///{tmp_path / 'used.db'}"
    line.at(tmp_path / "first").init("--database", used)
    argv = ["init", "--code", "XA", "--name", "Agency", "--database", used, *named(token)]
    assert line.fails(*argv) == (4, "node.database-used")
    assert token.objects() == 0 and not line.home.exists()
    with token.away():
        assert line.fails("init", "--code", "XA", "--name", "Agency", *named(token)) == (6, "keys.token")
    assert line.fails("init", "--code", "XA", "--name", "Agency", *named(token)[:2]) == (2, "node.settings")


def test_without_the_token_the_node_stays_shut(line: Line, token: SoftToken) -> None:
    line.init(*named(token))
    case = with_case(line)
    with token.away():
        assert line.fails("status") == (6, "keys.token")
        assert "The token does not answer" in line.run("doctor")[1]
    assert shown(line, case) == "A title"


def test_an_act_is_undone_when_the_token_goes_away_beneath_it(line: Line, token: SoftToken) -> None:
    line.init(*named(token))
    case = with_case(line)
    node = create_node(load(line.home), token=token.opened())
    with node.database.unit("test.enter") as unit:
        officer = signed_in(unit, "officer-1")
    with token.away():
        with pytest.raises(Unavailable), node.database.unit("case.open") as unit:
            cases.open_case(unit, officer, NewCase("XA-2", "Another", "XA-CC-101"))
        with pytest.raises(Unavailable), node.database.read("case.show") as unit:
            cases.require(unit, officer.actor, case)
    with node.database.unit("case.open") as unit:
        cases.open_case(unit, officer, NewCase("XA-2", "Another", "XA-CC-101"))
        assert len(cases.list_cases(unit, officer.actor)) == 2
    node.close()
    assert line.ask("log", "verify")["ok"]


def use_token(line: Line, token: SoftToken) -> None:
    """What an operator writes into the settings."""
    text = (line.home / "comity.toml").read_text()
    text = text.replace('token_module = ""', f'token_module = "{token.place.module}"')
    (line.home / "comity.toml").write_text(text.replace('token_label = ""', f'token_label = "{token.place.label}"'))


def test_the_kek_of_a_node_is_moved_into_its_token(line: Line, token: SoftToken) -> None:
    line.init()
    case, old = with_case(line), (line.home / "keys" / "kek.hex").read_bytes()
    assert line.fails("keys", "move") == (7, "keys.token-none")
    use_token(line, token)
    assert places(line)["kek"] == "file"
    assert line.ask("keys", "move") == {"cases": 1}
    assert places(line)["kek"] == f"token {token.place.label}"
    assert not (line.home / "keys" / "kek.hex").exists()
    assert shown(line, case) == "A title"
    assert line.fails("keys", "move") == (4, "keys.moved")
    assert "keys.moved" in [entry["type"] for entry in line.ask("log", "show")]
    assert line.ask("log", "verify")["ok"]
    with token.away():
        assert line.fails("case", "show", case, "--as", "officer-1") == (6, "keys.token")
    (line.home / "keys" / "kek.sealed").unlink()
    (line.home / "keys" / "kek.hex").write_bytes(old)
    (line.home / "keys" / "kek.hex").chmod(0o600)
    assert line.fails("case", "show", case, "--as", "officer-1") == (7, "keys.token-unnamed"), "an old copy of the file"


@pytest.mark.parametrize("done", ["sealed", "wrapped"])
def test_a_move_that_was_interrupted_goes_on(
    line: Line, token: SoftToken, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.init()
    case = with_case(line)
    use_token(line, token)
    node = create_node(load(line.home), token=token.opened())
    with monkeypatch.context() as patch, pytest.raises(Conflict):
        where, verb = (cases, "rewrap") if done == "sealed" else (log, "append")
        patch.setattr(where, verb, _stop)
        operating.move_kek(node)
    node.close()
    assert "CARE token: the move" in told(line, "token")
    assert shown(line, case) == "A title"
    second = with_case(line, "XA-2")
    assert line.ask("keys", "move") == {"cases": 2}
    assert (shown(line, case), shown(line, second)) == ("A title", "A title")
    assert told(line, "token").startswith("ok ")


def _stop(*_: object, **__: object) -> None:
    raise Conflict("test.stop", "the machine stops here", todo="start again")


def test_a_backup_opens_only_with_the_token(line: Line, token: SoftToken, tmp_path: Path) -> None:
    line.init(*named(token))
    case = with_case(line)
    data, keys = str(tmp_path / "data"), str(tmp_path / "keys")
    line.ask("backup", "--out", data, "--keys-out", keys)
    back = line.at(tmp_path / "back")
    with token.away():
        assert back.fails("restore", data, "--keys", keys) == (6, "keys.token")
        assert not back.home.exists(), "nothing stays"
    back.ask("restore", data, "--keys", keys, "--token-module", token.place.module)
    assert back.ask("log", "verify")["ok"]
    node = create_node(load(back.home), token=token.opened())
    with node.database.read("test") as unit:
        assert cases.data_key(unit, case)
    node.close()


def test_signing_moves_into_the_token_by_renewal(line: Line, token: SoftToken) -> None:
    line.init()
    use_token(line, token)
    assert told(line, "token").endswith("in it: no key of this node yet")
    line.run("keys", "renew", "--key", "signing")
    nexts = [one["where"] for one in line.ask("keys", "show") if one["which"] == "next"]
    assert nexts == [f"token {token.place.label}"]


def test_the_logs_next_key_is_made_in_the_token_and_the_one_before_destroyed(line: Line, token: SoftToken) -> None:
    line.init(*named(token))
    for person, of, role in (("operator-1", "it", "operator"), ("auditor-1", "audit", "auditor")):
        assert line.run("person", "add", person, "--unit", of, "--role", role, "--as", "security-1")[0] == 0
    before = (line.home / "keys" / "log.pem").read_bytes()
    why = ("--reason", "a newer token", "--as", "operator-1", "--with", "auditor-1")
    assert line.ask("log", "epoch", "--new-key", *why)["epoch"] == 2
    assert places(line)["log"] == f"token {token.place.label}"
    assert line.ask("log", "verify")["ok"]
    assert line.run("person", "deactivate", "auditor-1", "--as", "security-1")[0] == 0
    gone = Reference.from_pem(before)
    assert gone is not None
    with pytest.raises(ComityError):
        signer(token.opened(), gone)
