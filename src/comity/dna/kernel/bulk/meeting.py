"""Rows of two sides that agree at every locus of a key: one stands in a table, the other passes by it in blocks."""

from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.bulk.outlines import Outlines, alike
from comity.dna.kernel.bulk.sides import Side
from comity.dna.kernel.bulk.tables import TOGETHER, Table, Tags, Words, tagged
from comity.dna.kernel.index.postings import Numbers, Rows
from comity.dna.kernel.index.probing import weighed
from comity.dna.kernel.packed import Codes

Found = npt.NDArray[np.int64]

ROOM: Final = 1 << 16
_CHUNK: Final = 2048


@compiled("int64(uint32[::1], int64, uint32[::1], uint64[::1], int64, int64, uint32[:,::1])")
def looked_up(tags: Tags, size: int, directory: Rows, filter_: Words, bits: int, wide: int, runs: Rows) -> int:
    """Which of the first `size` rows may stand in a table: place, first entry and behind the last one, into the lines
    of `runs`.

    Without a branch that depends on a row: the processor waits for many places of memory at once.
    """
    count, word = 0, np.uint64(38 - wide)
    for place in range(size):
        tag = np.uint64(tags[place])
        runs[0, count] = np.uint32(place)
        count += int((filter_[tag >> word] >> (tag & np.uint64(63))) & np.uint64(1))
    shift = np.uint32(32 - bits)
    for run in range(count):
        bucket = np.uint64(tags[runs[0, run]] >> shift)
        runs[1, run], runs[2, run] = directory[bucket], directory[bucket + np.uint64(1)]
    return count


_SIEVED = (
    "int64(uint32[:,::1], int64, uint64[:,::1], int64, uint64[::1], uint64[::1], int64, uint8[::1], uint32[:,::1])"
)


@compiled(_SIEVED)
def sieved(
    runs: Rows, many: int, outlines: Outlines, low: int, first: Words, second: Words, least: int, good: Codes,
    pairs: Rows,
) -> int:  # fmt: skip
    """Which entries of `runs` (`looked_up`) are alike to their row by outline: place and entry, into `pairs`, as far as
    there is room for them; how many there are. The outline of place 0 is line `low`.

    `TOGETHER` entries at once, some of them behind the run's last: the compiler takes a known number of them together.
    """
    count, room = 0, pairs.shape[1]
    for run in range(many):
        place, start, end = runs[0, run], np.uint64(runs[1, run]), np.uint64(runs[2, run])
        one, other = outlines[np.int64(place) + low, 0], outlines[np.int64(place) + low, 1]
        while start < end:
            some = np.uint8(0)
            for at in range(TOGETHER):
                here = start + np.uint64(at)
                good[at] = alike(one, other, first[here], second[here], least)
                some |= good[at]
            if some:
                for at in range(min(np.uint64(TOGETHER), end - start)):
                    if count < room:
                        pairs[0, count], pairs[1, count] = place, start + np.uint64(at)
                    count += int(good[at])
            start += np.uint64(TOGETHER)
    return count


_MEET = (
    "int64(uint8[:,::1], uint64[:,::1], int64, int64, int64[::1], uint32[::1], uint64[::1], uint64[::1], uint64[::1],"
    " uint32[::1], int64, int64, uint8[:,::1], uint8[:,::1], int64, int64, int64[:,::1])"
)


@compiled(_MEET)
def meet(
    classes: Codes, outlines: Outlines, low: int, high: int, key: Numbers, directory: Rows, filter_: Words,
    first: Words, second: Words, rows: Rows, bits: int, wide: int, codes: Codes, others: Codes, minimum: int,
    least: int, hits: Found,
) -> int:  # fmt: skip
    """Pairs of a row from `low` to `high` and one of the table that meet the rule: all that agree at the key, and some
    that the tags of both do not tell apart.

    `classes`, `codes` and `outlines` (whose first line is that of row `low`) are the passing side's, `others` the codes
    of the table's. Writes passing row, table's row and `probing.weighed`; answers their number, which may exceed the
    room.
    """
    tags = np.empty(_CHUNK, dtype=np.uint32)
    runs, good, count = np.empty((3, _CHUNK + 1), dtype=np.uint32), np.empty(TOGETHER, dtype=np.uint8), 0
    pairs = np.empty((2, 4096), dtype=np.uint32)
    for begin in range(low, high, _CHUNK):
        size = min(_CHUNK, high - begin)
        tagged(classes, key, begin, size, tags)
        many = looked_up(tags, size, directory, filter_, bits, wide, runs)
        left = sieved(runs, many, outlines, begin - low, first, second, least, good, pairs)
        while left > pairs.shape[1]:
            pairs = np.empty((2, left), dtype=np.uint32)
            left = sieved(runs, many, outlines, begin - low, first, second, least, good, pairs)
        for at in range(left):
            row, match = begin + np.int64(pairs[0, at]), np.int64(rows[pairs[1, at]])
            found = weighed(codes[row], others[match], minimum, 1)
            if found >= 0:
                if count < hits.shape[0]:
                    hits[count, 0], hits[count, 1], hits[count, 2] = row, match, found
                count += 1
    return count


def met(side: Side, outlines: Outlines, block: tuple[int, int], by: Table, other: Side, rule: tuple[int, int]) -> Found:
    """Pairs of a row of `block` (from, to) and one of the table of `other` that meet the rule: loci fully equal at the
    least, and loci of outlines at which a pair is equal at the fewest. A pair that does not agree at the key may be
    among them."""
    room = ROOM
    while True:
        hits = np.empty((room, 3), dtype=np.int64)
        count = meet(
            side.classes, outlines, *block, by.key, by.directory, by.filter, by.first, by.second, by.rows,
            by.bits, by.wide, side.codes, other.codes, *rule, hits,
        )  # fmt: skip
        if count <= room:
            return hits[:count]
        room = count
