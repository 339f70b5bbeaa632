"""The conditions of a row, by their kinds, where the training rows have none of that kind or shape."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from comity.base.model import Json, JsonObject
from comity.legal.model import Clause, Condition, Finding, Instrument, Row, Tables
from tests.legal.law import ask, decide, law, result

PLAIN = Row("hit_no_hit", "1", (), (), (), (), (Clause("node", "2", True),), (), "s", "V", "reviewed")


def one(*conditions: Condition, **changes: Any) -> Tables:
    """Tables whose only row of `hit_no_hit` has these conditions; all parties as to TRAIN-REG."""
    instrument: Instrument = law().instruments["TRAIN-REG"]
    row = replace(PLAIN, conditions=conditions, **changes)
    return replace(law(), rows={"hit_no_hit": ((instrument, row),)})


def tried(condition: Condition, **facts: Any) -> Finding:
    name = str(condition.values.get("fact", condition.kind))
    offence = facts.pop("offence", "XA-CC-101")
    return result(decide(ask("hit_no_hit", offence, **facts), one(condition)), name)


SUBJECT = Condition("data_subject", "9", {"one_of": ["suspect", "victim"], "none_of": ["victim"]})
TRUTH = Condition("stated", "9", {"fact": "warrant", "equals": True, "cure": "add it"})
SCOPE: JsonObject = {"months": 12, "listed": []}

CASES: dict[str, tuple[Condition, dict[str, Any], str]] = {
    "a category that is allowed": (SUBJECT, {"data_subject": "suspect"}, "pass"),
    "a category that is barred": (SUBJECT, {"data_subject": "victim"}, "fail"),
    "a category that is not allowed": (SUBJECT, {"data_subject": "witness"}, "fail"),
    "a category not known yet": (SUBJECT, {"data_subject": "unknown_not_yet_categorised"}, "unknown"),
    "a category that nobody knows": (SUBJECT, {"data_subject": "neighbour"}, "unknown"),
    "no category": (SUBJECT, {}, "unknown"),
    "any category but one": (
        Condition("data_subject", "9", {"none_of": ["victim"]}), {"data_subject": "other"}, "pass"),
    "a truth stated": (TRUTH, {"warrant": True}, "pass"),
    "an untruth stated": (TRUTH, {"warrant": False}, "fail"),
    "a truth in letters": (TRUTH, {"warrant": "true"}, "fail"),
    "a truth in digits": (TRUTH, {"warrant": 1}, "unknown"),
    "a class is enough": (
        Condition("offence_scope", "9", {**SCOPE, "classes": ["05"]}), {"offence": "XA-CC-214"}, "pass"),
    "another class is not": (
        Condition("offence_scope", "9", {**SCOPE, "classes": ["01"]}), {"offence": "XA-CC-214"}, "fail"),
    "neither class nor list, but months": (Condition("offence_scope", "9", SCOPE), {}, "pass"),
    "a list that only the article has": (
        Condition("offence_scope", "9", {**SCOPE, "list_in_words": "theft"}), {"offence": "XA-CC-214"}, "unknown"),
    "a sentence instead": (
        Condition("offence_scope", "9", {**SCOPE, "sentence_months": 4}), {"sought_for": "prosecution"}, "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_condition(name: str) -> None:
    condition, facts, expected = CASES[name]
    finding = tried(condition, **facts)
    assert (finding.result, finding.article) == (expected, "9")
    assert bool(finding.cure) == (expected != "pass")


SENTENCE = Condition("sentence", "9", {"months": 4})


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"sought_for": "prosecution"}, "pass"),
        ({"sought_for": "execution", "sentence_months": 4}, "pass"),
        ({"sought_for": "execution", "sentence_months": 3}, "fail"),
        ({"sought_for": "execution", "sentence_months": True}, "unknown"),
        ({"sought_for": "execution"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_sentence(facts: dict[str, Any], expected: str) -> None:
    assert tried(SENTENCE, **facts).result == expected
    scope = Condition("offence_scope", "9", {**SCOPE, "sentence_months": 4})
    found = decide(ask("hit_no_hit", "XA-CC-101", **facts), one(scope))
    assert found.outcome == {"pass": "allow", "fail": "deny", "unknown": "refer"}[expected]


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [("border_check", "pass"), ("intelligence", "fail"), ("curiosity", "unknown"), (None, "unknown"), ([], "unknown")],
)
def test_a_row_without_purposes_still_wants_one(purpose: Any, expected: str) -> None:
    assert result(decide(ask("hit_no_hit", None, purpose=purpose), one()), "purpose").result == expected


@pytest.mark.parametrize(
    ("channels", "facts", "expected"),
    [
        (("node",), {}, "pass"),
        (("central_authority",), {}, "unknown"),
        (("central_authority",), {"channel": "central_authority"}, "pass"),
        (("central_authority",), {"channel": "email"}, "fail"),
        (("central_authority",), {"channel": ["email"]}, "unknown"),
        ((), {}, "unknown"),
        ((), {"channel": "node"}, "unknown"),
    ],
)
def test_the_channel(channels: tuple[str, ...], facts: dict[str, Any], expected: str) -> None:
    clauses = tuple(Clause(code, "2", True) for code in channels)
    finding = result(decide(ask("hit_no_hit", None, **facts), one(channels=clauses)), "channel")
    assert (finding.result, finding.article) == (expected, "2" if channels else "1")


def test_the_day_of_the_act() -> None:
    for day, expected, penalty in (
        ("2005-05-05", "pass", 10), ("2014-01-01", "pass", 36), ("2000-12-31", "fail", None), ("soon", "unknown", None),
        ("2027-01-01", "unknown", None), (20050505, "unknown", None),
    ):  # fmt: skip
        finding = result(decide(ask("hit_no_hit", "XA-CC-162", act_on=day)), "punishable_then")
        assert (finding.result, finding.values.get("max_penalty_months_then")) == (expected, penalty)
        assert bool(finding.cure) == (expected != "pass")
    others: tuple[Json, ...] = (None, "XA-CC-999", {"state": "XB", "code": "XB-PL-1"})
    for nobody in others:
        finding = result(decide(ask("hit_no_hit", nobody, act_on="2014-01-01")), "punishable_then")
        assert finding.result == "unknown"


def test_the_article_on_which_a_question_rests() -> None:
    for article, outcome in (("5(1)", "allow"), ("6(1)", "deny"), ("99", "deny")):
        decision = decide(ask("hit_no_hit", "XA-CC-101", article=article))
        assert decision.outcome == outcome
        assert decision.article == (article if article != "99" else "")
    assert (
        decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", article="99")).reasons[0].values["article"]
        == "99"
    )


def test_an_instrument_that_is_not_in_force_or_says_no_first_day() -> None:
    base = law().instruments["TRAIN-REG"]
    for change, joined, expected in (
        ({"in_force": False, "valid_from": None}, True, "unknown"),
        ({"valid_from": None}, True, "pass"),
        ({"valid_from": None}, False, "unknown"),
        ({"valid_until": date(2026, 1, 1)}, True, "fail"),
    ):
        instrument = replace(base, **change)
        known = replace(
            law(), rows={"hit_no_hit": ((instrument, PLAIN),)},
            joined=law().joined if joined else law().joined - {"TRAIN-REG"},
        )  # fmt: skip
        assert result(decide(ask("hit_no_hit", None), known), "in_force").result == expected


def test_a_state_known_only_elsewhere_and_an_instrument_whose_parties_nobody_knows() -> None:
    known = replace(law(), participations={}, joined=frozenset({"TRAIN-CONV"}))
    finding = result(decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG"), known), "asked_party")
    assert finding.result == "unknown" and "TRAIN-REG" in finding.cure
    without = replace(law(), joined=frozenset[str]())
    assert decide(ask("hit_no_hit", "XA-CC-101"), without).instrument == "TRAIN-REG"


def test_a_code_of_no_list_says_nothing_and_one_of_another_row_says_no() -> None:
    condition = Condition("purpose", "9", {"one_of": ["prosecution"]})
    assert tried(condition, purpose="border_check").result == "fail"
    finding = tried(condition, purpose="curiosity")
    assert finding.result == "unknown" and "prosecution" in finding.cure
