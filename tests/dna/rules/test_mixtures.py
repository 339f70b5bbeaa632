"""Mixtures: against every genotype of every unknown person in exact fractions, published formulas, and by tables."""

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna import rules
from comity.dna.model import LOCI, Loci, MixtureModel, Trace, code
from tests.dna.populations import population

SHARES = {"16": Fraction(2, 10), "17": Fraction(3, 10), "18": Fraction(499, 1000), "19": Fraction(1, 1000)}
"""VWA in the made-up population."""
Genotype = tuple[str, ...]


def trace(*replicates: Genotype) -> Trace:
    return Trace("trace", tuple(map(str, range(len(replicates)))), {"VWA": replicates})


def log10_lr(seen: Trace, candidate: Genotype, model: MixtureModel, known: tuple[Genotype, ...] = ()) -> float:
    mixed = rules.mixing(seen, [{"VWA": each} for each in known], population(), model)
    return rules.weigh_candidate({"VWA": candidate}, mixed).log10_lr


# --- an independent derivation: every genotype of every unknown person ------------------------------------------------


def evidence(seen: Trace, persons: tuple[Genotype, ...], d: Fraction, c: Fraction) -> Fraction:
    """The probability of the trace from these persons: each allele lost by every one of its holders, or not."""
    found = Fraction(1)
    for alleles in seen.loci["VWA"]:
        held = Counter(allele for person in persons for allele in person)
        for allele, copies in held.items():
            found *= 1 - d**copies if allele in alleles else d**copies
        dropped_in = [allele for allele in alleles if allele not in held]
        found *= math.prod((c * SHARES[allele] for allele in dropped_in), start=Fraction(1)) if dropped_in else 1 - c
    return found


def drawn(genotypes: tuple[Genotype, ...], before: list[str], theta: Fraction) -> Fraction:
    """The probability that unknown persons have these genotypes after `before`, allele by allele."""
    found, before = Fraction(1), list(before)
    for genotype in genotypes:
        found *= 1 if genotype[0] == genotype[1] else 2
        for allele in genotype:
            shown = before.count(allele) * theta + (1 - theta) * SHARES[allele]
            found *= shown / (1 + (len(before) - 1) * theta)
            before.append(allele)
    return found


def exact(seen: Trace, candidate: Genotype, known: tuple[Genotype, ...], model: MixtureModel) -> float:
    """The ratio as a fraction, by summing over all genotypes of the unknown."""
    assert model.drop_out is not None
    d, c, theta = (Fraction(str(each)) for each in (model.drop_out, model.drop_in, model.theta))
    genotypes = list(combinations_with_replacement(SHARES, 2))
    typed = [allele for person in (candidate, *known) for allele in person]
    sums = []
    for present in ((candidate, *known), known):
        unknown = product(genotypes, repeat=model.contributors - len(present))
        sums.append(sum((drawn(u, typed, theta) * evidence(seen, (*present, *u), d, c) for u in unknown), Fraction(0)))
    return float(sums[0] / sums[1])


@pytest.mark.parametrize("theta", [0.0, 0.02])
@pytest.mark.parametrize(
    ("seen", "candidate", "known", "contributors"),
    [
        (trace(("16",)), ("16", "17"), (), 1),
        (trace(("16", "17")), ("16", "17"), (), 2),
        (trace(("16", "17", "18")), ("16", "16"), (), 2),
        (trace(("16", "17")), ("18", "18"), (("16", "17"),), 2),
        (trace(("16", "17"), ("16", "18")), ("16", "18"), (), 2),
        (trace(("16", "17", "18")), ("16", "19"), (), 3),
        (trace(("16", "18"), ("17",)), ("17", "18"), (("16", "16"),), 3),
        (trace((), ("17",)), ("17", "17"), (), 2),
    ],
)
def test_ratios_are_those_of_every_genotype_summed(
    seen: Trace, candidate: Genotype, known: tuple[Genotype, ...], contributors: int, theta: float
) -> None:
    model = MixtureModel(contributors, 0.1, 0.05, theta, 0)
    found = log10_lr(seen, candidate, model, known)
    assert math.isclose(10**found, exact(seen, candidate, known, model), rel_tol=1e-9)


