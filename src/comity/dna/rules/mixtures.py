"""Mixtures of up to three persons: likelihood ratios of a candidate, semi-continuous, with drop-out and drop-in.

Two hypotheses: (1) the trace is of the candidate, of the known persons named, and of so many unknown ones that all are
`contributors`; (2) it is of the known persons and of unknown ones alone, none of them the candidate. Unknown persons
are unrelated members of the population. Which alleles were seen counts, how high their peaks were does not.

An allele that contributors hold n times in all is not seen with probability d^n (so a homozygote with d²), and seen
otherwise; an allele that nobody holds is seen, by drop-in, with probability C·p; a replicate without drop-in has the
factor 1 - C. One d holds for every contributor, so that a likelihood depends only on how often each allele is held,
never on who holds it: unknown persons are summed over by counts of alleles, exactly, with the probability of drawing
those alleles after the known persons' and the candidate's (theta, as `kinship`). Alleles never seen count as one.

Sources: J. M. Curran, P. Gill, M. R. Bill, Forensic Sci. Int. 148 (2005) 47-53; P. Gill et al. (DNA commission of the
ISFG), Forensic Sci. Int. Genet. 6 (2012) 679-688; H. Haned, K. Slooten, P. Gill, ibid. 762-774 (the model of LRmix);
C. D. Steele, D. J. Balding, Annu. Rev. Stat. Appl. 1 (2014) 361-384 (drop-out estimated under each hypothesis);
C. C. G. Benschop et al., SmartRank, ibid. 29 (2017) 145-153 (ranking a database); D. J. Balding and R. A. Nichols,
Forensic Sci. Int. 64 (1994) 125-140 (theta).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.errors import BadInput
from comity.dna.model import (
    LOCI,
    UNTESTED,
    WILDCARD,
    Assumptions,
    Loci,
    MixtureModel,
    MixtureWeight,
    Population,
    Trace,
    code,
)
from comity.dna.rules.kinship import CODES, Codes, codes_at
from comity.dna.rules.populations import Shares, nothing_counts, shares
from comity.dna.rules.weighing import check_assumptions

MAX_CONTRIBUTORS: Final = 3
DROP_OUTS: Final = (0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Probabilities of drop-out that are tried where none is given: under each hypothesis the most probable one counts."""
_LEAST: Final = 1e-9
"""What is left for alleles never seen where the seen ones take all."""

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.intp]


def check_model(model: MixtureModel, known: int) -> None:
    """BadInput where probabilities or persons make no sense."""
    check_assumptions(Assumptions(model.theta, model.least_count))
    if not 1 <= model.contributors <= MAX_CONTRIBUTORS or known >= model.contributors:
        raise BadInput("dna.contributors", f"{model.contributors} contributors with {known} known cannot be weighed",
                       todo=f"Take 1 to {MAX_CONTRIBUTORS} contributors, and know fewer than all of them.")  # fmt: skip
    if model.drop_out is not None and not 0 <= model.drop_out < 1:
        raise BadInput("dna.drop-out", f"A probability of drop-out of {model.drop_out:g} makes no sense",
                       todo="Give one from 0 to below 1, or none: it is then estimated.")  # fmt: skip
    if not 0 < model.drop_in < 1:
        raise BadInput("dna.drop-in", f"A probability of drop-in of {model.drop_in:g} makes no sense",
                       todo="Give one between 0 and 1, such as 0.05, from the laboratory's validation.")  # fmt: skip


@cache
def _ways(kinds: int, drawn: int) -> tuple[Counts, Numbers]:
    """Every way to draw `drawn` alleles of so many kinds: counts (ways, kinds), and in how many orders each comes."""
    counts = [
        np.bincount(chosen, minlength=kinds) for chosen in combinations_with_replacement(range(kinds), drawn)
    ] if drawn else [np.zeros(kinds, dtype=np.intp)]  # fmt: skip
    table = np.array(counts, dtype=np.intp)
    orders = [math.factorial(drawn) / math.prod(map(math.factorial, row)) for row in table.tolist()]
    return table, np.array(orders)


