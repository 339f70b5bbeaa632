"""The log at a browser: pages of entries, one entry, and nothing sealed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from fastapi import APIRouter

from comity.access import service as access
from comity.base.model import Actor, DataKey
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from comity.kit.web.browsers import form_token
from comity.kit.web.pages import Pages
from comity.log import service, store
from comity.log.model import Record, Sought
from comity.log.pages import pages as listing
from comity.log.pages.looking import looking
from comity.log.pages.pages import ROWS, Upstairs, routes
from comity.log.pages.verifying import Verifier
from comity.log.service import seeking
from tests.clock import FixedClock
from tests.faces import desk_over
from tests.pages import OPEN, served_pages
from tests.people import enrol

OFFICER = Actor("XA", "officer-1", "unit-1", frozenset({"officer"}))


def above(database: Database) -> Upstairs:
    """People act with their own keys; a case is called by the name of its key."""
    return Upstairs(access.act, lambda _unit, name: KEYS.get(name), lambda _unit, case: f"case:{case}")


KEYS = {"case:C-1": DataKey("case:C-1", b"k" * 32)}


@contextmanager
def pages_of(database: Database, home: Path, *roles: str) -> Iterator[httpx.Client]:
    """A browser before the pages of the log; with roles it is somebody enrolled who has them."""

    def together(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
        router = APIRouter()
        router.include_router(routes(pages, desk, above(database)))
        router.include_router(looking(pages, desk, above(database)))
        return router

    person = None
    if roles:
        with database.unit("test.people") as unit:
            issuer = enrol(unit, f"{roles[0]}-7", *roles)
        person = lambda: issuer  # noqa: E731 - one line says it
    with served_pages(together, desk_over(database, home), person=person) as client:
        yield client


def posted(client: httpx.Client, path: str, **form: str | list[str]) -> httpx.Response:
    return client.post(path, data={"token": form_token("open")} | form, headers=OPEN)


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
    with pages_of(database, tmp_path) as client:
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
    with pages_of(database, tmp_path) as client:
        text = client.get("/oversight/entries/1", headers=OPEN).text
        assert str(clear["leaf_hash"]) in text and "message.sent" in text and "<h1>Entry 1</h1>" in text
        assert "sealed words" not in text and "officer-1" not in text
        wrong = ("/oversight/entries/2", "/oversight/entries/-1", "/oversight?after=x", "/oversight?after=-2")
        assert [client.get(path, headers=OPEN).status_code for path in wrong] == [404, 400, 400, 400]
        assert [client.get(path).status_code for path in ("/oversight", "/oversight/entries/0")] == [403, 403]


def test_a_rare_type_is_sought_page_by_page(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SPAN", 10)
    fill(database, 25)
    with database.unit("test.rare") as unit:
        service.append(unit, Record("rare.one", OFFICER, None, None))
    with pages_of(database, tmp_path) as client:
        address, seen = "/oversight?type=rare.one", 0
        while not numbers(text := client.get(address, headers=OPEN).text):
            further = re.search(r'<a href="([^"]+)">Look through the next', text)
            assert further
            address, seen = further[1].replace("&amp;", "&"), seen + 1
        assert numbers(text) == [25] and seen == 2


def test_an_auditor_opens_values_with_a_reason(database: Database, tmp_path: Path) -> None:
    """Shown once, behind an entry about it; nobody else opens anything, and nothing opens without a reason."""
    fill(database, 2)
    with pages_of(database, tmp_path, "officer") as client:
        assert "Open, and log it" not in client.get("/oversight/entries/1", headers=OPEN).text
        refused = posted(client, "/oversight/entries/1", field=["payload"], reason="curious")
        assert refused.status_code == 403 and "sealed words" not in refused.text
    with pages_of(database, tmp_path, "auditor") as client:
        good: dict[str, str | list[str]] = {"field": ["payload"], "reason": "complaint 7"}
        flaws: list[dict[str, str | list[str]]] = [
            {"reason": ""}, {"field": []}, {"field": ["x"]}, {"reason": "r" * 3000}
        ]  # fmt: skip
        for flaw in flaws:
            told = posted(client, "/oversight/entries/1", **good | flaw)
            assert told.status_code == 400 and "sealed words" not in told.text, flaw
        shown = posted(client, "/oversight/entries/1", field=["payload", "actor"], reason="complaint 7").text
        assert "sealed words" in shown and "officer-1" in shown
        assert "sealed words" not in client.get("/oversight/entries/1", headers=OPEN).text
        proof = client.get("/oversight/entries/1/proof", headers=OPEN)
        assert proof.text.startswith("c2sp.org/tlog-proof") and "entry-1" in proof.headers["content-disposition"]
    with database.read("test.log") as unit:
        assert [one.type for one in service.entries(unit, limit=100)].count("log.opened") == 1


def test_an_auditor_finds_who_did_what(database: Database, tmp_path: Path, clock: FixedClock) -> None:
    """By person, type, record, case, partner and day; each look is an entry with its reason; others look at nothing."""
    fill(database, 4)
    clock.advance(3 * 86_400)
    with database.unit("test.case") as unit:
        service.append(unit, Record(
            "case.shown", replace(OFFICER, person="officer-2"), {"case": "C-1", "items": ["r-9"]}, None, case="C-1",
            key=KEYS["case:C-1"],
        ))  # fmt: skip
        service.append(unit, Record("case.shown", OFFICER, {"case": "C-2"}, None, key=DataKey("case:C-2", b"x" * 32)))
    with pages_of(database, tmp_path, "officer") as client:
        assert "auditor" in client.get("/oversight/search", headers=OPEN).text
        assert posted(client, "/oversight/search", person="officer-2", reason="curious").status_code == 403
    with pages_of(database, tmp_path, "auditor") as client:
        cases: list[tuple[dict[str, str], set[int]]] = [
            ({"person": "officer-2"}, {4}), ({"record": "r-9"}, {4}), ({"case": "C-1"}, {4}),
            ({"peer": "XB"}, {0, 1, 2, 3}),
            ({"type": "message.sent"}, {1, 3}), ({"until": "2026-03-03"}, {0, 1, 2, 3}),
            ({"since": "2026-03-04", "type": "case.shown"}, {4, 5}), ({"person": "nobody"}, set()),
        ]  # fmt: skip
        for form, wanted in cases:
            shown = posted(client, "/oversight/search", **form, reason="complaint 7")
            assert shown.status_code == 200 and set(numbers(shown.text)) == wanted, (form, numbers(shown.text))
        assert "closed" in posted(client, "/oversight/search", person="officer-2", reason="complaint 7").text
        for flaw in ({"reason": ""}, {"since": "yesterday"}, {"until": "2026-13-01"}):
            told = posted(client, "/oversight/search", **{"person": "officer-2", "reason": "why <b>"} | flaw)
            assert told.status_code == 400 and "There is a problem" in told.text, flaw
    with database.read("test.log") as unit:
        assert [one.type for one in service.entries(unit, limit=100)].count("log.searched") == len(cases) + 1


def test_a_look_goes_on_where_the_last_one_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every entry is looked at once, however few a look opens; the statements of a look do not grow with the log."""
    monkeypatch.setattr(seeking, "OPENED", 7)
    monkeypatch.setattr(seeking, "SPAN", 11)
    monkeypatch.setattr(seeking, "LINES", 3)
    fill(database, 40)
    found: list[int] = []
    before: int | None = None
    with database.read("test.look") as unit:
        for _ in range(100):
            one = service.Look(
                unit, Sought(person="officer-1", type="message.sent", before=before), lambda *_: None
            ).run()
            found += [line.index for line in one.lines]
            before = one.before
            if before is None:
                break
        assert found == list(range(39, 0, -2))
        late = Sought(since=unit.now + timedelta(days=1))
        assert service.Look(unit, late, lambda *_: None).run().lines == ()