def test_one_person_with_drop_out_is_the_published_formula() -> None:
    """P. Gill et al. (2012), one donor: a trace of 16 alone, a candidate 16/17; unknown donors 16/16, 16/Q and Q/Q."""
    d, c, p = 0.2, 0.05, 0.2
    above = (1 - d) * d * (1 - c)
    below = p * p * (1 - d * d) * (1 - c) + 2 * p * (1 - p) * (1 - d) * d * (1 - c) + (1 - p) ** 2 * d * d * c * p
    found = log10_lr(trace(("16",)), ("16", "17"), MixtureModel(1, d, c, 0, 0))
    assert math.isclose(10**found, above / below)


def test_without_loss_one_person_weighs_as_a_single_source() -> None:
    found = log10_lr(trace(("16", "17")), ("16", "17"), MixtureModel(1, 0.0, 1e-9, 0.02, 0))
    assert math.isclose(10**-found, rules.match_probability(0.2, 0.3, 0.02), rel_tol=1e-6)


VALUES = ("16", "17", "18", "19", "25", "*")
pairs = st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)).filter(lambda pair: pair != ("*", "*"))
seen_sets = st.lists(st.lists(st.sampled_from(VALUES[:5]), unique=True).map(tuple), min_size=1, max_size=2)


@settings(max_examples=25, deadline=None)
@given(seen_sets.filter(any), st.lists(pairs, min_size=1, max_size=5), st.integers(1, 3), st.sampled_from([None, 0.1]))
def test_tables_say_what_the_plain_way_says(
    seen: list[Genotype], candidates: list[Genotype], contributors: int, drop_out: float | None
) -> None:
    mixed = rules.mixing(trace(*seen), [], population(), MixtureModel(contributors, drop_out))
    tables, half = rules.mixture_tables(mixed), len(mixed.drop_outs)
    width = math.isqrt(tables.values.shape[1])
    for candidate in candidates:
        one, two = (int(tables.kinds[0, code(LOCI["VWA"], text)]) for text in candidate)
        plain = rules.weigh_candidate({"VWA": candidate}, mixed)
        for cell in (one * width + two, two * width + one):
            figures = tables.values[0, cell]
            assert math.isclose(figures[:half].max() - figures[half:].max(), plain.log10_lr, abs_tol=1e-4)
    assert not tables.values[0, 0].any(), "an untested locus counts nothing"


def test_over_all_strangers_a_ratio_is_one_on_average() -> None:
    model, seen = MixtureModel(3, 0.1, 0.05, 0, 0), trace(("16", "17"), ("18",))
    strangers = product(SHARES, repeat=2)
    total = sum(float(SHARES[a] * SHARES[b]) * 10 ** log10_lr(seen, (a, b), model) for a, b in strangers)
    assert math.isclose(total, 1)


def test_an_unknown_value_is_between_what_it_could_be() -> None:
    model = MixtureModel(2, 0.1)
    could = [log10_lr(trace(("16", "17")), ("16", other), model) for other in SHARES]
    assert min(could) < log10_lr(trace(("16", "17")), ("16", "*"), model) < max(could)


def test_loci_that_cannot_count_are_left_out() -> None:
    seen = Trace("trace", ("1",), {"VWA": (("16", "17"),), "FGA": (("20",),), "TH01": (("6",),)})
    known: Loci = {"VWA": ("16", "17")}
    mixed = rules.mixing(seen, [known], population(), MixtureModel(2))
    assert ([place.locus for place in mixed.places], mixed.left_out) == (["VWA"], ("FGA", "TH01"))
    assert rules.weigh_candidate({"TH01": ("6",)}, mixed).loci == {}
    with pytest.raises(BadInput, match="No locus"):
        rules.mixing(seen, [{"FGA": ("20",)}], population(), MixtureModel(2))


@pytest.mark.parametrize(
    ("model", "known", "says"),
    [
        (MixtureModel(4), 0, "dna.contributors"), (MixtureModel(0), 0, "dna.contributors"),
        (MixtureModel(2), 2, "dna.contributors"), (MixtureModel(2, 1.0), 0, "dna.drop-out"),
        (MixtureModel(2, -0.1), 0, "dna.drop-out"), (MixtureModel(2, drop_in=0), 0, "dna.drop-in"),
        (MixtureModel(2, drop_in=float("nan")), 0, "dna.drop-in"), (MixtureModel(2, theta=0.9), 0, "dna.theta"),
    ],
)  # fmt: skip
def test_models_that_make_no_sense_are_refused(model: MixtureModel, known: int, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.mixing(trace(("16",)), [{"VWA": ("16", "16")}] * known, population(), model)
    assert caught.value.code == says
