"""The nouns of kinship: relations, how alleles mutate between them, and what two profiles weigh as relatives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from comity.base.model import JsonObject
from comity.dna.model.statistics import Assumptions, figure

MutationModel = Literal["stepwise", "equal", "proportional"]


@dataclass(frozen=True)
class Relation:
    """How two persons are related: the probabilities that they share no, one or two alleles by descent (k0, k1, k2),
    and by how many births such an allele came from one to the other.

    Source of k0, k1, k2: C. W. Cotterman (1940); e.g. in J. Buckleton, C. M. Triggs, S. J. Walsh, Forensic DNA Evidence
    Interpretation (2005), chapter 4.
    """

    code: str
    title: str
    shares: tuple[float, float, float]
    births: int


RELATIONS: Final[Mapping[str, Relation]] = MappingProxyType({
    relation.code: relation
    for relation in (
        Relation("parent-child", "parent and child", (0.0, 1.0, 0.0), 1),
        Relation("full-siblings", "full siblings", (0.25, 0.5, 0.25), 2),
        Relation("half-siblings", "half siblings", (0.5, 0.5, 0.0), 2),
        Relation("grandparent", "grandparent and grandchild", (0.5, 0.5, 0.0), 2),
        Relation("avuncular", "uncle or aunt and nephew or niece", (0.5, 0.5, 0.0), 3),
    )
})  # fmt: skip
"""The relations that a search weighs. Half siblings and grandparents cannot be told apart by unlinked loci."""


@dataclass(frozen=True)
class Mutation:
    """How an allele changes at a birth: with `rate`, or a locus's own of `rates`, by a model.

    `stepwise`: by one repeat nine times in ten, by each further repeat ten times less often, up or down alike, and to a
    micro-variant once in a million births; `equal`: to any other allele that the population lists alike;
    `proportional`: to another allele as often as it is common.
    """

    model: MutationModel = "stepwise"
    rate: float = 0.002
    rates: Mapping[str, float] = field(default_factory=dict)

    def of(self, locus: str) -> float:
        """The rate at a locus."""
        return self.rates.get(locus, self.rate)

    def as_dict(self) -> JsonObject:
        """The model as JSON; rates as decimal text."""
        own: JsonObject = {locus: f"{rate:g}" for locus, rate in self.rates.items()}
        return {"model": self.model, "rate": f"{self.rate:g}", "rates": own}


@dataclass(frozen=True)
class KinSearch:
    """What relatives are sought with. `population` may be left out where the node holds one alone."""

    population: str = ""
    relations: tuple[str, ...] = tuple(RELATIONS)
    assumptions: Assumptions = field(default_factory=Assumptions)
    mutation: Mutation = field(default_factory=Mutation)
    most: int = 20


@dataclass(frozen=True)
class Kinship:
    """Two profiles as relatives: of each relation, the log10 of the likelihood ratio against no relation, by locus."""

    loci: Mapping[str, Mapping[str, float]]
    """relation -> locus -> log10 of the ratio."""

    def log10_lr(self, relation: str) -> float:
        """All loci together."""
        return sum(self.loci[relation].values())

    def as_dict(self) -> JsonObject:
        """The ratios as JSON, as decimal text."""
        return {
            relation: {
                "log10_lr": f"{self.log10_lr(relation):.4f}", "lr": figure(self.log10_lr(relation)),
                "loci": {locus: figure(log10) for locus, log10 in found.items()},
            }
            for relation, found in self.loci.items()
        }  # fmt: skip
