"""A node at a distance: real nodes, and servers that answer as none should."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from comity.access import service as access
from comity.access.model import TokenToIssue
from comity.app import officers, operating
from comity.app.settings import Settings
from comity.base.errors import BadInput, ComityError, NotAllowed, NotFound, Tampered, Unavailable
from comity.client import connection
from comity.client.connection import Upload
from comity.client.dna import Kin, Mixture, Own
from comity.client.evidence import Exhibit
from comity.client.node import Node, connect
from comity.client.people import NewPerson
from comity.client.searches import Question
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.servers import serve_in_thread
from tests.exchange.federation import PIN, directory_file, entry
from tests.people import PASSPHRASE, enrol

TOKEN = access.new_secret()
SCOPES = frozenset({
    "case.open", "case.read", "dna.import", "dna.read", "dna.import-population", "dna.import-rules", "dna.weigh",
    "dna.kinship", "dna.mixture", "dna.search", "dna.compare", "evidence.take-in", "evidence.read", "search.read",
    "search.ask", "log.read", "legal.read", "search.preview",
})  # fmt: skip


def refused(code: str, error: type[ComityError]) -> "pytest.RaisesExc[ComityError]":
    return pytest.raises(error, check=lambda found: found.code == code)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, keyring: Callable[[str], KeyRing]) -> Iterator[Node]:
    """A program's view of a real node, for an officer."""
    home = tmp_path_factory.mktemp("client") / "home"
    made = operating.init(
        Settings(home, "XA", "Agency", training=True), operating.FirstPerson("admin-1", "s", PASSPHRASE)
    )
    with made.database.unit("test.people") as unit:
        officer = enrol(unit, "officer-1", "officer", "examiner", "custodian", until=date(2099, 12, 31))
        access.issue_token(unit, officer, TokenToIssue("client", SCOPES, 1), TOKEN)
        members = [entry(made.keys), entry(keyring("XB"))]
        exchange.import_directory(unit, directory_file(members, 1, unit.now), PIN)
    server = serve_in_thread(officers.application(made), "127.0.0.1", 0)
    yield connect(f"http://127.0.0.1:{server.port}", TOKEN)
    server.stop()
    made.close()


# --- a real node -----------------------------------------------------------------------------------------------------


def test_a_program_works_through_the_client(node: Node) -> None:
    case = node.cases.open("R-1/ä", "A case", "XA-CC-101")
    assert node.cases.show(str(case["id"])) == case
    assert case in node.cases.list()["cases"]  # type: ignore[operator]  # a list, as the description says
    stain = dna.shipped_file("stain-2800m.xml")
    report = node.dna.take_in(Upload([stain[:100], stain[100:]], len(stain)), "stain.xml")
    listed = report["profiles"]
    assert isinstance(listed, list)
    profile = listed[0]
    assert node.dna.list(limit=1)["count"] == 1
    assert node.dna.summary() == {"summary": None, "current": False}
    assert node.dna.summarise() == node.dna.summary()
    assert node.dna.show(str(profile))["loci"]
    _statistics(node, str(profile))
    (query,) = node.searches.ask(Question(str(case["id"]), str(profile), ["XB"], accept_chance_hits=True))
    assert node.searches.show(str(query["query"]))["case"] == case["id"]
    assert [one["query"] for one in node.searches.list(case=str(case["id"]))] == [query["query"]]
    assert node.log.verify()["ok"] is True
    assert node.log.checkpoint().startswith("comity.invalid/XA/log\n")
    assert len(node.log.entries(limit=2)) == 2
    assert node.law.vocabulary()


