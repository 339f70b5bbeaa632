"""Declarations and reservations: what each effect does to a question, on either side."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from comity.legal.model import Tables
from comity.legal.rules import tables
from comity.legal.wire.dated import read_table
from tests.legal.law import ask, dated, decide, instruments, result, vocabulary

HEAD = "id,instrument,state,article,effect,value,from,until,text,source\n"


def declared(effect: str, value: str = "", article: str = "5;6", state: str = "XC") -> Tables:
    """The training tables with one declaration more to TRAIN-REG, since 2026."""
    row = f"D-1,TRAIN-REG,{state},{article},{effect},{value},2026-01-01,,text,source\n"
    more = read_table((HEAD + row).encode(), "more.csv")
    return tables.build(instruments(), (*dated(), more), vocabulary(), "")


# effect, value, facts, condition that speaks of it, result
CASES: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "the article is excluded": ("exclude_article", "", {}, "declaration", "fail"),
    "the measure is excluded": ("exclude_measure", "hit_no_hit", {}, "declaration", "fail"),
    "words refer": ("in_words", "", {}, "declaration", "unknown"),
    "the purpose is excluded": ("exclude_purpose", "criminal_investigation", {}, "declaration", "fail"),
    "another purpose is excluded": ("exclude_purpose", "prosecution", {}, "declaration", "pass"),
    "no purpose where one is excluded": ("exclude_purpose", "prosecution", {"purpose": None}, "declaration", "unknown"),
    "the category is excluded": ("exclude_offence_category", "homicide", {}, "declaration", "fail"),
    "another category is excluded": ("exclude_offence_category", "military", {}, "declaration", "pass"),
    "no offence where a category is excluded": (
        "exclude_offence_category", "military", {"offence": None}, "declaration", "unknown"),
    "another authority is demanded": ("require_authority", "judicial_authority", {"authority": "contact_point"},
        "declaration", "fail"),
    "the authority is demanded": ("require_authority", "judicial_authority", {"authority": "judicial_authority"},
        "declaration", "pass"),
    "the row gives way": ("require_authority", "judicial_authority", {"authority": "judicial_authority"},
        "authority", "pass"),
    "nobody says who asks": ("require_authority", "judicial_authority", {}, "declaration", "unknown"),
    "another channel is demanded": ("require_channel", "diplomatic", {"channel": "node"}, "channel", "fail"),
    "the channel is demanded": ("require_channel", "diplomatic", {"channel": "diplomatic"}, "channel", "pass"),
    "nobody says which way": ("require_channel", "diplomatic", {}, "channel", "unknown"),
    "the node is demanded": ("require_channel", "node", {}, "channel", "pass"),
    "a channel that is none": ("require_channel", "diplomatic", {"channel": ["diplomatic"]}, "channel", "unknown"),
    "a threshold below the row's": ("threshold", "6", {"state": "XB"}, "offence_scope", "pass"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_effect(name: str) -> None:
    effect, value, facts, condition, expected = CASES[name]
    more = {key: said for key, said in facts.items() if key not in ("state", "offence")}
    state, offence = facts.get("state", "XC"), facts.get("offence", "XA-CC-101")
    question = ask("hit_no_hit", offence, state, instrument="TRAIN-REG", **more)
    known = declared(effect, value, state=state)
    for side in ("asking", "asked"):
        finding = result(decide(question, known, "asked" if side == "asked" else "asking"), condition)
        assert finding.result == expected
        assert bool(finding.cure) == (expected != "pass")


def test_a_declaration_to_another_article_has_no_say() -> None:
    for known in (declared("exclude_article", article="8"), declared("exclude_measure", "core_data")):
        assert decide(ask("hit_no_hit", "XA-CC-101", "XC", instrument="TRAIN-REG"), known).outcome == "allow"


def test_a_declaration_has_no_say_before_its_day() -> None:
    known = declared("exclude_article")
    early = ask("hit_no_hit", "XA-CC-101", "XC", instrument="TRAIN-REG", on=date(2025, 12, 31))
    assert decide(early, known).outcome == "allow"


def test_two_demanded_channels_contradict_each_other() -> None:
    rows = "".join(
        f"D-{s},TRAIN-REG,{s},5;6,require_channel,{c},2026-01-01,,t,s\n"
        for s, c in (("XA", "node"), ("XC", "diplomatic"))
    )
    known = tables.build(instruments(), (*dated(), read_table((HEAD + rows).encode(), "m.csv")), vocabulary(), "")
    for channel in ("node", "diplomatic"):
        finding = result(decide(ask("hit_no_hit", "XA-CC-101", "XC", channel=channel), known), "channel")
        assert (finding.result, finding.values["declarations"]) == ("fail", ["D-XA", "D-XC"])


def test_who_reviewed_a_row_is_told() -> None:
    signed = [
        replace(i, rows=tuple(replace(row, review="lawyer-1 on 2026-03-02") for row in i.rows)) for i in instruments()
    ]
    law = tables.build(signed, dated(), vocabulary(), "")
    found = result(decide(ask("hit_no_hit", "XA-CC-101"), law), "row_reviewed")
    assert (found.result, found.values["review"]) == ("pass", "lawyer-1 on 2026-03-02")
