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
from comity.dna.kernel.index.postings import Numbers, Word
from comity.dna.kernel.packed import Codes

Ranks = npt.NDArray[np.int64]
Order = npt.NDArray[np.int32]

SMALL: Final = 7
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


@compiled("int64(int64, int64)")
def _pair(one: Word, two: Word) -> Word:
    """A set of two loci as `ordered` has them: how rare it is, and behind that 15 bits for its name."""
    low, high = min(one & 31, two & 31), max(one & 31, two & 31)
    return ((one >> 5) + (two >> 5)) << 15 | low << 10 | high << 5 | NONE


@compiled("int64(int64, int64, int64)")
def _three(one: Word, two: Word, three: Word) -> Word:
    """A set of three."""
    first, second, third = one & 31, two & 31, three & 31
    low, high = min(first, second, third), max(first, second, third)
    return (
        ((one >> 5) + (two >> 5) + (three >> 5)) << 15 | low << 10 | (first + second + third - low - high) << 5 | high
    )


@compiled("UniTuple(int64, 2)(int64[::1], int64)")
def _split(loci: Numbers, held: int) -> tuple[int, int]:
    """Two sets of one group of four loci or more, no locus in both; `loci`, the rarest first."""
    if held == 4:
        return _pair(loci[0], loci[3]), _pair(loci[1], loci[2])
    if held == 5:
        return _three(loci[0], loci[3], loci[4]), _pair(loci[1], loci[2])
    return _three(loci[0], loci[4], loci[5]), _three(loci[1], loci[2], loci[3])


@compiled("UniTuple(int64, 2)(int64[:,::1], int64[::1], int64)")
def _best(loci: Numbers, held: Numbers, many: int) -> tuple[int, int]:
    """The rarest set, or the two without a common locus of which the more common one is rarest; `loci` of each group,
    the rarest first, and how many it has."""
    one, two = -1, -1
    for group in range(held.size):
        if held[group] > 1:
            here = loci[group]
            rank = _pair(here[0], here[1]) if held[group] == 2 else _three(here[0], here[1], here[2])
            one, two = max(one, rank), max(two, min(one, rank))
    if many == 2:
        for group in range(held.size):
            if held[group] > 3:
                left, right = _split(loci[group], held[group])
                if min(left, right) > two:
                    one, two = max(left, right), min(left, right)
    return one, two


@compiled("int64(int32[:,::1], int64[:,::1], int64, int64[::1], int64, int64[:,::1])")
def picked(order: Order, masks: Numbers, low: int, of: Numbers, least: int, found: Numbers) -> int:
    """The sets that stand for rows (`ordered`, the first is row `low`) towards profiles that hold exactly the loci with
    a group in `of`: row, set and how rare it is, into `found`, which has room for two of each row; their number.

    Rows of which no such profile can be a hit have none.
    """
    count, mask, number = 0, 0, np.int64(of.max()) + 1
    held, loci = np.empty(number + 1, dtype=np.int64), np.empty((number + 1, 7), dtype=np.int64)
    group_of = np.where(of < 0, number, of)  # one group more, of what the others do not hold: no branch is needed
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
            group = group_of[mine & 31]
            loci[group, min(held[group], 6)] = mine
            held[group] += 1
        many = 1 if shared == least or known < shared else 2
        one, two = _best(loci, held[:number], many)
        found[count, 0], found[count, 1], found[count, 2] = low + row, one & 0x7FFF, one >> 15
        if many == 2:
            found[count + 1, 0], found[count + 1, 1], found[count + 1, 2] = low + row, two & 0x7FFF, two >> 15
        count += many
    return count


@compiled("void(int64[:,::1], int64[::1], int64[::1])")
def sorted_by_set(found: Numbers, begins: Numbers, rows: Numbers) -> None:
    """Write the rows of what was picked to `rows`, those of one set together, and where those of each set begin."""
    for line in range(found.shape[0]):
        begins[found[line, 1] + 1] += 1
    for name in range(1, begins.size):
        begins[name] += begins[name - 1]
    free = begins.copy()
    for line in range(found.shape[0]):
        rows[free[found[line, 1]]] = found[line, 0]
        free[found[line, 1]] += 1


def by_set(found: Numbers) -> Iterator[tuple[tuple[int, ...], Numbers]]:
    """What was picked, by set: its loci and the rows for which it stands."""
    begins, rows = np.zeros((1 << 15) + 1, dtype=np.int64), np.empty(len(found), dtype=np.int64)
    sorted_by_set(found, begins, rows)
    for name in np.flatnonzero(np.diff(begins)).tolist():
        key = tuple(n for n in (name >> 10, name >> 5 & 31, name & 31) if n != NONE)
        yield key, rows[begins[name] : begins[name + 1]]
