"""Machines without dead ends, walked one step at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict
from comity.legal.model import Lifecycle, Transition
from comity.legal.rules import lifecycles
from comity.legal.wire.lifecycles import read_lifecycle
from tests.legal.law import file

QUERY = lifecycles.check(read_lifecycle(file("lifecycles/query.yaml"), "query.yaml"))


def machine(*steps: tuple[str, str, str], start: str = "a", final: str = "z") -> Lifecycle:
    return Lifecycle("m", start, frozenset(final.split()), {(s, e): Transition(s, e, n, False) for s, e, n in steps})


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (machine(("a", "go", "z"), ("b", "go", "z")), "state b: unreachable"),
        (machine(("a", "go", "z"), ("a", "stay", "b"), ("b", "stay", "b")), "state b: a dead end"),
        (machine(("a", "go", "z"), ("a", "fall", "b")), "state b: a dead end"),
        (machine(("a", "go", "z"), ("z", "back", "a")), "state z: a step leaves a final state"),
        (machine(("b", "go", "z")), "state a: nothing leaves the start"),
        (machine(("a", "go", "z"), final="z y"), "state y: unreachable"),
    ],
)
def test_unsound_machines_are_refused(broken: Lifecycle, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        lifecycles.check(broken)
    assert reason in caught.value.what


def test_the_life_of_a_query() -> None:
    state = QUERY.start
    for event, human in [
        ("submit", False), ("allow", False), ("candidates", False), ("expert_confirm", True),
        ("request_core_data", False), ("need_judicial_authorisation", False), ("granted", True), ("release_ok", True),
        ("evidence_requested", False), ("information_only", True),
    ]:  # fmt: skip
        state = lifecycles.advance(QUERY, state, event, human=human)
    assert state == "released" and state in QUERY.final


@pytest.mark.parametrize(
    ("state", "event", "human"),
    [("candidate_hit", "expert_confirm", False), ("released", "withdraw", True), ("draft", "allow", True),
     ("both_laboratories", "request_core_data", True), ("nowhere", "submit", True)],
)  # fmt: skip
def test_refused_steps(state: str, event: str, human: bool) -> None:
    with pytest.raises(Conflict) as caught:
        lifecycles.advance(QUERY, state, event, human=human)
    assert caught.value.code == "legal.transition"


@given(st.lists(st.sampled_from(sorted({event for _, event in QUERY.steps})), max_size=40), st.booleans())
def test_any_walk_stays_inside_and_ends_for_good(events: list[str], human: bool) -> None:
    state = QUERY.start
    for event in events:
        try:
            after = lifecycles.advance(QUERY, state, event, human=human)
        except Conflict:
            continue
        assert state not in QUERY.final
        assert human or not QUERY.steps[state, event].human
        state = after
    assert state in QUERY.final or QUERY.events(state)
