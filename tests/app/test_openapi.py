"""The officer API against its own description: schemathesis asks every route what the description allows, and does not.

A real node on loopback, with a case, a profile, a query on its way and an exhibit, so that generated requests meet
something; asked by people who together hold every role. Whatever is sent, no answer is a failure of the node, each
success is a described one, and everything else is a problem with a code that the error reference lists.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from comity.app import officers, operating
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.base.codes import ADMINISTERING, ROLES
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.servers import serve_in_thread
from tests.conftest import REPOSITORY
from tests.exchange.federation import PIN, directory_file, entry
from tests.legal.agreements import TABLE, TEXT
from tests.people import PASSPHRASE, enrol

ROOMS: Final = ("node", "people", "tokens", "cases", "legal", "agreements", "dna", "search", "evidence", "log")
CHECKS: Final = [status_code_conformance, content_type_conformance, response_schema_conformance]
Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Operation]
EXAMPLES: Final = 8
"""For each route, of each kind."""
HANDLING, ADMINISTRATOR, CLERK = "everything-1", "admin-1", "clerk-1"
KNOWN: Final = {
    "to": ["XB"], "with": ["XB"], "from": ["XA", "2026-04-01"], "until": ["2028-03-31"], "on": ["2027-06-30"],
    "offence": ["XA-CC-101"], "measure": ["hit_no_hit"], "instrument": ["TRAIN-REG", "TRAIN-MOU"],
    "code": ["TRAIN-REG"], "purpose": ["criminal_investigation"], "candidate": ["1"], "verdict": ["match"],
    "reason": ["order 7"],
    "id": [CLERK], "person": [CLERK], "roles": ["officer"], "unit": ["homicide"], "passphrase": [PASSPHRASE],
    "table": [TABLE], "text": [TEXT.decode()], "event": ["approve"], "fields": ["payload"], "index": ["0", "1"],
    "kind": ["file"], "source": ["a phone"], "facts_of_offence": ["A body was found."], "urgency": ["urgent"],
}  # fmt: skip
"""Values that mean something, by the names of members and parameters; ids of what is there come on top."""


@dataclass
class Asked:
    """The node's officer side, and what generated requests may name so that they meet something."""

    base: str
    description: dict[str, Any]
    session: requests.Session
    known: dict[str, list[str]]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, keyring: Callable[[str], KeyRing]) -> Iterator[Node]:
    """XA, which knows XB; two people hold every role between them."""
    home = tmp_path_factory.mktemp("openapi") / "home"
    made = operating.init(Settings(home, "XA", "Agency of XA", training=True),
                          operating.FirstPerson(ADMINISTRATOR, "security", PASSPHRASE))  # fmt: skip
    with made.database.unit("test.people") as unit:
        enrol(unit, CLERK, "officer")
        enrol(unit, HANDLING, *sorted(ROLES - ADMINISTERING), of="everywhere", until=date(2099, 12, 31))
        members = [entry(made.keys), entry(keyring("XB"))]
        exchange.import_directory(unit, directory_file(members, 1, unit.now), PIN)
    yield made
    made.close()


@pytest.fixture(scope="module")
def asked(node: Node) -> Iterator[Asked]:
    """Its officer side, furnished over the API itself."""
    server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.port}"
    with requests.Session() as session, httpx.Client(base_url=base, auth=(HANDLING, PASSPHRASE)) as client:
        yield Asked(base, client.get("/openapi.json").json(), session, KNOWN | furnished(client))
    server.stop()


