"""Kinship: against published formulas, against pedigrees dropped gene by gene in exact fractions, and by tables."""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna import rules
from comity.dna.model import LOCI, RELATIONS, Assumptions, Loci, Mutation, MutationModel, code
from tests.dna.populations import population

P, Q, R = Fraction(2, 10), Fraction(3, 10), Fraction(499, 1000)
NONE = Mutation(rate=0)
"""Frequencies of VWA 16, 17 and 18 in the made-up population, and no mutation."""
ALL = tuple(RELATIONS.values())


def ratio(one: tuple[str, ...], other: tuple[str, ...], relation: str, theta: float = 0) -> float:
    """The likelihood ratio at VWA."""
    kin = rules.Kin(population(), (RELATIONS[relation],), Assumptions(theta, 0), NONE)
    return 10 ** rules.weigh_kin({"VWA": one}, {"VWA": other}, kin).log10_lr(relation)


PUBLISHED = {
    "full-siblings": {
        ("16", "17", "16", "17"): (1 + P + Q + 2 * P * Q) / (8 * P * Q),
        ("16", "16", "16", "16"): (1 + P) ** 2 / (2 * P) ** 2,
        ("16", "16", "16", "17"): (1 + P) / (4 * P), ("16", "17", "16", "18"): (1 + 2 * P) / (8 * P),
        ("16", "17", "18", "18"): Fraction(1, 4),
    },
    "half-siblings": {
        ("16", "17", "16", "17"): (P + Q + 4 * P * Q) / (8 * P * Q),
        ("16", "16", "16", "16"): 2 * P * (1 + P) / (2 * P) ** 2,
        ("16", "16", "16", "17"): (1 + 2 * P) / (4 * P), ("16", "17", "16", "18"): (1 + 4 * P) / (8 * P),
        ("16", "17", "18", "18"): Fraction(1, 2),
    },
    "parent-child": {
        ("16", "17", "16", "17"): (P + Q) / (4 * P * Q), ("16", "16", "16", "16"): 1 / P,
        ("16", "16", "16", "17"): 1 / (2 * P), ("16", "17", "16", "18"): 1 / (4 * P),
        ("16", "17", "18", "18"): Fraction(0),
    },
}  # fmt: skip
"""Siblings: C. H. Brenner, dna-view.com/sibfmla.htm; parent and child: the paternity index of a duo, as in
J. Buckleton, C. M. Triggs, S. J. Walsh (2005), table 10.1."""


@pytest.mark.parametrize("relation", PUBLISHED)
def test_ratios_are_those_of_published_formulas(relation: str) -> None:
    for (a, b, c, d), exact in PUBLISHED[relation].items():
        for one, other in (((a, b), (c, d)), ((b, a), (d, c)), ((c, d), (a, b))):
            assert math.isclose(ratio(one, other, relation), float(exact), abs_tol=1e-12), (relation, one, other)


def test_parent_and_child_with_theta_are_those_of_ayres() -> None:
    """K. L. Ayres (2000): AA and AA give (1 + 2t) / (3t + (1-t)p); AB and AC (1 + 2t) / 4(t + (1-t)p)."""
    t, p = 0.03, float(P)
    assert math.isclose(ratio(("16", "16"), ("16", "16"), "parent-child", t), (1 + 2 * t) / (3 * t + (1 - t) * p))
    assert math.isclose(ratio(("16", "17"), ("16", "18"), "parent-child", t), (1 + 2 * t) / (4 * (t + (1 - t) * p)))


# --- an independent derivation: genes dropped through a family --------------------------------------------------------

Genes = tuple[int, int]
SHARES = (P, Q, R, Fraction(1, 1000))


