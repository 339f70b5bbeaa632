"""The partners at a browser: what stands there, for whom."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from comity.exchange import service
from comity.exchange.pages.pages import routes
from comity.exchange.service.heads import freeze, raise_alarm
from comity.exchange.store import gaps
from comity.kit.database.unit import Database
from comity.kit.web.browsers import form_token
from comity.log import service as log
from comity.log.model import Head
from tests.exchange.federation import Federation, federation, send_query
from tests.faces import desk_over
from tests.pages import OPEN, served_pages
from tests.people import enrol


def test_partners_and_one_of_them(make_database: Callable[[str], Database], tmp_path: Path) -> None:
    """Health, queue and logs of a partner that cannot be reached, and an alarm about it."""
    with federation(make_database, ("XA", "XB", "XC")) as world:
        world.publish(revoked=("XC",))
        a = world.nodes["XA"]
        send_query(a.station, "XB", 1)
        service.deliver_due(a.station)
        with a.database.unit("test.alarm") as unit:
            raise_alarm(unit, "inconsistent-log", "XB", {})
            gaps.add(unit, "XB", "conversation-1", (3, 4))
        with served_pages(routes, desk_over(a.database, tmp_path)) as client:
            listed = client.get("/partners", headers=OPEN).text
            one = client.get("/partners/XB", headers=OPEN).text
            assert client.get("/partners/XZ", headers=OPEN).status_code == 404
    assert 'href="/partners/XB"' in listed and "Agency of XC" in listed and ">revoked<" in listed
    assert "unavailable" in listed and "1 alarm<" in listed and "inconsistent log" in listed
    assert "127.0.0.1" in one and "Next try" in one and "conversation-1" in one and "1 alarm<" in one


@pytest.fixture
def world(make_database: Callable[[str], Database]) -> Iterator[Federation]:
    with federation(make_database, ("XA", "XB")) as made:
        yield made


def posted(client: httpx.Client, path: str, **form: str) -> httpx.Response:
    return client.post(path, data={"token": form_token("open")} | form, headers=OPEN)


def test_an_operator_tries_again_and_gives_up(world: Federation, tmp_path: Path) -> None:
    """What waits is listed with its reason; one that is given up ends as at its deadline, signed and logged."""
    a = world.nodes["XA"]
    first, second = (send_query(a.station, "XB", n) for n in (1, 2))
    service.deliver_due(a.station)
    with a.database.unit("test.people") as unit:
        operator = enrol(unit, "operator-1", "operator")
    with served_pages(routes, desk_over(a.database, tmp_path), person=lambda: operator) as client:
        page = client.get("/partners/XB", headers=OPEN).text
        assert first in page and second in page and "waits, is tried again" in page
        assert posted(client, "/partners/XB/retry").status_code == 303
        assert service.owed(a.station) == ["XB"]
        assert posted(client, "/partners/XB/give-up", message=first, reason=" ").status_code == 400
        assert posted(client, "/partners/XB/give-up", message="none", reason="x").status_code == 409
        assert posted(client, "/partners/XB/give-up", message=first, reason="asked by telephone").status_code == 303
        service.deliver_due(a.station)
        page = client.get("/partners/XB", headers=OPEN).text
        assert page.count(">not delivered<") == 1 and "exchange.given-up" in page
        assert posted(client, "/partners/XB/give-up", message=first, reason="again").status_code == 409
        assert posted(client, "/partners/XZ/retry").status_code == 404
        assert client.post("/partners/XB/retry", data={"token": "f"}, headers=OPEN).status_code == 403
    with a.database.read("test.log") as unit:
        types = [one.type for one in log.entries(unit, limit=1000)]
    assert {"exchange.retried", "exchange.given-up", "message.undelivered"} <= {*types}


def test_the_list_goes_on(world: Federation, tmp_path: Path) -> None:
    a = world.nodes["XA"]
    sent = [send_query(a.station, "XB", n) for n in range(service.MOST_UNDELIVERED + 2)]
    with served_pages(routes, desk_over(a.database, tmp_path)) as client:
        page = client.get("/partners/XB", headers=OPEN).text
        older = re.search(r'href="([^"]+)" rel="next"', page)
        assert older and sent[-1] in page and sent[0] not in page and "Try now" not in page
        rest = client.get(older[1], headers=OPEN).text
        assert sent[0] in rest and sent[1] in rest and sent[2] not in rest


def test_a_frozen_partner_is_thawed_by_who_says_why(world: Federation, tmp_path: Path) -> None:
    """Both notes are shown; an officer thaws nothing; the reason is needed and logged."""
    a = world.nodes["XA"]
    with a.database.unit("test.freeze") as unit:
        admin, officer = enrol(unit, "admin-1"), enrol(unit, "officer-2", "officer")
        freeze(unit, "XB", Head("node.XB.example/log", 7, bytes(32)), "note <one>", "another root")
    people = {"admin": admin, "officer": officer}
    who = ["officer"]
    with served_pages(routes, desk_over(a.database, tmp_path), person=lambda: people[who[0]]) as client:
        assert "note &lt;one&gt;" in client.get("/partners/XB", headers=OPEN).text
        assert posted(client, "/partners/XB/thaw", found="all is well").status_code == 403
        who[0] = "admin"
        assert posted(client, "/partners/XB/thaw", found="").status_code == 400
        assert posted(client, "/partners/XB/thaw", found="they restored a backup").status_code == 303
        assert "Frozen since" not in client.get("/partners/XB", headers=OPEN).text
        assert posted(client, "/partners/XB/thaw", found="once more").status_code == 409


def test_a_node_without_partners_says_what_to_do(database: Database, tmp_path: Path) -> None:
    with served_pages(routes, desk_over(database, tmp_path)) as client:
        assert "comity federation join" in client.get("/partners", headers=OPEN).text
        assert [client.get(path).status_code for path in ("/partners", "/partners/XB")] == [403, 403]
