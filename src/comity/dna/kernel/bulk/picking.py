"""Which loci stand for a profile of irregular loci towards profiles that all hold the same loci.

At most one locus of a hit is not fully equal. So of two sets of shared loci without a common one, one is fully equal;
where a profile shares no more loci than must be equal, or one of its shared alleles is unknown, one set is enough. The
loci are parted into a few groups, and a set is made of the rarest genotypes that the profile has in one group: three
where it holds three, otherwise two. So the sets that occur are few, and each is rare.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.index.genotypes import LOCI, Shares
from comity.dna.kernel.index.planning import bits
from comity.dna.kernel.index.postings import Numbers
from comity.dna.kernel.packed import Codes

Ranks = npt.NDArray[np.int64]
Order = npt.NDArray[np.int32]

SMALL: Final = 6
LARGE: Final = 10
"""Loci of a group, about: with more of them sets are rarer, and more sets have to be looked up. So groups are small
where many profiles pass by few that stand in tables."""
MANY: Final = 8
NONE: Final = 31
"""The third locus of a set of two."""


def ranks(shares: Shares) -> Ranks:
    """How rare each class of a locus is (LOCI, 256): thousandths of a bit. Of a set it is the sum."""
    return np.round(-1000 * np.log2(np.maximum(shares, 1e-6))).astype(np.int64)


def groups(mask: int, shares: Shares, least: int, size: int = SMALL) -> Numbers:
    """The group of each locus of `mask` (-1: not held), the telling ones dealt out evenly.

    With two groups fewer than loci that must be equal, one more shared locus always leaves two sets of two.
    """
    meeting = (shares**2).sum(axis=1)
    loci = sorted((n for n in range(LOCI) if mask >> n & 1), key=lambda n: (float(meeting[n]), n))
    number = max(1, min(least - 2, -(-len(loci) // size)))
    found = np.full(LOCI, -1, dtype=np.int64)
    for place, locus in enumerate(loci):
        lap, hand = divmod(place, number)
        found[locus] = hand if lap % 2 == 0 else number - 1 - hand
    return found


@compiled("void(uint8[:,::1], int64[:,::1], int64, int64, int32[:,::1], int64[:,::1])")
def ordered(classes: Codes, rank: Ranks, low: int, high: int, found: Order, masks: Numbers) -> None:
    """Of rows `low` to `high` the known loci, the rarest genotype first, as rank * 32 + locus (-1 behind the last), and
    as bits which loci are tested and which are known; into `found` (rows, LOCI) and `masks` (rows, 2)."""
    for row in range(low, high):
        line, held, tested, known = found[row - low], 0, 0, 0
        for locus in range(classes.shape[0]):
            here = classes[locus, row]
            tested |= int(here > 0) << locus
            if here > 1:
                known |= 1 << locus
                mine, place = rank[locus, here] * 32 + locus, held
                while place > 0 and line[place - 1] < mine:
                    line[place] = line[place - 1]
                    place -= 1
                line[place] = mine
                held += 1
        if held < line.size:
            line[held] = -1
        masks[row - low, 0], masks[row - low, 1] = tested, known


@compiled("void(int64, int64, int64, int64[:,::1])")
def _offered(one: int, two: int, three: int, best: Numbers) -> None:
    """Keep a set of loci (each as rank * 32 + locus, the third may be `NONE`), if it is one of the two rarest so far:
    rank, and its loci as one number, five bits each, rising."""
    rank = (one >> 5) + (two >> 5) + (three >> 5)
    one, two, three = one & 31, two & 31, three & 31
    low, high = min(one, two), max(one, two)
    low, middle = min(low, three), max(low, three)
    name = low << 10 | min(middle, high) << 5 | max(middle, high)
    if rank > best[0, 0]:
        best[1, 0], best[1, 1] = best[0, 0], best[0, 1]
        best[0, 0], best[0, 1] = rank, name
    elif rank > best[1, 0]:
        best[1, 0], best[1, 1] = rank, name


@compiled("void(int64[::1], int64, boolean, int64[:,::1])")
def _of_group(loci: Numbers, held: int, split: bool, best: Numbers) -> None:
    """Offer the sets of one group, no two of them with a common locus; `loci` are its rarest, the rarest first."""
    if held == 2 or (held == 4 and split):
        _offered(loci[0], loci[held - 1], NONE, best)
        if held == 4:
            _offered(loci[1], loci[2], NONE, best)
    elif 3 <= held <= 4:
        _offered(loci[0], loci[1], loci[2], best)
    elif held == 5:
        _offered(loci[0], loci[3], loci[4], best)
        _offered(loci[1], loci[2], NONE, best)
    elif held > 5:
        _offered(loci[0], loci[4], loci[5], best)
        _offered(loci[1], loci[2], loci[3], best)


@compiled("int64(int32[:,::1], int64[:,::1], int64, int64[::1], int64, int64[:,::1])")
def picked(order: Order, masks: Numbers, low: int, of: Numbers, least: int, found: Numbers) -> int:
    """The sets that stand for rows (`ordered`, the first is row `low`) towards profiles that hold exactly the loci with
    a group in `of`: row, set and how rare it is, into `found`, which has room for two of each row; their number.

    Rows of which no such profile can be a hit have none.
    """
    count, best, mask = 0, np.empty((2, 2), dtype=np.int64), 0
    held, loci = np.empty(of.size, dtype=np.int64), np.empty((of.size, 6), dtype=np.int64)
    for locus in range(of.size):
        mask |= int(of[locus] >= 0) << locus
    for row in range(masks.shape[0]):
        shared, known = bits(masks[row, 0] & mask), bits(masks[row, 1] & mask)
        if known < least or shared - known > 1:
            continue
        held[:] = 0
        for at in range(order.shape[1]):
            mine = np.int64(order[row, at])
            if mine < 0:
                break
            group = of[mine & 31]
            if group >= 0:
                if held[group] < 6:
                    loci[group, held[group]] = mine
                held[group] += 1
        many = 1 if shared == least or known < shared else 2
        for split in range(2):
            best[:] = -1
            for group in range(of.size):
                if held[group] > 1:
                    _of_group(loci[group], held[group], split == 1, best)
            if best[many - 1, 0] >= 0:
                break
        for at in range(many):
            found[count, 0], found[count, 1], found[count, 2] = low + row, best[at, 1], best[at, 0]
            count += 1
    return count


def by_set(found: Numbers) -> Iterator[tuple[tuple[int, ...], Numbers]]:
    """What was picked, by set: its loci and the rows for which it stands."""
    order = np.argsort(found[:, 1].astype(np.uint16), kind="stable")
    names, begins = np.unique(found[order, 1], return_index=True)
    for name, begin, end in zip(names.tolist(), begins, np.append(begins, len(found))[1:], strict=True):
        rows = np.ascontiguousarray(found[order[begin:end], 0])
        yield tuple(n for n in (name >> 10, name >> 5 & 31, name & 31) if n != NONE), rows
