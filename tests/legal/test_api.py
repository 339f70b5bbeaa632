"""The law at the officer API: who may read, who may import, and the same answers as the commands give."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from comity.kit.database.unit import Database
from comity.legal import api, service
from tests.faces import desk_over, serving
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
    with serving(api.routes(lambda: desk)) as asking:
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
