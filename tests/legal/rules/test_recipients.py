"""Whether data may go to a state: this side's own finding, from its table or its lawyer's word for one case."""

from typing import Any

import pytest

from comity.base.model import JsonObject
from comity.legal.model import DatedTable, Decision, Side, Tables
from comity.legal.rules import tables
from comity.legal.wire.dated import read_table
from tests.legal.law import SHIPPED, ask, decide, file, instruments, result, vocabulary

HEAD = "by,recipient,basis,reason,death_penalty,torture_risk,from,until,source\n"


def known(rows: str) -> Tables:
    """The training tables with these findings instead of the shipped ones."""
    names = [name for name in SHIPPED if name != "recipients.csv"]
    dated: tuple[DatedTable, ...] = tuple(read_table(file(f"training/{name}"), name) for name in names)
    more = (read_table((HEAD + rows).encode(), "more.csv"),) if rows else ()
    return tables.build(instruments(), (*dated, *more), vocabulary(), "")


def both(decision: Decision) -> tuple[str, str]:
    return result(decision, "recipient").result, result(decision, "recipient_rights").result


# the row that XA holds on XB, from 2020 to 2026
ROWS = {
    "shared_regime,,none,none": ("pass", "pass"),
    "adequacy,,none,none": ("pass", "pass"),
    "safeguards,Treaty of 1999,assured,none": ("pass", "pass"),
    "safeguards,,possible,none": ("pass", "unknown"),
    "safeguards,,none,real": ("pass", "fail"),
    "none,,none,none": ("fail", "pass"),
    "derogation,Once and for all,none,none": ("unknown", "pass"),
}


@pytest.mark.parametrize("row", ROWS)
def test_by_the_table(row: str) -> None:
    held = known(f"XA,XB,{row},2020-01-01,2026-12-31,Finding 7/20\n")
    decision = decide(ask("hit_no_hit", "XA-CC-101"), held)
    assert both(decision) == ROWS[row]
    assert all(f.cure and f.article for f in decision.reasons)
    assert result(decision, "recipient").values["source"] == "Finding 7/20"


def test_nobodys_finding_and_one_that_has_ended_refer() -> None:
    for rows in (
        "",
        "XA,XB,adequacy,,none,none,2020-01-01,2025-12-31,s\n",
        "XB,XA,adequacy,,none,none,2020-01-01,,s\n",
    ):
        decision = decide(ask("hit_no_hit", "XA-CC-101"), known(rows))
        assert (decision.outcome, both(decision)) == ("refer", ("unknown", "unknown"))


def test_each_side_goes_by_its_own_finding() -> None:
    held = known("XA,XB,adequacy,,none,none,2020-01-01,,s\nXB,XA,none,,none,none,2020-01-01,,s\n")
    outcomes = {side: decide(ask("hit_no_hit", "XA-CC-101"), held, side).outcome for side in _SIDES}
    assert outcomes == {"asking": "allow", "asked": "deny"}


_SIDES: tuple[Side, ...] = ("asking", "asked")
WORD: JsonObject = {"basis": "derogation", "reason": "threat to life", "death_penalty": "none", "torture_risk": "none"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("pass", "pass")),
        ({"reason": " "}, ("unknown", "pass")),
        ({"basis": "none"}, ("fail", "pass")),
        ({"basis": "custom"}, ("unknown", "pass")),
        ({"basis": None}, ("unknown", "pass")),
        ({"torture_risk": "real"}, ("pass", "fail")),
        ({"torture_risk": None}, ("pass", "unknown")),
        ({"death_penalty": "possible"}, ("pass", "unknown")),
        ({"death_penalty": ["none"]}, ("pass", "unknown")),
    ],
)
def test_a_lawyers_word_for_one_case(changed: JsonObject, expected: tuple[str, str]) -> None:
    own: dict[str, Any] = {"recipient": WORD | changed}
    decision = decide(ask("hit_no_hit", "XA-CC-101", own=own), known(""))
    assert both(decision) == expected
    assert decide(ask("hit_no_hit", "XA-CC-101", own={"recipient": "fine"}), known("")).outcome == "refer"


def test_no_partner_makes_the_finding_for_us() -> None:
    decision = decide(ask("hit_no_hit", "XA-CC-101", recipient=WORD), known(""))
    assert decision.outcome == "refer"
