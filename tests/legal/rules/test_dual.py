"""Dual criminality: compared by class, list key, category, penalty and days; what agrees in part only refers."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.legal.model import Condition, Finding, Offence, Tables
from comity.legal.rules import checking
from tests.legal.law import ask, decide, law, result

OURS = Offence("XA", "A-1", "ours", "05", "arson", "arson", 60, date(2000, 1, 1), None)
THEIRS = Offence("XC", "C-1", "theirs", "05", "arson", "property", 60, date(2000, 1, 1), None)


def tables(*offences: Offence) -> Tables:
    return replace(
        law(), offences=checking.grouped(offences, lambda o: (o.state, o.code)),
        offences_of=checking.grouped(offences, lambda o: o.state),
    )  # fmt: skip


def found(ours: Offence, *theirs: Offence, **facts: Any) -> Finding:
    """Search and seizure in XC: the training convention demands dual criminality for it."""
    return result(decide(ask("search_seizure", "A-1", "XC", **facts), tables(ours, *theirs)), "dual_criminality")


# what the offences differ in, result, what the finding says of the asked state's
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, Any]] = {
    "same class and key": ({}, {}, "pass", None),
    "same class, another key": ({}, {"eaw_list": "sabotage"}, "unknown", {"eaw_list": "sabotage"}),
    "a key on their side only": ({"eaw_list": ""}, {}, "unknown", {"eaw_list": "arson"}),
    "a key on our side only": ({}, {"eaw_list": ""}, "unknown", {"eaw_list": "none"}),
    "no keys, same category": ({"eaw_list": ""}, {"eaw_list": "", "category": "arson"}, "pass", None),
    "no keys, another category": ({"eaw_list": ""}, {"eaw_list": ""}, "unknown", {"category": "property"}),
    "same key, another class": ({}, {"iccs": "04"}, "unknown", {"iccs": "04"}),
    "same category, another class and key": (
        {}, {"iccs": "04", "eaw_list": "", "category": "arson"}, "unknown", {"iccs": "04", "eaw_list": "none"}),
    "nothing in common": ({}, {"iccs": "06", "eaw_list": "drugs", "category": "drugs"}, "fail", None),
    "no key in common is none in common": (
        {"eaw_list": ""}, {"iccs": "06", "eaw_list": "", "category": "drugs"}, "fail", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_compared(name: str) -> None:
    ours, theirs, expected, differing = CASES[name]
    finding = found(replace(OURS, **ours), replace(THEIRS, **theirs))
    assert finding.result == expected
    assert finding.values.get("near", {}) == ({"C-1": differing} if differing else {})
    assert finding.values["same"] == (["C-1"] if expected == "pass" else [])


def test_one_counterpart_is_enough() -> None:
    finding = found(OURS, THEIRS, replace(THEIRS, code="C-2", eaw_list="sabotage"))
    assert (finding.result, finding.values["same"]) == ("pass", ["C-1"])


def test_a_penalty_below_what_the_row_wants_there_is_doubtful() -> None:
    known = tables(OURS, replace(THEIRS, max_penalty_months=11))
    wanted = Condition("dual_criminality", "4(1)", {"unless_listed": [], "months": 12})
    rows = tuple((i, replace(row, conditions=(wanted,))) for i, row in known.rows["search_seizure"])
    known = replace(known, rows={"search_seizure": rows})
    finding = result(decide(ask("search_seizure", "A-1", "XC", instrument="TRAIN-CONV"), known), "dual_criminality")
    assert (finding.result, finding.values["near"]) == ("unknown", {"C-1": {"max_penalty_months": 11}})
    assert finding.values["threshold_months"] == 12


def test_their_law_on_the_day_of_the_question() -> None:
    ended = replace(THEIRS, valid_until=date(2025, 12, 31))
    assert found(OURS, ended).result == "unknown"
    other = replace(THEIRS, code="C-2", iccs="06", eaw_list="drugs", category="drugs")
    assert found(OURS, ended, other).result == "fail"


def test_their_law_on_the_day_of_the_act() -> None:
    younger = replace(THEIRS, valid_from=date(2026, 1, 1))
    assert found(OURS, younger, act_on="2026-02-01").result == "pass"
    finding = found(OURS, younger, act_on="2025-12-31")
    assert (finding.result, finding.values["near"]) == ("unknown", {"C-1": {"act_on": "2025-12-31"}})
    changed = replace(THEIRS, max_penalty_months=12, valid_from=date(1999, 1, 1), valid_until=date(1999, 12, 31))
    assert found(OURS, changed, THEIRS, act_on="1999-06-01").result == "pass"


OFFENCES = st.builds(
    Offence, st.just("XC"), st.sampled_from(["C-1", "C-2", "C-3"]), st.just("t"), st.sampled_from(["05", "06"]),
    st.sampled_from(["", "arson", "drugs"]), st.sampled_from(["arson", "drugs"]), st.integers(1, 99),
    st.just(date(2000, 1, 1)), st.none(),
)  # fmt: skip


@given(st.lists(OFFENCES, min_size=1, max_size=3, unique_by=lambda o: o.code), OFFENCES)
def test_a_pass_means_a_counterpart_and_a_no_that_nothing_agrees(theirs: list[Offence], ours: Offence) -> None:
    finding = found(replace(ours, state="XA", code="A-1"), *theirs)
    twins = [
        o for o in theirs
        if o.iccs == ours.iccs and o.eaw_list == ours.eaw_list and (ours.eaw_list or o.category == ours.category)
    ]  # fmt: skip
    strangers = [
        o for o in theirs
        if o.iccs != ours.iccs and o.category != ours.category and (not o.eaw_list or o.eaw_list != ours.eaw_list)
    ]  # fmt: skip
    assert (finding.result == "pass") == bool(twins)
    assert (finding.result == "fail") == (strangers == theirs)
