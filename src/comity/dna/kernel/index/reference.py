"""What the compiled kernels compute, said by NumPy and plain Python: slow, and plain to read. Tests compare the two.

`kernel.scan` is the reference of a whole lookup (`probing.find`, `sweeping.sweep`, `probing.weighed`).
"""

from itertools import combinations

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.index.genotypes import LOCI, PAIRS, Classes, Counts
from comity.dna.kernel.packed import Codes
from comity.dna.model import UNTESTED, WILDCARD

Entry = tuple[int, int]


def genotype_counts(rows: Codes) -> Counts:
    """`genotypes.count_genotypes`."""
    lower, higher = _sorted(rows)
    counts = [
        np.bincount((low * 256 + high)[low > 1], minlength=PAIRS) for low, high in zip(lower, higher, strict=True)
    ]
    return np.array(counts, dtype=np.int64)


def classes_of(rows: Codes, classes: Classes) -> Codes:
    """The classes (LOCI, n) of profiles `rows` (n, WIDTH) of `genotypes.classify`."""
    lower, higher = _sorted(rows)
    found = np.take_along_axis(classes.lookup, lower * 256 + higher, axis=1)
    found = np.where(lower == WILDCARD, np.uint8(WILDCARD), found)
    return np.ascontiguousarray(np.where(lower == UNTESTED, np.uint8(UNTESTED), found))


def _sorted(rows: Codes) -> tuple[Counts, Counts]:
    one, two = rows[:, 0::2].T.astype(np.int64), rows[:, 1::2].T.astype(np.int64)
    return np.minimum(one, two), np.maximum(one, two)


def masks(rows: Codes) -> npt.NDArray[np.uint32]:
    """`genotypes.masks`."""
    found: npt.NDArray[np.uint32] = ((rows[:, 0::2] != UNTESTED) @ (1 << np.arange(LOCI))).astype(np.uint32)
    return found


def signature(classes: Codes, row: int, c: int, d: int, fill: tuple[int, ...]) -> int:
    """`postings.signature`; 255 stands for no locus."""
    found = 0
    for locus, place in ((c, 56), (d, 48)):
        if locus < LOCI:
            found |= int(classes[locus, row]) << place
    for place, locus in enumerate(fill):
        if locus < LOCI:
            found |= nibble(int(classes[locus, row])) << 4 * place
    return found


def nibble(value: int) -> int:
    """`postings.nibble`."""
    return 0 if value < 2 else 1 + (value - 2) % 15


def apart(signature: int, classes: Codes, c: int, d: int, fill: tuple[int, ...]) -> int:
    """At how many loci a signature contradicts the query's `classes`, which are 0 or 255 where it has no genotype."""
    differing = 0
    for locus, place in ((c, 56), (d, 48)):
        said = signature >> place & 255
        differing += bool(locus < LOCI and _known(classes[locus]) and said and said != classes[locus])
    for place, locus in enumerate(fill):
        said = signature >> 4 * place & 15
        known = locus < LOCI and _known(classes[locus])
        differing += bool(known and said and said != nibble(int(classes[locus])))
    return differing


def _known(value: int) -> bool:
    return 2 <= value < 255


def split_well(pieces: npt.NDArray[np.int64], equal: int) -> bool:
    """Whether any `equal` of the loci with a piece hold two of one piece (what `planning.pieces` promises)."""
    loci = np.flatnonzero(pieces >= 0)
    return all(len({int(pieces[n]) for n in chosen}) < equal for chosen in combinations(loci.tolist(), equal))


def answered(sets: list[int], loci: int) -> bool:
    """Whether one of the sets of loci (bits) is whole whichever locus of `loci` differs (`planning.cheapest`)."""
    return all(any(not one >> n & 1 for one in sets) for n in range(LOCI) if loci >> n & 1)


def placed(first: Codes, second: Codes, start: int, end: int, values: tuple[int, int]) -> list[int]:
    """The rows of the ranges of `sweeping.placed`."""
    one, two = values
    return [n for n in range(start, end) if one in (-1, int(first[n])) and two in (-1, int(second[n]))]


def swept(classes: Codes, rows: range, asked: Codes, loci: list[int], most: tuple[int, int]) -> list[int]:
    """The rows of `sweeping.sweep_some`, `most` being how many loci may differ and how many may differ or lack."""
    here = classes[loci][:, rows.start : rows.stop]
    other = here != asked[loci][:, None]
    apart, lacking = (other & (here != 0)).sum(axis=0), other.sum(axis=0)
    found: list[int] = (rows.start + np.flatnonzero((apart <= most[0]) & (lacking <= most[1]))).tolist()
    return found
