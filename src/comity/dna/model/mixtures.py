"""The nouns of mixtures: a trace of several persons, and how it is modelled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.base.model import JsonObject
from comity.dna.model.profiles import Alleles
from comity.dna.model.statistics import figure


@dataclass(frozen=True)
class Trace:
    """A mixed trace: at each locus the alleles that were seen, one set for each of its replicates."""

    name: str
    replicates: tuple[str, ...]
    loci: Mapping[str, tuple[Alleles, ...]] = field(repr=False)
    sha256: str = ""
    """Hash of the file that it came in."""


@dataclass(frozen=True)
class MixtureModel:
    """How a trace is modelled. `drop_out` and `drop_in`: probabilities for one allele; no drop-out: it is estimated."""

    contributors: int
    drop_out: float | None = None
    drop_in: float = 0.05
    theta: float = 0.01
    least_count: int = 5

    def as_dict(self) -> JsonObject:
        """The model as JSON; probabilities as decimal text."""
        given = None if self.drop_out is None else f"{self.drop_out:g}"
        return {
            "contributors": self.contributors, "drop_out": given, "drop_in": f"{self.drop_in:g}",
            "theta": f"{self.theta:g}", "least_count": self.least_count,
        }  # fmt: skip


@dataclass(frozen=True)
class MixtureSearch:
    """What a trace's candidates are sought with; `known`: profiles (ids or specimens) of persons who contributed."""

    model: MixtureModel
    population: str = ""
    known: tuple[str, ...] = ()
    most: int = 20


@dataclass(frozen=True)
class MixtureWeight:
    """A candidate of a trace: log10 of the likelihood ratio by locus, and the drop-out taken under each hypothesis."""

    loci: Mapping[str, float]
    drop_outs: tuple[float, float]

    @property
    def log10_lr(self) -> float:
        """All loci together."""
        return sum(self.loci.values())

    def as_dict(self) -> JsonObject:
        """The weight as JSON, numbers as decimal text."""
        return {
            "log10_lr": f"{self.log10_lr:.4f}", "lr": figure(self.log10_lr),
            "drop_out": [f"{each:g}" for each in self.drop_outs],
            "loci": {locus: figure(log10) for locus, log10 in self.loci.items()},
        }  # fmt: skip
