"""Search a segment: by its lists, or by a sweep, or by every rule set."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.base import workers
from comity.dna.kernel.fitting import Fitting, Limits
from comity.dna.kernel.index import fitting as fitted
from comity.dna.kernel.index import probing
from comity.dna.kernel.index.fitting import asked as by_numbers
from comity.dna.kernel.index.genotypes import LOCI
from comity.dna.kernel.index.orders import CLIQUES
from comity.dna.kernel.index.passes import Pass, passes
from comity.dna.kernel.index.planning import classes_asked
from comity.dna.kernel.index.postings import Numbers
from comity.dna.kernel.index.segment import Segment
from comity.dna.kernel.packed import Codes

ROOM: Final = 4096
"""Hits that a lookup has room for at first; it is asked again with more where that is too few."""
SHARED: Final = 2_000_000
"""Rows to be passed over from which on several threads share a sweep."""

Searched = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Rows, loci fully equal, differing alleles."""
Look = Callable[[Segment, Codes, int, Codes], Searched]
"""`search` or `sweep`."""


def search(segment: Segment, query: Codes, minimum: int, dead: Codes) -> Searched:
    """Rows of a segment by its lists, or by the sweep where the rule asks for too few loci for them."""
    if minimum <= CLIQUES or not segment.orders.size:
        return sweep(segment, query, minimum, dead)
    query = np.array(query)  # the kernels take what may be written to
    room = ROOM
    while True:
        hits = np.empty((room, 2), dtype=np.int64)
        count = probing.find(
            query, minimum, segment.lookup, segment.shares, segment.partitions, segment.orders, segment.directory,
            segment.signatures, segment.rows, segment.codes, dead, hits,
        )  # fmt: skip
        if count <= room:
            return probing.counted(hits[:count])
        room = count


def sweep(segment: Segment, query: Codes, minimum: int, dead: Codes) -> Searched:
    """The same rows by passing over the classes of profiles, by several threads where those are many."""
    query, asked = np.array(query), np.empty(LOCI, dtype=np.uint8)
    classes_asked(query, segment.lookup, asked)
    every = passes(segment, asked, minimum)
    each = map if sum(one.size for one in every) < SHARED else workers.beside().map
    kept = list(each(Pass.swept, every))
    return verified(segment.codes, np.concatenate([np.zeros(0, dtype=np.int64), *kept]), query, minimum, dead)


def fitting(segment: Segment, query: Codes, by: Limits, dead: Codes) -> Fitting:
    """The profiles (their rows) that meet a rule set, by a pass over the classes of every profile."""
    query, limits = np.array(query), by_numbers(by)
    kinds, weights = np.empty((LOCI, 256), dtype=np.uint8), np.empty((LOCI, 256), dtype=np.uint8)
    fitted.judge(segment.seen, segment.lookup, query, limits, kinds, weights)
    misses, adds = (segment.shares * (weights > 0)).sum(axis=1), fitted.counting(kinds)
    hits, kept = np.empty((max(ROOM, len(segment) // 8), 2), dtype=np.int64), [np.empty((0, 2), dtype=np.int64)]
    for number, (start, end, mask) in enumerate(segment.partitions[:, :3].tolist()):
        loci = [n for n in range(LOCI) if query[2 * n] and mask >> n & 1]
        if len(loci) < by.minimum:
            continue
        order = np.array(sorted(loci, key=lambda n: float(-segment.typed[number, n] * misses[n])), dtype=np.int64)
        over = segment.classes, segment.codes, dead, adds, weights, order, limits
        count = fitted.sweep(query, start, end, *over, hits)
        if count > len(hits):
            hits = np.empty((count, 2), dtype=np.int64)
            fitted.sweep(query, start, end, *over, hits)
        kept.append(hits[:count].copy())
    found = np.concatenate(kept)
    return Fitting.of(found[:, 0], found[:, 1])


def fitted_among(codes: Codes, rows: Numbers, query: Codes, by: Limits, dead: Codes) -> Fitting:
    """Those of `rows` that meet a rule set."""
    hits = np.empty((rows.size, 2), dtype=np.int64)
    count = fitted.verify(codes, rows, np.array(query), by_numbers(by), dead, hits)
    return Fitting.of(hits[:count, 0], hits[:count, 1])


def verified(codes: Codes, rows: Numbers, query: Codes, minimum: int, dead: Codes) -> Searched:
    """Those of `rows` that meet the rule."""
    hits = np.empty((rows.size, 2), dtype=np.int64)
    return probing.counted(hits[: probing.verify(codes, rows, query, minimum, dead, hits)])