def _statistics(node: Node, profile: str) -> None:
    """Each verb of statistics once, with a token whose scopes name it."""
    table = b"Allele,vWA,TH01\n16,0.5,\n19,0.5,\n6,,0.5\n9.3,,0.5\n"
    made = node.dna.take_in_population(Upload([table], len(table)), "made-up", "made up for tests")
    assert node.dna.populations() == {"populations": [made]}
    assert node.dna.population("made-up")["sha256"] == made["sha256"]
    own = dna.shipped_file("rulesets/codis-low.yaml").replace(b"id: codis-low", b"id: laboratory-2026")
    assert node.dna.take_in_rule_set(Upload([own], len(own)), "own.yaml")["id"] == "laboratory-2026"
    assert node.dna.rule_set("laboratory-2026") in node.dna.rule_sets()["rule_sets"]  # type: ignore[operator]  # a list
    assert node.dna.weigh(profile)["profile"] == node.dna.chance(profile)["profile"] == profile
    assert node.dna.relatives(Kin(profile, more={"theta": 0.02}))["weighed"] == 1
    hits = node.dna.search(Own(loci={"VWA": ["16", "19"]}, rules="codis-low", least=1))
    assert [hit["specimen"] for hit in hits["hits"]] == ["STAIN-2800M"]  # type: ignore[union-attr,index,call-overload]  # JSON
    both = node.dna.compare(Own(profile), Own(loci={"VWA": ["16"]}), ["pruem-2008", "codis-low"])
    assert [one["fitting"] for one in both["comparisons"]] == [0, 1]  # type: ignore[union-attr,index,call-overload]  # JSON
    trace = "Sample,Marker,Allele1,Allele2\nS,VWA,16,19\n"
    assert len(node.dna.contributors(Mixture(trace, 1))["candidates"]) == 1  # type: ignore[arg-type]  # a list


def test_a_report_of_nothing_is_an_answer(node: Node) -> None:
    data = b"specimen,locus,allele1,allele2\nx,NOWHERE,1,2\n"
    report = node.dna.take_in(Upload([data], len(data)), "bad.csv", "csv")
    assert not report["profiles"]
    assert report["refused"]


def test_large_bytes_are_sent_as_they_come(node: Node) -> None:
    case = str(node.cases.open("R-2", "A case", "XA-CC-101")["id"])
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(8):
            sent += 1
            yield bytes(1 << 20)

    kept = node.evidence.take_in(Upload(pieces(), 8 << 20), Exhibit(case, "file", "a phone & more"))
    assert sent == 8
    assert node.evidence.show(str(kept["item"]))
    with pytest.raises(NotFound), node.evidence.package("nothing here?x=1#y"):
        pass


def test_the_nodes_errors_come_back_as_what_they_are(node: Node) -> None:
    with refused("cases.offence-unknown", BadInput):
        node.cases.open("R-3", "A case", "NOWHERE")
    with refused("access.scope", NotAllowed):
        node.cases.admit("x", "officer-1")
    with refused("access.by-hand", NotAllowed):
        node.people.add(NewPerson("x", "u", ["officer"], "a long passphrase"))
    with pytest.raises(NotFound) as unknown:
        node.searches.show("nothing")
    assert unknown.value.todo
    with refused("access.token", NotAllowed):
        connect(f"http://127.0.0.1:{node.connection.port}", access.new_secret()).cases.list()
    with refused("client.name", BadInput):
        node.cases.show("..")


# --- addresses and tokens --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://node.example", "client.clear"), ("http://127.0.0.1.evil.example", "client.clear"),
        ("http://10.0.0.1:8440", "client.clear"), ("ftp://127.0.0.1", "client.address"), ("", "client.address"),
        ("http://127.0.0.1/x", "client.address"),
        ("http://", "client.address"), ("http://a@127.0.0.1", "client.address"),
        ("http://127.0.0.1?x", "client.address"), ("http://127.0.0.1:x", "client.address"),
        ("http://[", "client.address"),
    ],
)  # fmt: skip
def test_a_token_goes_nowhere_else(address: str, code: str) -> None:
    with refused(code, BadInput):
        connect(address, TOKEN)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Y: z", "é", "a\x00"])
