"""The weight of one source: what a profile found twice is worth, in one population.

Two hypotheses: (1) both profiles come from the same person; (2) they come from two persons of the population who are
not related beyond its theta. No value was lost or added at a compared locus (no drop-out, no drop-in), loci are
independent given theta. The likelihood ratio is then one over the probability of the genotype under (2):

    4.10a  homozygote    [2t + (1-t)p][3t + (1-t)p] / [(1+t)(1+2t)]
    4.10b  heterozygote  2[t + (1-t)p][t + (1-t)q] / [(1+t)(1+2t)]
    4.4a   homozygote    p² + p(1-p)t
    4.4b   heterozygote  2pq

with t = theta. Source: National Research Council, The Evaluation of Forensic DNA Evidence (1996), chapter 4, equations
4.4 and 4.10; the latter from D. J. Balding and R. A. Nichols, Forensic Sci. Int. 64 (1994) 125-140.
"""

import math

from comity.base.errors import BadInput
from comity.dna.model import (
    AUTOSOMAL,
    LOCI,
    WILDCARD,
    Alleles,
    Assumptions,
    Formula,
    Loci,
    LocusWeight,
    Population,
    Weight,
    code,
)
from comity.dna.rules.populations import Shares, nothing_counts, shares


def check_assumptions(assumptions: Assumptions) -> None:
    """BadInput where theta is no coancestry coefficient or the least count makes no sense."""
    if not 0 <= assumptions.theta <= 0.5:
        raise BadInput("dna.theta", f"Theta is {assumptions.theta:g}, and it lies between 0 and 0.5",
                       todo="Use 0.01, or what studies of the population give (0.03 for isolated ones).")  # fmt: skip
    if not 0 <= assumptions.least_count <= 1000:
        raise BadInput("dna.least-count", f"The least count {assumptions.least_count} lies outside 0 to 1000",
                       todo="Use 5, as the NRC report of 1996 does.")  # fmt: skip


def match_probability(p: float, q: float | None, theta: float, formula: Formula = "nrc-4.10") -> float:
    """The probability of a genotype in one who is not the source: of the alleles' frequencies; `q` None: homozygote."""
    if formula == "nrc-4.4":
        return p * p + p * (1 - p) * theta if q is None else 2 * p * q
    below = (1 + theta) * (1 + 2 * theta)
    if q is None:
        return (2 * theta + (1 - theta) * p) * (3 * theta + (1 - theta) * p) / below
    return 2 * (theta + (1 - theta) * p) * (theta + (1 - theta) * q) / below


def weigh(loci: Loci, population: Population, assumptions: Assumptions) -> Weight:
    """What these loci weigh, each with its figures; loci that cannot count are left out, with the reason.

    BadInput where assumptions make no sense, or where no locus counts.
    """
    check_assumptions(assumptions)
    counted, left_out = [], {}
    for name in (locus.name for locus in AUTOSOMAL if locus.name in loci):
        found = shares(population.file, name, assumptions.least_count)
        why = unfit(name, loci[name], found)
        if found is None or why:
            left_out[name] = why
        else:
            counted.append(_weighed(name, loci[name], found, assumptions))
    if not counted:
        raise nothing_counts(population.name)
    log10 = -math.fsum(math.log10(locus.probability) for locus in counted)
    return Weight(population.name, population.sha256, assumptions, tuple(counted), left_out, log10)


def unfit(name: str, alleles: Alleles, found: Shares | None) -> str:
    """Why a genotype does not count, or nothing where it does."""
    if found is None:
        return "the table has no frequencies for it"
    if len(alleles) > 2:
        return f"{len(alleles)} values"
    if any(code(LOCI[name], text) == WILDCARD for text in alleles):
        return "a value is unknown"
    return "" if alleles else "no value"


def _weighed(name: str, alleles: Alleles, found: Shares, assumptions: Assumptions) -> LocusWeight:
    one, two = code(LOCI[name], alleles[0]), code(LOCI[name], alleles[-1])
    p, q = found.of(one), found.of(two)
    probability = match_probability(p, None if one == two else q, assumptions.theta, assumptions.formula)
    raised = (found.raised(one), found.raised(two))
    return LocusWeight(name, (alleles[0], alleles[-1]), (p, q), raised, probability)


HYPOTHESES = (
    "both profiles come from the same person",
    "they come from two persons of the population, not related to one another",
)


def weight_in_words(weight: Weight) -> str:
    """One sentence for a report: two hypotheses and the ratio, never who it is."""
    return (
        f"{weight.population}: finding this profile twice is {ratio(weight.log10_lr)} if {HYPOTHESES[0]} than if"
        f" {HYPOTHESES[1]} (theta {weight.assumptions.theta:g}, {len(weight.loci)} loci)"
    )


def ratio(log10: float) -> str:
    """In words: ``12,300 times more probable``, ``8.37e+14 times more probable``, ``40 times less probable``."""
    size = abs(log10)
    shown = f"{round(10**size, 1 if size < 2 else None):,}" if size < 9 else f"{10 ** (size % 1):.2f}e{int(size):+03d}"
    return f"{shown} times {'more' if log10 >= 0 else 'less'} probable"
