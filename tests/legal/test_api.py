"""The law at the officer API: who may read, who may import, and the same answers as the commands give."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from comity.kit.database.unit import Database
from comity.kit.web.problems import answer_errors
from comity.kit.web.servers import serve_in_thread
from comity.legal import api, service
from tests.legal.law import CORVIA, ask, file
from tests.legal.office import PASSPHRASE, desk_with_people

OPERATOR, OFFICER = ("operator-1", PASSPHRASE), ("officer-1", PASSPHRASE)


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    desk = desk_with_people(database, tmp_path)
    app = FastAPI()
    answer_errors(app)
    app.include_router(api.routes(lambda: desk))
    server = serve_in_thread(app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as opened:
        yield opened
    server.stop()


def test_decide_and_read_again(client: httpx.Client, database: Database) -> None:
    question = ask("hit_no_hit", "XA-CC-214")
    body = {"measure": question.measure, "asked": "XB", "facts": question.facts}
    answer = client.post("/legal/decide", json=body, auth=OFFICER)
    assert (answer.status_code, answer.json()["decision"]) == (200, "deny")
    assert client.post("/legal/decide", json=body).status_code == 401
    assert client.post("/legal/decide", json={"measure": "m"}, auth=OFFICER).status_code == 400
    with database.unit("test.decide") as unit:
        decision = service.decide(unit, question)
    assert client.get(f"/legal/decisions/{decision.id}", auth=OFFICER).json() == decision.as_dict()
    assert client.get("/legal/decisions/none", auth=OFFICER).status_code == 404


def test_import(client: httpx.Client) -> None:
    body = {"name": CORVIA, "text": file(f"training/{CORVIA}").decode()}
    assert client.post("/legal/tables", json=body, auth=OFFICER).status_code == 403
    made = client.post("/legal/tables", json=body, auth=OPERATOR)
    assert (made.status_code, made.json()["rows"]) == (201, 1)
    shown = client.get("/legal", auth=OFFICER).json()
    assert shown["rules_hash"] == made.json()["rules_hash"]
    assert [table["name"] for table in shown["imported"]] == [CORVIA]
    assert client.post("/legal/tables", json=body, auth=OPERATOR).status_code == 409
    broken = client.post("/legal/tables", json={"name": "b.csv", "text": "x,y\n"}, auth=OPERATOR)
    assert (broken.status_code, broken.json()["where"]) == (400, "b.csv row 1")
