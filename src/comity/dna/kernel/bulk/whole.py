"""A block of profiles against an index: every hit of every one of them, at once."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from comity.dna.kernel.bulk import sides
from comity.dna.kernel.bulk.joining import Join
from comity.dna.kernel.bulk.meeting import Found
from comity.dna.kernel.index.genotypes import Classes, Counts
from comity.dna.kernel.index.whole import Index
from comity.dna.kernel.packed import Codes, Keys

BLOCK: Final = 1_000_000
"""Profiles that suit one call: more of them cost memory (some 150 bytes each), fewer more passes over the index."""
FEW: Final = 500
"""A block of so many times fewer profiles than the index holds is looked up one by one."""
LEAST: Final = 4
"""Loci that must be equal at the fewest for sets of loci to be found; below, each profile is swept for."""


class Hits(NamedTuple):
    """Pairs: row of the block, key in the index, loci fully equal, differing alleles; by row, then key."""

    rows: Counts
    keys: Keys
    full: Counts
    differing: Counts


def search(index: Index, rows: Codes, minimum: int) -> Hits:
    """Every profile of the index with `minimum` loci fully equal to one of `rows` (n, WIDTH) and at most one differing
    allele, for each of them: what `Index.search` finds for each."""
    if not len(index) or not len(rows):
        return _joined([])
    if minimum < LEAST or len(rows) * FEW < len(index):
        return _joined(list(_one_by_one(index, rows, minimum)))
    found = []
    for part in index.parts:
        segment = part.segment
        asked, order = sides.of_rows(rows, segment.lookup)
        pairs = _whole(Join(asked, sides.of_segment(segment), segment.shares, minimum).pairs())
        alive = pairs[part.dead[pairs[:, 1]] == 0]
        found.append(_told(order[alive[:, 0]], segment.keys[alive[:, 1]], alive[:, 2]))
    return _joined([*found, *_in_tail(index, rows, minimum)])


def _in_tail(index: Index, rows: Codes, minimum: int) -> Iterator[Found]:
    keys, codes = index.alive_in_tail()
    if keys.size:
        kinds = Classes.of(codes)
        asked, order = sides.of_rows(rows, kinds.lookup)
        held, places = sides.of_rows(codes, kinds.lookup)
        pairs = _whole(Join(asked, held, kinds.shares, minimum).pairs())
        yield _told(order[pairs[:, 0]], keys[places[pairs[:, 1]]], pairs[:, 2])


def _one_by_one(index: Index, rows: Codes, minimum: int) -> Iterator[Found]:
    for row, codes in enumerate(rows):
        hits = index.search(codes, minimum)
        yield np.stack([np.full(hits.keys.size, row), hits.keys, hits.full + 256 * hits.differing], axis=1)


def _told(rows: Counts, keys: Keys, weighed: Counts) -> Found:
    return np.stack([rows, keys, weighed & 0xFFFF], axis=1)


def _whole(found: Iterable[Found]) -> Found:
    return np.concatenate([np.zeros((0, 3), dtype=np.int64), *found])


def _joined(found: list[Found]) -> Hits:
    """What was found, each pair once."""
    pairs = _whole(found)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    fresh = np.ones(len(pairs), dtype=np.bool_)
    fresh[1:] = (pairs[1:, :2] != pairs[:-1, :2]).any(axis=1)
    pairs = pairs[fresh]
    return Hits(pairs[:, 0], pairs[:, 1], pairs[:, 2] & 255, pairs[:, 2] >> 8)
