"""One person's day and quick find, on both databases: by role and case, never one's own act, no verdict too soon."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.app import finding, working
from comity.app.working import Section
from comity.cases import store as cases_store
from comity.exchange import service as exchange
from comity.legal import service as legal
from comity.search import service as search
from tests.clock import FixedClock
from tests.counting import counted
from tests.search.world import Agency, Make, World, world


@pytest.fixture
def two(make_database: Make, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    with world(make_database, clock, tmp_path) as made:
        yield made


def day(agency: Agency, person: str) -> dict[str, Section]:
    with agency.database.read("test.work") as unit:
        return {section.kind: section for section in working.work(unit, agency.people[person].actor)}


def places(agency: Agency, person: str, kind: str) -> list[str]:
    found = day(agency, person)
    return [line.address for line in found[kind].lines] if kind in found else []


def recent(agency: Agency, person: str) -> list[str]:
    with agency.database.read("test.recent") as unit:
        return [line.address for line in working.recent(unit, agency.people[person].actor)]


def find(agency: Agency, person: str, text: str) -> tuple[str, dict[str, list[str]]]:
    with agency.database.read("test.find") as unit:
        found = finding.find(unit, agency.people[person].actor, text)
    return finding.straight(found), {kind: [one.address for one in things] for kind, things in found.items()}


@pytest.mark.parametrize("few", [1000, -1], ids=["of few cases", "of many cases"])
def test_a_hit_goes_from_desk_to_desk(two: World, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases_store, "_FEW", few)
    query = two.hit()
    assert places(two.a, "officer-1", "answer") == [f"/search/{query}"]
    assert places(two.a, "officer-2", "answer") == places(two.a, "approver-1", "answer") == []
    two.a.sees(query)
    assert places(two.a, "officer-1", "answer") == []
    assert recent(two.a, "officer-1") == [f"/search/{query}"] and recent(two.a, "officer-2") == []
    compare = f"/search/{query}/candidates/{two.a.first(query)}"
    assert places(two.a, "examiner-1", "verdict") == places(two.a, "examiner-2", "verdict") == [compare]
    assert not places(two.a, "officer-1", "verdict")
    two.a.confirm(query)
    assert places(two.a, "examiner-1", "verdict") == []  # never offered to who gave the first
    assert places(two.a, "examiner-2", "verdict") == [compare]  # as if nobody had judged
    two.post()
    two.a.request(query)
    two.post()
    assert places(two.b, "judge-1", "ruling") == places(two.b, "both-1", "ruling") == [f"/search/{query}"]
    assert places(two.b, "approver-1", "release") == places(two.b, "officer-1", "ruling") == []
    two.b.does("judge-1", search.authorise, query, search.Ruling(True, "BJ 2026/41", "proportionate"))
    assert places(two.b, "approver-1", "release") == [f"/search/{query}"]
    assert places(two.b, "approver-2", "release") == places(two.b, "both-1", "release") == []  # the judge's own unit
    assert "core_data" in day(two.b, "approver-1")["deadline"].lines[0].what
    assert not any("core_data" in line.what for line in working_lines(two.b, "examiner-1", "deadline"))


def working_lines(agency: Agency, person: str, kind: str) -> list[working.Line]:
    found = day(agency, person)
    return list(found[kind].lines) if kind in found else []


def test_what_the_law_refers_waits_for_lawyers(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    assert places(two.a, "lawyer-1", "law") == [f"/search/{query}"]
    assert not places(two.a, "officer-1", "law") and not places(two.b, "lawyer-1", "law")


def test_an_emergency_waits_for_another_person(two: World) -> None:
    two.a.ask("XB", emergency=True, oral=True, reason="a captive girl")
    review, written = day(two.a, "approver-1")["emergency"].lines
    assert {review.what, written.what} == {"emergency_review", "written_confirmation"} and review.due
    (own,) = day(two.a, "officer-1")["emergency"].lines  # the writing may be one's own
    assert own.what == "written_confirmation"
    assert "emergency" not in day(two.a, "examiner-1") and "emergency" not in day(two.a, "auditor-1")
    with two.a.database.read("test.reviews") as unit:
        found = legal.reviews(unit, two.a.people["approver-1"].actor)
    assert {one.matter.facts["reason"] for one in found} == {"a captive girl"}


def test_undelivered_messages_of_ones_cases(two: World, clock: FixedClock) -> None:
    two.b.node.hang_up()
    two.a.ask("XB")
    assert "failed" not in day(two.a, "officer-1")
    clock.advance(8 * 24 * 3600)
    exchange.deliver_due(two.a.node.station)
    (line,) = day(two.a, "officer-1")["failed"].lines
    assert (line.what, line.partner, line.case) == ("search.query", "XB", two.a.case)
    assert "failed" not in day(two.a, "officer-2")


def test_quick_find_leads_straight_to_one_thing(two: World) -> None:
    query = two.hit()
    assert find(two.a, "officer-1", "xa-2026-0117")[0] == f"/cases/{two.a.case}"
    assert find(two.a, "officer-1", two.a.case)[0] == f"/cases/{two.a.case}"
    assert find(two.a, "officer-1", query)[0] == find(two.a, "officer-1", query[:30])[0] == f"/search/{query}"
    assert find(two.a, "officer-1", "XB")[0] == "/partners/XB"
    assert find(two.a, "officer-1", "officer-2")[0] == "/admin"
    straight, found = find(two.a, "officer-1", "officer")
    assert straight == "" and len(found["person"]) == 2
    assert find(two.a, "officer-1", "Á CÂSE")[1] == {"case": [f"/cases/{two.a.case}"]}
    assert find(two.b, "officer-1", query)[0] == f"/search/{query}"


@pytest.mark.parametrize("text", ["", "   ", "nothing like it", "%", "_", "\\", "\x00", "x" * 10_000, "019cad00-'"])
def test_nothing_is_found_and_nothing_breaks(two: World, text: str) -> None:
    assert find(two.a, "officer-1", text) == ("", {})


def test_need_to_know_holds_in_quick_find(two: World) -> None:
    query = two.hit()
    for text in ("XA-2026-0117", two.a.case, query, "A case"):
        assert find(two.a, "officer-2", text) == ("", {})
        assert find(two.a, "auditor-1", text) == ("", {})


@pytest.mark.parametrize("person", ["officer-1", "examiner-1", "approver-1", "lawyer-1", "both-1", "auditor-1"])
def test_a_day_takes_as_many_statements_as_ever(two: World, person: str) -> None:
    numbers: list[int] = []
    for _ in range(2):
        for _ in range(1 + 4 * len(numbers)):
            two.a.ask("XB")
            two.a.ask("XB", emergency=True)
        two.post()
        with two.a.database.read("test.count") as unit, counted() as count:
            viewer = two.a.people[person].actor
            sections = working.work(unit, viewer)
            working.references(unit, [line for section in sections for line in section.lines])
            working.recent(unit, viewer)
            finding.find(unit, viewer, "XA-2026")
        numbers.append(count.number)
    assert numbers[0] == numbers[1]
