"""The partners at a browser: what stands there, for whom."""

from collections.abc import Callable
from pathlib import Path

from comity.exchange import service
from comity.exchange.pages.pages import routes
from comity.exchange.service.heads import raise_alarm
from comity.kit.database.unit import Database
from tests.exchange.federation import federation, send_query
from tests.faces import desk_over
from tests.pages import OPEN, served_pages


def test_partners_and_one_of_them(make_database: Callable[[str], Database], tmp_path: Path) -> None:
    """Health, queue and logs of a partner that cannot be reached, and an alarm about it."""
    with federation(make_database, ("XA", "XB", "XC")) as world:
        world.publish(revoked=("XC",))
        a = world.nodes["XA"]
        send_query(a.station, "XB", 1)
        service.deliver_due(a.station)
        with a.database.unit("test.alarm") as unit:
            raise_alarm(unit, "inconsistent-log", "XB", {})
        with served_pages(routes, desk_over(a.database, tmp_path)) as client:
            listed = client.get("/partners", headers=OPEN).text
            one = client.get("/partners/XB", headers=OPEN).text
            assert client.get("/partners/XZ", headers=OPEN).status_code == 404
    assert 'href="/partners/XB"' in listed and "Agency of XC" in listed and ">revoked<" in listed
    assert "unavailable" in listed and "1 alarm<" in listed and "inconsistent log" in listed
    assert "127.0.0.1" in one and "Next try" in one and "1 alarm<" in one


def test_a_node_without_partners_says_what_to_do(database: Database, tmp_path: Path) -> None:
    with served_pages(routes, desk_over(database, tmp_path)) as client:
        assert "comity federation join" in client.get("/partners", headers=OPEN).text
        assert [client.get(path).status_code for path in ("/partners", "/partners/XB")] == [403, 403]
