"""From a question to a name: hit, blind verdicts, confirmation, core data request, judge, approver, identity."""

from typing import Any

import pytest

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.search import service
from comity.search.service import Ruling, showing
from tests.search.world import ACCOUNT, PLANTED, REF, World

GRANTED = Ruling(True, "BJ 2026/41", "proportionate")


def test_from_hit_to_identity(two: World) -> None:
    query = two.authorised()
    two.b.release(query)
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("core_released", "hit")
    assert two.a.open(query)["reference"] == "TRAINING-PLANTED-SOURCE"
    for agency, kinds in (
        (two.a, ["asked", "answered", "judged", "core_requested", "status", "status", "core_received", "opened"]),
        (two.b, ["received", "answered", "judged_abroad", "core_asked", "authorised", "released"]),
    ):
        logged = [kind for kind in agency.logged() if kind.startswith("search.")]
        assert logged == [f"search.{kind}" for kind in kinds]


def test_an_answer_holds_numbers_and_profiles_but_no_name(two: World) -> None:
    query = two.hit()
    seen = two.a.sees(query)
    (candidate,) = seen["candidates"]
    assert set(candidate) == {"number", "quality", "near", "comparison", "record"}
    assert (candidate["quality"], candidate["near"]) == (1, False)
    assert "Synthetic" not in str(seen) and "TRAINING-PLANTED" not in str(seen)
    assert two.b.query(query).case is None
    assert "XA-2026-0117" not in str(two.b.sees(query))


def test_the_identity_stays_closed_until_the_release_and_every_attempt_is_logged(two: World) -> None:
    query = two.hit()
    steps = (
        lambda: two.a.confirm(query),
        lambda: two.a.request(query),
        lambda: two.b.does("judge-1", service.authorise, query, GRANTED),
        lambda: None,
    )
    for step in steps:
        with pytest.raises(NotAllowed) as caught:
            two.a.open(query)
        assert caught.value.code == "search.not-released"
        step()
        two.post()
    assert two.a.logged().count("act.refused") == 4
    two.b.release(query)
    with pytest.raises(NotAllowed):
        two.a.open(query)
    two.post()
    assert two.a.open(query)["name"] == "Synthetic person K"
    with pytest.raises(NotAllowed, match="not a member"):
        two.a.open(query, "officer-2")
    with pytest.raises(NotAllowed) as caught:
        two.a.open(query, "judge-1")
    assert caught.value.code == "access.role"
    with pytest.raises(Conflict) as other:
        two.b.open(query)
    assert other.value.code == "search.side"


def test_verdicts_are_blind_on_both_sides(two: World) -> None:
    query = two.hit()
    two.b.confirm(query)
    two.post()
    assert two.b.where(query)[0] == "candidate_hit"
    blind = two.a.sees(query, "examiner-1")
    assert (blind["verdicts"], blind["blind"]) == ([], True)
    two.a.confirm(query)
    two.post()
    for agency in (two.a, two.b):
        mine = agency.sees(query, "examiner-1")
        assert [v["node"] for v in mine["verdicts"]].count("XA") == 1 and len(mine["verdicts"]) == 2
        theirs = agency.sees(query, "examiner-2")
        assert (theirs["verdicts"], theirs["blind"], theirs["state"]) == ([], True, "candidate_hit")
        assert "expert_confirm" not in str(theirs["life"])
        assert agency.sees(query, "officer-1")["state"] == "confirmed"


def test_a_verdict_is_seen_for_each_candidate_by_those_who_judged_it(two: World) -> None:
    two.b.take_in(PLANTED.source.replace("PLANTED-SOURCE", "TWIN").encode())
    query = two.hit()
    one, other = (c["number"] for c in two.a.detail(query)["candidates"])
    two.a.confirm(query, "inconclusive", "examiner-1", one)
    mine = two.a.confirm(query, "match", "examiner-2", other)
    assert mine.state == "confirmed" == two.a.sees(query, "examiner-2")["state"]
    for person, judged in (("examiner-1", one), ("examiner-2", other)):
        seen = two.a.sees(query, person)
        assert seen["blind"] and {v["number"] for v in seen["verdicts"]} == {judged}
    assert two.a.sees(query, "examiner-1")["state"] == "candidate_hit"
    assert "inconclusive" not in str(two.a.sees(query, "examiner-2")["life"])
    two.a.confirm(query, "no_match", "examiner-1", other)
    assert two.a.sees(query, "examiner-1")["state"] == "confirmed"