def family(relation: str) -> tuple[int, Callable[[tuple[int, ...], tuple[int, ...]], tuple[Genes, Genes]], int]:
    """How many genes the founders have, how two persons come to theirs by choices of 0 or 1, and how many choices."""
    built: dict[str, tuple[int, Callable[..., tuple[Genes, Genes]], int]] = {
        "parent-child": (3, lambda f, c: ((f[0], f[1]), (f[c[0]], f[2])), 1),
        "full-siblings": (4, lambda f, c: ((f[c[0]], f[2 + c[1]]), (f[c[2]], f[2 + c[3]])), 4),
        "half-siblings": (4, lambda f, c: ((f[c[0]], f[2]), (f[c[1]], f[3])), 2),
        "grandparent": (4, lambda f, c: ((f[0], f[1]), ((f[c[0]], f[2])[c[1]], f[3])), 2),
        "avuncular": (5, lambda f, c: (
            (f[c[0]], f[2 + c[1]]), ((f[c[2]], f[2 + c[3]])[c[4]], f[4]),
        ), 5),
    }  # fmt: skip
    return built[relation]


def dropped(relation: str, one: Genes, other: Genes) -> Fraction:
    """The exact ratio: the probability that a family shows both genotypes, over that of two strangers."""
    founders, build, choices = family(relation)
    found = Fraction(0)
    for genes in product(range(4), repeat=founders):
        weight = math.prod((SHARES[gene] for gene in genes), start=Fraction(1)) / 2**choices
        for chosen in product((0, 1), repeat=choices):
            shown = tuple(tuple(sorted(person)) for person in build(genes, chosen))
            found += weight * (shown == (tuple(sorted(one)), tuple(sorted(other))))
    return found / (alone(one) * alone(other))


def alone(genes: Genes) -> Fraction:
    return SHARES[genes[0]] * SHARES[genes[1]] * (1 if genes[0] == genes[1] else 2)


CASES = [((0, 1), (0, 1)), ((0, 0), (0, 0)), ((0, 0), (0, 1)), ((0, 1), (0, 2)), ((0, 1), (2, 2)), ((1, 2), (1, 1))]


@pytest.mark.parametrize("relation", RELATIONS)
def test_ratios_are_those_of_genes_dropped_through_a_family(relation: str) -> None:
    names = ("16", "17", "18", "19")
    for one, other in CASES[:3] if relation == "avuncular" else CASES:
        exact = float(dropped(relation, one, other))
        found = ratio((names[one[0]], names[one[1]]), (names[other[0]], names[other[1]]), relation)
        assert math.isclose(found, exact, abs_tol=1e-12), (one, other)


# --- mutation ---------------------------------------------------------------------------------------------------------


def lone(model: MutationModel, other: str, rate: float = 0.002) -> float:
    kin = rules.Kin(population(), (RELATIONS["parent-child"],), Assumptions(0, 0), Mutation(model, rate))
    return 10 ** rules.weigh_kin({"VWA": ("16", "16")}, {"VWA": (other, other)}, kin).log10_lr("parent-child")


def test_a_mutation_makes_a_parent_improbable_and_not_impossible() -> None:
    assert math.isclose(lone("equal", "17"), 0.002 / 3 / float(Q))
    assert math.isclose(lone("stepwise", "17"), 0.002 * 0.9 / 2 / float(Q))
    assert math.isclose(lone("stepwise", "18"), 0.002 * 0.09 / 2 / float(R))
    assert math.isclose(lone("stepwise", "16.2"), 1e-6 / 4 / 0.001), "a micro-variant, and the least frequency"
    spread = float(1 - sum(share * share for share in SHARES))
    assert math.isclose(lone("proportional", "17"), 0.002 / spread), "alike for every other allele"
    assert lone("stepwise", "17", 0) == 0
    own = Mutation(rates={"VWA": 0.01})
    kin = rules.Kin(population(), (RELATIONS["parent-child"],), Assumptions(0, 0), own)
    found = rules.weigh_kin({"VWA": ("16",)}, {"VWA": ("17",)}, kin).log10_lr("parent-child")
    assert math.isclose(10**found, 0.01 * 0.9 / 2 / float(Q))


