"""Worked cases on the training instruments, and what must hold for any facts whatsoever."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.model import JsonObject
from comity.legal.model import JUDICIAL_AUTHORISATION, Finding, Question
from comity.legal.rules import engine
from tests.legal.law import CORVIA, DAY, FACTS, ask, decide, law, result

A, D, R = "allow", "deny", "refer"

# question, outcome, instrument, article, the deciding conditions with their articles
Case = tuple[Question, str, str, str, dict[str, str]]

CASES: dict[str, Case] = {
    "homicide to XB": (ask("hit_no_hit", "XA-CC-101"), A, "TRAIN-REG", "5(1)", {}),
    "homicide to XC": (ask("hit_no_hit", "XA-CC-101", "XC"), A, "TRAIN-REG", "5(1)", {}),
    "trafficking from XB": (ask("hit_no_hit", "XB-PL-9", "XA", "XB"), A, "TRAIN-REG", "5(1)", {}),
    "petty theft": (ask("hit_no_hit", "XA-CC-214"), D, "TRAIN-REG", "5(1)", {"offence_scope": "5(2)"}),
    "penalty exactly at the threshold": (ask("hit_no_hit", "XA-CC-109"), A, "TRAIN-REG", "5(1)", {}),
    "15 months reach XB": (ask("hit_no_hit", "XA-CC-216"), A, "TRAIN-REG", "5(1)", {}),
    "15 months miss Corvia's declared 18": (
        ask("hit_no_hit", "XA-CC-216", "XC"), D, "TRAIN-REG", "5(1)", {"offence_scope": "5(2)"}),
    "a listed offence needs no threshold": (ask("hit_no_hit", "XA-CC-240", "XC"), A, "TRAIN-REG", "5(1)", {}),
    "the memorandum has no list": (ask("evidence_information", "XA-CC-240", instrument="TRAIN-MOU"), D, "TRAIN-MOU",
        "4(1)", {"offence_scope": "4(1)"}),
    "before the agreement": (
        ask("hit_no_hit", "XA-CC-162", on=date(2012, 12, 31), instrument="TRAIN-REG"), D, "TRAIN-REG", "5(1)",
        {"in_force": "16(1)", "asking_party": "16(1)", "asked_party": "16(1)"}),
    "tax fraud as XA sees it": (ask("hit_no_hit", "XA-TC-12", "XC"), A, "TRAIN-REG", "5(1)", {}),
    "an offence nobody knows": (ask("hit_no_hit", "XA-CC-999"), R, "TRAIN-REG", "5(1)", {"offence_scope": "5(2)"}),
    "no offence": (ask("hit_no_hit", None), R, "TRAIN-REG", "5(1)", {"offence_scope": "5(2)"}),
    "another state's offence": (ask("hit_no_hit", "XB-PL-1"), R, "TRAIN-REG", "5(1)", {"offence_scope": "5(2)"}),
    "an offence as an object": (ask("hit_no_hit", {"state": "XA", "code": "XA-CC-101"}), A, "TRAIN-REG",
        "5(1)", {}),
    "no purpose": (ask("hit_no_hit", "XA-CC-101", purpose=None, instrument="TRAIN-REG"), R, "TRAIN-REG", "5(1)",
        {"purpose": "4(1)"}),
    "border checks are no purpose": (
        ask("hit_no_hit", "XA-CC-101", purpose="border_check", instrument="TRAIN-REG"), D, "TRAIN-REG", "5(1)",
        {"purpose": "4(1)"}),
    "a missing person under the memorandum": (
        ask("hit_no_hit", None, purpose="missing_person"), A, "TRAIN-MOU", "2(1)", {}),
    "relatives are not covered": (
        ask("hit_no_hit", None, purpose="missing_person", familial=True, instrument="TRAIN-MOU"), D, "TRAIN-MOU",
        "2(1)", {"familial": "2(2)", "kinship_search": ""}),
    "the memorandum has ended": (
        ask("hit_no_hit", None, purpose="missing_person", on=date(2027, 6, 1), instrument="TRAIN-MOU"), D, "TRAIN-MOU",
        "2(1)", {"in_force": "8(1)", "asking_party": "8(1)", "asked_party": "8(1)"}),
    "the memorandum's last day": (
        ask("hit_no_hit", None, purpose="missing_person", on=date(2027, 5, 31)), A, "TRAIN-MOU", "2(1)", {}),
    "Corvia is no party to the memorandum": (
        ask("evidence_information", "XA-CC-101", "XC", instrument="TRAIN-MOU"), D, "TRAIN-MOU", "4(1)",
        {"asked_party": "8(1)"}),
    "fingerprints": (ask("hit_no_hit", "XA-CC-101", modality="fingerprint", data_category="fingerprints"), A,
        "TRAIN-REG", "6(1)", {}),
    "faces are not agreed": (ask("hit_no_hit", "XA-CC-101", modality="face", data_category="facial_image"), D,
        "TRAIN-REG", "5(1)", {"modality": "5(1)", "data_category": "5(1)"}),
    "before Corvia joined": (
        ask("hit_no_hit", "XA-CC-101", "XC", on=date(2021, 6, 30), instrument="TRAIN-REG"), D, "TRAIN-REG", "5(1)",
        {"asked_party": "16(1)"}),
    "the day Corvia joined": (
        ask("hit_no_hit", "XA-CC-101", "XC", on=date(2021, 7, 1)), A, "TRAIN-REG", "5(1)", {}),
    "a state of which nothing is known": (
        ask("hit_no_hit", "XA-CC-101", "XD", instrument="TRAIN-REG"), R, "TRAIN-REG", "5(1)",
        {"asked_party": "16(1)", "recipient": "LED 35-39", "recipient_rights": "ECHR 2, 3"}),
    "core data after a confirmed hit": (ask("core_data", "XA-CC-101"), A, "TRAIN-REG", "8(1)", {}),
    "core data after a near match": (
        ask("core_data", "XA-CC-101", "XC", match="near_match"), D, "TRAIN-REG", "8(1)", {"match": "7(1)"}),
    "core data for a candidate": (
        ask("core_data", "XA-CC-101", "XC", match="candidate"), D, "TRAIN-REG", "8(1)", {"match": "7(1)"}),
    "core data without a word on the match": (
        ask("core_data", "XA-CC-101", "XC", match=None), R, "TRAIN-REG", "8(1)", {"match": "7(1)"}),
    "core data before the facts are in": (
        ask("core_data", "XA-CC-101", "XC", facts_of_offence=None), R, "TRAIN-REG", "8(1)",
        {"facts_of_offence": "8(1)"}),
    "evidence XA to XB": (ask("evidence_information", "XA-CC-101"), A, "TRAIN-MOU", "4(1)", {}),
    "evidence XA to XC": (ask("evidence_information", "XA-CC-101", "XC"), A, "TRAIN-REG", "9(1)", {}),
    "information used as evidence": (
        ask("evidence_information", "XA-CC-101", use_as="evidence", instrument="TRAIN-REG"), D, "TRAIN-REG", "9(1)",
        {"use_as": "9(2)"}),
    "seizure of a kind of property both punish": (
        ask("search_seizure", "XA-CC-212", "XC"), A, "TRAIN-CONV", "4(1)", {}),
    "seizure in the part that Brevania left out": (
        ask("search_seizure", "XA-CC-212", territory={"XB": "XB-ISLES"}), D, "TRAIN-CONV", "4(1)",
        {"asked_territory": "14(1)"}),
    "seizure without saying where": (
        ask("search_seizure", "XA-CC-212"), R, "TRAIN-CONV", "4(1)", {"asked_territory": "14(1)"}),
    "seizure on the mainland": (
        ask("search_seizure", "XA-CC-212", territory={"XB": "XB-MAIN"}), A, "TRAIN-CONV", "4(1)", {}),
    "no such offence in Corvia": (
        ask("search_seizure", "XA-CC-301", "XC"), D, "TRAIN-CONV", "4(1)", {"dual_criminality": "4(1)"}),
    "kidnapping in Corvia is doubtful": (
        ask("search_seizure", "XA-CC-140", "XC"), R, "TRAIN-CONV", "4(1)", {"dual_criminality": "4(1)"}),
    "Brevania declared dual criminality for documents": (
        ask("documents_records", "XA-CC-401", territory={"XB": "XB-MAIN"}, own={"neutrality_review": "cleared"}), R,
        "TRAIN-CONV", "5(1)", {"dual_criminality": "5(1)"}),
    "Corvia and tax documents": (
        ask("documents_records", "XA-TC-12", "XC"), D, "TRAIN-CONV", "5(1)", {"declaration": "5(1)"}),
    "the penalty text is missing": (
        ask("documents_records", "XA-CC-101", "XC", penalty_text_included=None), R, "TRAIN-CONV", "5(1)",
        {"penalty_text_included": "3(1)"}),
    "Corvia between its two memberships": (
        ask("documents_records", "XA-CC-101", "XC", on=date(2018, 5, 1)), D, "TRAIN-CONV", "5(1)",
        {"asked_party": "15(1)"}),
    "video while Corvia excluded it": (
        ask("hearing_video", "XA-CC-101", "XC", on=date(2024, 1, 1)), D, "TRAIN-CONV", "7(1)", {"declaration": "7(1)"}),
    "an unreviewed row only refers": (
        ask("hearing_video", "XA-CC-101", "XC"), R, "TRAIN-CONV", "7(1)",
        {"row_reviewed": "7(1)", "condition_in_words": "7(1)"}),
    "political": (ask("hit_no_hit", "XA-CC-390"), R, "TRAIN-REG", "5(1)", {"neutrality": "12(1)"}),
    "military": (ask("hit_no_hit", "XA-MC-7"), R, "TRAIN-REG", "5(1)", {"neutrality": "12(1)"}),
    "religious in character": (
        ask("hit_no_hit", "XA-CC-101", characters=["religious"]), R, "TRAIN-REG", "5(1)", {"neutrality": "12(1)"}),
    "political, reviewed by us": (
        ask("hit_no_hit", "XA-CC-390", own={"neutrality_review": "cleared"}), A, "TRAIN-REG", "5(1)", {}),
    "political, reviewed by the partner": (
        ask("hit_no_hit", "XA-CC-390", neutrality_review="cleared"), R, "TRAIN-REG", "5(1)", {"neutrality": "12(1)"}),
    "an optional ground": (
        ask("hit_no_hit", "XA-CC-101", refusal_grounds=["prejudice_ongoing_case"]), R, "TRAIN-REG", "5(1)",
        {"refusal_grounds": "12(2)"}),
    "a mandatory ground": (
        ask("hit_no_hit", "XA-CC-101", refusal_grounds=["death_penalty_or_cruel_treatment"]), D, "TRAIN-REG", "5(1)",
        {"refusal_grounds": "12(3)"}),
    "by letter": (ask("hit_no_hit", "XA-CC-101", channel="paper"), D, "TRAIN-REG", "5(1)", {"channel": "3(1)"}),
    "asked by customs": (ask("hit_no_hit", "XA-CC-101", authority="customs"), D, "TRAIN-REG", "5(1)",
        {"authority": "2(1)"}),
    "a measure that nothing grants": (ask("interception", "XA-CC-101"), D, "", "", {"measure_available": ""}),
    "a measure that does not exist": (ask("telepathy", "XA-CC-101"), R, "", "", {"measure_known": ""}),
    "an instrument without a table": (
        ask("hit_no_hit", "XA-CC-101", instrument="OTHER"), R, "OTHER", "", {"instrument_known": ""}),
    "a day before all tables": (ask("hit_no_hit", "XA-CC-101", on=date(1999, 1, 1)), R, "", "", {"day_known": ""}),
    "oneself": (ask("hit_no_hit", "XA-CC-101", "XA"), D, "", "", {"two_states": ""}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_worked_case(name: str) -> None:
    question, outcome, instrument, article, conditions = CASES[name]
    decision = decide(question)
    reasons = {f.condition: f.article for f in decision.reasons}
    assert (decision.outcome, decision.instrument, decision.article) == (outcome, instrument, article)
    assert reasons == conditions
    assert all(f.cure for f in decision.reasons)


def test_corvia_refuses_what_arvenia_allows() -> None:
    question = ask("hit_no_hit", "XA-TC-12", "XC")
    assert decide(question).outcome == "allow"
    refusal = decide(question, law(CORVIA), "asked")
    (finding,) = refusal.reasons
    assert refusal.outcome == "deny"
    assert (finding.condition, finding.article) == ("declaration", "5(1)")
    assert finding.values["declared"] == "2026-09-01"
    assert "2026-09-01" in finding.cure and "D-XC-REG-5-2" in finding.cure
    assert decide(ask("hit_no_hit", "XA-TC-12", "XC", on=date(2026, 8, 31)), law(CORVIA), "asked").outcome == "allow"


def test_what_a_state_excludes_it_cannot_claim() -> None:
    question = ask("hit_no_hit", "XC-F-3", "XA", "XC")
    assert decide(question).outcome == "allow"
    assert decide(question, law(CORVIA)).outcome == "deny"


def test_core_data_from_brevania_need_a_judge() -> None:
    for side in ("asking", "asked"):
        decision = engine.decide(law(), ask("core_data", "XA-CC-101"), "asking" if side == "asking" else "asked")
        assert (decision.outcome, decision.requirements) == ("allow", (JUDICIAL_AUTHORISATION,))
        finding = result(decision, JUDICIAL_AUTHORISATION)
        assert (finding.article, finding.values["state"], finding.values["declaration"]) == ("8(1)", "XB", "D-XB-REG-8")
    assert decide(ask("core_data", "XA-CC-101", "XC")).requirements == ()
    missing = ask("core_data", None, purpose="missing_person", instrument="TRAIN-MOU")
    assert decide(missing).requirements == (JUDICIAL_AUTHORISATION,)
    assert (
        decide(ask("core_data", None, "XA", "XB", purpose="missing_person", instrument="TRAIN-MOU")).requirements == ()
    )


@pytest.mark.parametrize(
    ("handling", "own", "condition", "expected"),
    [
        ({"code": "H0"}, {}, "handling_code", "pass"),
        ({"code": ["H0", "H1"]}, {}, "handling_code", "pass"),
        ({"code": "H3"}, {}, "handling_code", "unknown"),
        ({"code": ["H1", "H3"]}, {}, "handling_code", "unknown"),
        ({"code": "H4"}, {}, "handling_code", "unknown"),
        ({"code": []}, {}, "handling_code", "unknown"),
        ({}, {}, "handling_code", "unknown"),
        ({"code": "H2"}, {}, "handling_code", "pass"),
        ({"code": "H2"}, {"originator": "XA"}, "handling_code", "pass"),
        ({"code": "H2"}, {"originator": "XB"}, "handling_code", "unknown"),
        ({"code": "H2"}, {"originator": "XB", "originator_consent": True}, "handling_code", "pass"),
        ({"code": "H2"}, {"originator": "XB", "originator_consent": False}, "handling_code", "fail"),
        ({"code": "H2"}, {"originator": 7}, "handling_code", "unknown"),
        ({"tlp": "RED"}, {}, "handling_tlp", "unknown"),
        ({"tlp": "WHITE"}, {}, "handling_tlp", "unknown"),
        ({"tlp": ""}, {}, "handling_tlp", "pass"),
        ({"pap": "RED"}, {}, "handling_pap", "unknown"),
        ({"pap": 3}, {}, "handling_pap", "unknown"),
        ({}, {}, "handling_pap", "pass"),
        ({"classification": ""}, {}, "classification", "pass"),
        ({"classification": "geheim"}, {}, "classification", "unknown"),
        ({"classification": "CONFIDENTIAL"}, {"accredited": True}, "classification", "fail"),
        ({"classification": "TOP SECRET"}, {}, "classification", "fail"),
        ({"classification": "RESTRICTED"}, {}, "classification", "unknown"),
        ({"classification": "RESTRICTED"}, {"accredited": True}, "classification", "pass"),
        ({"classification": "RESTRICTED"}, {"accredited": False}, "classification", "fail"),
        ("H0", {}, "handling_code", "unknown"),
    ],
)
def test_handling(handling: Any, own: JsonObject, condition: str, expected: str) -> None:
    finding = result(decide(ask("hit_no_hit", "XA-CC-101", handling=handling, own=own)), condition)
    assert finding.result == expected
    assert bool(finding.cure) == (expected != "pass")


@given(st.lists(st.sampled_from(["pass", "fail", "unknown"]), max_size=6))
def test_the_outcome_of_findings(results: list[Any]) -> None:
    outcome = engine.outcome(tuple(Finding("c", r, "1", {}, "") for r in results))
    assert (outcome == "allow") == (bool(results) and set(results) == {"pass"})
    assert (outcome == "deny") == ("fail" in results)


NEEDED = {
    "hit_no_hit": ("offence", "purpose", "data_category", "modality", "handling"),
    "core_data": ("offence", "purpose", "data_category", "match", "facts_of_offence", "handling"),
    "evidence_information": ("offence", "purpose", "data_category", "handling"),
}


@given(st.sampled_from([(m, f) for m, facts in NEEDED.items() for f in facts]), st.none() | st.integers() | st.just([]))
def test_a_needed_fact_left_out_or_without_meaning_never_allows(pair: tuple[str, str], junk: Any) -> None:
    measure, fact = pair
    assert decide(ask(measure, "XA-CC-101", instrument="TRAIN-REG")).outcome == "allow"
    offence = None if fact == "offence" else "XA-CC-101"
    question = ask(measure, offence, instrument="TRAIN-REG", **({fact: junk} if fact != "offence" else {}))
    assert decide(question).outcome != "allow"


def test_the_best_basis_is_the_nearest() -> None:
    assert decide(ask("hit_no_hit", "XA-CC-214")).instrument == "TRAIN-REG"
    named = decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-MOU"))
    assert (named.outcome, named.instrument) == ("deny", "TRAIN-MOU")


def test_an_asked_state_of_whose_law_nothing_is_known_refers() -> None:
    decision = decide(ask("search_seizure", "XA-CC-212", "XC"), replace(law(), offences_of={}))
    assert decision.outcome == "refer"
    assert [f.condition for f in decision.reasons] == ["dual_criminality"]


def test_all_rows_are_reached() -> None:
    reached = set()
    for measure in FACTS:
        for instrument in ("TRAIN-REG", "TRAIN-MOU", "TRAIN-CONV"):
            for more in ({}, {"modality": "fingerprint", "data_category": "fingerprints"}):
                decision = decide(ask(measure, "XA-CC-101", instrument=instrument, on=DAY, **more))
                reached.add((decision.instrument, decision.measure, decision.article))
    rows = {(i.code, row.measure, row.article) for found in law().rows.values() for i, row in found}
    assert rows <= reached
