"""Access tokens over HTTP, at the command line and at a browser."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from comity.access import cli, rules, service
from comity.access.model import NewPerson
from comity.app import officers, operating
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.kit.database.unit import Database
from comity.kit.web.browsers import SESSION
from comity.kit.web.officers import SignedIn
from comity.kit.web.servers import serve_in_thread
from tests.counting import counted
from tests.faces import Line, desk_over
from tests.people import CHEAP, PASSPHRASE, enrol, signed_in


@dataclass
class Served:
    """A node's officer side on loopback, and a browser at which officer-1 visits."""

    node: Node
    client: httpx.Client
    browser: httpx.Client

    def token(self, *scopes: str, person: str = "officer-1") -> dict[str, str]:
        """The header of a program with a new token."""
        asked = {"name": "a program", "scopes": list(scopes)}
        made = self.client.post("/api/v1/tokens", json=asked, auth=(person, PASSPHRASE))
        assert made.status_code == 201, made.text
        return {"Authorization": f"Bearer {made.json()['token']}"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("tokens") / "home"
    node = operating.init(
        Settings(home, "XA", "Agency", training=True), operating.FirstPerson("admin-1", "s", PASSPHRASE)
    )
    with node.database.unit("test.people") as unit:
        enrol(unit, "officer-1", "officer", "auditor")
        lims = NewPerson("lims-1", "lab", frozenset({"officer"}), service.no_passphrase(), system=True)
        service.add_person(unit, lims, signed_in(unit, "admin-1"), CHEAP)
        links = {name: service.issue_link(unit, name, "visit") for name in ("officer-1", "admin-1")}
    server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.port}"
    html = {"Accept": "text/html"}
    with (
        httpx.Client(base_url=base, trust_env=False) as client,
        httpx.Client(base_url=base, trust_env=False, headers=html) as browser,
    ):
        for link in links.values():  # the administrator's session comes last
            token = browser.get(f"/visit/{link}").headers["set-cookie"].partition("=")[2].partition(";")[0]
            browser.headers["Cookie"] = f"{SESSION}={token}"
        yield Served(node, client, browser)
    server.stop()
    node.close()


# --- the officer API -------------------------------------------------------------------------------------------------


def test_a_program_reads_and_acts_within_its_scopes(served: Served) -> None:
    program = served.token("case.read", "case.open")
    case = {"reference": "R-1", "title": "A case", "offence": "XA-CC-101"}
    opened = served.client.post("/api/v1/cases", json=case, headers=program)
    assert (opened.status_code, opened.json()["members"]) == (201, ["officer-1"])
    assert served.client.get(f"/api/v1/cases/{opened.json()['id']}", headers=program).status_code == 200
    assert len(served.client.get("/api/v1/cases", headers=program).json()["cases"]) == 1
    admit = served.client.post(f"/api/v1/cases/{opened.json()['id']}/members", json={"person": "x"}, headers=program)
    assert (admit.status_code, admit.json()["code"]) == (403, "access.scope")
    erase = served.client.post(f"/api/v1/cases/{opened.json()['id']}/erasure", json={"reason": "r"}, headers=program)
    assert (erase.status_code, erase.json()["code"]) == (403, "access.by-hand")
    with served.node.database.read("test.log") as unit:
        kinds = [row.type for row in _entries(unit)]
    assert kinds[-2:] == ["act.refused", "act.refused"]


def _entries(unit: Any) -> Any:
    from comity.log import service as log  # noqa: PLC0415  # the one look at the log here

    return log.entries(unit, -1, 1000, None)


READS = [
    ("GET", "people"), ("GET", "cases"), ("GET", "dna/profiles"), ("GET", "searches"), ("GET", "log/entries"),
    ("GET", "log/verify"), ("GET", "legal"), ("GET", "legal/vocabulary"), ("GET", "legal/sets"),
    ("GET", "legal/changes"),
    ("GET", "legal/deadlines"), ("GET", "legal/offences"), ("GET", "legal/agreements"), ("POST", "legal/decide"),
    ("GET", "tokens"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "path"), READS)
