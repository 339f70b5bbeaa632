"""Two words that tell most profiles apart: up to 24 loci at five bits each, one for "held", four of the class.

They only sieve: a pair of profiles whose outlines contradict each other at two loci cannot meet the rule.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.index.genotypes import LOCI, Shares
from comity.dna.kernel.index.postings import Numbers, Word
from comity.dna.kernel.packed import Codes

Outlines = npt.NDArray[np.uint64]

IN_A_WORD: Final = 12
HELD: Final = 0x842108421084210
"""The bit of each locus that says that its genotype is known."""
REST: Final = 0x7BDEF7BDEF7BDEF


def chosen(held: Sequence[float], shares: Shares) -> Numbers:
    """The loci of both words, the first word's first: those that tell most, by the share of profiles that hold each
    and the shares of its classes; -1 where there are fewer."""
    telling = np.asarray(held) * (1 - (shares**2).sum(axis=1))
    order = [n for n in np.argsort(-telling, kind="stable")[: 2 * IN_A_WORD] if telling[n] > 0]
    return np.array([*order, *[-1] * (2 * IN_A_WORD - len(order))], dtype=np.int64)


@compiled("void(uint8[:,::1], int64[::1], int64, int64, uint64[:,::1])")
def outline(classes: Codes, loci: Numbers, low: int, high: int, found: Outlines) -> None:
    """Write the outlines of rows `low` to `high` of `classes` (LOCI, n) to the first lines of `found` (rows, 2)."""
    size = high - low
    words = np.zeros((2, 1024), dtype=np.uint64)
    for begin in range(0, size, 1024):
        many = min(1024, size - begin)
        words[:] = np.uint64(0)
        for at in range(loci.size):
            if loci[at] >= 0:
                word, shift = words[at // 12], np.uint64(5 * (at % 12))
                column = classes[loci[at], low + begin : low + begin + many]
                for place in range(many):
                    here = np.uint64(column[place])
                    known = np.uint64(here > 1)
                    word[place] |= ((known << np.uint64(4)) | (here & (np.uint64(0) - known) & np.uint64(15))) << shift
        for place in range(many):
            found[begin + place, 0], found[begin + place, 1] = words[0, place], words[1, place]


@compiled("uint64(uint64)")
def popcount(word: Word) -> Word:
    """How many bits are set, without a branch: the compiler makes one instruction of it, for several words at once."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled("uint8(uint64, uint64, uint64, uint64, int64)")
def alike(one: Word, other: Word, first: Word, second: Word, least: int) -> Word:
    """Whether two outlines (`one` and `other`, `first` and `second`) contradict each other at one locus at most, and
    are equal at `least` loci (1 or 0)."""
    both, rest = one & first & np.uint64(HELD), other & second & np.uint64(HELD)
    apart = (((one ^ first) & np.uint64(REST)) + np.uint64(REST)) & both
    more = (((other ^ second) & np.uint64(REST)) + np.uint64(REST)) & rest
    differing = (apart >> np.uint64(1)) | more  # no bit of one word stands where one of the other does
    equal = ((both >> np.uint64(1)) | rest) ^ differing
    few = (differing & (differing - np.uint64(1))) == np.uint64(0)
    return np.uint8(few) & np.uint8(np.int64(popcount(equal)) >= least)


def presence(classes: Codes) -> list[float]:
    """The share of the rows of `classes` (LOCI, n) that know each locus."""
    return [float(np.count_nonzero(classes[n] > 1)) / max(1, classes.shape[1]) for n in range(LOCI)]
