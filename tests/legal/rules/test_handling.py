"""Handling codes, TLP, PAP and classification: each by its own scheme, none made into another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.model import Json, JsonObject
from comity.legal.rules import handling
from tests.legal.law import ask, decide, result, vocabulary

READERS: JsonObject = {"tlp": "RED", "readers": ["XB-examiner-1"]}

# handling, further facts, own judgements, condition, result
CASES: dict[str, tuple[JsonObject, JsonObject, JsonObject, str, str]] = {
    "H0 against crime": ({"code": "H0"}, {}, {}, "handling_code", "pass"),
    "H0 and no purpose": ({"code": "H0"}, {"purpose": None}, {}, "handling_code", "unknown"),
    "H0 and a purpose that is none": ({"code": "H0"}, {"purpose": ["x"]}, {}, "handling_code", "unknown"),
    "H0 for border checks": ({"code": ["H1", "H0"]}, {"purpose": "border_check"}, {}, "handling_code", "unknown"),
    "H1 for border checks": ({"code": "H1"}, {"purpose": "border_check"}, {}, "handling_code", "pass"),
    "H1 in court": ({"code": "H1"}, {"use_as": "evidence"}, {}, "handling_code", "unknown"),
    "H1 in court, permitted": ({"code": "H1"}, {"use_as": "evidence"}, {"use_consent": True}, "handling_code", "pass"),
    "H1 in court, refused": ({"code": "H1"}, {"use_as": "evidence"}, {"use_consent": False}, "handling_code", "fail"),
    "H0 in court": ({"code": "H0"}, {"use_as": "evidence"}, {}, "handling_code", "pass"),
    "codes combine: H2 is one's own, H1 in court": (
        {"code": ["H2", "H1"]}, {"use_as": "evidence"}, {}, "handling_code", "unknown"),
    "codes combine: consent for H2, no permission for H1": (
        {"code": ["H2", "H1"]}, {"use_as": "evidence"},
        {"originator": "XC", "originator_consent": True, "use_consent": False}, "handling_code", "fail"),
    "another's data under the row's limit": ({"code": "H1"}, {}, {"originator": "XC"}, "handling_code", "unknown"),
    "red, readers unnamed": ({"tlp": "RED"}, {}, {"named_readers": True}, "handling_tlp", "unknown"),
    "red, readers named": (READERS, {}, {}, "handling_tlp", "unknown"),
    "red, readers named and seen to": (READERS, {}, {"named_readers": True}, "handling_tlp", "pass"),
    "red, readers that are none": (READERS | {"readers": [""]}, {}, {"named_readers": True}, "handling_tlp", "unknown"),
    "amber, on to others": ({"tlp": "AMBER"}, {"onward_to": ["XC"]}, {}, "handling_tlp", "unknown"),
    "strict, on to others": ({"tlp": "AMBER+STRICT"}, {"onward_to": ["XC"]}, {}, "handling_tlp", "unknown"),
    "amber, on to others by consent": (
        {"tlp": "AMBER"}, {"onward_to": ["XC"]}, {"use_consent": True}, "handling_tlp", "pass"),
    "green, on to others": ({"tlp": "GREEN"}, {"onward_to": ["XC"]}, {}, "handling_tlp", "pass"),
    "amber, on to nobody": ({"tlp": "AMBER"}, {"onward_to": []}, {}, "handling_tlp", "pass"),
    "pap red, unsaid": ({"pap": "RED"}, {}, {}, "handling_pap", "unknown"),
    "pap red, unseen": ({"pap": "RED"}, {"actions": "undetectable"}, {}, "handling_pap", "pass"),
    "pap red, passive": ({"pap": "RED"}, {"actions": "passive"}, {}, "handling_pap", "fail"),
    "pap amber, passive": ({"pap": "AMBER"}, {"actions": "passive"}, {}, "handling_pap", "pass"),
    "pap amber, active": ({"pap": "AMBER"}, {"actions": "active"}, {}, "handling_pap", "fail"),
    "pap green, active": ({"pap": "GREEN"}, {"actions": "active"}, {}, "handling_pap", "pass"),
    "pap clear, active": ({"pap": "CLEAR"}, {"actions": "active"}, {}, "handling_pap", "pass"),
    "pap green, unknown acts": ({"pap": "GREEN"}, {"actions": ["active"]}, {}, "handling_pap", "unknown"),
    "no pap, any acts": ({"pap": None}, {"actions": "active"}, {}, "handling_pap", "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_by_its_scheme(name: str) -> None:
    labels, facts, own, condition, expected = CASES[name]
    given_: JsonObject = {"code": "H1", **labels}
    more: dict[str, Any] = {"own": own, "handling": given_, **facts}
    finding = result(decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", **more)), condition)
    assert finding.result == expected
    assert bool(finding.cure) == (expected != "pass")


def test_every_purpose_and_every_label_is_spoken_of() -> None:
    assert set(vocabulary().codes("purposes")) >= handling.FOR_CRIME
    assert set(handling.MOST) == set(vocabulary().codes("pap"))


LABELS: dict[str, st.SearchStrategy[Json]] = {
    "code": st.sampled_from(["H0", "H1", "H2", "H3", "AMBER", "", 1]),
    "tlp": st.sampled_from(["CLEAR", "AMBER", "RED", "H1", "RESTRICTED", None, 1]),
    "pap": st.sampled_from(["CLEAR", "AMBER", "RED", "AMBER+STRICT", None]),
    "classification": st.sampled_from(["UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "RED", None]),
}


@given(st.fixed_dictionaries(LABELS), st.sampled_from(sorted(LABELS)), st.data())
def test_one_scheme_has_no_say_in_another(labels: JsonObject, scheme: str, data: st.DataObject) -> None:
    changed = labels | {scheme: data.draw(LABELS[scheme])}
    before, after = (
        {f.condition: f for f in decide(ask("hit_no_hit", "XA-CC-101", handling=h)).findings} for h in (labels, changed)
    )
    own = {"code": "handling_code", "tlp": "handling_tlp", "pap": "handling_pap", "classification": "classification"}
    for name, condition in own.items():
        if name != scheme:
            assert before[condition] == after[condition]
