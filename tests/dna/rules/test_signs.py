"""Signs of typing errors: each kind by an example, and the count of homozygous loci against counting out."""

import math
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from comity.dna import kernel
from comity.dna.model import AUTOSOMAL, Alleles, Loci, Sign
from comity.dna.rules.signs import _at_least, doubtful, known, signs
from tests.dna.populations import population
from tests.dna.profiles import profiles

KNOWN = known([population()])
NAMES = [locus.name for locus in AUTOSOMAL[:12]]


def kinds(loci: Loci) -> list[tuple[str, str, str]]:
    return [(sign.kind, sign.locus, sign.value) for sign in signs(loci, KNOWN)]


def test_each_value_says_what_is_unusual_about_it() -> None:
    assert kinds({"VWA": ("16", "17"), "TH01": ("6", "9.3"), "FGA": ("20", "21")}) == []
    assert kinds({"VWA": ("OL", ">22", "17")}) == [
        ("off_ladder", "VWA", "OL"), ("off_ladder", "VWA", ">22"), ("three_alleles", "VWA", "OL/>22/17"),
    ]  # fmt: skip
    assert kinds({"VWA": ("15", "17"), "TH01": ("8", "5")}) == [
        ("out_of_range", "VWA", "15"), ("rare_allele", "TH01", "8"), ("out_of_range", "TH01", "5"),
    ]  # fmt: skip
    assert kinds({"FGA": ("50.2",), "VWA": ("*", "17"), "DYS391": ("10",)}) == []
    assert signs({"VWA": ("15",)}, known([])) == (), "without a population nothing is rare"


def test_a_sex_marker_that_contradicts_the_rest_is_noted() -> None:
    assert kinds({"AMEL": ("X", "Y"), "DYS391": ("10",)}) == kinds({"AMEL": ("X",)}) == []
    assert kinds({"AMEL": ("X", "X"), "DYS391": ("10",)})[0][0] == "sex"
    assert kinds({"AMEL": ("Y",)}) == [("sex", "AMEL", "Y without X")]
    assert kinds({"DYS391": ("10",)}) == kinds({"AMEL": ("X",), "DYS391": ("*",)}) == []


def test_too_many_homozygous_loci_are_noted() -> None:
    def profile(single: int) -> Loci:
        return {name: ("10",) if place < single else ("10", "11") for place, name in enumerate(NAMES)}

    at_hand = known([])
    assert signs(profile(7), at_hand) == ()
    assert signs(profile(9), at_hand) == (Sign("homozygous", "", "9 of 12 loci"),)
    assert signs(dict.fromkeys(NAMES[:5], ("10", "10")), at_hand) == (), "five loci tell nothing"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7), st.integers(0, 7))
def test_the_count_is_what_all_ways_together_give(shares: list[float], many: int) -> None:
    ways = [
        math.prod(p if place in chosen else 1 - p for place, p in enumerate(shares))
        for size in range(many, len(shares) + 1)
        for chosen in combinations(range(len(shares)), size)
    ]
    assert math.isclose(_at_least(many, shares), math.fsum(ways), rel_tol=1e-9, abs_tol=1e-12)


SEXES = st.sampled_from([(), ("X",), ("x", "X"), ("Y",), ("X", "Y"), ("*",)])
LINEAGES = st.sampled_from([(), ("*",), ("10",), ("*", "11")])
PLAIN = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([("10",), ("10", "11"), ("12", "12")]))


@given(st.lists(st.tuples(st.one_of(profiles(), PLAIN), SEXES, LINEAGES), max_size=6), st.booleans())
def test_no_profile_with_signs_is_passed_over(drawn: list[tuple[Loci, Alleles, Alleles]], bare: bool) -> None:
    whole = [
        {**loci, **({"AMEL": sex} if sex else {}), **({"DYS391": line} if line else {})} for loci, sex, line in drawn
    ]
    at_hand = known([] if bare else [population()])
    seen = doubtful(kernel.genotypes_of(whole), at_hand)
    assert {place for place, loci in enumerate(whole) if signs(loci, at_hand)} <= {*seen}


def test_what_shows_no_sign_is_not_asked_about() -> None:
    usual: Loci = {"VWA": ("16", "17"), "TH01": ("6", "9.3"), "AMEL": ("X",)}
    assert doubtful(kernel.genotypes_of([usual, {"AMEL": ("Y",)}, {}, {"VWA": ("15",)}]), KNOWN) == [1, 3]
