"""How an index is laid out: which profiles form a partition, and which loci its lists of rows are ordered by.

Every list is for two loci taken together and, within one pair of genotypes, ordered by a third and a fourth locus. The
pairs of a partition are all pairs inside a few groups of loci ("cliques"): with at most five groups, any six loci hold
two of one group, so that six equal loci always meet in one list at least. More groups mean fewer lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.index.genotypes import LOCI, Shares

CLIQUES: Final = 5
"""Most groups of loci; a rule that asks for fewer equal loci than one more than this is answered by the sweep."""
MOST_KITS: Final = 40
SMALLEST: Final = 256
"""A set of loci that fewer profiles have in common forms no partition of its own, nor one of under 1 in 500."""
SIZES: Final = (10, 14, 18)
"""The other profiles are parted by the number of their loci: below the first, below the second and so on."""
FILL: Final = 12
"""Further loci of which each entry of a list carries four bits."""
NONE: Final = 255


@dataclass(frozen=True)
class Partition:
    """Rows `start` to `end` of a segment, which hold the loci of `mask`: all of them where it is `regular`, otherwise
    some, `least` at the fewest."""

    start: int
    end: int
    mask: int
    regular: bool
    least: int


@dataclass(frozen=True)
class Order:
    """One list of rows: the pair `a`, `b`, the loci `c`, `d` that order equal pairs, and those whose bits fill up."""

    a: int
    b: int
    c: int
    d: int
    clique: int
    fill: tuple[int, ...]


def partitioned(masks: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.intp], list[Partition]]:
    """The order in which rows of these masks lie in a segment, and its partitions."""
    kinds, inverse, counts = np.unique(masks, return_inverse=True, return_counts=True)
    floor = max(SMALLEST, masks.size // 500)
    kits = [k for k in np.argsort(-counts, kind="stable")[:MOST_KITS] if counts[k] >= floor]
    held = np.bitwise_count(kinds)
    groups = (len(kits) + np.searchsorted(SIZES, held, side="right")).astype(np.uint8)
    groups[kits] = np.arange(len(kits), dtype=np.uint8)
    of_row = groups[inverse]
    order = np.argsort(of_row, kind="stable")
    ends = np.cumsum(np.bincount(of_row, minlength=len(kits) + len(SIZES) + 1)).tolist()
    found = []
    for group, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        if end > start:
            inside = groups == group
            mask = int(np.bitwise_or.reduce(kinds[inside]))
            found.append(Partition(start, end, mask, group < len(kits), int(held[inside].min())))
    return order, found


def telling(partition: Partition, shares: Shares) -> list[int]:
    """The loci of a partition, those first by which its profiles agree most seldom."""
    meeting = (shares**2).sum(axis=1)
    return sorted((n for n in range(LOCI) if partition.mask >> n & 1), key=lambda n: (float(meeting[n]), n))


def orders_of(partition: Partition, shares: Shares) -> list[Order]:
    """The lists of a partition; none for one whose profiles hold too few loci to be found."""
    meeting, loci = (shares**2).sum(axis=1), telling(partition, shares)
    number = _cliques(len(loci)) if partition.regular else CLIQUES
    used = dict.fromkeys(loci, 0.0)
    found: list[Order] = []
    for clique in range(number):
        for a, b in combinations(_dealt(loci, number, clique), 2):
            rest = [n for n in loci if n not in (a, b)]
            c, d = _next(rest, used, meeting), NONE
            if c != NONE:
                d = _next([n for n in rest if n != c], used, meeting)
            left = [n for n in rest if n not in (c, d)]
            start = len(found) * 5 % max(1, len(left))
            fill = [*left[start:], *left[:start]][:FILL] if len(left) > FILL else left
            found.append(Order(a, b, c, d, clique, tuple(fill)))
    return found


def _cliques(loci: int) -> int:
    """How many groups suit a kit: few loci have few pairs and can afford all of a larger group."""
    return 3 if loci <= 12 else CLIQUES


def _dealt(loci: Sequence[int], number: int, clique: int) -> list[int]:
    """The loci of one group: dealt out to and fro, so that every group has some of the telling ones."""
    laps = [loci[start : start + number] for start in range(0, len(loci), number)]
    hands = [lap if n % 2 == 0 else [NONE] * (number - len(lap)) + list(reversed(lap)) for n, lap in enumerate(laps)]
    return sorted(hand[clique] for hand in hands if clique < len(hand) and hand[clique] != NONE)


def _next(loci: Sequence[int], used: dict[int, float], meeting: Shares) -> int:
    """The locus to order by next: the most telling one of those that were taken least."""
    if not loci:
        return NONE
    chosen = min(loci, key=lambda n: (used[n] + 10 * float(meeting[n]), n))
    used[chosen] += 1
    return chosen
