"""The person behind the data, where the facts speak of one."""

from typing import Any

import pytest

from comity.base.model import JsonObject
from comity.legal.rules import persons
from tests.legal.law import ask, decide, vocabulary

FULL: JsonObject = {"scheme": "europol", "source": "A", "information": "1"}

# facts, own judgements, condition, result
CASES: dict[str, tuple[JsonObject, JsonObject, str, str]] = {
    "a suspect": ({"data_subject": "suspect"}, {}, "data_subject", "pass"),
    "not categorised yet": ({"data_subject": "unknown_not_yet_categorised"}, {}, "data_subject", "pass"),
    "no category": ({"data_subject": "neighbour"}, {}, "data_subject", "unknown"),
    "junk for a category": ({"data_subject": ["suspect"]}, {}, "data_subject", "unknown"),
    "of age": ({"age_at_offence": 18}, {}, "minor", "pass"),
    "a minor then": ({"age_at_offence": 17, "age_at_sampling": 19}, {}, "minor", "unknown"),
    "a minor at the sampling": ({"age_at_sampling": 12}, {}, "minor", "unknown"),
    "a child who is missing": ({"age": 9}, {}, "minor", "unknown"),
    "a minor, reviewed": ({"age": 17}, {"minor_review": "cleared"}, "minor", "pass"),
    "a minor, refused": ({"age": 17}, {"minor_review": "refused"}, "minor", "fail"),
    "a minor, reviewed by the partner": ({"age": 17, "minor_review": "cleared"}, {}, "minor", "unknown"),
    "an age that is none": ({"age": "17"}, {"minor_review": "cleared"}, "minor", "unknown"),
    "an age below none": ({"age": -1}, {}, "minor", "unknown"),
    "true is no age": ({"age": True}, {}, "minor", "unknown"),
    "a protected witness": ({"protections": ["witness_protection"]}, {}, "protected_person", "unknown"),
    "one protection, not in a list": ({"protections": "undercover_officer"}, {}, "protected_person", "unknown"),
    "an informant by category": ({"data_subject": "informant"}, {}, "protected_person", "unknown"),
    "an informant twice": (
        {"data_subject": "informant", "protections": ["informant"]}, {"protection_review": "cleared"},
        "protected_person", "pass"),
    "the handler says no": (
        {"protections": ["informant"]}, {"protection_review": "refused"}, "protected_person", "fail"),
    "no protection": ({"protections": []}, {}, "protected_person", "pass"),
    "an unknown protection": (
        {"protections": ["cloak"]}, {"protection_review": "cleared"}, "protected_person", "unknown"),
    "a fact": ({"statement_kind": "fact"}, {}, "statement_kind", "pass"),
    "an assessment alone": ({"statement_kind": "personal_assessment"}, {}, "statement_kind", "unknown"),
    "an assessment, evaluated": (
        {"statement_kind": "personal_assessment", "evaluation": FULL}, {}, "statement_kind", "pass"),
    "neither": ({"statement_kind": "rumour"}, {}, "statement_kind", "unknown"),
    "4x4": ({"evaluation": FULL}, {}, "source_evaluation", "pass"),
    "6x6": ({"evaluation": {"scheme": "6x6", "source": "F", "information": "6"}}, {}, "source_evaluation", "pass"),
    "6x6 letters under 4x4": ({"evaluation": FULL | {"source": "F"}}, {}, "source_evaluation", "unknown"),
    "no information": ({"evaluation": {"scheme": "europol", "source": "A"}}, {}, "source_evaluation", "unknown"),
    "no scheme": ({"evaluation": {"source": "A", "information": "1"}}, {}, "source_evaluation", "unknown"),
    "no evaluation": ({"evaluation": "A1"}, {}, "source_evaluation", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_tried_where_stated(name: str) -> None:
    facts, own, condition, expected = CASES[name]
    more: dict[str, Any] = {"own": own, **facts}
    decision = decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", **more))
    (finding,) = (f for f in decision.findings if f.condition == condition)
    assert finding.result == expected
    assert bool(finding.cure) == (expected != "pass") and finding.article
    assert (decision.outcome == "allow") == all(f.result == "pass" for f in decision.findings)


def test_nothing_is_asked_where_nothing_is_stated() -> None:
    found = {f.condition for f in decide(ask("hit_no_hit", "XA-CC-101")).findings}
    assert not found & {"data_subject", "minor", "protected_person", "statement_kind", "source_evaluation"}


def test_the_schemes_of_the_vocabulary() -> None:
    assert persons.schemes(vocabulary()) == ["europol", "6x6", "5x5x5", "3x5x2"]
