"""Match probabilities: against a published profile, and against exact fractions derived in another way."""

import math
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna import rules
from comity.dna.model import Assumptions, Formula, figure
from comity.dna.wire.frequencies import read_frequencies
from tests.dna.populations import named, population

CODIS = {
    "D13S317": ("11", "14"), "TH01": ("6",), "D18S51": ("14", "16"), "D21S11": ("28", "30"), "D3S1358": ("16", "17"),
    "D5S818": ("12", "13"), "D7S820": ("9",), "D8S1179": ("12", "14"), "CSF1PO": ("10",), "FGA": ("21", "22"),
    "D16S539": ("9", "11"), "TPOX": ("8",), "VWA": ("17", "18"),
}  # fmt: skip
PLAIN = Assumptions(theta=0, least_count=0)


def test_a_published_profile_weighs_what_was_published(data: Path) -> None:
    """J. M. Butler, Forensic DNA Typing, 2nd ed. (2005), table 21.2: 1.20 in 10^15, one in 8.37 times 10^14."""
    nist = named(read_frequencies((data / "dna" / "frequencies-identifiler-nist.csv").read_bytes()))
    weight = rules.weigh(CODIS, nist, PLAIN)
    assert (len(weight.loci), dict(weight.left_out)) == (13, {})
    assert f"{10**weight.log10_lr:.2e}" == "8.37e+14"
    assert weight.as_dict()["match_probability"] == "1.195e-15"
    corrected = rules.weigh(CODIS, nist, Assumptions(theta=0.01))
    assert corrected.log10_lr < weight.log10_lr, "theta makes a finding weigh less"


def urn(drawn: list[int], shares: dict[int, Fraction], theta: Fraction) -> Fraction:
    """The probability of a sequence of alleles, each drawn from an urn that the ones before have filled (Polya)."""
    found = Fraction(1)
    for place, allele in enumerate(drawn):
        copies = drawn[:place].count(allele)
        found *= (
            (copies * theta + (1 - theta) * shares[allele]) / (1 + (place - 1) * theta) if place else shares[allele]
        )
    return found


@given(st.integers(1, 60), st.integers(1, 39), st.integers(0, 30))
def test_4_10_is_what_four_draws_from_one_urn_give(p: int, q: int, t: int) -> None:
    """Balding-Nichols by sampling: the genotype again, given that it was drawn once, as exact fractions."""
    theta = Fraction(t, 100)
    shares = {1: Fraction(p, 100), 2: Fraction(q, 100)}
    again = {
        None: urn([1, 1, 1, 1], shares, theta) / urn([1, 1], shares, theta),
        float(shares[2]): 2 * urn([1, 2, 1, 2], shares, theta) / urn([1, 2], shares, theta),
    }
    for other, exact in again.items():
        found = rules.match_probability(float(shares[1]), other, float(theta))
        assert math.isclose(found, float(exact), rel_tol=1e-12)


@pytest.mark.parametrize(("formula", "hom", "het"), [("nrc-4.4", 0.1, 0.24), ("nrc-4.10", 0.1, 0.24)])
def test_without_theta_both_formulas_are_hardy_and_weinberg(formula: Formula, hom: float, het: float) -> None:
    assert math.isclose(rules.match_probability(0.1**0.5, None, 0, formula), hom)
    assert math.isclose(rules.match_probability(0.3, 0.4, 0, formula), het)
    assert math.isclose(rules.match_probability(0.1, None, 0.03, "nrc-4.4"), 0.01 + 0.09 * 0.03)


def test_rare_alleles_count_as_the_least_that_the_table_can_tell() -> None:
    weight = rules.weigh({"VWA": ("19", "25"), "TH01": ("6", "8")}, population(), Assumptions(theta=0))
    vwa, th01 = weight.loci
    assert (vwa.frequencies, vwa.raised) == ((5 / 200, 5 / 200), (True, True))
    assert (th01.frequencies, th01.raised) == ((0.25, 0.25), (False, True))
    assert math.isclose(weight.log10_lr, -math.log10(2 * 0.025**2 * 2 * 0.25**2))
    shown = weight.as_dict()["loci"]
    assert isinstance(shown, list) and shown[0] == {
        "locus": "VWA", "genotype": ["19", "25"], "frequencies": ["0.025", "0.025"], "raised": [True, True],
        "probability": "0.00125", "lr": "800",
    }  # fmt: skip


def test_what_cannot_count_is_left_out_and_named() -> None:
    loci = {"VWA": ("16", "*"), "TH01": ("6",), "FGA": ("20",), "D18S51": (), "AMEL": ("X", "Y"), "SE33": ("15",)}
    weight = rules.weigh(loci, population(), PLAIN)
    assert [locus.locus for locus in weight.loci] == ["TH01"]
    assert set(weight.left_out) == {"VWA", "FGA", "D18S51", "SE33"}
    assert weight.left_out["VWA"] == "a value is unknown"
    assert rules.weigh({"TH01": ("6",), "VWA": ("16", "17", "18")}, population(), PLAIN).left_out["VWA"] == "3 values"
    with pytest.raises(BadInput, match="No locus"):
        rules.weigh({"FGA": ("20",)}, population(), PLAIN)


@pytest.mark.parametrize(
    ("assumptions", "code"),
    [
        (Assumptions(theta=-0.01), "dna.theta"), (Assumptions(theta=0.6), "dna.theta"),
        (Assumptions(theta=float("nan")), "dna.theta"), (Assumptions(least_count=-1), "dna.least-count"),
    ],
)  # fmt: skip
def test_assumptions_that_make_no_sense_are_refused(assumptions: Assumptions, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules.weigh({"TH01": ("6",)}, population(), assumptions)
    assert caught.value.code == code


def test_words_state_two_hypotheses_and_a_ratio() -> None:
    weight = rules.weigh({"TH01": ("6",), "VWA": ("16", "17")}, population(), PLAIN)
    said = rules.weight_in_words(weight)
    assert "133 times more probable if both profiles come from the same person than if" in said
    assert rules.ratio(-1.0) == "10.0 times less probable" and rules.ratio(14.9226) == "8.37e+14 times more probable"


def test_figures_hold_what_no_float_could() -> None:
    assert [figure(x) for x in (0.0, 14.9226, -400.5, 5.99999999)] == ["1", "8.368e+14", "3.162e-401", "1.000e+06"]
    assert [figure(x) for x in (float("inf"), float("-inf"))] == ["infinite", "0"]
