"""What candidates amount to, whose verdict moves what, who is blind, and how the core-data clock runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import Actor, JsonObject
from comity.legal import service as legal
from comity.legal.model import Deadline
from comity.search import rules
from comity.search.model import Candidate, Status, Transition, Verdict, VerdictKind

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KINDS: tuple[VerdictKind, ...] = ("match", "no_match", "inconclusive")
MACHINE = legal.lifecycle("query")

candidates = st.lists(
    st.builds(Candidate, st.sampled_from("abcdef"), st.integers(1, 4), st.booleans(), st.just({}), st.just({})),
    unique_by=lambda c: c.number, max_size=6,
)  # fmt: skip
verdicts = st.lists(
    st.builds(
        Verdict, st.just("q"), st.just("m"), st.sampled_from("abcdef"), st.sampled_from(("XA", "XB")),
        st.sampled_from(("examiner-1", "examiner-2")), st.sampled_from(KINDS), st.just(""), st.just(NOW),
    )
)  # fmt: skip
moments = st.integers(0, 10**6).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(candidates)
def test_one_full_match_is_a_hit_and_near_ones_alone_are_not(found: list[Candidate]) -> None:
    status = rules.status_of(found)
    assert (status == "no_hit") == (not found)
    assert (status == "hit") == any(not c.near for c in found)
    assert rules.status_of(found[::-1]) == status


@pytest.mark.parametrize("status", ["hit", "near_match", "no_hit", "refused", "unavailable", "partial"])
def test_every_answer_has_its_own_event_which_the_machine_knows(status: Status) -> None:
    assert ("searching", rules.event_of(status)) in MACHINE.steps
    others: set[Status] = {"hit", "near_match", "no_hit", "refused", "unavailable", "partial"}
    assert rules.event_of(status) not in {rules.event_of(other) for other in others - {status}}


def test_the_rest_of_a_partial_answer_has_events_of_its_own() -> None:
    rest: tuple[Status, ...] = ("hit", "no_hit")
    assert [rules.event_of(status, "partial") for status in rest] == ["rest_arrived", "rest_no_hit"]
    assert all(("partial", rules.event_of(status, "partial")) in MACHINE.steps for status in rest)


@given(candidates, verdicts)
def test_only_verdicts_on_full_candidates_move_a_hit(found: list[Candidate], given: list[Verdict]) -> None:
    full = {c.number for c in found if not c.near}
    for at, latest in enumerate(given):
        event = rules.verdict_event(found, given[: at + 1], latest)
        rejected = {v.number for v in given[: at + 1] if v.kind == "no_match"}
        if latest.number not in full:
            assert event is None
        elif latest.kind == "no_match":
            assert (event == "expert_reject") == (full <= rejected)
        else:
            assert event == {"match": "expert_confirm", "inconclusive": "inconclusive"}[latest.kind]


@given(verdicts, st.sampled_from(("examiner-1", "examiner-2")))
def test_verdicts_are_seen_by_those_who_have_judged(given: list[Verdict], viewer: str) -> None:
    judged = {v.number for v in given if v.person == viewer and v.node == "XA"}
    assert rules.visible_verdicts(given, viewer, "XA") == [v for v in given if v.number in judged]
    examiner = Actor("XA", viewer, "laboratory", frozenset({"examiner"}))
    assert rules.is_blind(given, examiner) == bool({v.number for v in given} - judged)
    assert not rules.is_blind(given, replace(examiner, roles=frozenset({"officer"})))


EVENTS = st.sampled_from(("submit", "expert_confirm", "expert_reject", "inconclusive", "withdraw"))


@given(st.lists(st.tuples(EVENTS, st.sampled_from(("examiner-1", "examiner-2", "")))))
def test_the_life_before_anybody_elses_verdict(steps: list[tuple[str, str]]) -> None:
    life = [
        Transition("q", n, "x", event, "x" if event == "inconclusive" else "y", person, "", NOW, n)
        for n, (event, person) in enumerate(steps)
    ]
    shown = rules.before_verdicts(life, "examiner-1")
    assert all(step.person == "examiner-1" for step in shown if step.event.startswith(("expert", "inconclusive")))
    last = shown[-1].seq + 1 if shown else 0
    assert all(step in shown or step.event == "inconclusive" for step in life[:last])
    left = [step for step in life[last:] if step.event != "inconclusive" or step.person == "examiner-1"]
    assert not left or (left[0].event.startswith("expert") and left[0].person != "examiner-1")


JUDGE = "judicial_authorisation"


def told(clock: JsonObject, term: Deadline, at: datetime, *, over: bool = False) -> JsonObject:
    """The clock as it stands at that time under that term."""
    return rules.told_clock(clock, legal.due(term, rules.course_of(clock), at), over=over)


@given(moments, moments, st.integers(1, 200), st.integers(0, 500), st.integers(0, 500))
def test_the_clock_starts_with_both_and_a_judge_moves_its_end(
    confirmed: datetime, facts: datetime, hours: int, delay: int, late: int
) -> None:
    term = Deadline("core_data", "8(1)", ("match_confirmed", "facts_received"), hours, extended_by=(JUDGE,))
    start = max(confirmed, facts)
    clock = rules.pause_for_judge(rules.begin_clock("TRAIN-REG 8(1)", confirmed, facts), start)
    judged = told(clock, term, start)
    assert (judged["started"], judged["due"], judged["state"]) == (rfc3339(start), None, "with the judge")
    clock = rules.resume_after_judge(clock, start + timedelta(hours=delay))
    decided = told(clock, term, start + timedelta(hours=delay))
    assert (decided["due"], decided["state"]) == (rfc3339(start + timedelta(hours=hours + delay)), "running")
    assert told(clock, term, start + timedelta(hours=hours + delay + 1))["state"] == "overdue"
    ended = rules.end_clock(clock, start + timedelta(hours=delay + late))
    assert told(ended, term, start + timedelta(days=999))["state"] == ("breached" if late > hours else "kept")


@given(moments, st.integers(1, 200), st.integers(0, 500))
def test_a_clock_stops_when_its_query_ends(confirmed: datetime, hours: int, later: int) -> None:
    term = Deadline("core_data", "8(1)", ("match_confirmed",), hours, extended_by=(JUDGE,))
    clock = rules.begin_clock("TRAIN-REG 8(1)", confirmed, confirmed)
    over = confirmed + timedelta(hours=later)
    assert told(clock, term, over, over=True)["state"] == ("breached" if later > hours else "stopped")
    assert told(rules.pause_for_judge(clock, confirmed), term, over, over=True)["state"] == "stopped"


def test_without_a_term_nothing_is_late() -> None:
    clock = rules.begin_clock("9(1)", NOW, NOW)
    assert rules.resume_after_judge(clock, NOW) == clock
    assert rules.told_clock(clock, None, over=False)["state"] == "no term"
    assert rules.told_clock(clock, None, over=True)["state"] == "stopped"
    ended = rules.told_clock(rules.end_clock(clock, NOW), None, over=True)
    assert (ended["state"], ended["due"], ended["ended"]) == ("kept", None, rfc3339(NOW))


@pytest.mark.parametrize(
    "state", sorted({s for s, _ in MACHINE.steps} - {"draft", "basis_check", "core_released", "evidence_requested"})
)
def test_a_query_can_be_withdrawn_until_the_name_is_given(state: str) -> None:
    assert (state, rules.withdrawal_event(state)) in MACHINE.steps


@pytest.mark.parametrize("state", ["searching", "core_requested", "awaiting_judge", "authorised"])
def test_a_partner_can_refuse_where_the_machine_says_so(state: str) -> None:
    assert MACHINE.steps[state, rules.refusal_event(state)].next == "refused"


def test_facts_are_merged_and_judgements_stay_at_home() -> None:
    known: JsonObject = {"handling": {"code": "H1", "tlp": "AMBER"}, "purpose": "prosecution"}
    assert rules.merged(known, {"handling": {"tlp": "GREEN"}, "x": True}) == {
        "handling": {"code": "H1", "tlp": "GREEN"}, "purpose": "prosecution", "x": True,
    }  # fmt: skip
    assert rules.merged(known, {"handling": "none"})["handling"] == "none"
    facts, own = rules.split_judgements({"territory": {}, "neutrality_review": "cleared", "accredited": True})
    assert (facts, own) == ({"territory": {}}, {"neutrality_review": "cleared", "accredited": True})


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2001])
def test_a_reason_says_something(text: str) -> None:
    with pytest.raises(BadInput):
        rules.check_reason(text)


@pytest.mark.parametrize("ground", ["", "Because", "a b", "x" * 65, "data_not_held\n"])
def test_a_ground_is_a_code(ground: str) -> None:
    with pytest.raises(BadInput):
        rules.check_ground(ground)
    rules.check_ground("data_not_held")
