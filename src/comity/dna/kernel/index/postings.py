"""The lists of an index, written by counting and sorting: a directory of pairs, then signatures and rows.

An entry is the row's number and a signature of 64 bits: the classes of the two ordering loci (8 bits each, the most
significant), then four bits for each of up to twelve further loci, 0 where the row says nothing there.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.kernel.packed import Codes

Numbers = npt.NDArray[np.int64]
Rows = npt.NDArray[np.uint32]
Signatures = npt.NDArray[np.uint64]
Word = Any
"""A whole number of up to 64 bits, of whatever type the kernel reckons with."""


@compiled("uint64(uint8)")
def nibble(value: Word) -> Word:
    """The four bits of a class: 0 for an untested or unknown genotype, otherwise 1 to 15."""
    if value < 2:
        return np.uint64(0)
    return np.uint64(1 + (np.int64(value) - 2) % 15)


@compiled("uint64(uint8[:,::1], int64, int64[::1])")
def signature(classes: Codes, row: int, order: Numbers) -> Word:
    """The signature of a row of `classes` in a list; `order` is its line of the segment's table."""
    found = np.uint64(0)
    if order[2] != 255:
        found |= np.uint64(classes[order[2], row]) << np.uint64(56)
    if order[3] != 255:
        found |= np.uint64(classes[order[3], row]) << np.uint64(48)
    for place in range(12):
        if order[8 + place] != 255:
            found |= nibble(classes[order[8 + place], row]) << np.uint64(4 * place)
    return found


@compiled("void(uint8[:,::1], int64[::1], int64, int64, uint32[::1])")
def count_pairs(classes: Codes, order: Numbers, start: int, end: int, directory: Rows) -> None:
    """Write the directory of a list: at each pair of classes, where its entries begin; at the end, their number."""
    one, two = classes[order[0]], classes[order[1]]
    for row in range(start, end):
        if one[row] > 1 and two[row] > 1:
            directory[(np.int64(one[row]) - 2) * order[6] + np.int64(two[row]) - 1] += np.uint32(1)
    for place in range(1, directory.size):
        directory[place] += directory[place - 1]


@compiled("int64(uint64[::1], uint32[::1], int64, int64)")
def _parted(signatures: Signatures, rows: Rows, low: int, high: int) -> int:
    """Hoare's partition around the median of three, which has one beside it on either side: no part is empty."""
    first, middle, last = signatures[low], signatures[(low + high) // 2], signatures[high - 1]
    pivot = max(min(first, middle), min(max(first, middle), last))
    left, right = low - 1, high
    while True:
        left += 1
        while signatures[left] < pivot:
            left += 1
        right -= 1
        while signatures[right] > pivot:
            right -= 1
        if left >= right:
            break
        signatures[left], signatures[right] = signatures[right], signatures[left]
        rows[left], rows[right] = rows[right], rows[left]
    return right + 1


@compiled("void(uint64[::1], uint32[::1], int64, int64)")
def _inserted(signatures: Signatures, rows: Rows, low: int, high: int) -> None:
    for place in range(low + 1, high):
        value, row, hole = signatures[place], rows[place], place
        while hole > low and signatures[hole - 1] > value:
            signatures[hole], rows[hole] = signatures[hole - 1], rows[hole - 1]
            hole -= 1
        signatures[hole], rows[hole] = value, row


@compiled("void(uint64[::1], uint32[::1], int64, int64)")
def sort_together(signatures: Signatures, rows: Rows, low: Word, high: Word) -> None:
    """Sort entries `low` to `high` by signature, rows along with them: quicksort, by insertion where few are left."""
    stack = np.empty(128, dtype=np.int64)
    stack[0], stack[1], depth = low, high, 2
    while depth:
        depth -= 2
        low, high = stack[depth], stack[depth + 1]
        while high - low > 24:
            split = _parted(signatures, rows, low, high)
            if split - low > high - split:
                stack[depth], stack[depth + 1], low = low, split, split
            else:
                stack[depth], stack[depth + 1], high = split, high, split
            depth += 2
        _inserted(signatures, rows, low, high)


@compiled("void(uint8[:,::1], int64[::1], int64, int64, uint32[::1], uint64[::1], uint32[::1])")
def spread(
    classes: Codes, order: Numbers, start: int, end: int, directory: Rows, signatures: Signatures, rows: Rows
) -> None:
    """Write the entries of a list, each pair's together and ordered by signature."""
    one, two = classes[order[0]], classes[order[1]]
    at = directory[:-1].copy()
    for row in range(start, end):
        if one[row] > 1 and two[row] > 1:
            pair = (np.int64(one[row]) - 2) * order[6] + np.int64(two[row]) - 2
            place = at[pair]
            signatures[place] = signature(classes, row, order)
            rows[place] = np.uint32(row)
            at[pair] = place + np.uint32(1)
    for pair in range(directory.size - 1):
        sort_together(signatures, rows, np.int64(directory[pair]), np.int64(directory[pair + 1]))
