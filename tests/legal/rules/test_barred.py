"""Acts that are denied by default, whatever an instrument says."""

from typing import Any

import pytest

from comity.base.model import JsonObject
from comity.legal.rules import barred
from tests.legal.law import ask, decide

WHOLE: JsonObject = {"seal": "S-1", "remaining": True, "hazards": "none", "storage": "frozen"}

# measure, facts, own judgements, condition, result
CASES: dict[str, tuple[str, JsonObject, JsonObject, str, str]] = {
    "relatives within a search": ("hit_no_hit", {"familial": True}, {}, "kinship_search", "fail"),
    "no relatives": ("hit_no_hit", {"familial": False}, {}, "kinship_search", "pass"),
    "relatives, unclear": ("hit_no_hit", {"familial": "perhaps"}, {}, "kinship_search", "unknown"),
    "relatives of a missing person": ("familial_search", {"purpose": "missing_person"}, {}, "kinship_search", "pass"),
    "relatives of a suspect": ("familial_search", {}, {}, "kinship_search", "fail"),
    "relatives, for nobody knows what": ("familial_search", {"purpose": None}, {}, "kinship_search", "unknown"),
    "a mixture": ("hit_no_hit", {"mixture": True}, {}, "mixture", "fail"),
    "no mixture": ("hit_no_hit", {"mixture": False}, {}, "mixture", "pass"),
    "a mixture, unclear": ("hit_no_hit", {"mixture": 1}, {}, "mixture", "unknown"),
    "live": ("hit_no_hit", {"live": True}, {}, "live_face_matching", "fail"),
    "live, authorised": (
        "hit_no_hit", {"live": True}, {"specific_authorisation": "C 7/26"}, "live_face_matching", "pass"),
    "live, authorised by a space": (
        "live_face_matching", {}, {"specific_authorisation": " "}, "live_face_matching", "fail"),
    "live as a measure, whatever is said": ("live_face_matching", {"live": False}, {}, "live_face_matching", "fail"),
    "live as a measure, authorised": (
        "live_face_matching", {}, {"specific_authorisation": "C 7/26"}, "live_face_matching", "pass"),
    "a picture afterwards": ("hit_no_hit", {"live": False}, {}, "live_face_matching", "pass"),
    "live, no truth value": ("hit_no_hit", {"live": "no"}, {}, "live_face_matching", "unknown"),
    "an authorisation from the partner": (
        "hit_no_hit", {"live": True, "specific_authorisation": "C 7/26"}, {}, "live_face_matching", "fail"),
    "profiling alone": ("hit_no_hit", {"profiling_only": True}, {}, "profiling_only", "fail"),
    "not by profiling alone": ("risk_score", {"profiling_only": False}, {}, "profiling_only", "pass"),
    "a score of unknown kind": ("risk_score", {}, {}, "profiling_only", "unknown"),
    "a sample without custody": ("physical_sample", {}, {}, "sample_custody", "unknown"),
    "a sample of the category": ("evidence_information", {"data_category": "physical_sample"}, {}, "sample_custody",
        "unknown"),
    "a sample, one thing unsaid": (
        "physical_sample", {"custody": WHOLE | {"hazards": " "}}, {}, "sample_custody", "unknown"),
    "a sample, all said": ("physical_sample", {"custody": WHOLE}, {}, "sample_custody", "pass"),
    "custody that is none": ("physical_sample", {"custody": "mine"}, {}, "sample_custody", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_denied_unless(name: str) -> None:
    measure, facts, own, condition, expected = CASES[name]
    more: dict[str, Any] = {"own": own, **facts}
    found = {f.condition: f for f in barred.findings(ask(measure, "XA-CC-101", **more))}
    assert (found[condition].result if condition in found else "") == expected
    if expected:
        assert bool(found[condition].cure) == (expected != "pass")


@pytest.mark.parametrize("measure", ["familial_search", "live_face_matching"])
def test_no_instrument_has_them_and_the_reason_is_told(measure: str) -> None:
    decision = decide(ask(measure, "XA-CC-101"))
    assert decision.outcome == "deny"
    assert {f.condition for f in decision.reasons} > {"measure_available"}


def test_an_ordinary_question_has_nothing_to_do_with_them() -> None:
    question = ask("hit_no_hit", "XA-CC-101")
    assert not barred.concerned(question) and barred.findings(question) == []


def test_the_question_is_denied_with_all_the_rest() -> None:
    decision = decide(ask("hit_no_hit", "XA-CC-101", mixture=True))
    assert [(f.condition, f.result) for f in decision.reasons] == [("mixture", "fail")]
