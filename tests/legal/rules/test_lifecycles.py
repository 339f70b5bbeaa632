"""Machines without dead ends, walked one step at a time by those who may; what is unsound is refused when loaded."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.legal.model import Deadline, Extension, Lifecycle, Party, Reminder, Taker, Term, Transition
from comity.legal.rules import clocks, lifecycles, steps
from comity.legal.service import lifecycle, machines
from comity.legal.wire.lifecycles import read_lifecycle
from tests.legal.law import file

QUERY = lifecycle("query")
OFFICER = frozenset({"officer"})


def machine(*rows: tuple[str, str, str], final: str = "z", **clock: Any) -> Lifecycle:
    """Rows as (from, event, to); one clock `c` of these fields where any is given."""
    made = {(s, e): Transition(s, e, n, False) for s, e, n in rows}
    kept = {"c": Deadline(**{"clock": "c", "article": "1", "start": ("go",), "days": 1, **clock})} if clock else {}
    return Lifecycle("m", "a", frozenset(final.split()), made, kept)


def changed(found: Lifecycle, event: str, **fields: Any) -> Lifecycle:
    """The machine with other fields of the step of that event."""
    made = {key: replace(s, **fields) if s.event == event else s for key, s in found.steps.items()}
    return replace(found, steps=made)


SHORT = ("a", "go", "z")
SOUND = machine(("a", "go", "b"), ("b", "end", "z"))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (machine(SHORT, ("b", "go", "z")), "state b: unreachable"),
        (machine(SHORT, ("a", "stay", "b"), ("b", "stay", "b")), "state b: a dead end"),
        (machine(SHORT, ("a", "fall", "b")), "state b: a dead end"),
        (machine(SHORT, ("z", "back", "a")), "state z: a step leaves a final state"),
        (machine(("b", "go", "z")), "state a: nothing leaves the start"),
        (machine(SHORT, final="z y"), "state y: unreachable"),
        (changed(SOUND, "end", roles=frozenset({"king"})), "end from b: unknown role 'king'"),
        (changed(SOUND, "end", guards=("mood",)), "end from b: unknown guard 'mood'"),
        (changed(SOUND, "end", human=True), "a human decision without a role"),
        (changed(SOUND, "end", human=True, roles=OFFICER, timer="c"), "a human decision that a clock would take"),
        (changed(SOUND, "end", releases=True), "silence never grants a release"),
        (changed(SOUND, "end", timer="c"), "end from b: unknown clock 'c'"),
        (changed(SOUND, "end", party="asked"), "state b: the asking side could wait here for ever"),
        (machine(SHORT, until=("x",)), "clock c: unknown event 'x'"),
        (machine(SHORT, restarted_by=("x",)), "clock c: unknown event 'x'"),
        (machine(SHORT, extensions=(Extension("x", Term(1, "days")),)), "clock c: unknown event 'x'"),
        (machine(SHORT, suspended_by=("x",)), "clock c: unknown state 'x'"),
        (machine(SHORT, reminders=(Reminder(Term(1, "days"), True, ("king",)),)), "unknown role 'king'"),
        (machine(SHORT, effect="no_objection", article=""), "without an article that lets it"),
        (machine(SHORT, effect="ends"), "clock c: takes no step"),
        (changed(machine(SHORT, until=("go",)), "go", timer="c"), "clock c: takes a step, so its effect"),
    ],
)
def test_unsound_machines_are_refused(broken: Lifecycle, reason: str) -> None:
    assert lifecycles.check(SOUND) is SOUND
    with pytest.raises(BadInput) as caught:
        lifecycles.check(broken)
    assert reason in caught.value.what and caught.value.code == "legal.lifecycle"


# --- the shipped machines ------------------------------------------------------------------------------------------


def test_the_life_cycles_of_the_first_release() -> None:
    assert set(machines()) == {
        "query", "alert", "mla_request", "extradition", "preservation", "jit", "data_subject_request", "notification",
        "emergency_review", "written_confirmation", "deferred_approval",
    }  # fmt: skip


@pytest.mark.parametrize("name", machines())
def test_every_state_is_reached_and_left_for_good(name: str) -> None:
    """By walking, not by the checker's own search: from the start to every state, and from each state to an end."""
    found = lifecycle(name)
    assert found.name == name and found.title and found.source
    seen, todo = {found.start}, [found.start]
    while todo:
        for step in found.events(todo.pop()):
            if step.next not in seen:
                seen.add(step.next)
                todo.append(step.next)
    assert seen == {s.state for s in found.steps.values()} | found.final
    for state in seen - found.final:
        reach, before = {state}, set[str]()
        while reach != before:
            before = reach
            reach = before | {s.next for s in found.steps.values() if s.state in before}
        assert reach & found.final, state


