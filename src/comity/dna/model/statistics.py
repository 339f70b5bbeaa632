"""The nouns of statistics: frequency tables, what is assumed, and what a finding weighs under two hypotheses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from comity.base.clock import rfc3339
from comity.base.model import JsonObject

Formula = Literal["nrc-4.10", "nrc-4.4"]
"""Which formula of the NRC report (1996) gives a match probability: 4.10 is conditional, with theta for every locus
(Balding and Nichols 1994); 4.4 is the product rule with a correction for homozygotes alone."""

Frequencies = Mapping[str, Mapping[str, str]]
"""Frequencies by locus and designation, each as the table wrote it."""


@dataclass(frozen=True)
class FrequencyFile:
    """What a file of frequencies says. `samples`: by locus, how many alleles were counted (2N), if the file tells."""

    frequencies: Frequencies = field(repr=False)
    samples: Mapping[str, int] = field(repr=False)


@dataclass(frozen=True)
class Population:
    """Allele frequencies of one population as this node holds them: with their source, their file's hash, and when."""

    name: str
    source: str
    sha256: str
    at: datetime
    file: FrequencyFile

    def outline(self) -> JsonObject:
        """The table as lists show it."""
        loci, counted = self.file.frequencies, sorted(self.file.samples.values())
        return {
            "name": self.name, "source": self.source, "sha256": self.sha256, "at": rfc3339(self.at), "loci": len(loci),
            "alleles": sum(len(alleles) for alleles in loci.values()), "samples": counted[0] if counted else None,
        }  # fmt: skip

    def as_dict(self) -> JsonObject:
        """The whole table; `samples` becomes the count of each locus."""
        frequencies: JsonObject = {locus: dict(found) for locus, found in self.file.frequencies.items()}
        return self.outline() | {"frequencies": frequencies, "samples": dict(self.file.samples)}


@dataclass(frozen=True)
class Assumptions:
    """What a calculation assumes beside the frequencies.

    `theta` is the coancestry coefficient (F_ST). No allele counts as rarer than `least_count` among those sampled at
    its locus (NRC 1996: five); where a table does not tell their number, as rarer than the rarest it lists there.
    """

    theta: float = 0.01
    least_count: int = 5
    formula: Formula = "nrc-4.10"

    def as_dict(self) -> JsonObject:
        """The assumptions as JSON."""
        return {"theta": f"{self.theta:g}", "least_count": self.least_count, "formula": self.formula}


@dataclass(frozen=True)
class LocusWeight:
    """One locus: its genotype, the frequencies used, which of them were raised to the least, and the probability of
    this genotype in one who is not the source."""

    locus: str
    genotype: tuple[str, str]
    frequencies: tuple[float, float]
    raised: tuple[bool, bool]
    probability: float

    def as_dict(self) -> JsonObject:
        """The locus as JSON; numbers as decimal text."""
        return {
            "locus": self.locus, "genotype": [*self.genotype], "frequencies": [f"{p:.6g}" for p in self.frequencies],
            "raised": [*self.raised], "probability": f"{self.probability:.6g}", "lr": f"{1 / self.probability:.6g}",
        }  # fmt: skip


@dataclass(frozen=True)
class Weight:
    """What a profile weighs in one population; `left_out` says of each locus that did not count why."""

    population: str
    sha256: str
    assumptions: Assumptions
    loci: tuple[LocusWeight, ...]
    left_out: Mapping[str, str]
    log10_lr: float

    def as_dict(self) -> JsonObject:
        """The weight as JSON; numbers as decimal text."""
        return {
            "population": self.population, "sha256": self.sha256, **self.assumptions.as_dict(),
            "log10_lr": f"{self.log10_lr:.4f}", "lr": figure(self.log10_lr),
            "match_probability": figure(-self.log10_lr),
            "loci": [locus.as_dict() for locus in self.loci], "left_out": dict(self.left_out),
        }  # fmt: skip


_PLAIN: Final = 4
"""Up to ten to this power a ratio is written without an exponent."""


def figure(log10: float) -> str:
    """Ten to the power of `log10` in four figures, also where no float could hold it: ``740500`` as ``7.405e+05``."""
    if abs(log10) < _PLAIN:
        return f"{10**log10:.4g}"
    if log10 in (float("inf"), float("-inf")):
        return "0" if log10 < 0 else "infinite"
    whole = int(log10 // 1)
    mantissa = f"{10 ** (log10 - whole):.3f}"
    return f"1.000e{whole + 1:+03d}" if mantissa == "10.000" else f"{mantissa}e{whole:+03d}"
