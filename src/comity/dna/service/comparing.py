"""Two profiles side by side: locus by locus under one or several rule sets, and what their agreement weighs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.access import service as access
from comity.base.model import Issuer, JsonObject
from comity.dna import rules
from comity.dna.model import AUTOSOMAL, Assumptions, Comparison, RuleSet, Weight
from comity.dna.service.looking import VIEWERS
from comity.dna.service.rulesets import rule_set_held
from comity.dna.service.sampling import Sample, sampled
from comity.dna.service.shipped import DEFAULT_RULE_SET
from comity.dna.service.statistics import USUAL, WEIGHED_AS, chosen
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

NO_RATIO: Final = (
    "The two differ at a locus: there are figures for the equal loci, and no ratio over all, which would leave the"
    " difference out."
)


@dataclass(frozen=True)
class AsCompared:
    """By which rule sets two samples are compared, and, where `weigh`, in which populations they are weighed (all, if
    none is named)."""

    rules: Sequence[str] = (DEFAULT_RULE_SET,)
    weigh: bool = False
    populations: Sequence[str] = ()
    assumptions: Assumptions = USUAL


@dataclass(frozen=True)
class Compared:
    """Two samples side by side. `agree`: all loci that both hold are equal, so that a ratio over all makes sense."""

    one: Sample
    two: Sample
    comparisons: Sequence[tuple[RuleSet, Comparison]]
    weights: Sequence[Weight]
    agree: bool

    @property
    def loci(self) -> list[str]:
        """The loci that either sample holds."""
        return [locus.name for locus in AUTOSOMAL if self.one.loci.get(locus.name) or self.two.loci.get(locus.name)]

    def as_dict(self) -> JsonObject:
        """The comparison as JSON: alleles of both, each rule set's findings, and weights with what was assumed."""
        loci: JsonObject = {
            name: {"one": [*self.one.loci.get(name, ())], "two": [*self.two.loci.get(name, ())]} for name in self.loci
        }
        weighed: JsonObject = {}
        if self.weights:
            weighed = {
                "hypotheses": [*rules.HYPOTHESES], "assumed": " ".join(WEIGHED_AS), "agree": self.agree,
                "populations": [self._weight(weight) for weight in self.weights],
            }  # fmt: skip
        return {
            "one": self.one.as_dict(), "two": self.two.as_dict(), "loci": loci,
            "comparisons": [found.as_dict() | {"title": under.title} for under, found in self.comparisons], **weighed,
        }  # fmt: skip

    def _weight(self, weight: Weight) -> JsonObject:
        """A weight as JSON, without a ratio over all where the two differ."""
        told = weight.as_dict()
        return told if self.agree else told | {"log10_lr": None, "lr": None, "match_probability": None}

    def in_words(self) -> list[str]:
        """What each rule set makes of the two, in words."""
        return [rules.in_words(found, under) for under, found in self.comparisons]


def compare(unit: Unit, issuer: Issuer, both: tuple[str | Sample, str | Sample], asked: AsCompared) -> Compared:
    """Two samples, or profiles of the node, by each rule set and, if asked, in each population; for one of `VIEWERS`.

    An act, logged as ``dna.compared`` with the outcome by rule set. NotFound for an unknown rule set or population,
    BadInput where nothing can be weighed.
    """
    one, two = (sampled(unit, given) for given in both)
    sets = [rule_set_held(unit, id) for id in dict.fromkeys(asked.rules)]
    comparisons = [(each.rules, rules.compare(one.loci, two.loci, each.rules)) for each in sets]
    weights, agree = _weighed(unit, one, two, asked) if asked.weigh else ([], False)
    subject: JsonObject = {
        "one": one.subject(), "two": two.subject(), "rule_sets": {each.rules.id: each.sha256 for each in sets},
        "populations": [weight.sha256 for weight in weights],
    }  # fmt: skip
    acted = access.act(unit, issuer, "dna.compare", subject, VIEWERS)
    told: JsonObject = {under.id: found.quality.grade if found.quality else None for under, found in comparisons}
    log.append(unit, Record("dna.compared", acted.actor, subject, {"quality": told}, auth_hash=acted.auth_hash))
    return Compared(one, two, comparisons, weights, agree)


def _weighed(unit: Unit, one: Sample, two: Sample, asked: AsCompared) -> tuple[list[Weight], bool]:
    """What the equal loci weigh, and whether all are equal; the others are named as left out."""
    every = replace(rule_set_held(unit, DEFAULT_RULE_SET).rules, loci=tuple(locus.name for locus in AUTOSOMAL))
    found = rules.compare(one.loci, two.loci, every)
    apart = {finding.locus: "the two differ" for finding in found.differing}
    agreed = {f.locus: one.loci[f.locus] for f in found.findings if f.locus not in apart}
    weights = [rules.weigh(agreed, each, asked.assumptions) for each in chosen(unit, asked.populations)]
    return [replace(weight, left_out=dict(weight.left_out) | apart) for weight in weights], not apart
