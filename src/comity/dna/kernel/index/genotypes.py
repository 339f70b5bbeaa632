"""Classes of genotypes: one byte for the two alleles of a locus, alike whichever allele is written first.

    0 not tested · 1 one allele unknown, equal to nothing · 2 and above the genotypes, the most frequent ones first

Where a locus has more genotypes than a byte can number, rare ones share a class; so may one that was never seen before.
A class in common therefore means "perhaps equal", and different classes mean "not equal", whatever came later.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.packed import Codes
from comity.dna.model import WIDTH

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

LOCI: Final = WIDTH // 2
LEAST: Final = 2
"""The first class of a genotype."""
MOST: Final = 252
"""Most classes of genotypes at one locus; 255 is free for what must equal nothing."""
PAIRS: Final = 65_536
_MIXED: Final = (np.arange(PAIRS) >> 8) * 7 + (np.arange(PAIRS) & 255) * 13


@dataclass(frozen=True)
class Classes:
    """How genotypes become classes: `lookup` (locus, lower code * 256 + higher code), the share of each class among the
    typed profiles of a locus (locus, class), the number of classes of each locus (classes 2 to 1 + number), and every
    genotype that was seen (locus * 65,536 + genotype)."""

    lookup: Codes
    shares: Shares
    number: Counts
    seen: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, rows: Codes) -> "Classes":
        """The classes that suit the profiles `rows` (n, WIDTH)."""
        counts = count_genotypes(rows)
        lookup = np.zeros((LOCI, PAIRS), dtype=np.uint8)
        shares = np.zeros((LOCI, 256))
        number = np.ones(LOCI, dtype=np.int64)
        for locus in range(LOCI):
            number[locus] = _number(counts[locus], lookup[locus])
            totals = np.bincount(lookup[locus], weights=counts[locus], minlength=256)
            shares[locus] = np.maximum(totals / max(1, int(counts[locus].sum())), 1e-6)
        return cls(lookup, shares, number, np.flatnonzero(counts).astype(np.uint32))


def _number(counts: Counts, lookup: Codes) -> int:
    """Give a locus' genotypes their classes, into `lookup`; answers how many classes there are."""
    seen = np.flatnonzero(counts)
    ranked = seen[np.argsort(-counts[seen], kind="stable")]
    ranks = np.arange(ranked.size)
    half = MOST // 2
    classes = np.where(ranks < MOST, ranks, half + ranks % half)
    number = max(1, min(MOST, int(ranked.size)))
    lookup[:] = LEAST + _MIXED % number
    lookup[ranked] = LEAST + classes
    return number


@compiled("int64[:,::1](uint8[:,::1])")
def count_genotypes(rows: Codes) -> Counts:
    """How often each genotype (lower code * 256 + higher code) without an unknown allele stands at each locus."""
    counts = np.zeros((rows.shape[1] // 2, 65_536), dtype=np.int64)
    for row in range(rows.shape[0]):
        for locus in range(rows.shape[1] // 2):
            one, two = np.int64(rows[row, 2 * locus]), np.int64(rows[row, 2 * locus + 1])
            if one > 1 and two > 1:
                counts[locus, min(one, two) * 256 + max(one, two)] += 1
    return counts


@compiled("void(uint8[:,::1], uint8[:,::1], uint8[:,::1])")
def classify(rows: Codes, lookup: Codes, classes: Codes) -> None:
    """Write the classes of `rows` (n, WIDTH) to `classes` (LOCI, n)."""
    for row in range(rows.shape[0]):
        for locus in range(classes.shape[0]):
            one, two = np.int64(rows[row, 2 * locus]), np.int64(rows[row, 2 * locus + 1])
            if one == 0:
                classes[locus, row] = 0
            elif one == 1 or two == 1:
                classes[locus, row] = 1
            else:
                classes[locus, row] = lookup[locus, min(one, two) * 256 + max(one, two)]


@compiled("uint32[::1](uint8[:,::1])")
def masks(rows: Codes) -> npt.NDArray[np.uint32]:
    """Which loci each profile holds, tested at least in part: bit n for locus n."""
    found = np.zeros(rows.shape[0], dtype=np.uint32)
    for row in range(rows.shape[0]):
        mask = 0
        for locus in range(rows.shape[1] // 2):
            if rows[row, 2 * locus] != 0:
                mask |= 1 << locus
        found[row] = mask
    return found