@dataclass(frozen=True, eq=False)
class Place:
    """One locus of a trace: `seen` (replicates, kinds) over the alleles of `codes`, and one kind for all others."""

    locus: str
    codes: tuple[int, ...]
    seen: npt.NDArray[np.bool_] = field(repr=False)
    p: Numbers = field(repr=False)
    known: Counts = field(repr=False)
    """How often the known persons hold each kind."""

    @property
    def kinds(self) -> int:
        """Alleles told apart: those seen or known, and the rest as one."""
        return len(self.codes) + 1

    def kind(self, allele: int) -> int:
        """Which kind an allele is."""
        return self.codes.index(allele) if allele in self.codes else len(self.codes)

    def evidence(self, held: Counts, drop_out: float, drop_in: float) -> Numbers:
        """The probability of what was seen, given how often each kind is held: (ways, kinds) to (ways)."""
        lost = np.power(drop_out, held)
        found = np.ones(len(held))
        for seen in self.seen:
            came = np.where(held > 0, 1 - lost, drop_in * self.p)
            found *= np.where(seen, came, np.where(held > 0, lost, 1)).prod(axis=1)
            found *= np.where((seen & (held == 0)).any(axis=1), 1, 1 - drop_in)
        return found

    def unknown(self, before: Counts, drawn: int, theta: float) -> tuple[Counts, Numbers]:
        """The alleles of unknown persons, `drawn` of them after `before`: counts, and the probability of each."""
        ways, orders = _ways(self.kinds, drawn)
        total = int(before.sum())
        found = orders.copy()
        for step in range(drawn):
            rising = (before + step) * theta + (1 - theta) * self.p
            found *= np.where(ways > step, rising, 1).prod(axis=1) / (1 + (total + step - 1) * theta)
        return ways, found


@dataclass(frozen=True, eq=False)
class Mixing:
    """A trace that can be weighed: its loci, the model, who of the contributors is known, and the drop-outs tried."""

    places: tuple[Place, ...]
    model: MixtureModel
    drop_outs: tuple[float, ...]
    persons: int
    """How many known persons contribute."""
    left_out: tuple[str, ...] = ()
    _alone: dict[Place, Numbers] = field(default_factory=dict, repr=False)

    def logs(self, place: Place, held: Codes) -> Numbers:
        """The log10 of the probability of the trace at one locus, (2, drop-outs): with a candidate of these two codes,
        and without; an unknown one is summed over all kinds."""
        kinds = [place.kind(allele) for allele in held if allele != WILDCARD]
        found = sum(weight * self.likelihoods(place, pair) for pair, weight in _pairs(place, kinds, self.model.theta))
        with np.errstate(divide="ignore"):
            return np.asarray(np.log10(found))

    def likelihoods(self, place: Place, pair: tuple[int, int]) -> Numbers:
        """The probability of the trace at a locus, (2, drop-outs): with the candidate's two kinds, and without."""
        typed, unknown = place.known + np.bincount(pair, minlength=place.kinds), self.model.contributors - self.persons
        ways, likely = place.unknown(typed, 2 * (unknown - 1), self.model.theta)
        _, alone = place.unknown(typed, 2 * unknown, self.model.theta)
        return np.array([likely @ self._evidence(place, ways + typed), alone @ self._without(place, 2 * unknown)])

    def _evidence(self, place: Place, held: Counts) -> Numbers:
        return np.stack([place.evidence(held, each, self.model.drop_in) for each in self.drop_outs], axis=1)

    def _without(self, place: Place, drawn: int) -> Numbers:
        if place not in self._alone:
            self._alone[place] = self._evidence(place, _ways(place.kinds, drawn)[0] + place.known)
        return self._alone[place]


def _pairs(place: Place, kinds: Sequence[int], theta: float) -> list[tuple[tuple[int, int], float]]:
    """A candidate's two kinds; with one unknown, every pair and the probability of the second after the first."""
    if len(kinds) == 2:
        return [((kinds[0], kinds[1]), 1.0)]
    before = place.known.copy()
    before[kinds[0]] += 1
    share = (before * theta + (1 - theta) * place.p) / (1 + (int(before.sum()) - 1) * theta)
    return [((kinds[0], other), float(share[other])) for other in range(place.kinds)]


