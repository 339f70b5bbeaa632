"""Ranking a database by look-up: of every profile, the sum over loci of what its genotype there weighs; the best kept.

Profiles lie column by column, as in `packed`. Of each locus, `kinds` (loci, 256) says which kind each code is, and
`values` (loci, kinds · kinds, figures) holds for every two kinds one figure for each of several questions (relations).
Where `halves`, the figures are logarithms of a probability under two hypotheses, each for several settings, and the
one question is by how much the best of the first half exceeds the best of the second. A profile costs one look-up a
locus, whatever the model behind the tables was.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from comity.base.compiling import compiled
from comity.dna.model import COLUMN

Codes = npt.NDArray[np.uint8]
Figures = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Arrays = tuple[Rows, Rows, Figures]
"""Places, kinds and values of `Tables`, as compiled code takes them."""
Heaps = tuple[Figures, Rows]

_BLOCK = 1024
"""Profiles summed at once, so that their sums and one locus's table stay in the processor's own memory."""


@dataclass(frozen=True)
class Tables:
    """What profiles are looked up in: the loci's places in the layout, kinds and values, and how they are summed up."""

    places: Rows
    kinds: Rows
    values: Figures
    halves: bool = False

    @property
    def questions(self) -> int:
        """How many rankings there are."""
        return 1 if self.halves else int(self.values.shape[2])


def tables(loci: Sequence[str], kinds: Rows, values: Figures, *, halves: bool = False) -> Tables:
    """Tables of these loci."""
    return Tables(np.array([COLUMN[name] for name in loci], dtype=np.int64), kinds, values, halves)


def weighed(codes: Codes, by: Tables) -> Figures:
    """Reference: what every profile weighs, (profiles, questions), by NumPy."""
    found = np.zeros((codes.shape[1], by.values.shape[2]), dtype=np.float32)
    width = math.isqrt(by.values.shape[1])
    for place, kinds, table in zip(by.places, by.kinds, by.values, strict=True):
        found += table[kinds[codes[2 * place]] * width + kinds[codes[2 * place + 1]]]
    if not by.halves:
        return found
    half = found.shape[1] // 2
    best: Figures = found[:, :half].max(axis=1, keepdims=True) - found[:, half:].max(axis=1, keepdims=True)
    return best


@dataclass(frozen=True)
class Best:
    """The best profiles so far: of each question a heap, the least first; `rows` is -1 where none has come yet."""

    figures: Figures
    rows: Rows

    @classmethod
    def empty(cls, questions: int, most: int) -> "Best":
        """No profile yet, and room for `most` a question."""
        none = np.full((questions, most), -np.inf, dtype=np.float32)
        return cls(none, np.full((questions, most), -1, dtype=np.int64))

    def ordered(self, question: int) -> list[tuple[int, float]]:
        """Row and figure of the profiles kept for a question, the best first, of equal ones the earliest."""
        both = zip(self.rows[question].tolist(), self.figures[question].tolist(), strict=True)
        return sorted(((row, figure) for row, figure in both if row >= 0), key=lambda one: (-one[1], one[0]))


def rank(codes: Codes, by: Tables, best: Best, first: int = 0) -> None:
    """Take the profiles of `codes`, whose rows are numbered from `first`, into the best, by compiled code."""
    kernel = _rank_halves if by.halves else _rank_each
    writable = np.require(codes, requirements=["C", "W"])  # what the kernel was compiled for; a copy where it is not
    kernel(writable, (by.places, by.kinds, by.values), (best.figures, best.rows), first)


@compiled()
def _put(best: Figures, rows: Rows, figure: np.float32, row: int) -> None:
    """Replace the least of a heap; rows come in their order, so that of equal ones the earlier stays."""
    at, size = 0, len(best)
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (best[other] < best[child] or (best[other] == best[child] and rows[other] > rows[child])):
            child = other
        if best[child] >= figure:
            break
        best[at], rows[at] = best[child], rows[child]
        at = child
    best[at], rows[at] = figure, row


@compiled()
def _sum(codes: Codes, by: Arrays, start: int, sums: Figures) -> None:
    """The sums (profiles, figures) of the profiles from `start`, locus by locus."""
    places, kinds, values = by
    width = int(np.sqrt(values.shape[1]))
    sums[:] = 0
    size = min(len(sums), codes.shape[1] - start)
    for at in range(len(places)):
        one, two, kind, table = codes[2 * places[at]], codes[2 * places[at] + 1], kinds[at], values[at]
        if values.shape[2] == 4:  # the usual relations, one step of the processor for all
            for row in range(size):
                cell = kind[one[start + row]] * width + kind[two[start + row]]
                sums[row, 0] += table[cell, 0]
                sums[row, 1] += table[cell, 1]
                sums[row, 2] += table[cell, 2]
                sums[row, 3] += table[cell, 3]
            continue
        for row in range(size):
            cell = kind[one[start + row]] * width + kind[two[start + row]]
            for figure in range(values.shape[2]):
                sums[row, figure] += table[cell, figure]


_TYPES = (
    "void(uint8[:, ::1], Tuple((int64[::1], int64[:, ::1], float32[:, :, ::1])),"
    " Tuple((float32[:, ::1], int64[:, ::1])), int64)"
)


@compiled(_TYPES)
def _rank_each(codes: Codes, by: Arrays, heaps: Heaps, first: int) -> None:
    best, rows = heaps
    sums = np.empty((_BLOCK, by[2].shape[2]), dtype=np.float32)
    for start in range(0, codes.shape[1], _BLOCK):
        _sum(codes, by, start, sums)
        for row in range(min(_BLOCK, codes.shape[1] - start)):
            for question in range(sums.shape[1]):
                if sums[row, question] > best[question, 0]:
                    _put(best[question], rows[question], sums[row, question], first + start + row)


@compiled(_TYPES)
def _rank_halves(codes: Codes, by: Arrays, heaps: Heaps, first: int) -> None:
    best, rows = heaps[0][0], heaps[1][0]
    half = by[2].shape[2] // 2
    sums = np.empty((_BLOCK, 2 * half), dtype=np.float32)
    for start in range(0, codes.shape[1], _BLOCK):
        _sum(codes, by, start, sums)
        for row in range(min(_BLOCK, codes.shape[1] - start)):
            above, below = sums[row, 0], sums[row, half]
            for other in range(1, half):
                above = max(above, sums[row, other])
                below = max(below, sums[row, half + other])
            if above - below > best[0]:
                _put(best, rows, above - below, first + start + row)
