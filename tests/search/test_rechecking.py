"""A profile is corrected: our own questions are asked again, and partners hear that an answer would be another one."""

import pytest

from comity.base.errors import BadInput, NotAllowed
from comity.dna import api, cli
from comity.dna import service as dna
from comity.dna.model import Profile
from tests.faces import Line, serving
from tests.search.browsing import browsing
from tests.search.world import REF, Agency, World


def profile(agency: Agency, ref: str) -> Profile:
    with agency.database.read("test.look") as unit:
        return dna.find(unit, ref)


def correct(agency: Agency, found: Profile, loci: int) -> None:
    """The laboratory types so many of the first loci of a profile otherwise."""
    other = {name: ("9", "10") if place < loci else alleles for place, (name, alleles) in enumerate(found.loci.items())
             if name != "AMEL"}  # fmt: skip
    head = ",".join(["specimen", "category", *other])
    row = ",".join([found.specimen, f'"{found.category}"', *("/".join(alleles) for alleles in other.values())])
    agency.take_in(f"{head}\n{row}\n".encode(), corrected=True)


def rechecked(agency: Agency, *specimens: str, person: str = "examiner-1", ask_again: bool = False) -> dna.Rechecked:
    issuer = agency.people[person]
    with agency.desk.reading("dna.recheck", issuer) as unit:
        found = dna.to_recheck(unit, issuer, specimens)
    with agency.desk.acting("dna.recheck", issuer) as unit:
        return dna.recheck(unit, issuer, found, ask_again=ask_again)


def source(two: World, query: str) -> Profile:
    """The profile at XB that the answer named."""
    with two.b.database.read("test.look") as unit:
        number = two.b.first(query)
        return next(
            one for one in dna.list_profiles(unit, two.b.people["examiner-1"], limit=1000) if one.number == number
        )


def test_a_partner_hears_that_its_answer_would_be_another_one(two: World) -> None:
    query = two.hit()
    held = source(two, query)
    with pytest.raises(BadInput, match="has one version only"):
        rechecked(two.b, held.specimen)
    correct(two.b, held, 0)
    assert rechecked(two.b, held.specimen).told == [], "the same alleles answer the same"
    correct(two.b, profile(two.b, held.specimen), 3)
    found = rechecked(two.b, held.specimen)
    assert [one.id for one in found.told] == [query] and found.own == []
    assert "changed_at" in two.b.query(query).reason
    two.post()
    assert two.a.where(query) == ("candidate_hit", "hit"), "what was answered stays as it was"
    assert two.a.query(query).reason["changed_at"] and "search.answer_changed_abroad" in two.a.logged()
    with browsing(two.a) as xa:
        assert "its answer would be another one now" in xa("officer-1").text(f"/search/{query}")
    successor = two.a.correct(query, REF)
    two.post()
    assert two.a.where(successor.id) == ("closed_no_hit", "no_hit")
    assert rechecked(two.b, held.specimen).told == [], "who asked again knows"
    two.a.check()
    two.b.check()


def test_a_corrected_profile_that_fits_now_is_told_too(two: World) -> None:
    query = two.hit()
    held = source(two, query)
    correct(two.b, held, 3)
    again = two.a.correct(query, REF)
    two.post()
    assert two.a.where(again.id) == ("closed_no_hit", "no_hit")
    body = ",".join([held.specimen, f'"{held.category}"', *("/".join(a) for n, a in held.loci.items() if n != "AMEL")])
    head = ",".join(["specimen", "category", *(name for name in held.loci if name != "AMEL")])
    two.b.take_in(f"{head}\n{body}\n".encode(), corrected=True)
    assert [one.id for one in rechecked(two.b, held.specimen).told] == [again.id]
    two.post()
    assert two.a.where(again.id)[1] == "no_hit" and two.a.query(again.id).reason["changed_at"]


def test_our_own_questions_are_listed_and_asked_again(two: World, capsys: pytest.CaptureFixture[str]) -> None:
    query = two.hit()
    correct(two.a, profile(two.a, REF), 3)
    found = rechecked(two.a, REF)
    assert [one.id for one in found.own] == [query] and found.again == {} and found.told == []
    assert rechecked(two.a, REF, person="officer-2", ask_again=True).own == [], "another's cases are not seen"
    with pytest.raises(NotAllowed):
        rechecked(two.a, REF, person="auditor-1")
    line = Line("dna", cli.commands(lambda: two.a.desk), capsys)
    told = line.ask("dna", "recheck", REF, "--ask-again", "--as", "officer-1")
    again = told["own"][0]["again"]
    assert told["own"][0]["query"] == query and two.a.query(query).superseded_by == again
    two.post()
    assert two.a.where(again) == ("closed_no_hit", "no_hit")
    assert "0 of our own questions" in line.run("dna", "recheck", REF, "--as", "officer-1")[1]
    with serving(api.screening_routes(lambda: two.a.desk)) as ask:
        assert ask("officer-1", "POST", "/dna/rechecks", json={"specimens": [REF]}).json() == {"told": [], "own": []}
