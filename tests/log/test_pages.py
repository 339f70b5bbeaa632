"""The log at a browser: pages of entries, one entry, and nothing sealed."""

import re
from pathlib import Path

from comity.base.model import Actor
from comity.kit.database.unit import Database
from comity.log import service
from comity.log.model import Record
from comity.log.pages.pages import ROWS, routes
from tests.faces import desk_over
from tests.pages import OPEN, served_pages

OFFICER = Actor("XA", "officer-1", "unit-1", frozenset({"officer"}))


def fill(database: Database, count: int) -> None:
    with database.unit("test.entries") as unit:
        for n in range(count):
            kind = "message.sent" if n % 2 else "message.received"
            service.append(unit, Record(kind, OFFICER, {"n": n}, "sealed words", peer="XB"))


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r'href="/oversight/entries/(\d+)"', text)]


def onward(text: str) -> str | None:
    found = re.search(r'href="([^"]+)" rel="prev"', text)
    return found[1].replace("&amp;", "&") if found else None


def back(text: str) -> str | None:
    found = re.search(r'href="([^"]+)" rel="next"', text)
    return found[1].replace("&amp;", "&") if found else None


def test_every_entry_is_on_a_page(database: Database, tmp_path: Path) -> None:
    fill(database, 2 * ROWS + 3)
    with served_pages(routes, desk_over(database, tmp_path)) as client:
        newest = client.get("/oversight", headers=OPEN).text
        assert numbers(newest) == list(range(ROWS + 3, 2 * ROWS + 3)) and onward(newest) is None
        before = client.get(back(newest) or "", headers=OPEN).text
        assert numbers(before) == list(range(3, ROWS + 3))
        oldest = client.get(back(before) or "", headers=OPEN).text
        assert numbers(oldest)[0] == 0 and back(oldest) is None and onward(oldest)
        sent = client.get("/oversight?type=message.sent", headers=OPEN).text
        assert numbers(sent) == list(range(1, 2 * ROWS, 2))
        assert numbers(client.get(onward(sent) or "", headers=OPEN).text) == [2 * ROWS + 1]
        assert "newest entries" in client.get("/oversight?type=none.such", headers=OPEN).text


def test_an_entry_tells_what_is_clear_and_nothing_sealed(database: Database, tmp_path: Path) -> None:
    fill(database, 2)
    with database.read("test") as unit:
        clear = service.entry(unit, 1).as_dict()
    with served_pages(routes, desk_over(database, tmp_path)) as client:
        text = client.get("/oversight/entries/1", headers=OPEN).text
        assert str(clear["leaf_hash"]) in text and "message.sent" in text and "<h1>Entry 1</h1>" in text
        assert "sealed words" not in text and "officer-1" not in text
        wrong = ("/oversight/entries/2", "/oversight/entries/-1", "/oversight?after=x", "/oversight?after=-2")
        assert [client.get(path, headers=OPEN).status_code for path in wrong] == [404, 400, 400, 400]
        assert [client.get(path).status_code for path in ("/oversight", "/oversight/entries/0")] == [403, 403]
