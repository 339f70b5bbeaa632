"""The compiled sweep by stringency: which profiles of a segment may fit a query, by class, and which of them do.

Of each locus a table of 256 says by class whether rows of that class can fit. It is made by `model.difference`, the
function that `rules.compare` calls, compiled as it stands, over all genotypes of the segment, each in its class. Where
a class stands for several genotypes and one of them fits, the class may fit; what is left is compared in full.
"""

from typing import Any

import numpy as np

from comity.base.compiling import compiled
from comity.dna import model
from comity.dna.kernel.fitting import Limits
from comity.dna.kernel.index.postings import Numbers, Rows, Word
from comity.dna.kernel.packed import Codes

BLOCK = 2048
"""Rows that are counted together."""
SPARSE = 2
"""Once fewer than one row of a block in this many may fit, only those are looked at."""

_MANY, _NONE = 6, 7
"""Of a class: its genotypes differ from the query's in several ways; no row has it."""
_IN_FULL = 1 << 40
"""Of a row: some class does not tell how it differs."""

_difference: Any = compiled("int64(int64, int64, int64, int64, boolean)")(model.difference)


def asked(by: Limits) -> Numbers:
    """A rule set's numbers as kernels take them; from the sixth on what each difference adds to `weighed`."""
    adds = [int(kind == 0) + (1 << 8 if by.fits >> kind & 1 else 1 << 16) for kind in range(6)]
    return np.array([by.fits, by.graded, by.minimum, by.most, int(by.finer), *adds], dtype=np.int64)


def counting(kinds: Codes) -> Numbers:
    """What a row of each class adds at each locus to `_summed` (LOCI, 256)."""
    each = [1 << 5 * kind for kind in range(6)]
    found: Numbers = np.array([*each, _IN_FULL, _IN_FULL], dtype=np.int64)[kinds]
    found[:, 0] = 0
    return found


@compiled("int64(int64, int64[::1])")
def _weight(kind: Word, by: Numbers) -> Word:
    """What a difference counts: 0 where it fits, 1 where not, more than is allowed where it has no grade."""
    if not by[1] >> kind & 1:
        return by[3] + 1
    return 0 if by[0] >> kind & 1 else 1


@compiled("void(uint32[::1], uint8[:,::1], uint8[::1], int64[::1], uint8[:,::1], uint8[:,::1])")
def judge(seen: Rows, lookup: Codes, query: Codes, by: Numbers, kinds: Codes, weights: Codes) -> None:
    """Write how rows of each class differ at each locus of the query (WIDTH codes) to `kinds` (LOCI, 256), `_MANY` if
    that is not the same for all of them, and the least that they count to `weights` (LOCI, 256).

    `seen`: every genotype of the segment, locus * 65,536 + lower code * 256 + higher code.
    """
    kinds[:], weights[:] = _NONE, 0
    for genotype in seen:
        locus, low, high = np.int64(genotype >> 16), np.int64(genotype >> 8 & 255), np.int64(genotype & 255)
        one, two = np.int64(query[2 * locus]), np.int64(query[2 * locus + 1])
        if one != 0:
            kind, place = _difference(one, two, low, high, by[4] == 1), lookup[locus, genotype & 65_535]
            first, weight = kinds[locus, place] == _NONE, _weight(kind, by)
            weights[locus, place] = weight if first else min(weight, np.int64(weights[locus, place]))
            kinds[locus, place] = kind if first or kinds[locus, place] == kind else _MANY
    kinds[:, 1] = _MANY
    weights[:, 1] = min(_weight(1, by), _weight(5, by))  # an allele unknown: the other is equal, or nothing is


@compiled()
def _added(weights: Codes, column: Codes, apart: Codes, here: Codes, most: int) -> int:
    """Count a locus for every row of a block; how many may still fit.

    Looked up into `here` first and added then: a loop that does both at once runs twenty times as long.
    """
    for place in range(column.size):
        here[place] = weights[column[place]]
    alive = 0
    for place in range(column.size):
        apart[place] += here[place]
        alive += int(apart[place] <= most)
    return alive


@compiled()
def _picked(apart: Codes, size: int, most: int, left: Numbers) -> int:
    """Which rows of a block may still fit."""
    alive = 0
    for place in range(size):
        left[alive] = place
        alive += int(apart[place] <= most)
    return alive


