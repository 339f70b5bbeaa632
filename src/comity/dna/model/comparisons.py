"""The nouns of comparing: how two genotypes differ, rule sets with their stringency, and comparisons.

`difference` says how two genotypes differ. The plain rules call it, and the kernels compile this very function, so that
what a search passes over and what a comparison says can never be two different things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from comity.base.model import JsonObject
from comity.dna.model.profiles import WILDCARD

Difference = Literal["equal", "wildcard", "contained", "microvariant", "mismatch", "different"]
"""How one compared locus differs. `different`: no known allele in common. With the four before it exactly one allele
differs: a side does not know it, or shows a single allele (`contained`), or it is a neighbouring micro-variant, or none
of these. Only a rule set that grades `contained` tells it apart from the two behind it."""

DIFFERENCES: Final[tuple[Difference, ...]] = (
    "equal", "wildcard", "contained", "microvariant", "mismatch", "different",
)  # fmt: skip
"""Every difference, by the number that `difference` gives it."""
EQUAL: Final = 0
_UNKNOWN: Final = 1
_CONTAINED: Final = 2
_NEIGHBOUR: Final = 3
_OTHER: Final = 4
_DIFFERENT: Final = 5

Stringency = Literal["high", "moderate", "low"]
"""What two genotypes need to fit. High: the same alleles. Moderate: all alleles of the side that shows fewer are among
those of the other. Low: one allele in common."""

_FITS: Final[Mapping[Stringency, frozenset[Difference]]] = MappingProxyType({
    "high": frozenset({"equal"}),
    "moderate": frozenset({"equal", "contained"}),
    "low": frozenset({"equal", "wildcard", "contained", "microvariant", "mismatch"}),
})  # fmt: skip
STRINGENCIES: Final = tuple(_FITS)


def difference(one: int, two: int, other: int, another: int, finer: bool) -> int:
    """How the genotypes `one`, `two` and `other`, `another` (codes, none untested) differ: a place in `DIFFERENCES`.

    Both ways round; the way with the fewest and lightest differences counts. `finer`: `contained` is told apart. Plain
    numbers and no other call, for kernels compile it.
    """
    best = _DIFFERENT
    for left, right in ((other, another), (another, other)):
        if one == left and one != WILDCARD:
            ours, theirs = two, right
        elif two == right and two != WILDCARD:
            ours, theirs = one, left
        else:
            continue
        found = _OTHER
        if WILDCARD in (ours, theirs):
            found = _UNKNOWN
        elif ours == theirs:
            found = EQUAL
        elif finer and (one == two or other == another):
            found = _CONTAINED
        elif abs(ours - theirs) == 1:
            found = _NEIGHBOUR
        best = min(best, found)
    return best


@dataclass(frozen=True)
class Quality:
    """A rule set's grade for one kind of difference. 1 is best. `near` marks a near match."""

    grade: int
    near: bool


@dataclass(frozen=True)
class RuleSet:
    """A dated, named set of comparison rules. `doubts` says which of its points are unverified."""

    id: str
    title: str
    version: str
    dated: str
    source: str
    loci: tuple[str, ...]
    stringency: Stringency
    unknown_fits: bool
    """Whether an unknown allele beside an equal one lets the locus fit (at low stringency it does in any case)."""
    minimum_full: int
    """Loci that must fit for a match, and fully designated loci that a profile needs to be searched (designated ones,
    where an unknown allele fits)."""
    most_mismatches: int
    """Loci that may fail to fit, if their difference has a grade."""
    standard_set: tuple[str, ...]
    minimum_standard: int
    """Of `standard_set`, how many a reference profile must hold."""
    grades: Mapping[Difference, Quality]
    """What each difference makes of a match; where one has no grade, there is no match."""
    partners: bool
    """Whether partners may ask by it; otherwise it is for the agency's own searches."""
    doubts: tuple[str, ...] = ()

    @property
    def fits(self) -> frozenset[Difference]:
        """The differences with which a locus fits."""
        return _FITS[self.stringency] | ({"wildcard"} if self.unknown_fits else set())

    @property
    def finer(self) -> bool:
        """Whether `contained` is told apart."""
        return "contained" in self.grades

    @property
    def by_lists(self) -> bool:
        """Whether at most one allele of a match differs: what the lists of the index find."""
        return self.fits == {"equal"} and self.most_mismatches <= 1 and "different" not in self.grades

    def as_dict(self) -> JsonObject:
        """The rule set as JSON."""
        return {
            "id": self.id, "title": self.title, "version": self.version, "dated": self.dated, "source": self.source,
            "stringency": self.stringency, "unknown_fits": self.unknown_fits, "least": self.minimum_full,
            "most_mismatches": self.most_mismatches, "partners": self.partners, "loci": [*self.loci],
            "standard_set": [*self.standard_set], "least_of_standard_set": self.minimum_standard,
            "grades": {kind: {"quality": g.grade, "near": g.near} for kind, g in self.grades.items()},
            "doubts": [*self.doubts],
        }  # fmt: skip


@dataclass(frozen=True)
class LocusFinding:
    """One compared locus: both genotypes as compared, and how they differ."""

    locus: str
    left: tuple[str, str]
    right: tuple[str, str]
    difference: Difference


@dataclass(frozen=True)
class Comparison:
    """Two profiles under one rule set. `quality` is None where they are no candidates for one another."""

    rule_set: str
    findings: tuple[LocusFinding, ...]
    quality: Quality | None
    sex: Literal["same", "differs", "not compared"]
    fits: frozenset[Difference]
    """The differences with which a locus fits under the rule set."""

    @property
    def full(self) -> int:
        """Number of loci fully equal."""
        return sum(finding.difference == "equal" for finding in self.findings)

    @property
    def fitting(self) -> int:
        """Number of loci that fit."""
        return sum(finding.difference in self.fits for finding in self.findings)

    @property
    def differing(self) -> tuple[LocusFinding, ...]:
        """The loci that are not fully equal."""
        return tuple(finding for finding in self.findings if finding.difference != "equal")

    def as_dict(self) -> JsonObject:
        """The comparison as JSON: counts, and every difference with both genotypes, its kind and whether it fits."""
        return {
            "rule_set": self.rule_set, "quality": self.quality.grade if self.quality else None,
            "near": self.quality.near if self.quality else None, "compared": len(self.findings), "equal": self.full,
            "fitting": self.fitting, "not_fitting": len(self.findings) - self.fitting, "sex": self.sex,
            "loci": [finding.locus for finding in self.findings],
            "differences": [
                {
                    "locus": finding.locus, "ours": [*finding.left], "theirs": [*finding.right],
                    "kind": finding.difference, "fits": finding.difference in self.fits,
                }
                for finding in self.differing
            ],
        }  # fmt: skip
