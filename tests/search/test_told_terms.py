"""What nodes tell each other of their DNA databases: kept current, withdrawn, and minded by searches."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.app.demo import population
from comity.base.errors import BadInput, ComityError, NotAllowed, NotFound
from comity.dna import api, cli
from comity.dna import service as dna
from comity.dna.wire import terms
from tests.faces import Line, serving
from tests.search.browsing import browsing
from tests.search.test_chance import many_to_expect, seen, set_terms
from tests.search.world import Agency, World


def told(agency: Agency) -> dict[tuple[str, bool], tuple[int, int]]:
    """Partner and whether it is ours; profiles and loci."""
    with agency.database.read("test.told") as unit:
        return {(one.partner, one.ours): (one.profiles, one.least_loci) for one in dna.told_terms(unit)}


def held(agency: Agency) -> int:
    with agency.database.read("test.held") as unit:
        return dna.count_profiles(unit)


def look(agency: Agency) -> None:
    """What the background does every hour."""
    agency.desk.chore("dna.tell-again", dna.stale, dna.tell_again)


def test_a_partner_is_told_and_told_again_by_itself(two: World) -> None:
    assert told(two.a) == {}
    two.b.does("approver-1", dna.tell_terms, "XA")
    two.post()
    count = held(two.b)
    assert told(two.b) == {("XA", True): (count, 0)} and told(two.a) == {("XB", False): (count, 0)}
    look(two.b)
    assert "message.sent" in two.b.logged() and two.b.logged().count("message.sent") == 1, "nothing has changed"
    two.b.take_in(population.generate(7, count).encode())
    look(two.b)
    two.post()
    assert told(two.a) == {("XB", False): (2 * count, 0)}
    set_terms(two.b, "XA", 9)
    two.post()
    assert told(two.a) == {("XB", False): (2 * count, 9)}, "told with the act that set it"


def test_what_a_partner_tells_counts_until_an_approver_says_otherwise(two: World) -> None:
    many_to_expect(two.a)
    million = expected(two, "XB")
    two.b.does("approver-1", dna.tell_terms, "XA")
    two.post()
    assert expected(two, "XB") == pytest.approx(million * held(two.b) / 1e6)
    set_terms(two.a, "XB", 0, 2_000_000)
    assert expected(two, "XB") == pytest.approx(2 * million)


def expected(two: World, partner: str) -> float:
    chance = seen(two.a).chance
    assert chance
    return chance.expected(partner)


def test_loci_that_a_partner_asks_for_are_minded_before_a_question_leaves(two: World) -> None:
    set_terms(two.b, "XA", 17)
    two.b.does("approver-1", dna.tell_terms, "XA")
    two.post()
    with pytest.raises(BadInput, match="16 fully designated loci, where searches with XB need 17"):
        two.a.ask("XB")
    set_terms(two.a, "XB", 8)
    with pytest.raises(BadInput, match="need 17"):
        two.a.ask("XB")
    two.b.does("approver-1", dna.stop_telling, "XA")
    two.post()
    assert told(two.a) == {} and told(two.b) == {}
    assert len(two.a.ask("XB")) == 1


def test_who_may_tell_and_whom(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotAllowed):
        two.a.does("examiner-1", dna.tell_terms, "XB")
    with pytest.raises(NotFound, match="XX is not in this node's directory"):
        two.a.does("approver-1", dna.tell_terms, "XX")
    with pytest.raises(NotFound, match="is told nothing"):
        two.a.does("approver-1", dna.stop_telling, "XB")
    assert told(two.a) == {}, "nothing is half-done"
    line = Line("dna", cli.commands(lambda: two.a.desk), capsys)
    made = line.ask("dna", "partners", "tell", "XB", "--as", "approver-1")
    assert made["ours"] and made["profiles"] == held(two.a)
    assert line.ask("dna", "partners", "list")["told"] == [made]
    assert f"XB is told: {held(two.a)} profiles" in line.run("dna", "partners", "list")[1]
    with serving(api.routes(lambda: two.a.desk)) as ask:
        assert ask("approver-1", "GET", "/dna/partners").json()["told"] == [made]
        stopped = ask("approver-1", "PUT", "/dna/partners/XB/told", json={"tell": False})
        assert stopped.json() == {"partner": "XB", "told": None}
        assert ask("examiner-1", "PUT", "/dna/partners/XB/told", json={"tell": True}).status_code == 403
        assert ask("approver-1", "PUT", "/dna/partners/XB/told", json={"tell": True}).json()["ours"]
    assert "withdrawn" in line.run("dna", "partners", "tell", "XB", "--stop", "--as", "approver-1")[1]
    kinds = two.a.logged()
    assert (kinds.count("dna.terms-told"), kinds.count("dna.terms-withdrawn")) == (2, 2)


RIGHT = st.sampled_from([terms.FORMAT, "2026-03-02T00:00:00Z", 8, 2_500_000])
ANYTHING = st.one_of(st.integers(), st.text(max_size=5), st.booleans(), st.none(), RIGHT)


@given(st.dictionaries(st.sampled_from(["format", "profiles", "least_loci", "at"]), ANYTHING))
def test_terms_are_read_or_refused(body: dict[str, Any]) -> None:
    try:
        made = terms.read_terms(body, "XB")
    except ComityError as error:
        assert error.code == "dna.terms"
    else:
        assert terms.read_terms(terms.terms_body(made), "XB").profiles == made.profiles


def test_an_approver_tells_at_a_browser(two: World) -> None:
    with browsing(two.a) as xa:
        approver = xa("approver-1")
        assert "Tell it how much is held" in approver.text("/dna/partners")
        assert approver.done("/dna/partners/XB/told", tell="yes") == "/dna/partners"
        two.post()
        assert told(two.b) == {("XA", False): (held(two.a), 0)}
        assert "Withdraw" in approver.text("/dna/partners")
        assert approver.done("/dna/partners/XB/told", tell="no") == "/dna/partners"
    two.post()
    assert told(two.b) == {}