def test_what_is_no_token_is_never_sent(token: str) -> None:
    with refused("client.token", BadInput):
        connect("http://127.0.0.1", token)


def test_the_token_is_not_shown(node: Node) -> None:
    assert TOKEN not in repr(node)
    assert connect("https://node.example", TOKEN).connection.port == 443


# --- servers that are none -------------------------------------------------------------------------------------------


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[Node, list[bytes]]]:
    """A server that gives each connection its answer in turn, and what it was sent; an empty one hangs up."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answer in answers:
                line, _ = listening.accept()
                with line:
                    seen.append(line.recv(65536))
                    line.sendall(answer)
                    line.shutdown(socket.SHUT_WR)
                    while answer and line.recv(65536):
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield connect(f"http://127.0.0.1:{listening.getsockname()[1]}", TOKEN, timeout=2), seen
        thread.join(5)


def answer(status: str, kind: str, body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


GOOD = answer("200 OK", "application/json", b'{"cases": []}')


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_WAIT", 0.001)


def test_what_reads_is_asked_again(impatient: None) -> None:
    with answering(b"", b"HTT", GOOD) as (node, seen):
        assert node.cases.list() == {"cases": []}
    assert len(seen) == 3


def test_an_act_is_never_sent_twice() -> None:
    with answering(b"") as (node, seen), pytest.raises(Unavailable, match="not known") as away:
        node.cases.open("R-1", "A case", "o")
    assert (away.value.code, len(seen)) == ("client.away", 1)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with refused("client.away", Unavailable):
        connect(f"http://127.0.0.1:{port}", TOKEN).cases.list()


@pytest.mark.parametrize(
    ("said", "code", "error"),
    [
        (answer("200 OK", "application/json", b"<html>"), "client.answer", BadInput),
        (answer("200 OK", "application/json", b"[" * 200_000), "client.answer", BadInput),
        (answer("200 OK", "application/json", b"{}", length=999), "client.cut", Unavailable),
        (answer("302 Found", "text/html", b"").replace(b"\r\n\r\n", b"\r\nLocation: http://evil.example/\r\n\r\n"),
         "client.answer", BadInput),
        (answer("502 Bad Gateway", "text/html", b"<h1>no</h1>"), "client.answer", ComityError),
        (answer("422 X", "application/problem+json", b'{"code": "a.b", "what": "w", "todo": "t"}'), "a.b", Tampered),
        (answer("403 X", "application/problem+json", b"[]"), "client.answer", NotAllowed),
        (answer("403 X", "application/problem+json", b"nothing"), "client.answer", NotAllowed),
        (answer("404 X", "application/problem+json", json.dumps({"code": "web.http-404", "what": "w"}).encode()),
         "web.http-404", BadInput),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_a_node(said: bytes, code: str, error: type[ComityError]) -> None:
    with answering(said) as (node, _), refused(code, error):
        node.cases.open("R-1", "A case", "o")


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST_BYTES", 1000)
    with answering(answer("200 OK", "application/json", b" " * 2000)) as (node, _), refused("client.large", BadInput):
        node.cases.list()


def test_a_package_that_is_cut_is_told(tmp_path: Path) -> None:
    with (
        answering(answer("200 OK", "application/zip", b"PK", length=100)) as (node, _),
        refused("client.cut", Unavailable), node.evidence.package("p") as pieces,
    ):  # fmt: skip
        for _piece in pieces:
            pass


def test_a_full_disk_is_not_the_nodes_fault() -> None:
    with (
        answering(answer("200 OK", "application/zip", b"PK")) as (node, _),
        pytest.raises(OSError, match="full"), node.evidence.package("p"),
    ):  # fmt: skip
        raise OSError("full")


def test_the_head_of_a_request() -> None:
    with answering(GOOD) as (node, seen):
        node.cases.list()
    head = seen[0].decode()
    assert head.startswith("GET /api/v1/cases HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}\r\n" in head
