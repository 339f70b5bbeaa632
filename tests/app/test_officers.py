"""The officers' side over real HTTP: who gets in, what the pages say, and what hostile requests meet."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from comity.app import officers, operating
from comity.app.pages.pages import NAVIGATION, frame, standing_page
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.base.model import JsonObject
from comity.kit.web.pages import PAGE_HEADERS
from comity.kit.web.servers import serve_in_thread
from tests.people import PASSPHRASE, enrol

OPEN = {"/status.json", "/api/v1/log/checkpoint"}
"""What nobody need sign in for, besides the pages and health."""
NAME = 'Agency <script>alert("1")</script> of XA'


@dataclass
class Officers:
    """A node's officer side on loopback."""

    node: Node
    client: httpx.Client

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self.client.get(path, **request)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Officers]:
    """A new node with an officer, served."""
    home = tmp_path_factory.mktemp("officers") / "home"
    node = operating.init(Settings(home, "XA", NAME, training=True), operating.FirstPerson("admin-1", "s", PASSPHRASE))
    with node.database.unit("test.people") as unit:
        enrol(unit, "officer-1", "officer")
    server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        yield Officers(node, client)
    server.stop()
    node.close()


def is_problem(answer: httpx.Response) -> bool:
    """Problem details that say what to do, with the headers that every answer has."""
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == answer.status_code
    assert found["code"]
    assert found["todo"]
    return has_headers(answer)


def has_headers(answer: httpx.Response, own: Mapping[str, str] = MappingProxyType({})) -> bool:
    for name, value in {**officers.HEADERS, **own}.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers
    return True


# --- who gets in ---------------------------------------------------------------------------------------------------


def routes(served: Officers) -> list[tuple[str, str, dict[str, Any]]]:
    schema = served.get("/openapi.json").json()
    return [(verb, path, what) for path, verbs in schema["paths"].items() for verb, what in verbs.items()]


def test_every_route_needs_a_sign_in(served: Officers) -> None:
    found = routes(served)
    assert {path for _, path, what in found if not what.get("security")} == OPEN
    for verb, path, _ in found:
        if path not in OPEN:
            answer = served.client.request(verb, re.sub(r"\{\w+\}", "1", path))
            assert (answer.status_code, is_problem(answer)) == (401, True), (verb, path)


@pytest.mark.parametrize("person", ["nobody", "", "admin-1\x00", "Ａdmin-1", "x" * 5000])
def test_a_stranger(served: Officers, person: str) -> None:
    answer = served.get("/api/v1/people", auth=(person, PASSPHRASE))
    assert answer.status_code in {401, 403}
    assert is_problem(answer)


