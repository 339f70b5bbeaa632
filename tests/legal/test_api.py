"""The law at the officer API: who may read, who may import, and the same answers as the commands give."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.legal import api, service
from tests.faces import desk_over, serving
from tests.legal.agreements import TABLE, TEXT, office
from tests.legal.law import CORVIA, ask, file
from tests.people import enrol

Send = Callable[..., httpx.Response]
OPERATOR, OFFICER, LAWYER = "operator-1", "officer-1", "lawyer-1"


@pytest.fixture
def send(database: Database, tmp_path: Path) -> Iterator[Send]:
    """`send(person, method, path, **request)`."""
    with database.unit("test.people") as unit:
        enrol(unit, OPERATOR, "operator")
        enrol(unit, LAWYER, "lawyer")
        enrol(unit, OFFICER, "officer")
    desk = desk_over(database, tmp_path)
    with serving(api.routes(lambda: desk), api.explanation_routes(lambda: desk)) as asking:
        yield asking


def test_decide_and_read_again(send: Send, database: Database) -> None:
    question = ask("hit_no_hit", "XA-CC-214")
    body = {"measure": question.measure, "asked": "XB", "facts": question.facts}
    answer = send(OFFICER, "POST", "/legal/decide", json=body)
    assert (answer.status_code, answer.json()["decision"]) == (200, "deny")
    assert send("nobody", "POST", "/legal/decide", json=body).status_code == 403
    assert send(OFFICER, "POST", "/legal/decide", json={"measure": "m"}).status_code == 400
    with database.unit("test.decide") as unit:
        decision = service.decide(unit, question)
    assert send(OFFICER, "GET", f"/legal/decisions/{decision.id}").json() == decision.as_dict()
    told = send(OPERATOR, "GET", f"/legal/decisions/{decision.id}").json()
    assert told == decision.outline() and not {"facts", "own"} & set(told)
    assert send(OFFICER, "GET", "/legal/decisions/none").status_code == 404


def test_a_decision_is_explained_in_the_readers_language(send: Send, database: Database) -> None:
    question = ask("hit_no_hit", "XA-CC-214")
    body = {"measure": question.measure, "asked": "XB", "facts": question.facts, "on": question.on.isoformat()}
    tried = send(OPERATOR, "POST", "/legal/explanations?language=es", json=body).json()
    assert set(tried) == {"decision", "findings", "rules_hash", "language", "text", "html"}
    assert (tried["decision"], tried["language"]) == ("deny", "es") and 'lang="es"' in tried["html"]
    with database.unit("test.decide") as unit:
        decision = service.find_decision(unit, service.decide(unit, question).id)
    path = f"/legal/decisions/{decision.id}/explanation"
    kept = send(OFFICER, "GET", f"{path}?language=fr").json()
    assert kept["text"] == service.explain(decision, "fr") and kept["findings"] == tried["findings"]
    assert kept["html"] == service.explain_html(decision, "fr", whole=False)
    assert send(OPERATOR, "GET", path).json()["code"] == "legal.decision-role"
    assert send(OFFICER, "GET", f"{path}?language=tlh").json()["code"] == "legal.language"
    assert send(OFFICER, "GET", "/legal/decisions/none/explanation").status_code == 404
    assert send("nobody", "POST", "/legal/explanations", json=body).status_code == 403


def test_read_review_sign_and_compare(send: Send) -> None:
    told = send(OFFICER, "GET", "/legal/instruments/ETS24").json()
    assert (told["code"], told["rows"][0]["confidence"], told["reviewed"]) == ("ETS24", "V", 1)
    assert send(OFFICER, "GET", "/legal/instruments/NOPE").status_code == 404
    assert "extradition" in send(OFFICER, "GET", "/legal/vocabulary").json()["measures"]
    assert len(send(OFFICER, "GET", "/legal/forms").json()) == 13
    body = {"instrument": "ETS24", "row": "transit/21", "note": "read at the treaty office"}
    assert send(OPERATOR, "POST", "/legal/reviews", json=body).status_code == 403
    (made,) = send(LAWYER, "POST", "/legal/reviews", json=body).json()
    assert (made["measure"], made["by"]) == ("transit", LAWYER)
    assert send(LAWYER, "POST", "/legal/sets").status_code == 409
    text = file(f"training/{CORVIA}").decode()
    send(OPERATOR, "POST", "/legal/tables", json={"name": CORVIA, "text": text})
    assert [c["row"] for c in send(OFFICER, "GET", "/legal/changes").json()] == ["declaration D-XC-REG-5-2"]
    assert send(LAWYER, "POST", "/legal/sets").json()["set"] == 2
    assert [s["set"] for s in send(OFFICER, "GET", "/legal/sets").json()] == [1, 2]
    assert send(OFFICER, "GET", "/legal/changes?old=1&new=2").json()[0]["change"] == "added"


def test_import(send: Send) -> None:
    body = {"name": CORVIA, "text": file(f"training/{CORVIA}").decode()}
    assert send(OFFICER, "POST", "/legal/tables", json=body).status_code == 403
    made = send(LAWYER, "POST", "/legal/tables", json=body)
    assert (made.status_code, made.json()["rows"]) == (201, 1)
    shown = send(OFFICER, "GET", "/legal").json()
    assert shown["rules_hash"] == made.json()["rules_hash"]
    assert [table["name"] for table in shown["imported"]] == [CORVIA]
    assert send(OPERATOR, "POST", "/legal/tables", json=body).status_code == 409
    broken = send(OPERATOR, "POST", "/legal/tables", json={"name": "b.csv", "text": "x,y\n"})
    assert (broken.status_code, broken.json()["where"]) == (400, "b.csv row 1")


@pytest.fixture
def pair(
    make_database: Callable[[str], Database], keyring: Callable[[str], KeyRing], tmp_path: Path
) -> Iterator[tuple[Send, Send]]:
    """The officer APIs of XA and XB, each with a lawyer and an officer."""
    with ExitStack() as stack:
        sends = []
        for code in ("XA", "XB"):
            one = office(make_database(code), keyring)
            desk = desk_over(one.database, tmp_path / code)
            routes = api.agreement_routes(lambda desk=desk: desk, one.find_key)  # type: ignore[misc]  # bound at once
            sends.append(stack.enter_context(serving(routes)))
        yield sends[0], sends[1]


AGREEMENTS = "/legal/agreements"
TERMS = {"from": "2026-04-01", "until": "2028-03-31", "table": TABLE, "text": TEXT.decode()}


def test_two_nodes_come_to_an_agreement_over_http(pair: tuple[Send, Send]) -> None:
    a, b = pair
    new = {"title": "DNA searches", "with": "XB", **TERMS}
    assert a(OFFICER, "POST", AGREEMENTS, json=new).status_code == 403
    assert a(LAWYER, "POST", AGREEMENTS, json={**new, "from": "soon"}).status_code == 400
    assert a(LAWYER, "POST", AGREEMENTS, json={**new, "table": "rows: []"}).status_code == 400
    made = a(LAWYER, "POST", AGREEMENTS, json=new)
    assert (made.status_code, made.json()["state"], made.json()["with"]) == (201, "draft", "XB")
    path = f"{AGREEMENTS}/{made.json()['agreement']}"
    assert a(LAWYER, "POST", f"{path}/signature").json()["state"] == "signed_here"
    letter = a(LAWYER, "POST", f"{path}/letter").json()["letter"]
    assert b(OFFICER, "POST", f"{AGREEMENTS}/letters", json={"letter": letter}).status_code == 403
    changed = letter.replace('"sig":"', '"sig":"A', 1)
    assert b(LAWYER, "POST", f"{AGREEMENTS}/letters", json={"letter": changed}).status_code in (400, 422)
    assert b(LAWYER, "POST", f"{AGREEMENTS}/letters", json={"letter": letter}).json()["state"] == "signed_there"
    assert b(OFFICER, "GET", path).json()["text"] == TEXT.decode()
    b(LAWYER, "POST", f"{path}/signature")
    answer = b(LAWYER, "POST", f"{path}/letter").json()["letter"]
    assert a(LAWYER, "POST", f"{AGREEMENTS}/letters", json={"letter": answer}).json()["state"] == "concluded"
    (mine,), (other,) = (one(OFFICER, "GET", AGREEMENTS).json() for one in pair)
    assert mine["digest"] == other["digest"] and "text" not in mine
    assert a(LAWYER, "POST", f"{path}/versions", json=TERMS).status_code == 409
    assert a(LAWYER, "POST", f"{path}/extension", json={"until": "2027-01-01"}).status_code == 409
    longer = a(LAWYER, "POST", f"{path}/extension", json={"until": "2030-03-31"}).json()
    assert (longer["version"], longer["until"]) == (2, "2030-03-31")
    ending = {"on": "2027-06-30", "reason": "new statute"}
    assert a(LAWYER, "POST", f"{path}/ending", json=ending).json()["versions"][-1]["kind"] == "ending"
    assert a(OFFICER, "GET", f"{AGREEMENTS}/none").status_code == 404
