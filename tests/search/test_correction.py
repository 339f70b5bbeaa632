"""A corrected profile and a question taken back: what was answered stays, and nothing goes on under a wrong record."""

import pytest

from comity.base.errors import Conflict
from comity.base.model import JsonObject
from comity.search import service
from tests.search.test_hostile import LEGAL
from tests.search.world import ACCOUNT, PLANTED, REF, World


def corrected(world: World) -> str:
    """XA's laboratory corrects one allele, so that the stain equals what XC holds."""
    text = PLANTED.near.replace("PLANTED-NEAR", REF).replace(",Reference,", ",Forensic Unknown,")
    world.a.take_in(text.encode(), corrected=True)
    return REF


def test_a_near_match_searches_again_and_the_first_answer_stays_marked(corvia: World) -> None:
    query = corvia.near()
    first = corvia.a.query(query).message
    number = corvia.a.first(query)
    corvia.clock.advance(10 * 24 * 3600)
    moved = corvia.a.correct(query, corrected(corvia))
    assert (moved.id, moved.state, moved.status) == (query, "searching", "pending")
    with corvia.a.database.unit("search.expire") as unit:
        assert service.expire(unit) == 0
    corvia.post()
    assert corvia.a.where(query) == corvia.c.where(query) == ("candidate_hit", "hit")
    assert corvia.a.fate(corvia.a.query(query).message).state == "handled"
    for agency in (corvia.a, corvia.c):
        (earlier,) = agency.detail(query)["superseded"]
        assert (earlier["message"], earlier["status"]) == (first, "near_match")
        assert [c["number"] for c in earlier["candidates"]] == [number]
        assert earlier["record"] != {} and "search.corrected" in agency.logged()
        assert agency.detail(query)["candidates"][0]["near"] is False


def test_a_verdict_on_the_earlier_record_does_not_count_for_the_corrected_one(corvia: World) -> None:
    corvia.c.take_in(PLANTED.near.replace("PLANTED-NEAR", "TWIN-NEAR").encode())
    query = corvia.near()
    judged, other = (c["number"] for c in corvia.a.detail(query)["candidates"])
    corvia.a.confirm(query, number=judged)
    corvia.post()
    late: JsonObject = {
        "v": 1,
        "query": query,
        "answer_to": corvia.a.query(query).message,
        "number": judged,
        "verdict": "match",
    }
    corvia.a.correct(query, corrected(corvia))
    assert corvia.a.detail(query)["candidates"] == []
    corvia.post()
    assert {c["number"] for c in corvia.a.detail(query)["candidates"]} == {judged, other}
    for agency in (corvia.a, corvia.c):
        assert agency.sees(query, "examiner-1")["verdicts"] == [] and not agency.sees(query, "examiner-1")["blind"]
    message = corvia.a.forge(corvia.a.query(query), "search.confirmation", late)
    corvia.a.confirm(query, number=other)
    corvia.post()
    assert corvia.a.fate(message).reason == "search.earlier-record"
    with pytest.raises(Conflict) as caught:
        corvia.a.request(query, judged)
    assert caught.value.code == "search.unconfirmed"
    forged: JsonObject = {"v": 1, "query": query, "number": judged, "account": ACCOUNT, "legal": LEGAL}
    message = corvia.a.forge(corvia.a.query(query), "search.core_request", forged, "core_data")
    corvia.post()
    assert corvia.a.fate(message).reason == "search.unconfirmed"
    assert corvia.a.confirm(query, "no_match", number=judged).state == "confirmed"


def test_an_ended_query_gets_a_successor_that_names_it(two: World) -> None:
    old = two.hit()
    two.a.confirm(old, "no_match")
    two.post()
    new = two.a.correct(old, corrected(two))
    assert new.supersedes == old and new.id != old
    two.post()
    assert two.a.where(new.id) == two.b.where(new.id) == ("both_laboratories", "near_match")
    for agency in (two.a, two.b):
        assert agency.query(old).superseded_by == new.id and agency.query(new.id).supersedes == old
        assert agency.where(old) == ("closed_no_hit", "hit") and len(agency.detail(old)["candidates"]) == 1
    with pytest.raises(Conflict) as caught:
        two.a.correct(old, REF)
    assert caught.value.code == "search.superseded"


