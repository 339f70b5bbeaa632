"""The compiled ranking against its NumPy reference: the same profiles, in the same order."""

import numpy as np
import pytest

from comity.dna.kernel import ranking
from comity.dna.model import COLUMN, WIDTH

LOCI = ("VWA", "TH01", "SE33")


def made_up(seed: int, profiles: int, figures: int) -> tuple[ranking.Codes, ranking.Rows, ranking.Figures]:
    """Codes of some profiles (0 untested, 1 wildcard), kinds of codes, and a table in which many figures are equal."""
    chance = np.random.default_rng(seed)
    codes = np.zeros((WIDTH, profiles), dtype=np.uint8)
    for name in LOCI:
        codes[2 * COLUMN[name] : 2 * COLUMN[name] + 2] = chance.integers(0, 6, (2, profiles))
    kinds = chance.integers(0, 4, (len(LOCI), 256))
    return codes, kinds, chance.integers(-4, 5, (len(LOCI), 16, figures)).astype(np.float32)


@pytest.mark.parametrize(("halves", "figures"), [(False, 4), (False, 5), (True, 4), (True, 6)])
@pytest.mark.parametrize("profiles", [0, 1, 7, 1024, 3000])
@pytest.mark.parametrize("most", [1, 20])
def test_the_best_are_those_of_the_reference(halves: bool, figures: int, profiles: int, most: int) -> None:
    for seed in range(5):
        codes, kinds, values = made_up(seed, profiles, figures)
        by = ranking.tables(LOCI, kinds, values, halves=halves)
        assert by.questions == (1 if halves else figures)
        sums = ranking.weighed(codes, by)
        best = ranking.Best.empty(by.questions, most)
        cut = profiles // 3
        ranking.rank(np.ascontiguousarray(codes[:, :cut]), by, best)
        ranking.rank(np.ascontiguousarray(codes[:, cut:]), by, best, cut)
        for question in range(by.questions):
            order = np.argsort(-sums[:, question], kind="stable")[:most].tolist()
            assert best.ordered(question) == [(row, float(sums[row, question])) for row in order]


def test_what_is_impossible_is_never_listed() -> None:
    codes, kinds, values = made_up(1, 50, 1)
    by = ranking.tables(LOCI, kinds, np.full_like(values, -np.inf))
    best = ranking.Best.empty(1, 5)
    ranking.rank(codes, by, best)
    assert best.ordered(0) == []