def test_a_token_for_something_else_reads_nothing(served: Served, verb: str, path: str) -> None:
    body: Any = {"json": {}} if verb == "POST" else {}
    answer = served.client.request(verb, f"/api/v1/{path}", headers=served.token("search.withdraw"), **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "access.scope")


def test_what_a_token_may_not_read_is_logged_once_in_a_minute(served: Served) -> None:
    program = served.token("search.withdraw", person="admin-1")
    for _ in range(20):
        assert served.client.get("/api/v1/dna/profiles", headers=program).status_code == 403
    with served.node.database.read("test.log") as unit:
        kinds = [row.type for row in _entries(unit)]
    issued = len(kinds) - kinds[::-1].index("token.issued")
    assert kinds[issued:] == ["act.refused"]


def test_every_route_says_what_a_token_must_be_for(served: Served) -> None:
    """By its verb, or by the act that it opens."""
    routers = officers._routers(served.node)
    found = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    assert len(found) > 60
    for route in found:
        ways = [one.call for one in _all(route.dependant) if isinstance(one.call, SignedIn)]
        if ways and not all(way.verb for way in ways):
            assert re.search(r"\.acting\(\s*\"[a-z]+\.[a-z-]+\", issuer\)", inspect.getsource(route.endpoint)), (
                route.path
            )


def _all(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one
        yield from _all(one)


def test_each_scope_is_of_a_verb_that_a_route_has(served: Served) -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (Path(officers.__file__).parents[1]).rglob("*.py")
        if "api" in path.relative_to(Path(officers.__file__).parents[1]).as_posix()
    )  # fmt: skip
    for verb in set().union(*rules.SCOPES.values()) - {"evidence.view-requests"}:
        assert f'"{verb}"' in source, verb


