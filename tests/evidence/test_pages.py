"""Evidence at a browser: lists, pages and a form for every verb, as people with a session see and send them."""

import hashlib
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import APIRouter
from sqlalchemy import event

from comity.base.errors import Unconfirmed
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.evidence import store
from comity.evidence.model.flow import Offer
from comity.evidence.model.lists import PAGE, Choice
from comity.evidence.pages.routing import routes
from comity.evidence.service import list_items, list_packages, list_requests, offer, verify
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from comity.kit.web.browsers import form_token
from comity.kit.web.pages import Pages
from comity.log import service as log
from tests.access.test_browsers import with_passkey
from tests.evidence.service.agencies import DETAILS, REPORT, Agency, World, world
from tests.faces import desk_over
from tests.pages import served_pages

TOKEN = form_token("open")
HOSTILE = "\u202e<script>alert(1)</script>" + "x" * 1900


class Browser:
    """Somebody's browser before one agency's pages."""

    def __init__(self, client: httpx.Client, person: list[Issuer], people: dict[str, Issuer]) -> None:
        self.client, self._person, self._people = client, person, people

    def be(self, by: str) -> None:
        """Whose session the browser has from now on."""
        self._person[0] = self._people[by]

    def get(self, path: str, by: str = "officer", status: int = 200) -> str:
        self.be(by)
        answer = self.client.get(path, headers={"Cookie": "__Host-comity=open"})
        assert answer.status_code == status, answer.text[answer.text.find("<main") :]
        return answer.text

    def post(self, path: str, by: str = "officer", token: str = TOKEN, **form: str | list[str]) -> httpx.Response:
        self.be(by)
        return self.client.post(path, data={"token": token} | form, headers={"Cookie": "__Host-comity=open"})

    def done(self, path: str, by: str = "officer", **form: str | list[str]) -> str:
        """Where a form that is taken leads to."""
        answer = self.post(path, by, TOKEN, **form)
        assert answer.status_code == 303, answer.text[answer.text.find("<main") :]
        return answer.headers["location"]


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


@pytest.fixture
def browsers(met: World, tmp_path: Path) -> Iterator[tuple[Browser, Browser]]:
    """Before XA's pages, and before XB's."""
    with ExitStack() as stack:
        yield browser(stack, met.a, tmp_path), browser(stack, met.b, tmp_path)


