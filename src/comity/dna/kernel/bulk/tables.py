"""Rows of one side in a table by the genotypes of a few loci taken together, for the other side to be looked up in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.bulk.outlines import Outlines
from comity.dna.kernel.index.postings import Numbers, Rows, Word
from comity.dna.kernel.packed import Codes

Tags = npt.NDArray[np.uint32]
Words = npt.NDArray[np.uint64]

TOGETHER: Final = 16
"""Words of a table that are sieved at once; so many more places lie behind its last one."""
_CHUNK: Final = 2048
_PART: Final = 12
"""Bits of a tag by which rows are sorted at once: as many places of memory as the processor's nearest cache holds."""
_WIDE: Final = 24
"""Bits by which a filter looks a row up, so that it stays in the processor's cache: rows that meet nothing are mostly
told so by it."""


@compiled("uint32(uint32)")
def mixed(tag: Word) -> Word:
    """A tag's bits spread, so that its upper bits part rows evenly."""
    tag = np.uint32(np.uint32(tag ^ (tag >> np.uint32(15))) * np.uint32(0x85EBCA6B))
    return np.uint32(tag ^ (tag >> np.uint32(13)))


@compiled("void(uint8[:,::1], int64[::1], int64, int64, uint32[::1])")
def tagged(classes: Codes, key: Numbers, low: int, size: int, tags: Tags) -> None:
    """The tags of `size` rows from `low` on under the loci of `key`."""
    for place in range(size):
        tags[place] = np.uint32(0)
    for at in range(key.size):
        column = classes[key[at], low : low + size]
        for place in range(size):
            tags[place] = np.uint32(tags[place] * np.uint32(0x9E3779B1)) + np.uint32(column[place])
    for place in range(size):
        tags[place] = mixed(tags[place])


@dataclass(frozen=True)
class Table:
    """Rows of one side under a key, in the order of the upper `bits` of their tags.

    `first` and `second` are both words of each row's outline, `rows` its number. `directory` says where the rows of
    each value of these bits begin; `filter` by `wide` bits, the lower six of which are the tag's last, whether there is
    any.
    """

    key: Numbers
    directory: Rows
    filter: Words
    first: Words
    second: Words
    rows: Rows
    bits: int
    wide: int


def table(classes: Codes, outlines: Outlines, low: int, rows: Numbers, key: Sequence[int]) -> Table:
    """The table of `rows` (rising) of a side under a key; rows that do not know all of its loci are left out. The first
    line of `outlines` is that of row `low`."""
    loci = np.array(key, dtype=np.int64)
    bits = max(8, int(rows.size).bit_length())
    directory = np.zeros((1 << bits) + 1, dtype=np.uint32)
    wide = max(bits + 2, min(bits + 6, _WIDE))
    filter_ = np.zeros(1 << wide - 6, dtype=np.uint64)
    first, second = (np.zeros(rows.size + TOGETHER, dtype=np.uint64) for _ in range(2))
    numbers = np.empty(rows.size, dtype=np.uint32)
    held = fill(classes, outlines, low, rows, loci, bits, wide, directory, filter_, first, second, numbers)
    return Table(loci, directory, filter_, first, second, numbers[:held], bits, wide)


@compiled("void(uint8[:,::1], int64[::1], int64[::1], uint32[::1], uint8[::1])")
def tagged_rows(classes: Codes, key: Numbers, rows: Numbers, tags: Tags, known: Codes) -> None:
    """The tags of rows, whose numbers rise, and whether each knows all loci of the key (1 or 0)."""
    low, size = rows[0], rows.size
    for place in range(size):
        tags[place], known[place] = np.uint32(0), np.uint8(1)
    for at in range(key.size):
        if rows[size - 1] - low == size - 1:
            column = classes[key[at], low : low + size]
            for place in range(size):
                tags[place] = np.uint32(tags[place] * np.uint32(0x9E3779B1)) + np.uint32(column[place])
                known[place] &= np.uint8(column[place] > 1)
        else:
            column = classes[key[at]]
            for place in range(size):
                here = column[rows[place]]
                tags[place] = np.uint32(tags[place] * np.uint32(0x9E3779B1)) + np.uint32(here)
                known[place] &= np.uint8(here > 1)
    for place in range(size):
        tags[place] = mixed(tags[place])


@compiled("int64(uint8[:,::1], uint64[:,::1], int64, int64[::1], int64[::1], int64, uint64[:,::1])")
def dealt(classes: Codes, outlines: Outlines, low: int, rows: Numbers, key: Numbers, upper: int, lines: Words) -> int:
    """Write tag and number, and both words of the outline, of each of `rows` that knows the key to `lines` (rows, 3),
    in the order of the `upper` bits of the tags: what is sorted by further bits then lies close together. How many."""
    tags, known = np.empty(rows.size, dtype=np.uint32), np.empty(rows.size, dtype=np.uint8)
    for begin in range(0, rows.size, _CHUNK):
        end = min(begin + _CHUNK, rows.size)
        tagged_rows(classes, key, rows[begin:end], tags[begin:end], known[begin:end])
    begins, shift = np.zeros((1 << upper) + 1, dtype=np.uint32), np.uint64(32 - upper)
    for place in range(rows.size):
        begins[(np.uint64(tags[place]) >> shift) + np.uint64(1)] += np.uint32(known[place])
    for later in range(1, begins.size):
        begins[later] += begins[later - 1]
    held = begins[begins.size - 1]
    for place in range(rows.size):
        if known[place]:
            part, row = np.uint64(tags[place]) >> shift, np.uint64(rows[place])
            at = begins[part]
            lines[at, 0] = (np.uint64(tags[place]) << np.uint64(32)) | row
            lines[at, 1], lines[at, 2] = outlines[row - np.uint64(low), 0], outlines[row - np.uint64(low), 1]
            begins[part] = at + np.uint32(1)
    return int(held)


_FILL = (
    "int64(uint8[:,::1], uint64[:,::1], int64, int64[::1], int64[::1], int64, int64, uint32[::1], uint64[::1],"
    " uint64[::1], uint64[::1], uint32[::1])"
)


@compiled(_FILL)
def fill(
    classes: Codes, outlines: Outlines, low: int, rows: Numbers, key: Numbers, bits: int, wide: int,
    directory: Rows, filter_: Words, first: Words, second: Words, numbers: Rows,
) -> int:  # fmt: skip
    """Fill the arrays of a table by counting; how many rows it holds."""
    lines = np.empty((rows.size, 3), dtype=np.uint64)
    held = dealt(classes, outlines, low, rows, key, max(0, bits - _PART), lines)
    for place in range(held):
        tag = lines[place, 0] >> np.uint64(32)
        directory[(tag >> np.uint64(32 - bits)) + np.uint64(1)] += np.uint32(1)
        filter_[tag >> np.uint64(38 - wide)] |= np.uint64(1) << (tag & np.uint64(63))
    for place in range(1, directory.size):
        directory[place] += directory[place - 1]
    free = directory[:-1].copy()
    for place in range(held):
        bucket = lines[place, 0] >> np.uint64(64 - bits)
        at = free[bucket]
        numbers[at], first[at], second[at] = np.uint32(lines[place, 0]), lines[place, 1], lines[place, 2]
        free[bucket] = at + np.uint32(1)
    return held