@pytest.mark.parametrize("name", machines())
def test_no_release_by_silence_and_no_human_decision_by_a_clock(name: str) -> None:
    found = lifecycle(name)
    for step in found.steps.values():
        assert not step.releases or (step.human and not step.timer)
        assert not step.human or (step.roles and not step.timer)
    for clock in found.clocks.values():
        silent = [s for s in found.steps.values() if s.timer == clock.clock]
        assert bool(silent) == (clock.effect != "breach")
        assert clock.effect != "no_objection" or clock.article[0].isdigit()


WALKS = {name: sorted({event for _, event in lifecycle(name).steps}) for name in machines()}


@given(st.sampled_from(machines()), st.data(), st.booleans())
def test_any_walk_stays_inside_and_ends_for_good(name: str, data: st.DataObject, human: bool) -> None:
    found = lifecycle(name)
    state = found.start
    for event in data.draw(st.lists(st.sampled_from(WALKS[name]), max_size=40)):
        try:
            after = steps.advance(found, state, event, human=human)
        except Conflict:
            continue
        assert state not in found.final
        assert human or not found.steps[state, event].human
        state = after
    assert state in found.final or found.events(state)


def test_the_life_of_a_query() -> None:
    state = QUERY.start
    for event, human in [
        ("submit", False), ("allow", False), ("candidates", False), ("expert_confirm", True),
        ("request_core_data", False), ("need_judicial_authorisation", False), ("granted", True), ("release_ok", True),
        ("evidence_requested", False), ("information_only", True),
    ]:  # fmt: skip
        state = steps.advance(QUERY, state, event, human=human)
    assert state == "released" and state in QUERY.final


def test_the_clocks_of_extradition_and_of_orders() -> None:
    known = lifecycle("extradition").clocks
    assert (known["provisional_arrest"].days, known["provisional_arrest"].effect) == (40, "ends")
    assert known["provisional_arrest"].reminders[0].term == Term(18, "days")
    eaw = [c.clock for c in known.values() if clocks.runs(c, {"instrument": "EAW"})]
    assert eaw == ["supplement", "consent_decision", "decision", "surrender", "speciality", "temporary"]
    mla = lifecycle("mla_request").clocks
    eio = [c for c in mla.values() if clocks.runs(c, {"instrument": "EIO", "measure": "search_seizure"})]
    assert [c.days for c in eio][:3] == [7, 30, 90]
    frozen = [c for c in mla.values() if clocks.runs(c, {"measure": "freezing", "urgency": "certified"})]
    assert [c.hours for c in frozen][:2] == [48, 48]
    calm = [c.clock for c in mla.values() if clocks.runs(c, {"measure": "freezing"})]
    assert "decide_freezing" not in calm


# --- steps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "event", "human"),
    [
        ("candidate_hit", "expert_confirm", False),
        ("released", "withdraw", True),
        ("draft", "allow", True),
        ("both_laboratories", "request_core_data", True),
        ("nowhere", "submit", True),
    ],
)
def test_refused_steps(state: str, event: str, human: bool) -> None:
    with pytest.raises(Conflict) as caught:
        steps.advance(QUERY, state, event, human=human)
    assert caught.value.code == "legal.transition"


def test_a_step_takes_one_of_its_roles() -> None:
    assert steps.advance(QUERY, "awaiting_judge", "granted", human=True, roles=frozenset({"judge"})) == "authorised"
    assert steps.advance(QUERY, "draft", "submit", human=True, roles=OFFICER) == "basis_check"
    for roles in (OFFICER, frozenset[str]()):
        with pytest.raises(NotAllowed) as caught:
            steps.advance(QUERY, "awaiting_judge", "granted", human=True, roles=roles)
        assert caught.value.code == "legal.step-role" and "judge" in caught.value.todo


