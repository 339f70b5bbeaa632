"""The log's command line and officer API, with people who are enrolled, on both databases."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from comity.access import service as access
from comity.access.model import NewPerson
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Actor, DataKey
from comity.kit import shell
from comity.kit.crypto.passphrase import Cost
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.kit.web.problems import answer_errors
from comity.kit.web.servers import serve_in_thread
from comity.log import api, cli, service, store
from comity.log.model import Record
from tests.people import signed_in

CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)
CASE_KEY = DataKey("case-key-1", b"k" * 32)
Run = Callable[..., int]


def find_key(_unit: Unit, name: str) -> DataKey | None:
    return CASE_KEY if name == CASE_KEY.id else None


def refused(unit: Unit, actor: Actor, verb: str, error: NotAllowed | Conflict) -> None:
    service.append(unit, Record("access.refused", actor, {"verb": verb}, {"code": error.code}))


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """A node with a security administrator, an officer and an auditor, and one entry under a case's key."""
    with database.unit("test.people") as unit:
        access.add_person(unit, _person("security-1", "security_admin"), None, CHEAP)
        admin = signed_in(unit, "security-1", _passphrase("security-1"))
        access.add_person(unit, _person("auditor-1", "auditor"), admin, CHEAP)
        access.add_person(unit, _person("officer-1", "officer"), admin, CHEAP)
        actor = Actor("XA", "officer-1", "unit-a", frozenset({"officer"}))
        service.append(unit, Record("message.sent", actor, {"n": 1}, "sealed words", peer="XB", key=CASE_KEY))
    return Desk("XA", tmp_path, database, Vault(tmp_path / "vault"), access.enter, refused)


def _passphrase(person: str) -> str:
    return f"the long passphrase of {person}"


def _person(name: str, role: str) -> NewPerson:
    return NewPerson(
        id=name, unit=f"{role.replace('_', '-')}-unit", roles=frozenset({role}), passphrase=_passphrase(name)
    )


@pytest.fixture
def run(desk: Desk, tmp_path: Path) -> Run:
    """`run("log", "show", person="auditor-1")`: one command of the node, with that person's passphrase at hand."""

    def command(*arguments: str, person: str = "") -> int:
        file = tmp_path / "passphrase"
        file.write_text(_passphrase(person))
        shell.keep_passphrase(None, file)
        return shell.run(cli.commands(lambda: desk, access.act, service.Upstairs(find_key)), arguments)

    return command


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    """A client of the officer API, served on loopback."""
    app = FastAPI()
    answer_errors(app)
    app.include_router(api.routes(lambda: desk, access.act, find_key))
    server = serve_in_thread(app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as client:
        yield client
    server.stop()


def last(desk: Desk) -> int:
    with desk.database.read("test.size") as unit:
        return service.count(unit) - 1


def test_verify_says_what_is_proven(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify") == 0
    said = capsys.readouterr().out
    assert "Proven: no entry was changed" in said
    assert "Not proven:" in said
    assert run("verify", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["unread"], report["findings"]) == (True, 0, [])


def test_verify_names_a_changed_row_and_exits_1(run: Run, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with desk.database.unit("test.tamper") as unit:
        unit.connection.execute(sa.update(store.entry_table).where(store.entry_table.c.seq == 1).values(type="x.y"))
    assert run("verify") == 1
    assert "log_entry 1: type is not what the entry's bytes say" in capsys.readouterr().out
    assert run("verify", "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["row"] == "log_entry 1"


def test_show_lists_the_clear_fields(run: Run, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "--type", "message.sent") == 0
    said = capsys.readouterr().out
    assert "XB" in said
    assert "officer-1" not in said
    assert run("show", "--after", str(last(desk) - 1), "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["index"], row["type"]) for row in rows] == [(last(desk), "message.sent")]
    assert run("show", "--after", "1000") == 0
    assert "No such entries" in capsys.readouterr().out
    assert run("show", "--entry", str(last(desk))) == 0
    assert json.loads(capsys.readouterr().out)["peer"] == "XB"
    assert run("show", "--entry", "1000") == 2


def test_an_auditor_opens_values_with_a_reason(run: Run, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    index = last(desk)
    asked = ("show", "--entry", str(index), "--open", "payload", "--open", "actor", "--as", "auditor-1")
    assert run(*asked, "--reason", "request 7", "--json", person="auditor-1") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["payload"]["value"] == "sealed words"
    assert shown["actor"]["value"]["person"] == "officer-1"
    with desk.database.read("test.read") as unit:
        entry = service.entry(unit, last(desk))
        assert entry.type == "log.opened"
        assert isinstance(entry.clear["auth_hash"], str)
        assert service.read_opening(unit, entry.index, "subject").value == {
            "entry": index, "fields": ["actor", "payload"], "reason": "request 7",
        }  # fmt: skip
    assert run("verify") == 0


@pytest.mark.parametrize(
    ("person", "reason", "code"), [("officer-1", "curious", 3), ("auditor-1", " ", 2), ("nobody-1", "why not", 3)]
)
def test_nobody_else_and_nobody_without_a_reason(
    run: Run, capsys: pytest.CaptureFixture[str], person: str, reason: str, code: int
) -> None:
    asked = ("show", "--entry", "0", "--open", "payload", "--as", person, "--reason", reason)
    assert run(*asked, person=person) == code
    assert capsys.readouterr().out == ""


def test_opening_needs_an_entry_and_a_person(run: Run) -> None:
    assert run("show", "--open", "payload") == 2
    assert run("show", "--entry", "0", "--open", "payload") == 2
    asked = ("show", "--entry", "0", "--open", "colour", "--as", "auditor-1", "--reason", "why")
    assert run(*asked, person="auditor-1") == 2


def test_the_api_gives_the_checkpoint_to_all(client: httpx.Client, desk: Desk) -> None:
    note = client.get("/log/checkpoint").text
    with desk.database.read("test.read") as unit:
        assert service.check_checkpoint(note, service.verifier(unit)) == service.head(unit)


def test_the_api_gives_entries_to_who_signs_in(client: httpx.Client, desk: Desk) -> None:
    assert client.get("/log/entries").status_code == 401
    officer = ("officer-1", _passphrase("officer-1"))
    rows = client.get("/log/entries", params={"type": "message.sent"}, auth=officer).json()
    assert [row["index"] for row in rows] == [last(desk)]
    assert client.get("/log/verify", auth=officer).json()["ok"] is True
    assert client.get("/log/entries", params={"limit": 0}, auth=officer).status_code == 400


def test_the_api_opens_values_for_auditors(client: httpx.Client, desk: Desk) -> None:
    index = last(desk)
    body = {"fields": ["payload"], "reason": "request 8"}
    officer, auditor = (("officer-1", _passphrase("officer-1")), ("auditor-1", _passphrase("auditor-1")))
    assert client.post(f"/log/entries/{index}/open", json=body, auth=officer).status_code == 403
    shown = client.post(f"/log/entries/{index}/open", json=body, auth=auditor)
    assert shown.json()["payload"]["value"] == "sealed words"
    with desk.database.read("test.read") as unit:
        kinds = [one.type for one in service.entries(unit, index)]
    assert kinds == ["access.refused", "log.opened"]