@pytest.mark.parametrize("header", ["Bearer", "Token abc", "bearerabc", "Basic x"])
def test_what_is_no_sign_in_is_challenged(served: Served, header: str) -> None:
    answer = served.client.get("/api/v1/cases", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("token", ["x", "comity_" + "a" * 43, "a" * 5000])
def test_an_unknown_token(served: Served, token: str) -> None:
    answer = served.client.get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.token")


def test_a_token_in_an_address_is_none(served: Served) -> None:
    token = served.token("case.read")["Authorization"].split()[1]
    assert served.client.get("/api/v1/cases", params={"access_token": token}).status_code == 401


def test_another_sites_page_uses_no_token(served: Served) -> None:
    headers = served.token("case.read") | {"Sec-Fetch-Site": "cross-site"}
    assert served.client.get("/api/v1/cases", headers=headers).json()["code"] == "web.other-site"


def test_a_program_issues_and_revokes_no_token(served: Served) -> None:
    program = served.token(*rules.SCOPES)
    asked = {"name": "another", "scopes": ["case.read"]}
    assert served.client.post("/api/v1/tokens", json=asked, headers=program).json()["code"] == "access.by-hand"
    listed = served.client.get("/api/v1/tokens", auth=("officer-1", PASSPHRASE)).json()["tokens"]
    ending = f"/api/v1/tokens/{listed[-1]['id']}/revocation"
    assert served.client.post(ending, headers=program).json()["code"] == "access.scope"
    assert served.client.post(ending, auth=("officer-1", PASSPHRASE)).json()["ended_at"]
    assert served.client.get("/api/v1/cases", headers=program).json()["code"] == "access.token-over"


# --- at a browser ----------------------------------------------------------------------------------------------------


def form(page: httpx.Response, **fields: Any) -> dict[str, Any]:
    """What the page's form sends."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    return {**hidden, "name": "LIMS", "scope": ["search.ask", "case.read"], "days": "7", **fields}


def test_a_token_is_issued_shown_once_and_revoked(served: Served) -> None:
    page = served.browser.get("/admin/tokens")
    assert page.status_code == 200
    sent = form(page, holder="lims-1", name='<b>"\u0644\u0646\u0638\u0627\u0645"</b>')
    made = served.browser.post("/admin/tokens", data=sent)
    assert made.status_code == 200
    assert sent["secret"] in made.text
    assert "<b>" not in made.text
    assert served.browser.post("/admin/tokens", data=sent).status_code == 409
    program = {"Authorization": f"Bearer {sent['secret']}"}
    assert served.client.get("/api/v1/cases", headers=program).json() == {"cases": []}
    again = served.browser.get("/admin/tokens")
    assert sent["secret"] not in again.text
    ending = re.findall(r'action="(/admin/tokens/[^"]+/revoke)"', again.text)[-1]
    assert served.browser.post(ending, data={"token": sent["token"]}).status_code == 303
    assert served.client.get("/api/v1/cases", headers=program).json()["code"] == "access.token-over"
    assert served.browser.post(ending, data={"token": sent["token"]}).status_code == 409


def test_the_list_takes_as_many_statements_however_long_it_is(served: Served) -> None:
    numbers = []
    for _ in range(2):
        with counted() as count:
            assert served.browser.get("/admin/tokens").status_code == 200
        numbers.append(count.number)
        for _ in range(4):
            served.token("case.read")
    assert numbers[0] == numbers[1] <= 8


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""}, {"name": "x" * 10_000}, {"name": "a\u202eb"}, {"scope": []}, {"scope": ["*"]}, {"days": "0"},
        {"days": "91"}, {"days": "soon"}, {"days": "\u0663"}, {"secret": "short"}, {"scope": ["token.issue"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_issued_comes_back_with_what_was_typed(served: Served, fields: dict[str, Any]) -> None:
    answer = served.browser.post("/admin/tokens", data=form(served.browser.get("/admin/tokens"), **fields))
    assert answer.status_code == (200 if fields == {"days": "\u0663"} else 400)
    if answer.status_code == 400:
        assert 'class="errors"' in answer.text
        assert 'value="7"' in answer.text or "days" in fields


def test_a_forged_form_issues_nothing(served: Served) -> None:
    answer = served.browser.post("/admin/tokens", data=form(served.browser.get("/admin/tokens"), token="0" * 64))
    assert answer.status_code == 403
    for cookie in ("", f"{SESSION}=nothing"):
        assert served.browser.get("/admin/tokens", headers={"Cookie": cookie}).headers["location"].startswith("/enter")


# --- the command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def line(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    desk = desk_over(database, tmp_path)
    with database.unit("test.people") as unit:
        enrol(unit, "officer-1", "officer")
    return Line("token", cli.token_commands(lambda: desk), capsys)


def test_a_token_at_the_command_line(line: Line, database: Database) -> None:
    assert line.run("token", "list")[1].startswith("No program has an access token.")
    made = line.ask("token", "issue", "laboratory", "--scope", "search.ask", "--days", "7", "--as", "officer-1")
    assert service.by_token(database, made["token"]).scopes == ("search.ask",)
    code, told, _ = line.run("token", "issue", "other", "--scope", "search.read", "--as", "officer-1")
    assert code == 0 and "it is not shown again:\ncomity_" in told
    assert {one["name"] for one in line.ask("token", "list")["tokens"]} == {"laboratory", "other"}
    assert line.ask("token", "revoke", made["id"], "--as", "admin-1")["ended_at"]
    assert "revoked" in line.run("token", "list")[1]
    assert line.fails("token", "revoke", made["id"], "--as", "officer-1") == (4, "access.token-ended")
    asked = ("token", "issue", "x", "--scope", "evidence.release", "--as", "officer-1")
    assert line.fails(*asked) == (2, "access.scope-unknown")
