"""Word of changes: who looks at a query is told when its answers change, and of nothing else."""

import threading
from collections.abc import Iterator

import pytest

from comity.search.pages import live
from tests.app.visitors import Visitor
from tests.search.browsing import browsing
from tests.search.world import World


def events(visitor: Visitor, query: str) -> Iterator[tuple[str, str]]:
    """Names and data of the stream's events, as they come."""
    path, headers = f"/search/{query}/events", {"Cookie": f"__Host-comity={visitor.session}"}
    with visitor.client.stream("GET", path, headers=headers, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name, data = "", ""
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            name, data = (value, "") if field == "event" else (name, data + value if field == "data" else data)
            if not line and name:
                yield name, data
                name = ""


def test_an_answer_reaches_who_looks_on(two: World) -> None:
    query = two.a.ask("XB")[0].id
    with browsing(two.a) as xa:
        told = events(xa("officer-1"), query)
        name, first = next(told)
        assert name == "now" and 'data-answer="pending"' in first
        posting = threading.Thread(target=two.post)
        posting.start()
        found = [data for name, data in (next(told),) if name == "changed"]
        while 'data-answer="hit"' not in found[-1]:
            found.append(next(told)[1])
        posting.join()
        told.close()  # type: ignore[attr-defined]  # a generator


def test_a_stream_ends_with_the_session(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    query = two.a.ask("XB")[0].id
    with browsing(two.a) as xa:
        officer = xa("officer-1")
        told = events(officer, query)
        assert next(told)[0] == "now"
        person = two.a.people.pop("officer-1")
        assert next(told) == ("over", "")
        two.a.people["officer-1"] = person


def test_streams_are_few_and_for_who_may_look(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_OF_PERSON", 1)
    query = two.a.ask("XB")[0].id
    with browsing(two.a) as xa:
        assert xa("officer-2").get(f"/search/{query}/events").status_code == 404
        assert xa("nobody-1").get(f"/search/{query}/events").status_code == 403
        first = events(xa("officer-1"), query)
        assert next(first)[0] == "now"
        assert xa("officer-1").get(f"/search/{query}/events").status_code == 503
        assert next(events(xa("examiner-1"), query))[0] == "now"
        first.close()  # type: ignore[attr-defined]  # a generator