@pytest.mark.parametrize("what", ["full", "tree"])
def test_the_log_is_verified_while_people_work(database: Database, tmp_path: Path, what: str) -> None:
    """One run at a time; what it found is shown with its time, and stands in the log; a changed entry is named."""
    fill(database, 20)
    verifier = Verifier(lambda: desk_over(database, tmp_path), lambda *_: None)
    verifier.start(what == "full").join()
    assert verifier.last and verifier.last.ok and verifier.run is None
    with database.read("test.log") as unit:
        (noted,) = service.entries(unit, kind="log.verified")
    assert noted.index == 20
    with database.unit("test.flip") as unit:
        changed = sa.update(store.entry_table).where(store.entry_table.c.seq == 3)
        unit.connection.execute(changed.values(bytes=b'{"v":1}'))
    verifier.start(what == "full").join()
    assert not verifier.last.ok and verifier.last.findings


def test_who_has_the_log_verified(database: Database, tmp_path: Path) -> None:
    fill(database, 3)
    with pages_of(database, tmp_path, "officer") as client:
        assert "Verify now" not in client.get("/oversight/verify", headers=OPEN).text
        assert posted(client, "/oversight/verify", what="full").status_code == 403
    with pages_of(database, tmp_path, "operator") as client:
        assert "Not verified since" in client.get("/oversight/verify", headers=OPEN).text
        assert posted(client, "/oversight/verify", what="full").status_code == 303
        for _ in range(200):
            if "The log is whole" in (shown := client.get("/oversight/verify", headers=OPEN).text):
                break
        assert "The log is whole" in shown and "everything" in shown
