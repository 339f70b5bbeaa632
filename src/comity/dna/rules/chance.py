"""How often the profile of somebody unrelated fits a question by chance: as a match, or with one allele off.

At a locus, given that the question shows its genotype there, alleles of another person are drawn one after another
from a population with coancestry theta: the next one is in a set S, after n were drawn and k of them were in S, with

    (k theta + (1 - theta) p_S) / (1 + (n - 1) theta)

`equal` is the probability of the same genotype (NRC 1996, 4.10), `one` that exactly one allele of the better way round
differs: that an allele is shared, less `equal`. A profile fits where all loci that both hold are equal, or all but one
with one allele off, as `comparing.compare` has it. Loci are independent given theta. What cannot be told counts for the
fit, never against it: a locus without frequencies is taken as equal, every single difference as one that is graded,
and a stored locus with an unknown value as not typed. Source of the drawing: D. J. Balding and R. A. Nichols, Forensic
Sci. Int. 64 (1994) 125-140.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from comity.dna.model import LOCI, WILDCARD, Assumptions, Loci, Population, RuleSet, code
from comity.dna.rules.comparing import Pair, pair
from comity.dna.rules.populations import Shares, shares
from comity.dna.rules.weighing import match_probability

Typed = Mapping[frozenset[str], int]
"""How many profiles have exactly these loci typed."""


class Odds(NamedTuple):
    """At one locus: the probability that somebody unrelated shows the same genotype, and one that differs by one
    allele."""

    equal: float
    one: float


CERTAIN: Final = Odds(1.0, 0.0)
"""Of a locus without frequencies: nothing that it could add makes a fit less probable."""


class Fit(NamedTuple):
    """How probable a fit by chance is with one stored profile, in one population whose table knows `known` loci of the
    question's `of`."""

    population: str
    sha256: str
    probability: float
    known: int
    of: int


def odds(loci: Loci, under: RuleSet, population: Population, assumptions: Assumptions) -> dict[str, Odds]:
    """The odds of every locus that a question with these alleles compares."""
    pairs = {name: pair(LOCI[name], loci.get(name, ())) for name in under.loci}
    return {
        name: _odds(name, both, shares(population.file, name, assumptions.least_count), assumptions.theta)
        for name, both in pairs.items() if both
    }  # fmt: skip


def _odds(name: str, both: Pair, found: Shares | None, theta: float) -> Odds:
    known = [code(LOCI[name], text) for text in both if code(LOCI[name], text) != WILDCARD]
    if len(known) < 2:  # a wildcard equals nothing, and is the one difference wherever the known allele is shared
        return Odds(0.0, _shared([found.of(known[0])], 1, theta) if found else 1.0)
    if found is None:
        return CERTAIN
    p, q = found.of(known[0]), None if known[0] == known[1] else found.of(known[1])
    equal = min(1.0, match_probability(p, q, theta))
    return Odds(equal, max(0.0, _shared([p] if q is None else [p, q], 2, theta) - equal))


def _shared(frequencies: Sequence[float], drawn: int, theta: float) -> float:
    """The probability that one of two further alleles is among those of the question, all `drawn` ones of which are."""
    others = (1 - theta) * max(0.0, 1 - math.fsum(frequencies))
    return 1 - others / (1 + (drawn - 1) * theta) * (theta + others) / (1 + drawn * theta)


def fits(found: Mapping[str, Odds], typed: Collection[str], under: RuleSet) -> float:
    """The probability that a profile with these loci typed fits a question with these odds."""
    both = [one for name, one in found.items() if name in typed]
    equal, near = 1.0, 0.0
    for one in both:
        equal, near = equal * one.equal, near * one.equal + equal * one.one
    tolerated = any(grade.near for grade in under.grades.values())
    return (equal if len(both) >= under.minimum_full else 0.0) + (
        near if tolerated and len(both) > under.minimum_full else 0.0
    )


def mean_fit(found: Mapping[str, Odds], typed: Typed, under: RuleSet) -> float:
    """The same for a profile of a database whose profiles are typed so: the mean over them. One without profiles is
    taken to have all loci of the question."""
    count = sum(typed.values())
    if not count:
        return fits(found, found.keys(), under)
    shared: dict[frozenset[str], int] = {}
    for loci, number in typed.items():
        both = loci.intersection(found)
        shared[both] = shared.get(both, 0) + number
    return math.fsum(number * fits(found, loci, under) for loci, number in shared.items()) / count


def most_probable_fit(
    loci: Loci, under: RuleSet, populations: Iterable[Population], typed: Typed, assumptions: Assumptions
) -> Fit | None:
    """Of the populations whose tables know the most loci of the question, the one in which a fit by chance is the most
    probable; None where there is no population that knows any."""
    compared = [name for name in under.loci if pair(LOCI[name], loci.get(name, ()))]
    known = [(sum(name in one.file.frequencies for name in compared), one) for one in populations]
    most = max((count for count, _ in known), default=0)
    if not most:
        return None
    found = [
        Fit(one.name, one.sha256, mean_fit(odds(loci, under, one, assumptions), typed, under), most, len(compared))
        for count, one in known if count == most
    ]  # fmt: skip
    return max(found, key=lambda fit: fit.probability)
