"""Errors and officers over a real server: what a browser or a program gets to see."""

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI

from comity.base import errors
from comity.base.errors import ComityError
from comity.base.model import Issuer
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from comity.kit.web.officers import signed_in
from comity.kit.web.problems import STATUS, answer_errors
from comity.kit.web.servers import serve_in_thread
from tests.kit.desks import counted, desk_for

BRANCHES = {
    kind.branch: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ComityError)
}
Get = Callable[..., tuple[int, Any]]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return desk_for(database, tmp_path)


def officer_api(desk: Desk) -> FastAPI:
    app = FastAPI(openapi_url=None)
    answer_errors(app)

    @app.get("/fail/{branch}")
    def fail(branch: str) -> None:
        raise BRANCHES[branch]("room.reason", "What happened", where="here", todo="Do this.")

    @app.get("/surprise")
    def surprise() -> None:
        raise ZeroDivisionError("a secret")

    @app.get("/number/{number}")
    def number(number: int) -> int:
        return number

    @app.get("/me")
    def me(issuer: Annotated[Issuer, Depends(signed_in(lambda: desk))]) -> str:
        return issuer.actor.person

    return app


@pytest.fixture
def get(desk: Desk) -> Iterator[Get]:
    """`get(path, **headers)`: status and JSON body."""
    server = serve_in_thread(officer_api(desk), "127.0.0.1", 0)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)

    def ask(path: str, **headers: str) -> tuple[int, Any]:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    yield ask
    connection.close()
    server.stop()


def basic(person: str, passphrase: str) -> str:
    return "Basic " + base64.b64encode(f"{person}:{passphrase}".encode()).decode()


def test_every_branch_has_its_status(get: Get) -> None:
    assert set(STATUS) == set(BRANCHES) - {"error"}
    for branch, status in STATUS.items():
        got, body = get(f"/fail/{branch}")
        assert (got, body["status"], body["code"], body["where"]) == (status, status, "room.reason", "here")
        assert body["detail"] == "What happened (here). Do this."


def test_what_is_not_there_or_not_well_formed(get: Get) -> None:
    assert get("/nothing")[1]["code"] == "web.http-404"
    status, body = get("/number/many")
    assert (status, body["code"], body["where"]) == (400, "web.request", "path.number")


def test_a_surprise_says_nothing_of_itself(get: Get) -> None:
    status, body = get("/surprise")
    assert (status, body["code"]) == (500, "web.internal")
    assert "secret" not in json.dumps(body)


def test_an_officer_signs_in(get: Get) -> None:
    assert get("/me", authorization=basic("officer-1", "right")) == (200, "officer-1")


def test_a_failed_sign_in_is_kept(get: Get, desk: Desk) -> None:
    assert get("/me")[0] == 401
    status, body = get("/me", authorization=basic("officer-1", "wrong"))
    assert (status, body["code"], counted(desk)) == (403, "access.passphrase", ["officer-1"])


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"host": "node.example"}, "web.not-local"),  # a name that was made to point here (DNS rebinding)
        ({"sec_fetch_site": "cross-site"}, "web.other-site"),
        ({"sec_fetch_site": "same-site"}, "web.other-site"),
        ({"origin": "https://evil.example"}, "web.other-site"),
    ],
)
def test_another_site_cannot_act_for_an_officer(get: Get, desk: Desk, headers: dict[str, str], code: str) -> None:
    status, body = get("/me", authorization=basic("officer-1", "right"), **headers)
    assert (status, body["code"], counted(desk)) == (403, code, [])


def test_person_and_passphrase_are_utf_8(get: Get, desk: Desk) -> None:
    """RFC 7617, 2.1; whoever sends something else is told the charset."""
    status, body = get("/me", authorization=basic("officer-1", "Straße und Übung €"))
    assert (status, body["code"], counted(desk)) == (403, "access.passphrase", ["officer-1"])
    for token in (base64.b64encode(b"officer-1:\xfc").decode(), "%%%", base64.b64encode(b"officer-1").decode(), ""):
        assert get("/me", authorization=f"Basic {token}")[0] == 401


def test_the_challenge_names_the_charset(desk: Desk) -> None:
    server = serve_in_thread(officer_api(desk), "127.0.0.1", 0)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    connection.request("GET", "/me")
    assert connection.getresponse().headers["WWW-Authenticate"] == 'Basic realm="Comity", charset="UTF-8"'
    connection.close()
    server.stop()