def mixing(trace: Trace, known: Sequence[Loci], population: Population, model: MixtureModel) -> Mixing:
    """A trace made ready: its loci with frequencies, and the drop-out that is given, or that explains it best.

    BadInput where the model makes no sense, or where no locus can count.
    """
    check_model(model, len(known))
    places, left_out = [], []
    for name in trace.loci:
        found = shares(population.file, name, model.least_count)
        theirs = [codes_at(name, loci) for loci in known]
        if found is None or any(held is None or WILDCARD in held for held in theirs):
            left_out.append(name)
        else:
            places.append(_place(name, trace, found, [held for held in theirs if held]))
    if not places:
        raise nothing_counts(population.name)
    tried = DROP_OUTS if model.drop_out is None else (model.drop_out,)
    return Mixing(tuple(places), model, tried, len(known), tuple(left_out))


def _place(name: str, trace: Trace, found: Shares, known: Sequence[Codes]) -> Place:
    replicates = [{code(LOCI[name], text) for text in alleles} for alleles in trace.loci[name]]
    codes = tuple(sorted(set().union(*replicates, *known)))
    seen = np.array([[allele in held for allele in codes] + [False] for held in replicates])
    p = [found.of(allele) for allele in codes]
    held = np.zeros(len(codes) + 1, dtype=np.intp)
    for allele in (allele for pair in known for allele in pair):
        held[codes.index(allele)] += 1
    return Place(name, codes, seen, np.array([*p, max(_LEAST, 1 - sum(p))]), held)


def weigh_candidate(loci: Loci, mixed: Mixing) -> MixtureWeight:
    """What the trace weighs for a candidate, under each hypothesis with the drop-out that makes it most probable."""
    held = {place: codes_at(place.locus, loci) for place in mixed.places}
    logs = {place.locus: mixed.logs(place, codes) for place, codes in held.items() if codes}
    sums = np.sum(list(logs.values()), axis=0) if logs else np.zeros((2, len(mixed.drop_outs)))
    one, two = (int(at) for at in np.argmax(sums, axis=1))
    by_locus = {locus: float(found[0, one] - found[1, two]) for locus, found in logs.items()}
    return MixtureWeight(by_locus, (mixed.drop_outs[one], mixed.drop_outs[two]))


@dataclass(frozen=True)
class MixtureTables:
    """A trace's candidates by look-up: for each locus, which kind each code is, and of two kinds `Mixing.logs`.

    `kinds` (loci, CODES); `values` (loci, width · width, 2 · drop-outs): the first half with the candidate, the second
    without. An untested locus counts nothing.
    """

    loci: tuple[str, ...]
    kinds: npt.NDArray[np.int64] = field(repr=False)
    values: npt.NDArray[np.float32] = field(repr=False)


def mixture_tables(mixed: Mixing) -> MixtureTables:
    """The tables of a trace, for a search through a whole database."""
    width = max(place.kinds for place in mixed.places) + 2
    values = np.zeros((len(mixed.places), width, width, 2 * len(mixed.drop_outs)), dtype=np.float32)
    kinds = np.zeros((len(mixed.places), CODES), dtype=np.int64)
    for at, place in enumerate(mixed.places):
        some = [UNTESTED, WILDCARD, *place.codes, _other(place)]
        kinds[at] = len(some) - 1
        kinds[at, some] = range(len(some))
        for one, two in combinations_with_replacement(range(1, len(some)), 2):
            if two > 1:
                values[at, one, two] = values[at, two, one] = mixed.logs(place, (some[one], some[two])).ravel()
    return MixtureTables(
        tuple(place.locus for place in mixed.places), kinds, values.reshape(len(values), width * width, -1)
    )


def _other(place: Place) -> int:
    """A code that was never seen."""
    return next(allele for allele in range(WILDCARD + 1, CODES) if allele not in place.codes)
