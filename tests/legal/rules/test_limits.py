"""Use limitation, speciality, onward use and retention against the limits of a row."""

from dataclasses import replace
from typing import Any

import pytest

from comity.base.model import JsonObject
from comity.legal.model import Clause, Tables
from tests.legal.law import ask, decide, law, result

# facts, own judgements, condition, result, article of TRAIN-REG
CASES: dict[str, tuple[JsonObject, JsonObject, str, str, str]] = {
    "the same purpose": ({"use_for": "criminal_investigation"}, {}, "other_use", "", ""),
    "another purpose": ({"use_for": "prosecution"}, {}, "other_use", "unknown", "10(1)"),
    "another purpose, consented": ({"use_for": "prosecution"}, {"use_consent": True}, "other_use", "pass", "10(1)"),
    "another purpose, refused": ({"use_for": "prosecution"}, {"use_consent": False}, "other_use", "fail", "10(1)"),
    "a purpose of nobody": ({"use_for": "curiosity"}, {"use_consent": True}, "other_use", "unknown", "5(1)"),
    "an uncovered purpose": ({"use_for": "intelligence"}, {"use_consent": True}, "other_use", "fail", "5(1)"),
    "the same offence": ({"use_offence": "XA-CC-101"}, {}, "speciality", "pass", "10(1)"),
    "another offence": ({"use_offence": "XA-CC-108"}, {}, "speciality", "unknown", "10(1)"),
    "another offence, consented": ({"use_offence": "XA-CC-108"}, {"use_consent": True}, "speciality", "pass", "10(1)"),
    "no offence at all": ({"use_offence": ["x"]}, {"use_consent": True}, "speciality", "unknown", "5(1)"),
    "back to the two": ({"onward_to": ["XA", "XB"]}, {}, "onward_use", "pass", "10(2)"),
    "on to a third": ({"onward_to": ["XC"]}, {}, "onward_use", "unknown", "10(2)"),
    "on to a third, refused": ({"onward_to": "XC"}, {"use_consent": False}, "onward_use", "fail", "10(2)"),
    "on to whom": ({"onward_to": [7]}, {"use_consent": True}, "onward_use", "unknown", "5(1)"),
    "within the row's time": ({"retention_months": 24}, {}, "retention", "pass", "10(3)"),
    "beyond the row's time": ({"retention_months": 25}, {}, "retention", "fail", "10(3)"),
    "for how long": ({"retention_months": "long"}, {}, "retention", "unknown", "5(1)"),
    "as evidence": ({"use_as": "evidence"}, {}, "use_as", "pass", "5(1)"),
    "as what": ({"use_as": "gossip"}, {}, "use_as", "unknown", "5(1)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_against_the_rows_limits(name: str) -> None:
    facts, own, condition, expected, article = CASES[name]
    more: dict[str, Any] = {"own": own, **facts}
    decision = decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", **more))
    found = [(f.result, f.article) for f in decision.findings if f.condition == condition]
    assert found == ([(expected, article)] if expected else [])
    assert result(decision, "use_limits").result == "pass"


def with_limits(*codes: str) -> Tables:
    """The training tables; the fingerprint row of TRAIN-REG with these limits only, and without a word on evidence."""
    rows = dict(law().rows)
    rows["hit_no_hit"] = tuple(
        (i, replace(row, use_limits=tuple(Clause(code, "99", True) for code in codes))) for i, row in rows["hit_no_hit"]
    )
    return replace(law(), rows=rows)


@pytest.mark.parametrize(
    ("facts", "expected", "article"),
    [
        ({"retention_months": 12, "retention_record": "SIS_object_38"}, "pass", "54"),
        ({"retention_months": 121, "retention_record": "SIS_object_38"}, "fail", "54"),
        ({"retention_months": 24, "retention_record": "Pruem2008_logs"}, "pass", "2008/615 art 30"),
        ({"retention_months": 60, "retention_record": "SIS_arrest_26"}, "pass", "1862 art 53(2)"),
        ({"retention_months": 61, "retention_record": "SIS_arrest_26"}, "unknown", "1862 art 53(2)"),
        ({"retention_months": 37, "retention_record": "Europol"}, "unknown", "2016/794 art 31"),
        ({"retention_months": 60, "retention_record": "INTERPOL"}, "pass", "RPD 49-50"),
        ({"retention_months": 1, "retention_record": "SIS_refusal_24"}, "unknown", "1861 art 39(2)"),
        ({"retention_months": 1, "retention_record": "diary"}, "unknown", "5(1)"),
        ({"retention_months": 1}, "unknown", "5(1)"),
    ],
)
def test_against_the_kind_of_record(facts: dict[str, Any], expected: str, article: str) -> None:
    decision = decide(ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", **facts), with_limits())
    finding = result(decision, "retention")
    assert (finding.result, finding.article) == (expected, article)


@pytest.mark.parametrize(("consent", "expected"), [(None, "unknown"), (True, "pass"), (False, "fail")])
def test_information_as_evidence_needs_consent(consent: bool | None, expected: str) -> None:
    own = {} if consent is None else {"use_consent": consent}
    question = ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", use_as="evidence", own=own)
    finding = result(decide(question, with_limits("information_only")), "use_as")
    assert (finding.result, finding.article) == (expected, "99")


def test_a_row_that_speaks_of_evidence_itself_is_believed() -> None:
    decision = decide(ask("evidence_information", "XA-CC-101", use_as="evidence", instrument="TRAIN-REG"))
    assert [f.article for f in decision.findings if f.condition == "use_as"] == ["9(2)"]


def test_a_missing_offence_is_no_licence_for_another() -> None:
    question = ask("hit_no_hit", None, purpose="missing_person", use_offence="XA-CC-101", instrument="TRAIN-MOU")
    assert result(decide(question), "speciality").result == "unknown"


def test_the_limit_of_a_row_that_nobody_reviewed_is_doubtful() -> None:
    rows = {m: tuple((i, replace(row, status="unreviewed")) for i, row in found) for m, found in law().rows.items()}
    question = ask("hit_no_hit", "XA-CC-101", instrument="TRAIN-REG", retention_months=25)
    finding = result(decide(question, replace(law(), rows=rows)), "retention")
    assert finding.result == "unknown" and "nobody has reviewed it" in finding.cure
