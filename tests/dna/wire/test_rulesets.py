"""Rule-set files: the shipped one, and broken ones."""

import pytest

from comity.base.errors import BadInput, Misconfigured
from comity.dna import service
from comity.dna.wire.rulesets import read_rule_set


def test_the_shipped_rule_set_is_dated_and_writes_its_doubts_in() -> None:
    rules = service.rule_set("pruem-2008")
    assert (rules.dated, len(rules.loci), rules.minimum_full, rules.minimum_standard) == ("2008-06-23", 28, 6, 6)
    assert [rules.grades[kind].grade for kind in ("equal", "wildcard", "microvariant", "mismatch")] == [1, 2, 3, 4]
    assert rules.doubts and all(doubt.startswith("[U]") for doubt in rules.doubts)


def test_an_unknown_rule_set_is_refused() -> None:
    with pytest.raises(BadInput, match="not known here"):
        service.rule_set("../pruem-2008")


@pytest.mark.parametrize("data", [b"", b"- a", b"id: x", b"id: [", b"\xff"])
def test_a_broken_file_is_named(data: bytes) -> None:
    with pytest.raises(Misconfigured, match=r"x\.yaml"):
        read_rule_set(data, "x.yaml")


def test_unknown_loci_are_named() -> None:
    shipped = service.shipped_file("rulesets/pruem-2008.yaml")
    with pytest.raises(Misconfigured, match="D99S9"):
        read_rule_set(shipped.replace(b"- VWA", b"- D99S9"), "x.yaml")
    with pytest.raises(Misconfigured, match="count or a grade"):
        read_rule_set(shipped.replace(b"minimum_full: 6", b"minimum_full: 0"), "x.yaml")
