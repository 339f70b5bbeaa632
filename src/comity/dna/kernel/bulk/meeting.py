"""Rows of two sides that agree at every locus of a key: one stands in a table, the other passes by it in blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.bulk.outlines import Outlines, contradicted, few, shared
from comity.dna.kernel.bulk.sides import Side
from comity.dna.kernel.index.postings import Numbers, Rows, Word
from comity.dna.kernel.index.probing import weighed
from comity.dna.kernel.packed import Codes

Tags = npt.NDArray[np.uint32]
Entries = npt.NDArray[np.uint64]
Found = npt.NDArray[np.int64]
Flags = Any

ROOM: Final = 1 << 16
_WIDE: Final = 24
"""Bits by which a filter looks a row up, so that it stays in the processor's cache: rows that meet nothing are mostly
told so by it."""


@compiled("uint32(uint32)")
def mixed(tag: Word) -> Word:
    """A tag's bits spread, so that its upper bits part rows evenly."""
    tag = np.uint32(np.uint32(tag ^ (tag >> np.uint32(15))) * np.uint32(0x85EBCA6B))
    return np.uint32(tag ^ (tag >> np.uint32(13)))


@compiled("void(uint8[:,::1], int64[::1], int64, int64, uint32[::1], uint8[::1])")
def tagged(classes: Codes, key: Numbers, low: int, size: int, tags: Tags, known: Codes) -> None:
    """The tags of `size` rows from `low` on under the loci of `key`, and whether each knows all of them (1 or 0)."""
    for place in range(size):
        tags[place], known[place] = np.uint32(0), np.uint8(1)
    for at in range(key.size):
        column = classes[key[at], low : low + size]
        for place in range(size):
            tags[place] = np.uint32(tags[place] * np.uint32(0x9E3779B1)) + np.uint32(column[place])
            known[place] &= np.uint8(column[place] > 1)
    for place in range(size):
        tags[place] = mixed(tags[place])


@dataclass(frozen=True)
class Table:
    """Rows of one side under a key, in the order of the upper `bits` of their tags.

    `entries` (n, 2) are tag and row, and the outline's first word; `second` (n) its second. `directory` says where the
    rows of each value of these bits begin, `filter` whether there are any of some bits more.
    """

    key: Numbers
    directory: Rows
    filter: Codes
    entries: Entries
    second: Entries
    bits: int
    wide: int


def table(classes: Codes, outlines: Outlines, low: int, rows: Numbers, key: Sequence[int]) -> Table:
    """The table of `rows` of a side under a key; rows that do not know all of its loci are left out. The first line of
    `outlines` is that of row `low`."""
    loci = np.array(key, dtype=np.int64)
    bits = max(8, int(rows.size).bit_length())
    directory = np.zeros((1 << bits) + 1, dtype=np.uint32)
    wide = max(bits + 2, min(bits + 6, _WIDE))
    filter_ = np.zeros(1 << wide - 3, dtype=np.uint8)
    entries, second = np.empty((rows.size, 2), dtype=np.uint64), np.empty(rows.size, dtype=np.uint64)
    held = fill(classes, outlines, low, rows, loci, bits, wide, directory, filter_, entries, second)
    return Table(loci, directory, filter_, entries[:held], second[:held], bits, wide)


_FILL = (
    "int64(uint8[:,::1], uint64[:,::1], int64, int64[::1], int64[::1], int64, int64, uint32[::1], uint8[::1],"
    " uint64[:,::1], uint64[::1])"
)


@compiled(_FILL)
def fill(
    classes: Codes, outlines: Outlines, low: int, rows: Numbers, key: Numbers, bits: int, wide: int,
    directory: Rows, filter_: Codes, entries: Entries, second: Entries,
) -> int:  # fmt: skip
    """Fill the arrays of a table by counting; how many rows it holds."""
    tags, known = np.empty(rows.size, dtype=np.uint32), np.empty(rows.size, dtype=np.bool_)
    for place in range(rows.size):
        tag, good = np.uint32(0), True
        for at in range(key.size):
            here = classes[key[at], rows[place]]
            tag = np.uint32(np.uint32(tag * np.uint32(0x9E3779B1)) + np.uint32(here))
            good = good and here > 1
        tags[place], known[place] = mixed(tag), good
        if good:
            directory[(np.int64(tags[place]) >> (32 - bits)) + 1] += np.uint32(1)
            bit = np.int64(tags[place]) >> (32 - wide)
            filter_[bit >> 3] |= np.uint8(1 << (bit & 7))
    for place in range(1, directory.size):
        directory[place] += directory[place - 1]
    free = directory[:-1].copy()
    for place in range(rows.size):
        if known[place]:
            bucket = np.int64(tags[place]) >> (32 - bits)
            at = free[bucket]
            entries[at, 0] = (np.uint64(tags[place]) << np.uint64(32)) | np.uint64(rows[place])
            entries[at, 1], second[at] = outlines[rows[place] - low, 0], outlines[rows[place] - low, 1]
            free[bucket] = at + np.uint32(1)
    return int(directory[directory.size - 1])


