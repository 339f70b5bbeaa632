"""Hits by chance, said before anything is sent; where many are expected, whoever asks says so."""

import pytest

from comity.base.errors import BadInput
from comity.dna import service as dna
from comity.dna.model import PartnerTerms
from comity.search import cli, service
from comity.search.model import Ask, Preview
from tests.faces import Line
from tests.search.browsing import browsing
from tests.search.world import REF, Agency, World

ONE_LOCUS = b"locus,allele,frequency\nTH01,6,0.4\nTH01,9.3,0.6\n"
"""Made up: whatever else the stain shows is not known, and counts for a fit."""


def seen(agency: Agency) -> Preview:
    matcher, officer = agency.matchers["dna"], agency.people["officer-1"]
    with agency.desk.acting("search.preview", officer) as unit:
        return service.preview(unit, matcher, officer, Ask(agency.case, "dna", REF, ("XB",), "criminal_investigation"))


def many_to_expect(agency: Agency) -> None:
    agency.does("examiner-1", dna.import_population, ONE_LOCUS, "one-locus", "made up for tests")


def test_many_hits_by_chance_are_accepted_or_not_asked_for(two: World) -> None:
    assert seen(two.a).as_dict()["chance"] is None
    many_to_expect(two.a)
    chance = seen(two.a).chance
    assert chance and "one-locus" in chance.basis and chance.too_many(["XB"])
    with pytest.raises(BadInput, match="expected by chance alone: STAIN-2800M: XB"):
        two.a.ask("XB")
    assert two.a.queries() == []
    (query,) = two.a.ask("XB", accepted=True)
    two.post()
    assert two.a.where(query.id) == ("candidate_hit", "hit")


def test_the_command_says_it_and_a_program_must_say_so(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    xa = Line("search", cli.commands(lambda: two.a.desk, lambda: two.a.matchers), capsys)
    asking = ("search", "ask", "--profile", REF, "--to", "XB", "--as", "officer-1", "--case", two.a.case)
    assert "no population's allele frequencies are held here" in xa.run(*asking, "--preview")[1]
    many_to_expect(two.a)
    text = xa.run(*asking, "--preview")[1]
    assert "in a million profiles" in text and "WARNING: many for XB" in text
    assert xa.fails(*asking, "--yes") == (2, "search.chance-hits")
    assert len(xa.ask(*asking, "--yes", "--accept-chance-hits")["queries"]) == 1


def test_the_page_says_it_and_asks_for_a_box_to_be_ticked(two: World) -> None:
    given = {"case": "XA-2026-0117", "record": REF, "to": "XB"}
    with browsing(two.a) as xa:
        officer = xa("officer-1")
        assert "No estimate" in officer.send("/search/new/check", **given).text
        many_to_expect(two.a)
        page = officer.send("/search/new/check", **given).text
        assert "in every million of its profiles" in page and 'name="accepted"' in page
        refused = officer.send("/search/new/send", **given)
        assert refused.status_code == 400 and "expected by chance alone" in refused.text
        assert two.a.queries() == []
        assert officer.done("/search/new/send", **given, accepted="yes").startswith("/search/")
        assert len(two.a.queries()) == 1


def set_terms(agency: Agency, partner: str, least_loci: int, profiles: int | None = None) -> None:
    terms = PartnerTerms(partner, least_loci, profiles, 1e-9, "made up for tests")
    agency.does("approver-1", dna.set_terms, terms)


def test_more_loci_are_asked_for_with_a_partner_before_a_question_leaves(two: World) -> None:
    set_terms(two.a, "XB", 16)
    assert seen(two.a).recipients == ("XB",)
    set_terms(two.a, "XB", 17)
    with pytest.raises(BadInput, match="16 fully designated loci, where searches with XB need 17"):
        seen(two.a)
    with pytest.raises(BadInput, match="need 17"):
        two.a.ask("XB")
    with browsing(two.a) as xa:
        page = xa("officer-1").send("/search/new/check", case="XA-2026-0117", record=REF, to="XB")
        assert page.status_code == 400 and "need 17" in page.text and "States to ask" in page.text
    assert two.a.queries() == []


def test_a_partner_with_too_few_loci_is_told_so_and_gets_no_answer(two: World) -> None:
    set_terms(two.b, "XA", 17)
    (query,) = two.a.ask("XB")
    two.post()
    assert two.a.query(query.id).status == "unavailable"
    assert two.a.query(query.id).reason["reason"] == "search.too-little"
    assert two.b.queries() == [] and "search.answered" not in two.b.logged()


def test_what_a_partner_holds_counts(two: World) -> None:
    many_to_expect(two.a)
    set_terms(two.a, "XB", 0, 2_000_000)
    chance = seen(two.a).chance
    assert chance and chance.expected("XB") == pytest.approx(2 * chance.expected("XC"))
    told = chance.as_dict(["XB", "XC"])["states"]
    assert isinstance(told, dict) and told["XB"] == {
        "profiles": 2_000_000, "expected": f"{2 * chance.per_million:.3g}", "bound": "1e-09",
    }  # fmt: skip
    with browsing(two.a) as xa:
        page = xa("officer-1").send("/search/new/check", case="XA-2026-0117", record=REF, to="XB").text
        assert "in its" in page and "profiles" in page
