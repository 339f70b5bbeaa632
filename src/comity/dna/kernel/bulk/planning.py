"""Which loci two sides are met by: keys for profiles of kits, groups of loci for profiles that hold any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np

from comity.dna.kernel.index.genotypes import LOCI, Shares
from comity.dna.kernel.index.orders import Partition

LONGEST: Final = 8
"""Loci of a key at most."""
ENOUGH: Final = 1_000_000
"""Keys that exist are used again where so few pairs of profiles meet by chance."""

Key = tuple[int, ...]


@dataclass
class Plan:
    """Keys of the tables with the table side's partitions in each, and for each passing partition the keys it meets."""

    tables: dict[Key, set[int]] = field(default_factory=dict)
    met: dict[int, set[Key]] = field(default_factory=dict)


def plan(table: Sequence[Partition], passing: Sequence[Partition], shares: Shares, minimum: int) -> Plan:
    """Keys by which every hit between regular partitions of both sides is met: three without a locus common to all, of
    which one is fully equal whichever locus differs, or one where all shared loci must be equal."""
    meeting, made = (shares**2).sum(axis=1), Plan()
    pairs = [(one, two) for one in range(len(table)) for two in range(len(passing))]
    for one, two in sorted(pairs, key=lambda p: _shared(table[p[0]], passing[p[1]]).bit_count()):
        shared = _shared(table[one], passing[two])
        if shared.bit_count() < minimum:
            continue
        chance = float(_size(table[one]) * _size(passing[two]))
        for key in _keys(made.tables, shared, shared.bit_count() == minimum, (meeting, chance)):
            made.tables.setdefault(key, set()).add(one)
            made.met.setdefault(two, set()).add(key)
    return made


def _shared(one: Partition, two: Partition) -> int:
    return one.mask & two.mask


def _size(partition: Partition) -> int:
    return partition.end - partition.start


def _keys(held: Iterable[Key], shared: int, all_equal: bool, chances: tuple[Shares, float]) -> list[Key]:
    """The keys for a set of shared loci: as there are already, if they tell enough."""
    meeting, pairs = chances
    loci = sorted((n for n in range(LOCI) if shared >> n & 1), key=lambda n: (float(meeting[n]), n))
    fresh = [tuple(sorted(loci[:LONGEST]))] if all_equal else _three(loci)
    inside = [key for key in held if not set(key) - set(loci)]
    choices = [
        [*keys] for keys in combinations(inside, len(fresh)) if all_equal or not set.intersection(*map(set, keys))
    ]
    best = min(choices, key=lambda keys: _by_chance(keys, meeting), default=fresh)
    return best if pairs * _by_chance(best, meeting) <= max(ENOUGH, 3 * pairs * _by_chance(fresh, meeting)) else fresh


def _three(loci: Sequence[int]) -> list[Key]:
    """Three keys, each of two thirds of the loci: whichever locus differs, one key is without it."""
    thirds = [loci[third : 3 * LONGEST // 2 : 3] for third in range(3)]
    return [tuple(sorted(one + two)) for one, two in combinations(map(list, thirds), 2)]


def _by_chance(keys: Sequence[Key], meeting: Shares) -> float:
    return sum(float(np.prod(meeting[list(key)])) for key in keys)


def grouped(one: Partition, two: Partition, shares: Shares, minimum: int) -> list[Key]:
    """Pairs of loci, of which any hit between two partitions of irregular loci has one fully equal at least.

    Nobody knows which loci such profiles share, but how many at the fewest, and of these at most one differs: with one
    group of loci fewer than must be equal, two of the equal ones are in one group.
    """
    union = one.mask | two.mask
    equal = max(minimum, one.least + two.least - union.bit_count() - 1)
    meeting = (shares**2).sum(axis=1)
    groups: list[list[int]] = [[] for _ in range(equal - 1)]
    for locus in sorted((n for n in range(LOCI) if union >> n & 1), key=lambda n: -float(meeting[n])):
        min(groups, key=lambda group: float(meeting[group].sum())).append(locus)
    both = one.mask & two.mask
    return [(a, b) for group in groups for a, b in combinations(sorted(group), 2) if both >> a & 1 and both >> b & 1]