@compiled()
def _thinned(weights: Codes, column: Codes, apart: Codes, most: int, left: Numbers) -> int:
    """Count a locus for the rows that are left; how many of them still are."""
    kept = 0
    for place in left:
        apart[place] += weights[column[place]]
        left[kept] = place
        kept += int(apart[place] <= most)
    return kept


@compiled()
def _counted(counts: Word, kind: Word, by: Numbers) -> Word:
    """One locus more: loci equal, fitting and not, and which differences occur (bits), a byte each."""
    return counts + by[5 + kind] | 1 << (24 + kind)


@compiled()
def _met(counts: Word, by: Numbers) -> Word:
    """Whether the rule set is met."""
    return counts >> 8 & 255 >= by[2] and counts >> 16 & 255 <= by[3] and counts >> 24 & ~by[1] == 0


@compiled("int64(uint8[::1], uint8[::1], int64[::1])")
def weighed(query: Codes, row: Codes, by: Numbers) -> Word:
    """What the rule set counts of one row (`_counted`); -1 where it is not met."""
    counts = 0
    for locus in range(query.size // 2):
        one, other = np.int64(query[2 * locus]), np.int64(row[2 * locus])
        if one != 0 and other != 0:
            two, another = np.int64(query[2 * locus + 1]), np.int64(row[2 * locus + 1])
            counts = _counted(counts, _difference(one, two, other, another, by[4] == 1), by)
            if counts >> 16 & 255 > by[3]:
                return -1
    return counts if _met(counts, by) else -1


@compiled()
def _summed(adds: Numbers, column: Codes, left: Numbers, sums: Numbers) -> None:
    """Count a locus for the rows that are left: how often each difference occurs, five bits each."""
    for at in range(left.size):
        sums[at] += adds[column[left[at]]]


@compiled()
def _told(often: Word, by: Numbers) -> Word:
    """The same of how often each difference occurs."""
    counts = 0
    for kind in range(6):
        here = often >> 5 * kind & 31
        if here:
            counts = counts + here * by[5 + kind] | 1 << (24 + kind)
    return counts if _met(counts, by) else -1


_SWEEP = (
    "int64(uint8[::1], int64, int64, uint8[:,::1], uint8[:,::1], uint8[::1], int64[:,::1], uint8[:,::1], int64[::1],"
    " int64[::1], int64[:,::1])"
)


@compiled(_SWEEP)
def sweep(
    query: Codes, start: int, end: int, classes: Codes, codes: Codes, dead: Codes, adds: Numbers, weights: Codes,
    loci: Numbers, by: Numbers, hits: Numbers,
) -> int:  # fmt: skip
    """Rows from `start` to `end` that meet the rule set and are not deleted, with `weighed`; their number, which may
    exceed the room.

    A block of rows at a time and locus by locus: all rows of it, and once few of them may fit, only those.
    """
    apart, here, left = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.int64)
    sums, most, count = np.empty(BLOCK, np.int64), by[3], 0
    for low in range(start, end, BLOCK):
        size = min(BLOCK, end - low)
        apart[:size] = 0
        alive, at = size, 0
        while at < loci.size and alive * SPARSE >= size:
            alive = _added(weights[loci[at]], classes[loci[at], low : low + size], apart, here, most)
            at += 1
        alive = _picked(apart, size, most, left)
        while at < loci.size and alive:
            alive = _thinned(weights[loci[at]], classes[loci[at], low : low + size], apart, most, left[:alive])
            at += 1
        sums[:alive] = 0
        for locus in loci[: alive * loci.size]:  # none, where no row is left
            _summed(adds[locus], classes[locus, low : low + size], left[:alive], sums)
        for at in range(alive):
            row = low + left[at]
            found = _told(sums[at], by) if sums[at] < _IN_FULL else weighed(query, codes[row], by)
            if found >= 0 and not dead[row]:
                if count < hits.shape[0]:
                    hits[count, 0], hits[count, 1] = row, found
                count += 1
    return count


@compiled("int64(uint8[:,::1], int64[::1], uint8[::1], int64[::1], uint8[::1], int64[:,::1])")
def verify(codes: Codes, rows: Numbers, query: Codes, by: Numbers, dead: Codes, hits: Numbers) -> int:
    """Write those of `rows` that meet the rule set and are not deleted to `hits`, with `weighed`; their number."""
    count = 0
    for row in rows:
        found = weighed(query, codes[row], by)
        if found >= 0 and not dead[row]:
            hits[count, 0], hits[count, 1] = row, found
            count += 1
    return count
