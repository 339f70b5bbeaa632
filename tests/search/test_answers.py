"""Six answers that are never merged, and what the law does on either side before there is one."""

from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import JsonObject
from comity.search import service
from comity.search.model import Ask
from comity.search.service import life
from tests.search.world import PLANTED, REF, Agency, World

POLITICAL: JsonObject = {"neutrality_review": "cleared"}


def test_a_near_match_goes_to_both_laboratories_and_offers_no_core_data(corvia: World) -> None:
    query = corvia.near()
    corvia.a.confirm(query)
    corvia.post()
    with pytest.raises(Conflict) as caught:
        corvia.a.request(query)
    assert caught.value.code == "search.near-match"
    assert corvia.a.where(query)[0] == corvia.c.where(query)[0] == "both_laboratories"
    with pytest.raises(NotAllowed):
        corvia.a.does("officer-1", service.near_match_explained, query, "a relative")
    with pytest.raises(BadInput):
        corvia.a.does("examiner-1", service.near_match_explained, query, " ")
    corvia.a.does("examiner-1", service.near_match_explained, query, "a typing error abroad")
    assert corvia.a.where(query) == ("closed_near_match", "near_match")


OTHER = (
    b"specimen,category,VWA,TH01,D21S11,FGA,D8S1179,D3S1358,D18S51\n"
    b"OTHER,Forensic Unknown,14/20,5/10,25/35,18/27,8/17,12/19,9/24\n"
)
"""Somebody whom no database knows."""


def test_no_hit_is_an_answer(two: World) -> None:
    two.a.take_in(OTHER)
    query = two.a.ask("XB", ref="OTHER")[0].id
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("closed_no_hit", "no_hit")
    assert two.a.detail(query)["candidates"] == []


def test_a_hit_and_a_no_hit_look_alike_on_the_wire(two: World) -> None:
    two.a.take_in(OTHER)
    hit, nothing = two.a.ask("XB")[0].id, two.a.ask("XB", ref="OTHER")[0].id
    two.post()
    assert (two.a.where(hit)[1], two.a.where(nothing)[1]) == ("hit", "no_hit")
    told, untold = (
        {code: _passed(agency, two.a.query(id).conversation) for code, agency in two.agencies.items()}
        for id in (hit, nothing)
    )
    assert told["XB"] == untold["XB"]
    assert [kind for kind, _ in told["XB"]] == ["search.answer", "receipt"]
    assert told["XA"][1:] == untold["XA"][1:], "but for the question, which is another person's"
    assert [kind for kind, _ in told["XA"]] == ["search.query", "receipt"]


def _passed(agency: Agency, conversation: str) -> list[tuple[str, int]]:
    """Type and size of everything that the agency sent in a conversation, as a listener on the line sees it."""
    query = sa.text(
        "SELECT type, length(envelope) FROM exchange_message WHERE conversation = :c"
        " UNION ALL SELECT type, length(body) FROM exchange_outbox WHERE conversation = :c AND what <> 'message'"
        " ORDER BY 1 DESC"
    )
    with agency.database.read("test.look") as unit:
        return [(row[0], row[1]) for row in unit.connection.execute(query, {"c": conversation})]


def test_our_own_law_denies_and_nothing_leaves(two: World) -> None:
    theft = two.a.open_case("XA-CC-214", "XA-2026-0118")
    before = two.a.logged().count("message.sent")
    (query,) = two.a.ask("XB", case=theft)
    two.post()
    assert (query.state, query.status, query.reason["by"]) == ("refused", "refused", "XA")
    assert "offence_scope" in str(query.reason["findings"])
    assert two.a.logged().count("message.sent") == before and two.b.queries() == []
    with pytest.raises(NotAllowed) as caught:
        two.a.correct(query.id, REF)
    assert caught.value.code == "search.deny"


def test_a_preview_says_exactly_who_gets_what_and_keeps_nothing(two: World) -> None:
    theft = two.a.open_case("XA-CC-214", "XA-2026-0118")
    for case, recipients, withheld in ((two.a.case, ("XB",), ()), (theft, (), ("XB",))):
        with two.a.database.unit("search.preview") as unit:
            asked = Ask(case, "dna", REF, ("XB",), "criminal_investigation")
            seen = service.preview(unit, two.a.matchers["dna"], two.a.people["officer-1"], asked)
        assert (seen.recipients, seen.withheld) == (recipients, withheld)
        told = {"modality", "record", "facts", "offence_text", "node", "agency", "urgency"}
        assert set(seen.seen) == told and case not in str(seen.seen)
    assert two.a.queries() == [] and two.a.logged().count("search.previewed") == 2


