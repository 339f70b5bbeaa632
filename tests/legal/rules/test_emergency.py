"""A threat to life: stated, it is on the record; a code that nobody knows refers; it waives nothing."""

from hypothesis import given
from hypothesis import strategies as st

from comity.base.model import Json
from comity.legal.rules import emergency
from tests.legal.law import ask, decide, result


def test_a_threat_to_life_is_a_finding_and_waives_no_article() -> None:
    decision = decide(ask("hit_no_hit", "XA-CC-101", emergency="threat_to_life"))
    assert decision.outcome == "allow" and result(decision, "emergency").result == "pass"
    denied = decide(ask("hit_no_hit", "XA-CC-214", emergency="threat_to_life"))
    assert denied.outcome == "deny" and result(denied, "emergency").result == "pass"


def test_no_emergency_no_finding() -> None:
    assert "emergency" not in {finding.condition for finding in decide(ask("hit_no_hit", "XA-CC-101")).findings}


@given(st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=9) | st.lists(st.just("threat_to_life")))
def test_any_other_word_refers(stated: Json) -> None:
    assert not emergency.is_emergency({"emergency": stated})
    question = ask("hit_no_hit", "XA-CC-101")
    question.facts["emergency"] = stated
    decision = decide(question)
    assert decision.outcome == "refer" and result(decision, "emergency").result == "unknown"


def test_the_code_is_an_emergency() -> None:
    assert emergency.is_emergency({"emergency": "threat_to_life"}) and not emergency.is_emergency({})
