"""Rule-set files: the shipped ones, and broken ones."""

import pytest

from comity.base.errors import BadInput
from comity.dna import service
from comity.dna.model import DIFFERENCES
from comity.dna.wire.rulesets import read_rule_set

PRUEM = service.shipped_file("rulesets/pruem-2008.yaml")
MODERATE = service.shipped_file("rulesets/codis-moderate.yaml")
LOW = service.shipped_file("rulesets/codis-low.yaml")


def test_the_shipped_rule_set_is_dated_and_writes_its_doubts_in() -> None:
    rules = service.rule_set("pruem-2008")
    assert (rules.dated, len(rules.loci), rules.minimum_full, rules.minimum_standard) == ("2008-06-23", 28, 6, 6)
    assert [rules.grades[kind].grade for kind in ("equal", "wildcard", "microvariant", "mismatch")] == [1, 2, 3, 4]
    assert (rules.stringency, rules.most_mismatches, rules.partners, rules.by_lists) == ("high", 1, True, True)


@pytest.mark.parametrize(("stringency", "fits"), [("high", 2), ("moderate", 3), ("low", 5)])
def test_the_three_stringencies_ship_for_own_searches(stringency: str, fits: int) -> None:
    rules = service.rule_set(f"codis-{stringency}")
    assert (rules.stringency, rules.minimum_full, rules.partners, rules.by_lists) == (stringency, 8, False, False)
    assert rules.fits == set(DIFFERENCES[:fits]) and set(rules.grades) == set(DIFFERENCES)


@pytest.mark.parametrize("id", ["pruem-2008", "codis-high", "codis-moderate", "codis-low"])
def test_every_shipped_rule_set_says_its_source_and_its_doubts(id: str) -> None:
    rules = service.rule_set(id)
    assert rules.id == id and rules.source and rules.version and rules.doubts
    assert all(doubt.startswith("[U]") for doubt in rules.doubts)


def test_an_unknown_rule_set_is_refused() -> None:
    with pytest.raises(BadInput, match="not known here"):
        service.rule_set("../pruem-2008")


@pytest.mark.parametrize("data", [b"", b"- a", b"id: x", b"id: [", b"\xff", b"a: &a [*a]", b"x" * 70_000])
def test_a_broken_file_is_named(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        read_rule_set(data, "x.yaml")
    assert (refused.value.code, refused.value.where[:6]) == ("dna.rule-set", "x.yaml")


@pytest.mark.parametrize(
    ("data", "old", "new", "reason"),
    [
        (PRUEM, b"- VWA", b"- D99S9", "D99S9"),
        (PRUEM, b"- VWA", b"- TH01", "stands twice"),
        (PRUEM, b"minimum_full: 6", b"minimum_full: 0", "minimum_full"),
        (PRUEM, b"minimum_full: 6", b"minimum_full: 29", "minimum_full"),
        (PRUEM, b"minimum_full: 6", b"minimum_full: six", "whole number"),
        (PRUEM, b"minimum_full: 6", b"minimum_full: 6\nminimum_full: 7", "given twice"),
        (PRUEM, b"most_mismatches: 1", b"most_mismatches: 7", "most_mismatches"),
        (PRUEM, b"most_mismatches: 1", b"most_mismatch: 1", "most_mismatches is missing"),
        (PRUEM, b"minimum_standard: 6", b"minimum_standard: 8", "minimum_standard"),
        (PRUEM, b"unknown_fits: false", b"unknown_fits: 'no'", "true or false"),
        (PRUEM, b'dated: "2008-06-23"', b'dated: "23.6.2008"', "not a date"),
        (PRUEM, b"id: pruem-2008", b"id: ../../x", "no id"),
        (PRUEM, b"stringency: high", b"stringency: middling", "unknown code"),
        (PRUEM, b"title: ", b"note: x\ntitle: ", "unknown field: note"),
        (PRUEM, b"  equal: {quality: 1", b"  equal: {quality: 3", "better grade"),
        (PRUEM, b"  equal:", b"  same:", "unknown differences same"),
        (PRUEM, b"  equal: {quality: 1, near: false}\n", b"", "`equal` has no grade"),
        (PRUEM, b"near: false}", b"near: false, good: true}", "unknown field: good"),
        (MODERATE, b"  contained: {quality: 3, near: true}\n", b"", "contained"),
        (MODERATE, b"  wildcard: {quality: 2, near: true}\n", b"", "wildcard"),
        (LOW, b"  mismatch: {quality: 4, near: true}\n", b"", "mismatch"),
    ],
)
def test_what_does_not_hold_is_said(data: bytes, old: bytes, new: bytes, reason: str) -> None:
    assert old in data
    with pytest.raises(BadInput, match=reason) as refused:
        read_rule_set(data.replace(old, new), "x.yaml")
    assert refused.value.code == "dna.rule-set"