def test_no_list_and_no_error_tells_an_examiner_what_another_said(two: World) -> None:
    query = two.hit()
    two.a.confirm(query, "no_match")
    two.post()
    for agency in (two.a, two.b):
        for person, state in (("examiner-2", "candidate_hit"), ("officer-1", "closed_no_hit")):
            with agency.database.read("test.list") as unit:
                actor = agency.people[person].actor
                assert [q.state for q in service.listed(unit, actor)] == [state]
                assert service.glance(unit, query, actor).state == state
        with pytest.raises(Conflict) as caught:
            agency.confirm(query, "match", "examiner-2")
        assert caught.value.code == "search.no-verdict" and "closed" not in str(caught.value)
        with pytest.raises(Conflict) as explained:
            agency.does("examiner-2", service.near_match_explained, query, "a relative")
        assert "closed" not in str(explained.value)


@pytest.mark.parametrize("stage", ["hit", "confirmed", "requested"])
def test_an_examiners_attempts_tell_nothing_of_the_state(two: World, stage: str) -> None:
    query = getattr(two, stage)()
    attempts = (
        (two.a, service.request_core_data, (query, two.a.first(query), ACCOUNT), "access.role"),
        (two.a, service.open_identity, (query, "curious"), "search.not-released"),
        (two.b, service.authorise, (query, GRANTED), "search.role"),
        (two.b, service.refuse, (query, "data_not_held", "none"), "search.role"),
    )
    for agency, verb, args, code in attempts:
        with pytest.raises(NotAllowed) as caught:
            agency.does("examiner-2", verb, *args)
        assert caught.value.code == code and two.a.where(query)[0] not in str(caught.value)
    with pytest.raises(NotAllowed) as released:
        two.b.release(query, "examiner-2")
    assert released.value.code == "search.role"
    with pytest.raises(NotAllowed) as reviewed:
        two.b.review(query, {}, "examiner-2")
    assert reviewed.value.code == "access.role"


def test_a_verdict_from_abroad_counts_from_when_it_arrived(two: World) -> None:
    query = two.hit()
    two.b.confirm(query, "inconclusive")
    port = two.federation.nodes["XB"].server
    assert port is not None
    two.federation.nodes["XB"].hang_up()
    two.a.confirm(query)
    two.post()
    two.clock.advance(3600)
    two.federation.nodes["XB"].listen(port.port)
    two.post()
    at = {v["node"]: v["at"] for v in two.b.sees(query, "examiner-1")["verdicts"]}
    assert at == {"XB": "2026-03-02T09:30:00.000Z", "XA": "2026-03-02T10:30:00.000Z"}


def test_one_examiner_judges_once_and_a_second_one_may(two: World) -> None:
    query = two.confirmed()
    with pytest.raises(Conflict) as caught:
        two.a.confirm(query)
    assert caught.value.code == "search.judged"
    assert two.a.confirm(query, "no_match", "examiner-2").state == "confirmed"
    two.post()
    assert two.b.where(query)[0] == "confirmed"


def test_an_unqualified_or_uninvited_person_does_not_confirm(two: World) -> None:
    query = two.hit()
    for person, code in (("examiner-3", "access.not-qualified"), ("officer-1", "access.not-qualified"),
                         ("officer-2", "cases.need-to-know")):  # fmt: skip
        with pytest.raises(NotAllowed) as caught:
            two.a.confirm(query, person=person)
        assert caught.value.code == code
    assert two.a.logged().count("act.refused") == 3
    assert two.a.where(query)[0] == "candidate_hit"