def test_a_wrong_passphrase(served: Officers) -> None:
    answer = served.get("/api/v1/people", auth=("admin-1", "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (403, "access.passphrase")


def test_every_room_is_there(served: Officers) -> None:
    rooms = {path.split("/")[3] for _, path, _ in routes(served) if path.startswith(officers.API)}
    assert rooms == {"people", "tokens", "duty", "alarms", "cases", "legal", "dna", "searches", "evidence", "log"}


def test_an_officer_works(served: Officers) -> None:
    auth = ("officer-1", PASSPHRASE)
    case = {"reference": "R-1", "title": "A case", "offence": "XA-CC-101"}
    opened = served.client.post("/api/v1/cases", json=case, auth=auth)
    assert opened.status_code == 201
    assert has_headers(opened)
    assert served.get("/api/v1/cases", auth=auth).json()
    assert served.get("/api/v1/dna/profiles", auth=auth).status_code == 200
    assert served.get("/api/v1/searches", auth=auth).status_code == 200
    assert served.get("/api/v1/legal", auth=auth).status_code == 200
    assert served.get("/api/v1/log/verify", auth=auth).json()["ok"]
    assert served.get("/api/v1/log/checkpoint").text.startswith("comity.invalid/XA/log\n")


# --- hostile and mistaken requests ---------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"])
def test_another_name_for_this_machine(served: Officers, host: str) -> None:
    for path in ("/status", "/status.json", "/api/v1/people"):
        answer = served.get(path, headers={"Host": host})
        assert (answer.status_code, is_problem(answer)) == (403, True)


@pytest.mark.parametrize("host", ["xa.localhost:1", "localhost", "127.0.0.1:99", "[::1]:8"])
def test_names_of_this_machine(served: Officers, host: str) -> None:
    assert served.get("/status", headers={"Host": host}).status_code == 200


def test_another_sites_page(served: Officers) -> None:
    answer = served.get("/api/v1/people", auth=("officer-1", PASSPHRASE), headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "web.other-site")


FROM_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": "http://localhost"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=lambda headers: " ".join(*headers.items()))
def test_another_sites_page_reads_and_writes_nothing(served: Officers, headers: dict[str, str]) -> None:
    auth, case = ("officer-1", PASSPHRASE), {"reference": "R-9", "title": "A case", "offence": "XA-CC-101"}
    for verb, path in (("GET", "/status.json"), ("GET", "/api/v1/log/checkpoint"), ("POST", "/api/v1/cases")):
        answer = served.client.request(verb, path, json=case if verb == "POST" else None, auth=auth, headers=headers)
        assert (answer.status_code, answer.json()["code"], is_problem(answer)) == (403, "web.other-site", True)
    assert "R-9" not in served.get("/api/v1/cases", auth=auth).text


def test_the_nodes_own_page_and_links_to_it_work(served: Officers) -> None:
    own = {"Origin": str(served.client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    case = {"reference": "R-10", "title": "A case", "offence": "XA-CC-101"}
    assert served.client.post("/api/v1/cases", json=case, auth=("officer-1", PASSPHRASE), headers=own).is_success
    assert served.get("/status", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "code", "where"),
    [
        ("cases", '{"reference":"R","title":"t","offence":"o","colour":1}', "web.unknown-member", "body.colour"),
        ("cases", '{"reference":"R","title":"t","title":"u","offence":"o"}', "web.duplicate-member", "body.title"),
        ("searches", '{"case":"c","profile":"p","to":["XB"],"instrumnt":"X"}', "web.unknown-member", "body.instrumnt"),
        ("searches", '{"case":"c","profile":"p","to":["XB"],"facts":{"a":1,"a":2}}', "web.duplicate-member", "body.a"),
        ("searches/1/answer", '{"refusal":{"ground":"g","reason":"r","x":1}}', "web.unknown-member", "body.refusal.x"),
        ("evidence/1/withdrawal", '{"reason":"r","why":"w"}', "web.unknown-member", "body.why"),
        ("evidence/requests/1/refusal", '{"ground":"g","reason":"r","x":1}', "web.unknown-member", "body.x"),
        ("people", '{"id":"a","unit":"u","roles":[],"passphrase":"p","role":"officer"}', "web.unknown-member",
         "body.role"),
        ("legal/decide", '{"measure":"m","measure":"n"}', "web.duplicate-member", "body.measure"),
        ("log/entries/1/open", '{"fields":[],"reason":"r","x":1}', "web.unknown-member", "body.x"),
    ],
)  # fmt: skip
def test_a_member_that_nobody_knows_or_that_stands_twice(
    served: Officers, path: str, body: str, code: str, where: str
) -> None:
    json_body = {"Content-Type": "application/json"}
    answer = served.client.post(f"/api/v1/{path}", content=body, headers=json_body, auth=("officer-1", PASSPHRASE))
    assert (answer.status_code, is_problem(answer)) == (400, True)
    assert (answer.json()["code"], answer.json()["where"]) == (code, where)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"), (b"[]", "application/json"), (b"\xff", "application/json"),
        (b"null", "application/json"), (b"", "application/json"), (b"a=b", "application/x-www-form-urlencoded"),
        (b"[" * 100_000, "application/json"), (b'{"reference":1,"title":[],"offence":{}}', "application/json"),
        (b'{"reference":"\\ud800","title":"t","offence":"XA-CC-101"}', "application/json"),
        (b'{"reference":"a\\u0000b","title":"t","offence":"XA-CC-101"}', "application/json"),
    ],
)  # fmt: skip
def test_bodies_that_are_none(served: Officers, body: bytes, kind: str) -> None:
    answer = served.client.post(
        "/api/v1/cases", content=body, headers={"Content-Type": kind}, auth=("officer-1", PASSPHRASE)
    )
    assert answer.status_code == 400, answer.text
    assert is_problem(answer)


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/", "/api/v1/cases/" + "x" * 5000, "/api/v1/cases/%00",
                                  "/api/v1/cases/..%2f..%2fetc", "/docs/oauth2-redirect"])  # fmt: skip
def test_paths_that_lead_nowhere(served: Officers, path: str) -> None:
    answer = served.get(path, auth=("officer-1", PASSPHRASE))
    assert answer.status_code == 404
    assert is_problem(answer)


def test_a_method_that_is_not_there(served: Officers) -> None:
    answer = served.client.delete("/status")
    assert (answer.status_code, is_problem(answer)) == (405, True)


# --- description ---------------------------------------------------------------------------------------------------


def test_the_description_is_sound(served: Officers) -> None:
    """Every reference leads somewhere, every route tells what it does and how it fails, ids are unique."""
    schema = served.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for reference in re.findall(r'"\$ref":\s*"#/([^"]+)"', served.get("/openapi.json").text):
        at: Any = schema
        for step in reference.split("/"):
            at = at[step]
    found = routes(served)
    for verb, path, what in found:
        assert what["summary"], path
        assert what["tags"], path
        assert {p["name"] for p in what.get("parameters", []) if p["in"] == "path"} == set(
            re.findall(r"\{(\w+)\}", path)
        )
        assert "422" not in what["responses"]
        assert what["responses"]["default"]["content"].keys() == {"application/problem+json"}, (verb, path)
    ids = [what["operationId"] for _, _, what in found]
    assert len(ids) == len(set(ids))


