"""Hits by chance: against every genotype counted out, and against profiles drawn at random."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import product
from operator import mul

import numpy as np
import pytest

from comity.dna import kernel, rules
from comity.dna.model import AUTOSOMAL, LOCI, Alleles, Assumptions, FrequencyFile, Loci, code
from comity.dna.rules.chance import fits, mean_fit, odds
from tests.dna.populations import named
from tests.dna.profiles import PRUEM
from tests.dna.rules.test_weighing import urn

NAMES = tuple(locus.name for locus in AUTOSOMAL[:8])
SHARES = {"10": "0.1", "11": "0.2", "12": "0.3", "13": "0.4"}
EVERY = named(FrequencyFile(dict.fromkeys(NAMES, SHARES), dict.fromkeys(NAMES, 2000)))
SEED = 20_261_123


def counted_out(loci: Loci, least: int, theta: Fraction) -> Fraction:
    """The probability of a fit by looking at every profile there can be, alleles drawn from one urn a locus."""
    shares = {code(LOCI[NAMES[0]], allele): Fraction(text) for allele, text in SHARES.items()}
    under = replace(PRUEM, minimum_full=least)
    found = Fraction(0)
    for drawn in product(product(SHARES, repeat=2), repeat=len(loci)):
        stored: Loci = dict(zip(loci, drawn, strict=True))
        if rules.compare(loci, stored, under).quality:
            found += reduce(mul, (_again(loci[name], pair, shares, theta) for name, pair in stored.items()))
    return found


def _again(shown: Alleles, pair: Alleles, shares: dict[int, Fraction], theta: Fraction) -> Fraction:
    """Two alleles in this order, given those that the question shows."""
    known = [code(LOCI[NAMES[0]], text) for text in ((*shown, *shown)[:2]) if text != "*"]
    drawn = [code(LOCI[NAMES[0]], text) for text in pair]
    return urn([*known, *drawn], shares, theta) / urn(known, shares, theta)


@pytest.mark.parametrize("theta", ["0", "0.03"])
@pytest.mark.parametrize("second", [("11", "12"), ("13",), ("10", "*")])
def test_a_fit_is_what_all_profiles_together_give(second: tuple[str, ...], theta: str) -> None:
    question = {NAMES[0]: ("10", "11"), NAMES[1]: ("12",), NAMES[2]: second}
    assumed = Assumptions(float(theta), least_count=0)
    for least in (1, 2, 3):
        found = fits(odds(question, PRUEM, EVERY, assumed), question.keys(), replace(PRUEM, minimum_full=least))
        assert math.isclose(found, float(counted_out(question, least, Fraction(theta))), rel_tol=1e-9), least


def test_as_many_strangers_fit_as_are_expected() -> None:
    """A quarter of a million profiles of eight loci, drawn from the population, scanned as a search scans them."""
    print(f"seed {SEED}")
    draw = np.random.default_rng(SEED)
    codes = np.array([code(LOCI[NAMES[0]], allele) for allele in SHARES], dtype=np.uint8)
    many = 250_000
    table = np.zeros((2 * len(AUTOSOMAL), many), dtype=np.uint8)
    table[: 2 * len(NAMES)] = draw.choice(codes, (2 * len(NAMES), many), p=[float(text) for text in SHARES.values()])
    question = dict.fromkeys(NAMES, ("12", "13"))
    expected = many * fits(odds(question, PRUEM, EVERY, Assumptions(0)), NAMES, PRUEM)
    found = kernel.scan(table, kernel.pack(question), PRUEM.minimum_full).rows.size
    assert expected > 20 and abs(found - expected) < 5 * expected**0.5, (found, expected)


def test_the_loci_that_profiles_are_typed_at_count() -> None:
    question = dict.fromkeys(NAMES, ("10", "11"))
    found = odds(question, PRUEM, EVERY, Assumptions())
    few, all_loci = frozenset(NAMES[:6]), frozenset(NAMES)
    assert fits(found, few, PRUEM) > fits(found, all_loci, PRUEM) > 0
    assert fits(found, NAMES[:5], PRUEM) == 0, "fewer loci than the rule asks for never fit"
    half = mean_fit(found, {few: 1, all_loci: 1, frozenset(NAMES[:5]): 2}, PRUEM)
    assert math.isclose(half, (fits(found, few, PRUEM) + fits(found, all_loci, PRUEM)) / 4)
    assert mean_fit(found, {}, PRUEM) == fits(found, all_loci, PRUEM)
    exact = replace(PRUEM, grades={"equal": PRUEM.grades["equal"]})
    assert fits(found, all_loci, exact) == math.prod(one.equal for one in found.values())


def test_the_least_favourable_population_is_named() -> None:
    question = dict.fromkeys(NAMES, ("10", "11"))
    common = {"10": "0.4", "11": "0.4", "12": "0.1", "13": "0.1"}
    other = named(FrequencyFile(dict.fromkeys(NAMES, common), dict.fromkeys(NAMES, 2000)), "common")
    short = named(FrequencyFile({NAMES[0]: SHARES}, {NAMES[0]: 2000}), "short")
    fit = rules.most_probable_fit(question, PRUEM, [EVERY, other, short], {}, Assumptions())
    assert fit and (fit.population, fit.known, fit.of) == ("common", 8, 8), "a table of fewer loci is not compared"
    few = rules.most_probable_fit(question, PRUEM, [short], {}, Assumptions())
    assert few and few.probability > fit.probability, "what a table does not know counts for the fit"
    assert rules.most_probable_fit({"SE33": ("10",)}, PRUEM, [EVERY], {}, Assumptions()) is None
    assert rules.most_probable_fit(question, PRUEM, [], {}, Assumptions()) is None