@compiled("int64(uint64[:,::1], uint64[::1], uint64, uint64, uint64, uint64, boolean[::1])")
def alike(entries: Entries, second: Entries, low: Word, many: Word, one: Word, other: Word, good: Flags) -> int:
    """Mark which of `many` entries from `low` on an outline contradicts at one locus at most; how many are marked.

    Places are unsigned: the compiler takes several entries at once only where none could count from the end.
    """
    count = 0
    for place in range(many):
        first = contradicted(entries[low + place, np.uint64(1)], one)
        good[place] = few(first, contradicted(second[low + place], other))
        count += int(good[place])
    return count


@compiled("int64(uint32[::1], uint8[::1], int64, uint32[::1], uint8[::1], int64, int64, int64[:,::1])")
def looked_up(
    tags: Tags, known: Codes, size: int, directory: Rows, filter_: Codes, bits: int, wide: int, runs: Found
) -> int:
    """Which of the first `size` rows stand in a table: place, first entry and behind the last one, into `runs`.

    Without a branch that depends on a row: the processor waits for many places of memory at once.
    """
    count = 0
    for place in range(size):
        bit = np.int64(tags[place]) >> (32 - wide)
        runs[count, 0] = place
        count += int((filter_[bit >> 3] >> (bit & 7)) & known[place] & np.uint8(1))
    for run in range(count):
        bucket = np.int64(tags[runs[run, 0]]) >> (32 - bits)
        runs[run, 1], runs[run, 2] = directory[bucket], directory[bucket + 1]
    return count


_MEET = (
    "int64(uint8[:,::1], uint64[:,::1], int64, int64, int64[::1], uint32[::1], uint8[::1], uint64[:,::1], uint64[::1],"
    " int64, int64, uint8[:,::1], uint8[:,::1], int64, int64, int64[:,::1])"
)


@compiled(_MEET)
def meet(
    classes: Codes, outlines: Outlines, low: int, high: int, key: Numbers, directory: Rows, filter_: Codes,
    entries: Entries, second: Entries, bits: int, wide: int, codes: Codes, others: Codes, minimum: int,
    least: int, hits: Found,
) -> int:  # fmt: skip
    """Pairs of a row from `low` to `high` and one of the table that agree at the key and meet the rule.

    `classes`, `codes` and `outlines` (whose first line is that of row `low`) are the passing side's, `others` the codes
    of the table's. Writes passing row, table's row and `probing.weighed`; answers their number, which may exceed the
    room.
    """
    tags, known = np.empty(2048, dtype=np.uint32), np.empty(2048, dtype=np.uint8)
    runs, good, count = np.empty((2048, 3), dtype=np.int64), np.empty(256, dtype=np.bool_), 0
    for begin in range(low, high, 2048):
        size = min(2048, high - begin)
        tagged(classes, key, begin, size, tags, known)
        for run in range(looked_up(tags, known, size, directory, filter_, bits, wide, runs)):
            row, first, last = begin + runs[run, 0], runs[run, 1], runs[run, 2]
            one, other = outlines[row - low, 0], outlines[row - low, 1]
            while first < last:
                many = min(256, last - first)
                if alike(entries, second, np.uint64(first), np.uint64(many), one, other, good):
                    for at in range(many):
                        if good[at] and shared(one, other, entries[first + at, 1], second[first + at]) >= least:
                            match = np.int64(entries[first + at, 0] & np.uint64(0xFFFFFFFF))
                            found = weighed(codes[row], others[match], minimum, 1)
                            if found >= 0:
                                if count < hits.shape[0]:
                                    hits[count, 0], hits[count, 1], hits[count, 2] = row, match, found
                                count += 1
                first += many
    return count


def met(side: Side, outlines: Outlines, block: tuple[int, int], by: Table, other: Side, rule: tuple[int, int]) -> Found:
    """Pairs of a row of `block` (from, to) and one of the table of `other` that meet the rule: loci fully equal at the
    least, and loci of outlines that a pair shares at the fewest."""
    room = ROOM
    while True:
        hits = np.empty((room, 3), dtype=np.int64)
        count = meet(
            side.classes, outlines, *block, by.key, by.directory, by.filter, by.entries, by.second, by.bits, by.wide,
            side.codes, other.codes, *rule, hits,
        )  # fmt: skip
        if count <= room:
            return hits[:count]
        room = count
