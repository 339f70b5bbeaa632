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