def furnished(client: httpx.Client) -> dict[str, list[str]]:
    """A case, a profile, a query, an exhibit, a request, an agreement and an emergency; their ids by name."""

    def does(path: str, **what: Any) -> Any:
        answer = client.post(f"/api/v1/{path}", **what)
        assert answer.is_success, answer.text
        return answer.json()

    raw = {"Content-Type": "application/octet-stream"}
    case = does("cases", json={"reference": "XA-2026/1", "title": "A case", "offence": "XA-CC-101"})["id"]
    stain = dna.shipped_file("stain-2800m.xml")
    (ref,) = does("dna/imports", content=stain, params={"name": "stain.xml"}, headers=raw)["profiles"]
    (query,) = does("searches", json={"case": case, "profile": ref, "to": ["XB"]})
    about = {"case": case, "kind": "file", "source": "a phone"}
    item = does("evidence/items", content=b"exhibit", params=about, headers=raw)["item"]
    request = does("evidence/requests", json={"case": case, "wanted": "the phone", "to": "XB"})["request"]
    days = {"from": "2026-04-01", "until": "2028-03-31"}
    terms = {"title": "Searches", "with": "XB", **days, "table": TABLE, "text": TEXT.decode()}
    agreement = does("legal/agreements", json=terms)["agreement"]
    (matter, *_) = does("legal/emergencies", json={"about": "alert:XB-17", "partner": "XB", "oral": True})
    return {
        "case": [case], "ref": [ref], "profile": [ref], "query": [query["query"]], "about": [query["query"]],
        "decision_id": [query["decision"]], "named": [item, request], "items": [item], "request_id": [request],
        "agreement": [agreement], "matter_id": [matter["proceeding"]],
    }  # fmt: skip


# --- the fuzz --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(GenerationMode))
@pytest.mark.parametrize("room", ROOMS)
def test_every_answer_is_a_described_one(asked: Asked, room: str, kind: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(asked.description)
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == sum(len(verbs) for verbs in asked.description["paths"].values())
    chosen = [one for one in operations if room in (one.definition.raw.get("tags") or ())]
    assert chosen
    for operation in chosen:
        cases = strategy(operation, kind)
        if cases is not None:
            fuzz(asked, cases)


def strategy(operation: Operation, kind: GenerationMode) -> st.SearchStrategy[Request] | None:
    """Requests of that kind; None where nothing about the operation could be sent wrongly."""
    takes = operation.body or operation.query or operation.path_parameters
    return operation.as_strategy(generation_mode=kind) if takes or kind.is_positive else None


def fuzz(asked: Asked, cases: st.SearchStrategy[Request]) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(cases, st.data())
    def ask(case: Request, draw: st.DataObject) -> None:
        if draw.draw(st.booleans()):
            fill_in(asked, case, draw)
        administers = "/people" in case.path and draw.draw(st.booleans())
        judge(asked, case, ADMINISTRATOR if administers else HANDLING)

    ask()


def fill_in(asked: Asked, case: Request, draw: st.DataObject) -> None:
    """Put values that mean something in the place of generated ones of that name."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            for name in sorted(part.keys() & asked.known.keys()):
                value = draw.draw(st.sampled_from(asked.known[name]))
                part[name] = [value] if isinstance(part[name], list) else value


def judge(asked: Asked, case: Request, person: str) -> None:
    """Ask, and hold the answer against the description."""
    answer = case.call(asked.base, session=asked.session, auth=(person, PASSPHRASE))
    told = f"{case.method} {answer.request.url} {answer.request.body!r}: {answer.status_code} {answer.text[:400]}"
    assert answer.status_code < 500, told
    if answer.status_code < 300:
        case.validate_response(answer, checks=CHECKS)
        assert str(answer.status_code) in case.operation.definition.raw["responses"], told
    else:
        is_problem(answer, told)


def is_problem(answer: Any, told: str) -> None:
    """Problem details (RFC 9457) with a code of the error reference and what to do next."""
    assert answer.headers["content-type"] == ["application/problem+json"], told
    said = answer.json()
    assert said["status"] == answer.status_code, told
    assert said["todo"] and said["what"] and said["title"], told
    assert codes().fullmatch(said["code"]), told


@cache
def codes() -> re.Pattern[str]:
    """Every code of the error reference, in which `…` stands for a part that differs."""
    text = (REPOSITORY / "docs" / "operate" / "error-codes.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)
    return re.compile("|".join([*(re.escape(code).replace("…", "[a-z0-9-]+") for code in listed), r"web\.http-4\d\d"]))