def test_a_rejected_hit_is_no_hit_and_an_inconclusive_one_stays(two: World) -> None:
    query = two.hit()
    two.a.confirm(query, "inconclusive", "examiner-2")
    two.post()
    assert two.a.where(query)[0] == two.b.where(query)[0] == "candidate_hit"
    two.a.confirm(query, "no_match")
    two.post()
    assert two.a.where(query)[0] == two.b.where(query)[0] == "closed_no_hit"
    with pytest.raises(Conflict):
        two.a.request(query)


def test_who_does_not_need_to_know_is_refused_everywhere(two: World) -> None:
    query = two.confirmed()
    number = two.a.first(query)
    stranger = two.a.people["officer-2"]
    for verb, args in (
        (service.request_core_data, (query, number, ACCOUNT)),
        (service.withdraw, (query, "no more")),
        (service.confirm, (query, (number, "match"), "mine")),
        (service.near_match_explained, (query, "typing error")),
        (service.open_identity, (query, "curious")),
    ):
        with pytest.raises(NotAllowed) as caught:
            two.a.does("officer-2", verb, *args)
        assert caught.value.code == "cases.need-to-know"
    with pytest.raises(NotAllowed):
        two.a.sees(query, "officer-2")
    with pytest.raises(NotAllowed):
        two.a.ask("XB", person="officer-2")
    with pytest.raises(NotAllowed), two.a.desk.acting("search.explain", stranger) as unit:
        service.explain(unit, two.a.matchers, stranger.actor, query)
    with two.a.database.read("test.list") as unit:
        assert service.listed(unit, stranger.actor) == []
        assert [q.id for q in service.listed(unit, two.a.people["officer-1"].actor)] == [query]
    assert two.a.logged().count("act.refused") == 8
    with pytest.raises(NotAllowed) as caught:
        two.b.sees(query, "auditor-1")
    assert caught.value.code == "search.role"


def test_core_data_needs_a_confirmed_match_and_the_facts(two: World) -> None:
    query = two.hit()
    number = two.a.first(query)
    with pytest.raises(Conflict) as caught:
        two.a.request(query)
    assert caught.value.code == "search.state"
    two.a.confirm(query)
    with pytest.raises(BadInput):
        two.a.does("officer-1", service.request_core_data, query, number, "  ")
    with pytest.raises(NotAllowed) as role:
        two.a.request(query, person="examiner-1")
    assert role.value.code == "access.role"
    two.a.request(query)
    with pytest.raises(Conflict):
        two.a.request(query)


def test_four_eyes_judge_and_approver(two: World) -> None:
    query = two.requested()
    with pytest.raises(Conflict, match="awaiting_judge"):
        two.b.release(query)
    with pytest.raises(NotAllowed):
        two.b.does("approver-1", service.authorise, query, GRANTED)
    two.b.does("both-1", service.authorise, query, GRANTED)
    for person in ("both-1", "approver-2"):
        with pytest.raises(Conflict) as caught:
            two.b.release(query, person)
        assert caught.value.code == "access.four-eyes"
    assert two.b.where(query)[0] == "authorised"
    with pytest.raises(NotAllowed):
        two.b.release(query, "judge-1")
    two.b.release(query)
    with pytest.raises(Conflict):
        two.b.release(query)
    two.post()
    assert two.a.where(query)[0] == "core_released"


def test_the_judges_time_is_no_breach(two: World) -> None:
    query = two.requested()
    two.clock.advance(72 * 3600)
    two.b.does("judge-1", service.authorise, query, GRANTED)
    two.post()
    two.b.release(query)
    two.post()
    for agency in (two.a, two.b):
        core = agency.detail(query)["core_data"]
        assert core["clock"]["article"] == "TRAIN-REG 8(1)"
        assert core["clock"]["started"] == "2026-03-02T09:30:00.000Z"
        assert core["clock"]["due"] == "2026-03-07T09:30:00.000Z"
        assert (core["clock"]["judicial_to"], core["clock"]["state"]) == ("2026-03-05T09:30:00.000Z", "kept")
        assert core["released"] is True
    assert two.b.sees(query, "judge-1")["core_data"]["account"] == ACCOUNT