# --- pages ---------------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """The tags of a page that a screen reader goes by; strict about closing."""

    VOID = frozenset({"meta", "link", "wbr", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.seen if name == tag]


@pytest.mark.parametrize("path", ["/status", "/docs", "/preferences"])
def test_a_page_can_be_read_by_everybody(served: Officers, path: str) -> None:
    answer = served.get(path)
    assert has_headers(answer, PAGE_HEADERS)
    page = Outline()
    page.feed(answer.text)
    assert page.open == []
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) == 1
    assert page.all("nav")[0]["aria-label"]
    assert [a["href"] for a in page.all("a") if "aria-current" in a] == ([path] if path != "/preferences" else [])
    assert page.all("a")[0]["href"] == "#main"
    assert all(th["scope"] in {"col", "row"} for th in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert not page.all("style")
    assert all("style" not in attrs and not any(name.startswith("on") for name in attrs) for _, attrs in page.seen)
    loaded = [one.get("src") or one.get("href") for tag in ("a", "link", "script", "img") for one in page.all(tag)]
    assert all(str(address).startswith(("/", "#")) for address in loaded)
    assert all(served.get(str(address)).status_code == 200 for address in loaded if str(address).startswith("/static/"))
    assert "&lt;script&gt;" in answer.text
    assert "synthetic data only" in answer.text


def test_pages_of_a_new_node_say_what_to_do(served: Officers) -> None:
    assert "comity federation join" in served.get("/status").text
    assert served.get("/", follow_redirects=False).headers["location"] == "/enter"
    assert "/enter?next=" in served.get("/status").text


def test_the_navigation_names_what_is_served(served: Officers) -> None:
    page = Outline()
    page.feed(served.get("/status").text)
    shown = [str(a["href"]) for a in page.all("a") if "data-key" in a]
    assert shown and shown == [entry.path for entry in NAVIGATION if served.get(entry.path).status_code != 404]
    assert len({entry.key for entry in NAVIGATION}) == len(NAVIGATION)


def test_people_are_refused_with_a_page_and_programs_with_a_problem(served: Officers) -> None:
    asked = {"Accept": "text/html", "Origin": "https://evil.example"}
    answer = served.client.post("/preferences", headers=asked, data={"language": "fr"})
    assert (answer.status_code, "You may not do this" in answer.text) == (403, True)
    assert has_headers(answer, PAGE_HEADERS)
    assert is_problem(served.client.post("/preferences", headers={"Origin": "https://evil.example"}))
    assert is_problem(served.get("/api/v1/nothing", headers={"Accept": "text/html"}))
    assert "nothing at this address" in served.get("/nothing", headers={"Accept": "text/html"}).text


def test_partners_and_queries_on_the_page(served: Officers) -> None:
    found: JsonObject = {
        "at": "2026-03-02T09:30:00.000Z", "log": {"size": 12345}, "profiles": 2, "alarms": 1,
        "queries": {"asking both_laboratories": 2},
        "law": {"fault": "<gone>", "lacking": [], "told": "CHANGED: <gone>"}, "directory": "late <so>",
        "timestamps": {"told": "off"}, "witnesses": {"told": "none", "fault": ""},
        "partners": [
            {"code": "XB", "name": "<b>", "available": True, "reason": "", "queued": 1, "waiting": 0, "undelivered": 0,
             "head_size": 7},
            {"code": "XC", "name": "C", "available": False, "reason": "no <connection>", "queued": 0, "waiting": 3,
             "undelivered": 0, "head_size": 0},
        ],
    }  # fmt: skip
    scope = {"type": "http", "method": "GET", "path": "/status", "query_string": b"", "headers": [], "server": ("x", 1)}
    body = bytes(standing_page(frame(served.node), Request(scope), found).body).decode()
    assert 'class="care">late &lt;so&gt;</bdi>' in body
    assert "asking both laboratories" in body
    assert "12,345" in body
    assert 'class="care">CHANGED: &lt;gone&gt;</bdi>' in body
    assert '<span class="care"><bdi class="number">1</bdi></span>' in body
    assert "no &lt;connection&gt;" in body
    assert "&lt;b&gt;" in body


def test_the_docs_tell_every_route(served: Officers) -> None:
    text = served.get("/docs").text.replace("<wbr>", "")
    for _, path, _ in routes(served):
        assert f'<code dir="ltr">{path}</code>' in text


def test_health(served: Officers) -> None:
    assert served.get("/healthz").json() == {"status": "alive"}
    assert served.get("/readyz").json() == {"status": "ready"}


def test_a_sealed_node_serves_its_pages(served: Officers, tmp_path: Path) -> None:
    case = {"reference": "R-1", "title": "A case", "offence": "XA-CC-101"}
    served.node.database.sealed = True
    try:
        assert "Read-only" in served.get("/status").text
        assert served.get("/api/v1/dna/profiles", auth=("officer-1", PASSPHRASE)).status_code == 200
        answer = served.client.post("/api/v1/cases", json=case, auth=("officer-1", PASSPHRASE))
        assert (answer.status_code, answer.json()["code"]) == (409, "node.read-only")
    finally:
        served.node.database.sealed = False
