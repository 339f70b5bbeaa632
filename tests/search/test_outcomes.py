"""What became of confirmed hits: said, asked again, counted, and forgotten with the case."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.cases import store as cases_store
from comity.search import api, cli, rules, service, store
from comity.search.model import FollowUp, Tally
from tests.faces import Line, serving
from tests.search.world import World

DAY = 24 * 3600


def due(two: World, person: str = "officer-1") -> list[FollowUp]:
    with two.a.database.read("test.due") as unit:
        return service.outcomes_due(unit, two.a.people[person].actor)


def says(two: World, query: str, kind: str, person: str = "officer-1") -> Any:
    return two.a.does(person, service.record_outcome, query, kind, "as the prosecutor wrote")


def counts(two: World, days: int = 200) -> list[Tally]:
    with two.a.database.read("test.statistics") as unit:
        return service.statistics(unit, two.clock() - timedelta(days=days), two.clock() + timedelta(days=1))


@pytest.mark.parametrize("few", [1000, -1], ids=["of few cases", "of many cases"])
def test_a_hit_is_asked_about_after_30_and_90_days(two: World, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases_store, "_FEW", few)
    query = two.confirmed()
    assert due(two) == []
    two.clock.advance(30 * DAY)
    (hit,) = due(two)
    assert (hit.query, hit.partner, hit.kind) == (query, "XB", None)
    assert due(two, "officer-2") == due(two, "judge-1") == []
    says(two, query, "useful")
    assert due(two) == []
    two.clock.advance(60 * DAY)
    assert [hit.kind for hit in due(two)] == ["useful"]
    says(two, query, "arrest", "examiner-1")
    two.clock.advance(900 * DAY)
    assert due(two) == []
    with two.a.database.read("test.said") as unit:
        said = service.outcomes_of(unit, query, two.a.people["officer-1"].actor)
    assert [(one.kind, one.person, one.reason) for one in said] == [
        ("useful", "officer-1", "as the prosecutor wrote"), ("arrest", "examiner-1", "as the prosecutor wrote"),
    ]  # fmt: skip
    assert two.a.logged().count("search.outcome") == 2


def test_only_confirmed_hits_of_ones_own_cases_have_an_outcome(two: World) -> None:
    query = two.hit()
    with pytest.raises(Conflict) as early:
        says(two, query, "useful")
    assert early.value.code == "search.no-outcome"
    two.a.confirm(query)
    two.post()
    for person, code in (("officer-2", "cases.need-to-know"), ("judge-1", "access.role")):
        with pytest.raises(NotAllowed) as caught:
            says(two, query, "useful", person)
        assert caught.value.code == code
    with pytest.raises(BadInput):
        says(two, query, "splendid")
    with pytest.raises(Conflict) as theirs:
        two.b.does("officer-1", service.record_outcome, query, "useful", "x")
    assert theirs.value.code == "search.side"


def test_counts_by_partner(three: World) -> None:
    three.clock.advance(-DAY)
    query = three.confirmed()
    three.near()
    three.clock.advance(100)
    says(three, query, "arrest")
    asked = {(one.side, one.partner): one for one in counts(three)}
    assert asked["asking", "XB"].answers == {"hit": 1} and asked["asking", "XB"].outcomes == {"arrest": 1}
    assert asked["asking", "XC"].answers == {"near_match": 1}
    assert asked["asking", "XC"].asked == 1 and asked["asking", "XC"].median_seconds is not None
    assert counts(three, -2) == []


def test_what_our_own_law_stops_is_no_partners_answer(three: World) -> None:
    case = three.a.open_case("XA-CC-390", "XA-2026-0121")
    query = three.a.ask("XC", case=case)[0].id
    assert [one.answers for one in counts(three)] == [{"pending": 1}]
    three.a.does("lawyer-1", service.turn_down, query, "political_offence", "it is political")
    (one,) = counts(three)
    assert (one.answers, one.median_seconds) == ({"withheld": 1}, None)


def test_an_erased_case_keeps_counts_and_no_words(two: World) -> None:
    query = two.confirmed()
    says(two, query, "known")
    with two.a.database.unit("test.forget") as unit:
        service.forget(unit, two.a.case)
        assert unit.connection.execute(sa.select(store.outcomes.outcome_table.c.sealed)).scalars().all() == [None]
    two.clock.advance(40 * DAY)
    assert due(two) == []
    assert counts(two)[0].outcomes == {"known": 1}


def test_medians_and_times() -> None:
    assert rules.median([]) is None
    assert rules.median([(3, 1)]) == 3
    assert rules.median([(1, 2), (5, 2)]) == 1
    assert rules.median([(1, 2), (5, 3)]) == 5
    counted: list[rules.Counted] = [
        ("asking", "XB", "hit", 9, 1), ("asking", "XB", "no_hit", 2, 3), ("asking", "XB", "refused", 4, 1),
        ("asking", "XB", "refused", None, 2), ("asking", "XB", "no_hit", 5, 1), ("asked", "XB", "refused", None, 1),
    ]  # fmt: skip
    theirs, ours = rules.tallies(counted, [("XB", None, 1)])
    assert (ours.asked, ours.median_seconds, ours.outcomes) == (8, 2, {"none": 1})
    assert ours.answers == {"hit": 1, "no_hit": 4, "refused": 1, "withheld": 2}
    assert (theirs.side, theirs.answers, theirs.median_seconds) == ("asked", {"refused": 1}, None)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert rules.asked_again(start, start + timedelta(days=30)) == start + timedelta(days=90)
    assert rules.asked_again(start, start + timedelta(days=90)) is None


def test_outcomes_at_both_faces(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    query = two.confirmed()
    two.clock.advance(31 * DAY)
    line = Line("search", cli.commands(lambda: two.a.desk, lambda: two.a.matchers), capsys)
    assert [hit["query"] for hit in line.ask("search", "outcomes", "--as", "officer-1")] == [query]
    assert "nothing said yet" in line.run("search", "outcomes", "--as", "officer-1")[1]
    said = line.ask("search", "outcome", query, "--kind", "open", "--reason", "trial in May", "--as", "officer-1")
    assert said["outcome"] == "open"
    span = ("--since", "2026-01-01", "--until", "2027-01-01")
    assert line.ask("search", "statistics", *span)[0]["outcomes"] == {"open": 1}
    assert "hit 1" in line.run("search", "statistics", *span)[1]
    assert line.fails("search", "statistics", "--since", "x", "--until", "y") == (2, "search.day")
    assert line.fails("search", "statistics", "--since", "2027-01-01", "--until", "2026-01-01") == (2, "search.span")
    with serving(api.routes(lambda: two.a.desk, lambda: two.a.matchers)) as ask:
        path = f"/searches/{query}/outcomes"
        body = {"outcome": "exculpation", "reason": "another man's blood"}
        assert ask("officer-1", "POST", path, json=body).status_code == 201
        assert [one["outcome"] for one in ask("officer-1", "GET", path).json()] == ["open", "exculpation"]
        assert ask("officer-1", "GET", "/searches/outcomes").json() == []
        days = {"since": "2026-01-01", "until": "2027-01-01"}
        assert ask("auditor-1", "GET", "/searches/statistics", params=days).json()[0]["partner"] == "XB"
        assert ask("officer-1", "GET", "/searches/statistics", params={"since": "x"}).status_code == 400
        assert ask("officer-1", "POST", path, json={"outcome": "great", "reason": "x"}).status_code == 400