def test_a_late_release_is_a_breach(two: World) -> None:
    query = two.authorised()
    two.clock.advance(48 * 3600 + 1)
    two.b.release(query)
    assert two.b.detail(query)["core_data"]["clock"]["state"] == "breached"


def reasons(two: World, query: str) -> Any:
    """The findings that XB sent."""
    return two.a.query(query).reason["findings"]


def test_the_judge_denies(two: World) -> None:
    query = two.requested()
    with pytest.raises(BadInput):
        two.b.does("judge-1", service.authorise, query, Ruling(False, "BJ 2026/41", ""))
    two.b.does("judge-1", service.authorise, query, Ruling(False, "BJ 2026/41", "not proportionate"))
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("refused", "hit")
    (finding,) = reasons(two, query)
    words = {"ground": "judicial_authorisation_refused", "reason": "BJ 2026/41: not proportionate"}
    assert finding["values"] == words
    assert two.a.detail(query)["core_data"]["clock"]["ended"] is not None
    with pytest.raises(NotAllowed):
        two.a.open(query)
    assert "search.denied" in two.b.logged()


def test_a_person_refuses_core_data_with_ground_and_reason(two: World) -> None:
    query = two.authorised()
    with pytest.raises(BadInput) as caught:
        two.b.does("approver-1", service.refuse, query, "Not this one!", "an investigation of ours")
    assert caught.value.code == "search.ground"
    with pytest.raises(NotAllowed):
        two.b.does("officer-1", service.refuse, query, "prejudice_ongoing_case", "no")
    two.b.does("approver-1", service.refuse, query, "prejudice_ongoing_case", "an investigation of ours")
    two.post()
    assert two.a.where(query) == ("refused", "hit")
    reason = two.a.query(query).reason
    assert reason["by"] == "XB" and reason["measure"] == "core_data"
    assert "prejudice_ongoing_case" in str(reason["findings"]) and "an investigation of ours" in str(reason["findings"])
    with pytest.raises(Conflict):
        two.b.release(query)


def test_explaining_says_why_the_law_and_the_rule_said_so(two: World) -> None:
    query = two.hit()
    for agency in (two.a, two.b):
        with agency.desk.acting("search.explain", agency.people["officer-1"]) as unit:
            actor = agency.people["officer-1"].actor
            words = service.explain(unit, agency.matchers, actor, query, agency.first(query))
        assert "5(1)" in words and "match of quality 1" in words
        assert agency.logged()[-1] == "search.viewed"


def test_two_states_are_two_queries_of_one_question(two: World) -> None:
    one, other = two.a.ask("XB", "XB", "XB")[0], two.a.ask("XB")[0]
    assert one.question != other.question
    with pytest.raises(BadInput) as caught:
        two.a.ask("XA")
    assert caught.value.code == "search.recipients"
    with pytest.raises(BadInput):
        two.a.ask("XB", urgency="at once")
    assert len(two.a.queries()) == 2
    assert two.a.query(one.id).ref == REF


def test_a_list_ends_somewhere_and_goes_on_before_its_first(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = sorted(two.a.ask("XB")[0].id for _ in range(3))
    monkeypatch.setattr(showing, "MOST_LISTED", 2)
    with two.a.database.read("test.list") as unit:
        officer, stranger = (two.a.people[name].actor for name in ("officer-1", "officer-2"))
        assert [query.id for query in service.listed(unit, officer)] == asked[1:]
        assert [query.id for query in service.listed(unit, officer, before=asked[1])] == asked[:1]
        assert service.listed(unit, officer, before=asked[0]) == []
        with pytest.raises(BadInput):
            service.listed(unit, officer, side="neither")
        with pytest.raises((NotAllowed, NotFound)):
            service.listed(unit, stranger, before=asked[0])