def test_a_query_without_an_answer_is_taken_back_and_asked_anew(two: World) -> None:
    old = two.a.ask("XB")[0].id
    new = two.a.correct(old, corrected(two)).id
    two.post()
    assert two.a.where(old) == ("withdrawn", "pending")
    assert two.a.where(new) == ("both_laboratories", "near_match")
    assert two.b.where(old)[0] == "withdrawn" and two.b.detail(old)["candidates"] == []
    assert two.a.detail(old)["candidates"] == []


def test_no_name_is_asked_for_or_given_on_a_corrected_profile(two: World) -> None:
    query = two.confirmed()
    two.a.correct(query, corrected(two))
    with pytest.raises(Conflict) as caught:
        two.a.request(query)
    assert caught.value.code == "search.superseded"


def test_a_release_stops_when_the_profile_was_corrected(two: World) -> None:
    query = two.authorised()
    two.a.correct(query, corrected(two))
    two.post()
    with pytest.raises(Conflict) as caught:
        two.b.release(query)
    assert caught.value.code == "search.superseded"
    two.b.does("approver-1", service.refuse, query, "data_not_held", "the profile was corrected")
    two.post()
    assert two.a.where(query)[0] == "refused"


def test_a_correction_that_the_partner_no_longer_takes_ends_the_query(corvia: World) -> None:
    query = corvia.near()
    corvia.c.does("examiner-1", service.near_match_explained, query, "a typing error of ours")
    corvia.a.correct(query, corrected(corvia))
    corvia.post()
    assert corvia.a.where(query) == ("expired", "unavailable")
    assert corvia.a.query(query).reason["reason"] == "search.state"
    successor = corvia.a.correct(query, REF)
    corvia.post()
    assert corvia.a.where(successor.id)[1] == "hit"


def test_a_withdrawn_query_is_forgotten_abroad(two: World) -> None:
    query = two.hit()
    two.a.does("officer-1", service.withdraw, query, "the suspect was found: code word harbour")
    two.post()
    assert two.a.where(query)[0] == two.b.where(query)[0] == "withdrawn"
    assert two.b.detail(query)["candidates"] == []
    assert "harbour" not in str(two.b.detail(query))
    with pytest.raises(Conflict):
        two.a.does("officer-1", service.withdraw, query, "again")
    assert "search.withdrawn" in two.a.logged() and "search.withdrawn" in two.b.logged()


@pytest.mark.parametrize("stage", ["confirmed", "requested", "authorised"])
def test_a_question_can_be_taken_back_until_the_name_is_given(two: World, stage: str) -> None:
    query = getattr(two, stage)()
    two.a.does("officer-1", service.withdraw, query, "no longer needed")
    two.post()
    assert two.a.where(query)[0] == two.b.where(query)[0] == "withdrawn"
    with pytest.raises(Conflict):
        two.b.release(query)


def test_a_query_under_review_can_be_withdrawn(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    two.a.review(query, {"neutrality_review": "cleared"})
    two.post()
    two.a.does("officer-1", service.withdraw, query, "no longer needed")
    two.post()
    assert (two.a.where(query)[0], two.b.where(query)[0]) == ("withdrawn", "withdrawn")
    unsent = two.a.ask("XB", case=sedition)[0].id
    two.a.does("officer-1", service.withdraw, unsent, "no longer needed")
    two.post()
    assert two.a.where(unsent)[0] == "withdrawn" and len(two.b.queries()) == 1


def test_a_release_that_crosses_a_withdrawal_is_not_kept(two: World) -> None:
    query = two.authorised()
    two.b.release(query)
    two.a.does("officer-1", service.withdraw, query, "no longer needed")
    two.post()
    assert two.a.where(query)[0] == "withdrawn"
    assert two.a.detail(query)["core_data"]["released"] is False
    assert "message.rejected" in two.a.logged()
    assert two.b.query(query).reason["undelivered"]["type"] == "search.core_data"  # type: ignore[index,call-overload]