def together(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """All routes of the room in one router."""
    router = APIRouter()
    for part in routes(pages, desk):
        router.include_router(part)
    return router


def browser(stack: ExitStack, agency: Agency, home: Path) -> Browser:
    desk = replace(desk_over(agency.database, home), vault=agency.vault)
    person = [agency.people["officer"]]
    client = stack.enter_context(served_pages(together, desk, person=lambda: person[0]))
    return Browser(client, person, agency.people)


def test_a_hand_over_by_forms(met: World, browsers: tuple[Browser, Browser]) -> None:
    """From the question to both signatures, each step by the form of its page; custody and log entries stand there."""
    a, b = browsers
    item = met.b.take_in().item
    wanted = {"case": "XA-2026/1", "wanted": "the report", "to": "XB", "category": "laboratory_report",
              "purpose": "criminal_investigation"}  # fmt: skip
    shown = a.post("/evidence/ask", **wanted).text
    assert "XB" in shown and "the report" in shown and "homicide" not in shown.lower().split("<section")[0]
    assert "Nothing here yet" in a.get("/evidence/requests")
    id = hidden(shown, "id")
    first = a.done("/evidence/ask/send", **wanted, id=id)
    assert first == a.done("/evidence/ask/send", **wanted, id=id) == f"/evidence/requests/{id}"
    met.post()
    assert id in b.get("/evidence/received") and "the report" in b.get(f"/evidence/requests/{id}")
    page = b.get(f"/evidence/requests/{id}", "custodian")
    assert "H1 · TLP:AMBER · PAP:AMBER · UNCLASSIFIED" in page and "criminal investigation · XA" in page
    assert "criminal_investigation<" not in page, "codes have words"
    assert item.id in page and hidden(page, "id")
    release = b.done(f"/evidence/requests/{id}/offer", "custodian", item=[item.id], id=hidden(page, "id"))
    assert release == f"/evidence/{hidden(page, 'id')}"
    again = b.post(f"/evidence/requests/{id}/offer", "custodian", item=[item.id], id=hidden(page, "id"))
    assert again.status_code == 409 and "evidence.offered" in again.text
    assert "/release" not in b.get(release, "custodian") and "/release" in b.get(release, "approver")
    b.done(f"{release}/release", "approver")
    met.post()
    assert "Re-hash and accept" in a.get(release, "custodian") and "Re-hash" not in a.get(release)
    a.done(f"{release}/accept", "custodian")
    assert a.post(f"{release}/accept", "custodian").status_code == 409
    met.post()
    custody = a.get(f"/evidence/{item.id}")
    assert "Accepted" in custody and "/oversight/entries/" in custody and "in the log of" in custody
    assert "handed over" in b.get(f"/evidence/{item.id}") and "in the log of" not in b.get(f"/evidence/{item.id}")
    package, receipt = a.post(f"{release}/package"), a.post(f"{release}/receipt")
    assert package.headers["content-disposition"] == f'attachment; filename="package-{release[10:]}.zip"'
    assert verify(package.content, met.federation.publish(), None, [receipt.content]).exit_code == 0
    assert release[10:] in a.get("/evidence/packages") and release[10:] in b.get("/evidence/packages?state=accepted")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def test_refusals_by_forms(met: World, browsers: tuple[Browser, Browser]) -> None:
    """Each refusal needs its reason; what was typed stays in the form; the partner reads it."""
    a, b = browsers
    asked = met.a.request()
    met.post()
    at = f"/evidence/requests/{asked.id}"
    assert "Refuse the request" not in b.get(at) and "Refuse the request" in b.get(at, "approver")
    unsaid = b.post(f"{at}/refuse", "approver", ground="", reason="because <b>")
    assert unsaid.status_code == 400 and "because &lt;b&gt;" in unsaid.text and "evidence.ground" not in unsaid.text
    assert b.post(f"{at}/refuse", "approver", ground="age", reason=" ").status_code == 400
    assert b.post(f"{at}/refuse", "officer", ground="age", reason="x").status_code == 403
    b.done(f"{at}/refuse", "approver", ground="age", reason="too young")
    met.post()
    assert "too young" in a.get(at)
    _, release = met.offered()
    assert a.post(f"/evidence/{release.id}/refuse", "examiner", reason="").status_code == 400
    a.done(f"/evidence/{release.id}/refuse", "examiner", reason="not needed")
    met.post()
    assert "refused" in b.get(f"/evidence/{release.id}")


def test_a_proposal_is_withdrawn(met: World, browsers: tuple[Browser, Browser]) -> None:
    _, b = browsers
    item, asked = met.b.take_in(), met.a.request()
    met.post()
    made = met.b.offer(asked.id, item.item.id)
    assert b.post(f"/evidence/{made.id}/withdraw", "custodian", reason="").status_code == 400
    b.done(f"/evidence/{made.id}/withdraw", "custodian", reason="another one fits better")
    assert "withdrawn" in b.get(f"/evidence/{made.id}")


def test_what_is_of_another_case_is_not_there(met: World, browsers: tuple[Browser, Browser]) -> None:
    """Item, release, package and the forms of all: to a stranger they are as ids that nobody has; the try is logged."""
    a, b = browsers
    item, release = met.offered()
    nothing = uuid7(met.a.database.clock())
    for named in (item.item.id, release.id):
        known, unknown = b.get(f"/evidence/{named}", "stranger", 404), b.get(f"/evidence/{nothing}", "stranger", 404)
        assert known.replace(named, "ID") == unknown.replace(nothing, "ID")
    for verb in ("release", "withdraw", "accept", "refuse", "package", "receipt"):
        told = [a.post(f"/evidence/{named}/{verb}", "stranger", reason="x") for named in (release.id, nothing)]
        assert {one.status_code for one in told} == {404}, verb
    request = met.a.request().id
    assert a.get(f"/evidence/requests/{request}", "stranger", 404)
    assert "Nothing here yet" in a.get("/evidence/requests", "stranger")
    assert (
        "Nothing fits" in b.get("/evidence?case=XB-2026/1", "stranger") == b.get("/evidence?case=XB-2026/1", "stranger")
    )
    with met.b.database.read("test") as unit:
        kinds = unit.connection.execute(sa.text("select type from log_entry")).scalars().all()
    assert "act.refused" in kinds


def test_an_offer_is_confirmed_with_a_passkey(met: World) -> None:
    """The act that was shown is made again to the letter: its id comes with the form."""
    custodian = with_passkey(met.b.database, "custodian-9", "custodian").sign_in()
    with met.b.database.unit("test.member") as unit:
        cases.add_member(unit, met.b.people["officer"], met.b.case, "custodian-9")
    item, asked = met.b.take_in().item.id, met.a.request().id
    met.post()
    offered = Offer(asked, (item,), id=uuid7(met.b.database.clock()))
    with pytest.raises(Unconfirmed) as told, met.b.database.unit("test.offer") as unit, unit.act():
        offer(unit, custodian.issuer(), offered)
    confirmed = custodian.confirm(told.value)
    with met.b.database.unit("test.offer") as unit:
        made = offer(unit, confirmed, offered)
    assert (made.state, made.id) == ("proposed", offered.id)


def test_an_examiner_learns_no_verdict(met: World, browsers: tuple[Browser, Browser]) -> None:
    """A request that follows a hit says that somebody confirmed it; whoever may have yet to judge does not see it."""
    a, _ = browsers
    plain, told = met.a.request().id, met.a.request().id
    with met.a.database.unit("test.about") as unit:
        row = store.request_table.c.id == told
        unit.connection.execute(sa.update(store.request_table).where(row).values(about="a-query"))
    assert plain in a.get("/evidence/requests", "examiner") and told not in a.get("/evidence/requests", "examiner")
    a.get(f"/evidence/requests/{told}", "examiner", 404)
    assert told in a.get("/evidence/requests") and told in a.get(f"/evidence/requests/{told}")


def test_forms_of_other_sessions_do_nothing(met: World, browsers: tuple[Browser, Browser]) -> None:
    _, b = browsers
    _, release = met.offered()
    for path in (
        f"/evidence/{release.id}/package",
        "/evidence/ask",
        "/evidence/ask/send",
        "/evidence/requests/x/refuse",
    ):
        assert b.post(path, token="f" * 64).status_code == 403


def test_the_wizard_says_what_is_missing(met: World, browsers: tuple[Browser, Browser]) -> None:
    a, _ = browsers
    good = {"case": "XA-2026/1", "wanted": HOSTILE, "to": "XB", "category": "exhibit", "purpose": "prosecution"}
    shown = a.post("/evidence/ask", **good)
    assert shown.status_code == 200 and "<script>alert" not in shown.text
    again = a.post("/evidence/ask", **good, change="1").text
    assert "<script>alert" not in again and 'value="XA-2026/1"' in again
    for flaw in ({"case": ""}, {"case": "XB-9"}, {"wanted": " "}, {"to": ""}, {"to": "XZ"}, {"category": "x"},
                 {"instrument": "none.such"}, {"about": "none"}, {"wanted": "w" * 10_000}):  # fmt: skip
        told = a.post("/evidence/ask", **good | flaw)
        assert told.status_code == 400 and "There is a problem" in told.text, flaw
        assert a.post("/evidence/ask/send", **good | flaw, id=uuid7(met.a.database.clock())).status_code in (400, 409)
    stranger = a.post("/evidence/ask", "stranger", **good).text
    nobody = a.post("/evidence/ask", "stranger", **good | {"case": "XA-9"}).text
    assert "none of your cases" in stranger and "none of your cases" in nobody


def test_hostile_names_are_harmless(met: World, browsers: tuple[Browser, Browser]) -> None:
    _, b = browsers
    details = replace(DETAILS, source=HOSTILE, exhibit='B"><img src=x>')
    item = met.b.take_in(REPORT, details).item
    for page in (b.get("/evidence"), b.get(f"/evidence/{item.id}")):
        assert "<img src=x" not in page and "<script>alert" not in page and "B&#34;&gt;" in page


def upload(b: Browser, content: bytes, by: str = "officer", **fields: str) -> httpx.Response:
    """The form with a file, as a browser without scripts sends it."""
    said = {"token": TOKEN, "case": "XB-2026/1", "kind": "photograph", "source": "scene 4"} | fields
    b.be(by)
    name = "\u202egpj.<script>" + "x" * 10_000
    files = {"file": (name[:3000], content, "application/octet-stream")}
    return b.client.post("/evidence/new", data=said, files=files, headers={"Cookie": "__Host-comity=open"})


def test_an_exhibit_is_taken_in_by_a_form(met: World, browsers: tuple[Browser, Browser]) -> None:
    """Hashed as it comes; its page shows hash, chain and seal; nothing is kept of what is refused or cut off."""
    _, b = browsers
    content = bytes(range(256)) * 5000
    taken = upload(b, content, exhibit="B-1", container="raw", media_sha256="", method="camera")
    assert taken.status_code == 303, taken.text
    page = b.get(taken.headers["location"])
    digest = hashlib.sha256(content).hexdigest()
    assert digest in page and "comity-seal/1\nXB\n" in page and f"sha256 {digest}" in page
    b.be("officer")
    seal = b.client.get(f"{taken.headers['location']}/seal.svg", headers={"Cookie": "__Host-comity=open"})
    assert seal.headers["content-type"] == "image/svg+xml" and seal.content.startswith(b"<svg")
    b.get(f"{taken.headers['location']}/seal.svg", "stranger", 404)
    flaws = ({"case": "XB-9"}, {"kind": ""}, {"exhibit": "B-1"}, {"media_sha256": "a" * 64, "media_size": "x"},
             {"container": "zip"}, {"acquired": "yesterday"}, {"kind": "a\u202eb"})  # fmt: skip
    for flaw in flaws:
        told = upload(b, b"another", **flaw)
        assert told.status_code == 400 and "There is a problem" in told.text, flaw
    assert upload(b, content).status_code == 400 and upload(b, b"x", "stranger").status_code == 400
    assert upload(b, b"x", token="f" * 64).status_code == 403
    assert asides(met.b) == []


def test_a_custody_record_to_keep(met: World, browsers: tuple[Browser, Browser]) -> None:
    theirs, item = browsers[1], met.b.take_in().item.id
    assert "Make the PDF" in theirs.get(f"/evidence/{item}", "custodian")
    made = theirs.post(f"/evidence/{item}/paper", "custodian", paper_language="es")
    assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf")
    with met.b.database.read("test.paper") as unit:
        assert log.known_paper(unit, file=made.content).about == item
    assert theirs.post(f"/evidence/{item}/paper", "stranger", paper_language="es").status_code == 404
    assert theirs.post(f"/evidence/{item}/paper", "custodian", "forged").status_code == 403


def test_what_is_cut_off_leaves_nothing(met: World, browsers: tuple[Browser, Browser]) -> None:
    _, b = browsers
    head = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    said = {b"token": TOKEN.encode(), b"case": b"XB-2026/1", b"kind": b"report", b"source": b"desk"}
    body = b"".join(head % one for one in said.items())
    body += b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"half" * 200_000
    headers = {"Cookie": "__Host-comity=open", "Content-Type": "multipart/form-data; boundary=x"}
    for length in (len(body), len(body) + 100):
        address = ("127.0.0.1", b.client.base_url.port or 0)
        with socket.create_connection(address, timeout=10) as line:
            lines = [f"{name}: {value}" for name, value in (headers | {"Content-Length": str(length)}).items()]
            line.sendall(
                "\r\n".join(["POST /evidence/new HTTP/1.1", "Host: localhost", *lines, "", ""]).encode() + body
            )
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass
    assert "Nothing here yet" in b.get("/evidence") and asides(met.b) == []


def asides(agency: Agency) -> list[Path]:
    """What lies in the vault without a row."""
    return list(agency.vault.arriving.parent.glob("aside/*"))


def test_lists_go_on_in_a_constant_number_of_statements(met: World, browsers: tuple[Browser, Browser]) -> None:
    _, b = browsers
    for n in range(PAGE + 3):
        met.b.take_in(f"exhibit {n}".encode(), replace(DETAILS, exhibit=f"E-{n}"))
    newest = b.get("/evidence?case=XB-2026/1&state=held")
    shown = set(re.findall(r"<bdi>(E-\d+)<", newest))
    older = re.search(r'href="([^"]+)" rel="next"', newest)
    assert older and "state=held" in older[1]
    rest = b.get(older[1].replace("&amp;", "&"))
    assert len(shown) == PAGE and {f"E-{n}" for n in range(PAGE + 3)} - shown == set(re.findall(r"<bdi>(E-\d+)<", rest))
    actor = met.b.people["officer"].actor
    for reading in (list_items, list_requests, list_packages):
        assert statements(met.b.database, lambda unit: reading(unit, actor, Choice())) <= 6  # noqa: B023 - called at once


def statements(database: Database, read: Callable[..., object]) -> int:
    """How many statements a reading sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with database.read("test.count") as unit:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            read(unit)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
    return len(sent)
