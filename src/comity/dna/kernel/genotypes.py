"""The loci of many profiles with every different genotype listed once, so that it is looked at once.

Of the forty thousand loci of two thousand profiles, three thousand or so are different.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna.model import Alleles, Loci

Genotype = tuple[str, Alleles]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Genotypes:
    """The loci of profiles, in their order.

    `kinds`: every different genotype, by the names of loci. `numbers`: for each locus of each profile, profile after
    profile and within one by the names of loci, its place in `kinds`. `sizes`: the number of loci of each profile.
    """

    kinds: Sequence[Genotype]
    numbers: Counts
    sizes: Counts

    @property
    def rows(self) -> Counts:
        """Of each of `numbers`, the place of its profile."""
        return np.repeat(np.arange(self.sizes.size), self.sizes)

    def counted(self, chosen: npt.NDArray[np.bool_]) -> Counts:
        """How many loci of each profile are of the chosen kinds; `chosen` (kinds) says of each whether it is."""
        return np.bincount(self.rows[chosen[self.numbers]], minlength=self.sizes.size)


def genotypes_of(profiles: Sequence[Loci]) -> Genotypes:
    """The loci of `profiles`."""
    places: Final[defaultdict[Genotype, int]] = defaultdict(count().__next__)
    found = np.array([*map(places.__getitem__, chain.from_iterable([p.items() for p in profiles]))], dtype=np.int64)
    kinds = sorted(places, key=lambda genotype: genotype[0])
    rank = np.zeros(len(kinds), dtype=np.int64)
    rank[[places[genotype] for genotype in kinds]] = np.arange(len(kinds))
    sizes = np.array([len(loci) for loci in profiles], dtype=np.int64)
    offsets = np.repeat(np.arange(len(profiles)), sizes) * len(kinds)
    return Genotypes(kinds, np.sort(offsets + rank[found]) - offsets, sizes)