def test_a_preview_shows_the_record_to_officers_of_the_case_only(two: World) -> None:
    asked = Ask(two.a.case, "dna", REF, ("XB",), "criminal_investigation")
    for person, code in (("approver-1", "access.role"), ("examiner-1", "access.role"),
                         ("officer-2", "cases.need-to-know")):  # fmt: skip
        issuer = two.a.people[person]
        with pytest.raises(NotAllowed) as caught, two.a.desk.acting("search.preview", issuer) as unit:
            service.preview(unit, two.a.matchers["dna"], issuer, asked)
        assert caught.value.code == code
    assert two.a.logged().count("act.refused") == 3 and "search.previewed" not in two.a.logged()


def test_our_referred_query_waits_for_our_lawyer(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    with pytest.raises(BadInput) as caught:
        two.a.ask("XB", case=sedition, facts=POLITICAL)
    assert caught.value.code == "search.judgement"
    (query,) = two.a.ask("XB", case=sedition)
    assert (query.state, query.status) == ("legal_review", "pending")
    two.post()
    assert two.b.queries() == []
    with pytest.raises(NotAllowed) as role:
        two.a.review(query.id, POLITICAL, "officer-1")
    assert role.value.code == "access.role"
    assert two.a.review(query.id, {"characters": ["political"]}) == "refer"
    assert two.a.review(query.id, POLITICAL) == "allow"
    two.post()
    assert two.b.where(query.id)[0] == "legal_review"
    assert "neutrality_review" not in str(two.b.query(query.id).basis)
    _brevanias_lawyer(two, query.id)


def _brevanias_lawyer(two: World, query: str) -> None:
    assert two.a.fate(two.a.query(query).message).state == "delivered"
    assert two.a.where(query) == ("searching", "pending")
    assert two.b.review(query, POLITICAL) == "allow"
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("candidate_hit", "hit")
    assert two.a.fate(two.a.query(query).message).state == "handled"
    assert two.b.logged().count("search.reviewed") == 1
    with pytest.raises(Conflict):
        two.b.review(query, POLITICAL)
    two.a.confirm(query)
    two.post()
    two.a.request(query)
    two.post()
    assert two.b.where(query)[0] == "awaiting_judge"


def test_a_lawyer_of_the_asked_side_rejects(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    two.a.review(query, POLITICAL)
    two.post()
    assert two.b.review(query, {"refusal_grounds": ["death_penalty_or_cruel_treatment"]}) == "deny"
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("refused", "refused")
    assert "refusal_grounds" in str(two.a.query(query).reason["findings"])


def referred(two: World) -> str:
    """A query that waits for Brevania's lawyer."""
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    two.a.review(query, POLITICAL)
    two.post()
    assert two.b.where(query)[0] == "legal_review"
    return query


def test_a_lawyer_refuses_a_referred_query_with_ground_and_reason(two: World) -> None:
    query = referred(two)
    words = (query, "political_offence", "the matter is political")
    for person in ("officer-1", "approver-1"):
        with pytest.raises(NotAllowed):
            two.b.does(person, service.turn_down, *words)
    for ground, reason in (("No!", "x"), ("political_offence", " ")):
        with pytest.raises(BadInput):
            two.b.does("lawyer-1", service.turn_down, query, ground, reason)
    assert two.b.does("lawyer-1", service.turn_down, *words).outcome == "deny"
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("refused", "refused")
    told = str(two.a.query(query).reason["findings"])
    assert "political_offence" in told and "the matter is political" in told
    assert two.a.fate(two.a.query(query).message).state == "handled"
    with pytest.raises(Conflict):
        two.b.does("lawyer-1", service.turn_down, *words)


def test_our_lawyer_refuses_and_nothing_leaves(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    two.a.does("lawyer-1", service.turn_down, query, "political_offence", "the matter is political")
    two.post()
    assert two.a.where(query) == ("refused", "refused") and two.b.queries() == []


def test_our_lawyer_rejects_and_nothing_leaves(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    assert two.a.review(query, {"refusal_grounds": ["death_penalty_or_cruel_treatment"]}) == "deny"
    two.post()
    assert two.a.where(query) == ("refused", "refused") and two.b.queries() == []


def test_the_asked_side_refuses_with_article_and_cure(corvia: World) -> None:
    fraud = corvia.a.open_case("XA-TC-12", "XA-2026-0119")
    query = corvia.a.ask("XC", case=fraud)[0]
    assert query.state == "searching"
    corvia.post()
    assert corvia.a.where(query.id) == corvia.c.where(query.id) == ("refused", "refused")
    reason = corvia.a.query(query.id).reason
    (finding,) = (f for f in reason["findings"] if isinstance(f, dict))  # type: ignore[union-attr]  # a list
    assert reason["by"] == "XC" and finding["article"] and finding["cure"]
    assert "D-XC-REG-5-2" in str(finding)
    assert "search.refused" in corvia.a.logged()


def test_unavailable_is_no_answer_and_is_answered_later(two: World) -> None:
    port = two.federation.nodes["XB"].server
    assert port is not None
    two.federation.nodes["XB"].hang_up()
    query = two.a.ask("XB")[0].id
    two.post()
    assert two.a.where(query) == ("waiting", "unavailable")
    reason = two.a.query(query).reason
    assert (reason["by"], reason["reason"], reason["deadline"]) == (
        "XB", "exchange.unreachable", "2026-03-09T09:30:00.000Z"
    )  # fmt: skip
    two.federation.nodes["XB"].listen(port.port)
    two.clock.advance(10)
    two.post()
    assert two.a.where(query) == ("candidate_hit", "hit")
    assert {"search.unavailable", "search.reached"} <= set(two.a.logged())


def test_what_is_never_delivered_expires_as_unavailable(two: World) -> None:
    two.federation.nodes["XB"].hang_up()
    query = two.a.ask("XB", urgency="immediate")[0].id
    two.post()
    two.clock.advance(8 * 3600)
    two.post()
    assert two.a.where(query) == ("expired", "unavailable")
    with two.a.database.unit("search.expire") as unit:
        assert service.expire(unit) == 0
    assert "search.expired" in two.a.logged()


def test_what_is_never_answered_expires_at_its_deadline(two: World) -> None:
    query = two.a.ask("XB")[0].id
    with two.a.database.unit("search.expire") as unit:
        assert service.expire(unit) == 0
    two.clock.advance(7 * 24 * 3600)
    with two.a.database.unit("search.expire") as unit:
        assert service.expire(unit) == 1
    assert two.a.where(query) == ("expired", "unavailable")
    assert two.a.query(query).reason["reason"] == "search.deadline"


def test_a_query_that_cannot_be_ended_holds_no_other_up(two: World, caplog: pytest.LogCaptureFixture) -> None:
    lost = two.a.open_case("XA-CC-101", "XA-2026-0122")
    broken, whole = two.a.ask("XB", case=lost)[0].id, two.a.ask("XB")[0].id
    two.clock.advance(7 * 24 * 3600)
    with two.a.database.unit("test.lose") as unit:
        unit.connection.execute(sa.text("DELETE FROM case_key WHERE case_id = :case"), {"case": lost})
    before = two.a.logged().count("search.expired")
    with two.a.database.unit("search.expire") as unit:
        assert service.expire(unit) == 1
    assert (two.a.where(broken)[0], two.a.where(whole)[0]) == ("searching", "expired")
    assert two.a.logged().count("search.expired") == before + 1
    assert broken in caplog.text


def test_a_query_that_the_partner_cannot_use_ends_as_unavailable(two: World) -> None:
    two.b.matchers.clear()
    query = two.a.ask("XB")[0].id
    two.post()
    assert two.a.where(query) == ("expired", "unavailable")
    assert two.a.query(query).reason["reason"] == "search.modality"


def test_one_question_two_states_two_answers(three: World) -> None:
    queries = three.a.ask("XC", "XB")
    three.post()
    assert {q.partner: three.a.query(q.id).status for q in queries} == {"XB": "hit", "XC": "near_match"}
    assert len({q.question for q in queries}) == 1 and len({q.conversation for q in queries}) == 2


def test_what_the_record_settles_is_nobodys_to_state(two: World) -> None:
    mixed = PLANTED.near.replace("PLANTED-NEAR", "MIXED").replace(",Reference,", ",Forensic Mixture,")
    two.a.take_in(mixed.encode())
    (query,) = two.a.ask("XB", ref="MIXED", facts={"mixture": False})
    reason: Any = query.reason
    assert query.status == "refused" and life.facts_of(query)["mixture"] is True
    assert [f["condition"] for f in reason["findings"]] == ["mixture"]
    (plain,) = two.a.ask("XB")
    assert life.facts_of(plain)["mixture"] is False and "data_subject" not in life.facts_of(plain)