@given(st.sampled_from(["stepwise", "equal", "proportional"]), st.floats(0, 0.05), st.integers(1, 3))
def test_an_allele_always_becomes_one_or_stays(model: MutationModel, rate: float, births: int) -> None:
    shares = rules.shares(population().file, "VWA", 0)
    assert shares
    setting = rules.Setting("VWA", shares, 0, Mutation(model, rate))
    for one in setting.listed:
        total = sum(setting.arrives(one, other, births) for other in setting.listed)
        assert total <= 1 + 1e-9
        assert model == "stepwise" or math.isclose(total, 1)


@pytest.mark.parametrize("relation", RELATIONS)
def test_over_all_strangers_a_ratio_is_one_on_average(relation: str) -> None:
    """What every likelihood ratio must fulfil: weighted by how probable they are in strangers, ratios average one."""
    names = ("16", "17", "18", "19")
    strangers = product(range(4), repeat=2)
    total = sum(
        float(SHARES[a] * SHARES[b]) * ratio(("16", "17"), (names[a], names[b]), relation) for a, b in strangers
    )
    assert math.isclose(total, 1)


# --- tables -----------------------------------------------------------------------------------------------------------

VALUES = ("16", "17", "18", "19", "25", "16.2", "*")


def genotypes() -> st.SearchStrategy[tuple[str, ...]]:
    both = st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES))
    return both.filter(lambda pair: pair != ("*", "*"))


@settings(max_examples=8, deadline=None)
@given(
    genotypes(), st.lists(genotypes(), min_size=1, max_size=8), st.sampled_from([0.0, 0.02]),
    st.sampled_from(["stepwise", "equal", "proportional"]),
)  # fmt: skip
def test_tables_say_what_the_plain_way_says(
    one: tuple[str, ...], others: list[tuple[str, ...]], theta: float, model: MutationModel
) -> None:
    kin = rules.Kin(population(), ALL, Assumptions(theta), Mutation(model))
    tables = rules.kin_tables({"VWA": one}, kin)
    assert (tables.loci, tables.relations) == (("VWA",), ALL)
    for other in others:
        first, second = (code(LOCI["VWA"], text) for text in other)
        plain = rules.weigh_kin({"VWA": one}, {"VWA": other}, kin)
        for at, related in enumerate(ALL):
            for cell in (first * 256 + second, second * 256 + first):
                assert math.isclose(tables.values[0, cell, at], plain.log10_lr(related.code), abs_tol=1e-5)


def test_loci_that_either_lacks_count_nothing() -> None:
    kin = rules.Kin(population(), ALL, Assumptions(), Mutation())
    one: Loci = {"VWA": ("16", "17"), "TH01": ("6",), "FGA": ("20",)}
    tables = rules.kin_tables(one, kin)
    assert tables.loci == ("VWA", "TH01")
    assert np.count_nonzero(tables.values[:, 0]) == 0
    for other in ({"VWA": ("16",)}, {"VWA": ("16",), "TH01": ("*",)}, {"VWA": ("16",), "FGA": ("20",)}):
        assert set(rules.weigh_kin(one, other, kin).loci["avuncular"]) == {"VWA"}
    with pytest.raises(BadInput, match="No locus"):
        rules.kin_tables({"FGA": ("20",)}, kin)


@pytest.mark.parametrize("mutation", [Mutation(rate=0.2), Mutation(rates={"XX": 0.1}), Mutation(rates={"VWA": -1})])
def test_rates_that_make_no_sense_are_refused(mutation: Mutation) -> None:
    with pytest.raises(BadInput) as caught:
        rules.check_mutation(mutation)
    assert caught.value.code == "dna.mutation"


def test_an_unknown_relation_is_refused() -> None:
    assert rules.relation("avuncular").births == 3
    with pytest.raises(BadInput, match="no relation"):
        rules.relation("cousin")