MLA = lifecycle("mla_request")
PARTNER, RULE = Taker("partner", "XB"), Taker("rule")
PERSON, JUDGE = (Taker("person", f"{role}-1", "u", frozenset({role})) for role in ("officer", "judge"))


@pytest.mark.parametrize(
    ("state", "event", "taker", "side", "refused"),
    [
        ("ready", "send", PERSON, "asking", ""),
        ("ready", "send", PARTNER, "asked", ""),
        ("ready", "send", RULE, "asking", ""),
        ("under_review", "recognise", JUDGE, "asked", ""),
        ("under_review", "recognise", PARTNER, "asking", ""),
        ("under_review", "recognise", PERSON, "asking", ""),  # recorded, as it came on paper
        ("execution", "remedy_filed", PARTNER, "asking", ""),
        ("draft", "cancel", PARTNER, "", ""),
        ("ready", "send", JUDGE, "asking", "legal.step-role"),
        ("ready", "send", PARTNER, "asking", "legal.step-side"),
        ("under_review", "recognise", PERSON, "asked", "legal.step-role"),
        ("under_review", "recognise", JUDGE, "asking", "legal.step-role"),
        ("under_review", "recognise", RULE, "asked", "legal.transition"),
    ],
)
def test_who_may_take_a_step(state: str, event: str, taker: Taker, side: Party, refused: str) -> None:
    """A person of our side in a role for it; a partner its own; the node none that is a person's."""
    step = steps.step_of(MLA, state, event)
    if not refused:
        steps.may_take(MLA, step, taker, side)
        return
    with pytest.raises((NotAllowed, Conflict)) as caught:
        steps.may_take(MLA, step, taker, side)
    assert caught.value.code == refused


# --- the files -----------------------------------------------------------------------------------------------------

GOOD = file("lifecycles/emergency_review.yaml").decode()


@pytest.mark.parametrize(
    ("before", "after", "where", "reason"),
    [
        ('roles: ["approver", "lawyer"], guards', "roles: [approver, NO], guards", "step 1", "list of quoted codes"),
        ("human: true", 'human: "yes"', "step 1", "true or false"),
        ('event: "object"', 'event: "confirm"', "step 2", "confirm leaves unreviewed twice"),
        ("hours: 24,", "hours: 24, days: 1,", "clock 1", "exactly one of"),
        ("hours: 24,", "hours: 0,", "clock 1", "1 to 100000"),
        ("hours: 24,", "hours: 200000,", "clock 1", "1 to 100000"),
        ("hours: 24,", 'hours: 24, zone: "Europe/Atlantis",', "clock 1", "no time zone"),
        ("hours: 24,", 'hours: 24, zone: "../etc",', "clock 1", "no time zone"),
        ("hours: 24,", "hours: 24, rolls: true,", "clock 1", "days off matter"),
        ("hours: 24,", 'hours: 24, effect: "mercy",', "clock 1", "unknown code"),
        ('start: ["opened"]', "start: []", "clock 1", "needs the event"),
        ('until: ["confirm", "object"]', 'untill: ["confirm"]', "clock 1", "unknown field"),
        ("after: {hours: 12}", "after: {weeks: 1}", "clock 1 reminder 1 after", "hours is missing"),
        ('facts: ["emergency"]', "facts: emergency", "emergency_review.yaml", "list of quoted codes"),
        ("final:", "finale:", "emergency_review.yaml", "final is missing"),
    ],
)
def test_a_broken_file_names_row_and_reason(before: str, after: str, where: str, reason: str) -> None:
    assert before in GOOD
    with pytest.raises(BadInput) as caught:
        read_lifecycle(GOOD.replace(before, after, 1).encode(), "emergency_review.yaml")
    assert where in caught.value.where and reason in caught.value.what


def test_two_clocks_of_one_name_are_refused() -> None:
    row = next(line for line in GOOD.splitlines() if line.startswith("  - {clock"))
    with pytest.raises(BadInput, match="two clocks named review"):
        read_lifecycle(GOOD.replace(row, f"{row}\n{row}").encode(), "twice.yaml")
