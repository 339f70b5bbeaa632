"""Two profiles as relatives: likelihood ratios from alleles identical by descent, with mutation and theta.

Two hypotheses: (1) the two are related in the way named; (2) they are unrelated members of the population. With q1, q2
the alleles of the one, c1, c2 those of the other, and k0, k1, k2 the probabilities that they share no, one, or two
alleles by descent, the ratio at a locus is

    k0 + k1/4 · sum over i, j of M(qi, cj) / P(cj | q1, q2, c other)
       + k2/2 · [M(q1, c1) M(q2, c2) + M(q1, c2) M(q2, c1)] / P(c1, c2 | q1, q2)

M(a, b) is the probability that an allele a arrives as b after the births between them; P(x | others) the probability of
drawing x after the others from a population with theta, (n·theta + (1-theta)·p) / (1 + (m-1)·theta) for the m-th draw
after m-1 with n copies of x among them. Unlinked loci are independent; linkage within one chromosome is not reckoned
with. Mutations are read from the first profile to the second, and two at one locus and line count as none.

Sources: C. C. Li and L. Sacks, Biometrics 10 (1954) 347-360 (ITO); J. Buckleton, C. M. Triggs, S. J. Walsh, Forensic
DNA Evidence Interpretation (2005), chapters 3, 4 and 10; K. L. Ayres, Int. J. Legal Med. 114 (2000) 173-179, and
D. J. Balding and R. A. Nichols, Genetica 96 (1995) 3-12 (theta); T. Egeland, D. Kling, P. Mostad, Relationship
Inference with Familias and R (2016), chapter 2 (models of mutation).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.errors import BadInput
from comity.dna.model import (
    AUTOSOMAL,
    LOCI,
    RELATIONS,
    UNTESTED,
    WILDCARD,
    Assumptions,
    Kinship,
    Loci,
    Mutation,
    Population,
    Relation,
    code,
)
from comity.dna.rules.comparing import pair
from comity.dna.rules.populations import Shares, nothing_counts, shares

CODES: Final = 256
"""How many codes an allele may have (`model.code`): a table has a row and a column for each."""
_FURTHER: Final = 0.1
"""Of stepwise mutations, how much rarer each further repeat is."""
_ODD: Final = 1e-6
"""Probability, at a birth, that a stepwise allele becomes a micro-variant, or a micro-variant an allele."""

Numbers = npt.NDArray[np.float64]
Codes = tuple[int, int]


def check_mutation(mutation: Mutation) -> None:
    """BadInput where a rate is none, or stands for no locus that is compared."""
    known = {locus.name for locus in AUTOSOMAL}
    for locus, rate in {"all loci": mutation.rate, **mutation.rates}.items():
        if not 0 <= rate <= 0.1 or (locus != "all loci" and locus not in known):
            raise BadInput("dna.mutation", f"A mutation rate of {rate:g} for {locus} makes no sense",
                           todo="Give rates between 0 and 0.1, for loci by their usual names.")  # fmt: skip


def relation(code: str) -> Relation:
    """The relation with this code; BadInput for an unknown one."""
    if code not in RELATIONS:
        raise BadInput("dna.relation", f"{code[:40]!r} is no relation known here", todo=f"Use {', '.join(RELATIONS)}.")
    return RELATIONS[code]


@dataclass(frozen=True)
class Setting:
    """One locus: its frequencies, theta, and how its alleles mutate."""

    locus: str
    shares: Shares
    theta: float
    mutation: Mutation

    @property
    def listed(self) -> Sequence[int]:
        """The codes of the alleles that the population lists, over which an unknown value is summed."""
        return sorted(self.shares.published)

    def arrives(self, one: int, other: int, births: int) -> float:
        """The probability that allele `one` is `other` after so many births, to the first order of the rate."""
        mu = self.mutation.of(self.locus)
        if one == other:
            return 1 - births * mu * (self._leaving(one) if self.mutation.model == "proportional" else 1)
        return births * mu * self._turns(one, other)

    def _turns(self, one: int, other: int) -> float:
        """Of mutations of `one`, how many make `other`."""
        if self.mutation.model == "equal":
            return 1 / max(1, len(self.shares.published) - 1)
        if self.mutation.model == "proportional":
            return self.shares.of(other) / self._spread
        steps, odd = divmod(abs(one - other), max(4, LOCI[self.locus].repeat))
        if odd:
            mu = self.mutation.of(self.locus)
            return _ODD / mu / len(self.shares.published) if mu else 0.0
        return (1 - _FURTHER) * _FURTHER ** (steps - 1) / 2

    def _leaving(self, one: int) -> float:
        return (1 - self.shares.of(one)) / self._spread

    @property
    def _spread(self) -> float:
        return max(1e-9, 1 - sum(p * p for p in self.shares.published.values()))

    def draw(self, allele: int, before: Sequence[int]) -> float:
        """The probability of drawing `allele` after others, in a population with theta."""
        drawn = before.count(allele) * self.theta + (1 - self.theta) * self.shares.of(allele)
        return drawn / (1 + (len(before) - 1) * self.theta)


def _joint(setting: Setting, one: Codes, other: Codes, related: Relation) -> tuple[float, float]:
    """The probability of the ordered genotype `other` given `one`, as relatives and as unrelated."""
    (a, b), (c, d) = one, other
    k0, k1, k2 = related.shares

    def comes(x: int, y: int) -> float:
        return setting.arrives(x, y, related.births)

    apart = setting.draw(c, (a, b)) * setting.draw(d, (a, b, c))
    single = (comes(a, c) + comes(b, c)) * setting.draw(d, (a, b)) + (comes(a, d) + comes(b, d)) * setting.draw(
        c, (a, b)
    )
    double = comes(a, c) * comes(b, d) + comes(a, d) * comes(b, c)
    return k0 * apart + k1 / 4 * single + k2 / 2 * double, apart


def log_ratio(setting: Setting, one: Codes, other: Codes, related: Relation) -> float:
    """The log10 of the ratio at one locus, the plain way; an unknown value of either is summed over all alleles."""
    above = below = 0.0
    for ours in _completed(setting, one):
        weight = setting.draw(ours[1], (ours[0],)) if WILDCARD in one else 1.0
        for theirs in _completed(setting, other):
            kin, apart = _joint(setting, ours, theirs, related)
            above, below = above + weight * kin, below + weight * apart
    return math.log10(above / below) if above > 0 else -math.inf


def _completed(setting: Setting, values: Codes) -> list[Codes]:
    known = [value for value in values if value != WILDCARD]
    return [(known[0], other) for other in setting.listed] if len(known) == 1 else [values]


@dataclass(frozen=True)
class KinTables:
    """A profile's relatives by look-up: for each locus of `loci`, the ratio (log10) of every genotype there.

    `values` (loci, CODES · CODES, relations): at the first code times CODES plus the second, for either order of both.
    An untested locus counts nothing.
    """

    loci: tuple[str, ...]
    relations: tuple[Relation, ...]
    values: npt.NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True)
class Kin:
    """What a search for relatives is made with."""

    population: Population
    relations: tuple[Relation, ...]
    assumptions: Assumptions
    mutation: Mutation

    def settings(self, loci: Loci) -> dict[str, tuple[Setting, Codes]]:
        """The loci of a profile that can count, each with its two codes; BadInput where there is none."""
        found: dict[str, tuple[Setting, Codes]] = {}
        for name in (locus.name for locus in AUTOSOMAL if locus.name in loci):
            held, known = codes_at(name, loci), shares(self.population.file, name, self.assumptions.least_count)
            if held and known:
                found[name] = Setting(name, known, self.assumptions.theta, self.mutation), held
        if not found:
            raise nothing_counts(self.population.name)
        return found


def codes_at(name: str, loci: Loci) -> Codes | None:
    """The two codes at a locus as `rules.pair` compares them, an unknown value as the wildcard; None where untested."""
    values = pair(LOCI[name], loci.get(name, ()))
    return None if values is None else (code(LOCI[name], values[0]), code(LOCI[name], values[1]))


def weigh_kin(one: Loci, other: Loci, kin: Kin) -> Kinship:
    """Two profiles as relatives, locus by locus, the plain way; loci that either lacks do not count."""
    settings = kin.settings(one)
    theirs = {name: held for name in settings if (held := codes_at(name, other))}
    return Kinship({
        related.code: {name: log_ratio(*settings[name], held, related) for name, held in theirs.items()}
        for related in kin.relations
    })  # fmt: skip


def kin_tables(loci: Loci, kin: Kin) -> KinTables:
    """The tables of a profile, for a search through a whole database."""
    settings = kin.settings(loci)
    values = np.zeros((len(settings), CODES * CODES, len(kin.relations)), dtype=np.float32)
    for place, (setting, held) in enumerate(settings.values()):
        for at, related in enumerate(kin.relations):
            values[place, :, at] = _table(setting, held, related).ravel()
    return KinTables(tuple(settings), kin.relations, values)


def _table(setting: Setting, held: Codes, related: Relation) -> Numbers:
    """`log_ratio` for every pair of codes at once."""
    above, below = np.zeros((CODES, CODES)), np.zeros((CODES, CODES))
    for ours in _completed(setting, held):
        weight = setting.draw(ours[1], (ours[0],)) if WILDCARD in held else 1.0
        kin, apart = _all_joint(setting, ours, related)
        above += weight * kin
        below += weight * apart
    for sums in (above, below):
        sums[WILDCARD] = sums[:, WILDCARD] = sums[setting.listed].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10(above / below)
    found[UNTESTED], found[:, UNTESTED], found[WILDCARD, WILDCARD] = 0, 0, 0
    return found


def _all_joint(setting: Setting, ours: Codes, related: Relation) -> tuple[Numbers, Numbers]:
    """`_joint` for every pair of codes of the other."""
    theta, k = setting.theta, related.shares
    p = np.array([setting.shares.of(allele) for allele in range(CODES)])
    copies = np.bincount(ours, minlength=CODES).astype(np.float64)
    third = (copies * theta + (1 - theta) * p) / (1 + theta)
    fourth = ((copies + np.eye(CODES)) * theta + (1 - theta) * p) / (1 + 2 * theta)
    apart = third[:, None] * fourth
    first, second = (_arrivals(setting, allele, related.births) for allele in ours)
    single = np.outer(first + second, third)
    double = np.outer(first, second)
    return k[0] * apart + k[1] / 4 * (single + single.T) + k[2] / 2 * (double + double.T), apart


def _arrivals(setting: Setting, allele: int, births: int) -> Numbers:
    return np.array([setting.arrives(allele, other, births) for other in range(CODES)])
