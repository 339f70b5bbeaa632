"""Pass over classes of profiles, all of them or a few ranges: the kernels of a sweep."""

import numpy as np

from comity.base.compiling import compiled
from comity.dna.kernel.index.postings import Numbers, Word
from comity.dna.kernel.packed import Codes


@compiled("int64(uint8[:,::1], int64, int64, uint8[::1], int64[::1], int64[::1], int64)")
def sweep(classes: Codes, start: int, end: int, asked: Codes, loci: Numbers, found: Numbers, limit: int) -> int:
    """Rows from `start` to `end` of which at most `limit` of the query's `loci` have another class; their number.

    One pass over the loci, a block of rows at a time, left as soon as none of the block can be meant.
    """
    apart, count = np.empty(2048, dtype=np.uint8), 0
    for low in range(start, end, 2048):
        size = min(2048, end - low)
        apart[:size] = 0
        alive = True
        for at in range(loci.size):
            column, value = classes[loci[at], low : low + size], asked[loci[at]]
            for place in range(size):
                here = column[place]
                apart[place] += np.uint8((here != value) & (here != 0))
            if at >= 3:
                fewest = np.uint8(255)
                for place in range(size):
                    fewest = min(fewest, apart[place])
                if fewest > limit:
                    alive = False
                    break
        if alive:
            for place in range(size):
                if apart[place] <= limit:
                    if count < found.size:
                        found[count] = low + place
                    count += 1
    return count


@compiled()
def _counted(column: Codes, value: Word, apart: Codes, lacking: Codes) -> None:
    """Count a locus for every row of a block."""
    for place in range(column.size):
        here = column[place]
        apart[place] += np.uint8((here != value) & (here != 0))
        lacking[place] += np.uint8(here != value)


@compiled()
def _meant(apart: Codes, lacking: Codes, limit: Word, most: Word) -> Word:
    """Whether any row of a block may still be meant."""
    none, fewest, least = np.uint8(1), np.uint8(limit), np.uint8(most)
    for place in range(apart.size):
        none = min(none, np.uint8((apart[place] > fewest) | (lacking[place] > least)))
    return none == np.uint8(0)


@compiled("int64(uint8[:,::1], int64, int64, uint8[::1], int64[::1], int64[::1], int64, int64)")
def sweep_some(
    classes: Codes, start: int, end: int, asked: Codes, loci: Numbers, found: Numbers, limit: int, most: int
) -> int:
    """`sweep` for rows that hold some of the query's `loci` each: another class at `limit` of them at most, and another
    or none at `most`."""
    apart, lacking, count = np.empty(2048, np.uint8), np.empty(2048, np.uint8), 0
    for low in range(start, end, 2048):
        size, alive = min(2048, end - low), True
        apart[:size], lacking[:size] = 0, 0
        for at in range(loci.size):
            _counted(classes[loci[at], low : low + size], asked[loci[at]], apart[:size], lacking[:size])
            if at & 1:
                alive = _meant(apart[:size], lacking[:size], limit, most)
                if not alive:
                    break
        for place in range(size * alive):
            if apart[place] <= limit and lacking[place] <= most:
                if count < found.size:
                    found[count] = low + place
                count += 1
    return count


@compiled("int64(uint8[::1], int64, int64, int64)")
def behind(values: Codes, low: int, high: int, value: int) -> int:
    """The first of the rising values `low` to `high` that is above `value`."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] <= value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled("int64(uint8[::1], uint8[::1], int64, int64, int64, int64, int64[:,::1])")
def placed(first: Codes, second: Codes, start: int, end: int, one: int, two: int, found: Numbers) -> int:
    """Of rows `start` to `end`, which rise by `first` and then by `second`, the ranges in which the one is `one` and
    the other `two` (-1: whatever it is): from, to; their number. `found` has a line for each of 256 classes."""
    if one >= 0:
        start = behind(first, start, end, one - 1)
        end = behind(first, start, end, one)
    count, low = 0, start
    while low < end:
        high = end if two < 0 else behind(first, low, end, int(first[low]))
        begin, stop = low, high
        if two >= 0:
            begin = behind(second, low, high, two - 1)
            stop = behind(second, begin, high, two)
        if begin < stop:
            found[count, 0], found[count, 1] = begin, stop
            count += 1
        low = high
    return count


@compiled("int64(uint8[:,::1], int64[:,::1], uint8[::1], int64[::1], int64[::1], int64)")
def sweep_ranges(classes: Codes, ranges: Numbers, asked: Codes, loci: Numbers, found: Numbers, limit: int) -> int:
    """`sweep` over several ranges."""
    count = 0
    for line in range(ranges.shape[0]):
        left = found[min(count, found.size) :]
        count += sweep(classes, ranges[line, 0], ranges[line, 1], asked, loci, left, limit)
    return count
