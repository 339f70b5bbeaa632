"""One side of a comparison in bulk: its profiles by partitions, with the classes of the other side's segment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.bulk import outlines
from comity.dna.kernel.bulk.outlines import Outlines
from comity.dna.kernel.index.genotypes import LOCI, classify, masks
from comity.dna.kernel.index.orders import Partition, partitioned
from comity.dna.kernel.index.postings import Numbers
from comity.dna.kernel.index.segment import Segment
from comity.dna.kernel.packed import Codes


@dataclass(frozen=True)
class Side:
    """Profiles in the order of their partitions: `codes` (n, WIDTH), `classes` (LOCI, n)."""

    codes: Codes
    classes: Codes
    partitions: Sequence[Partition]

    @property
    def kits(self) -> list[Partition]:
        """Partitions of which each profile holds the same loci."""
        return [partition for partition in self.partitions if partition.regular]

    @property
    def others(self) -> list[Partition]:
        """Partitions whose profiles hold any loci; they lie behind the kits."""
        return [partition for partition in self.partitions if not partition.regular]

    def outlined(self, words: Numbers, start: int, end: int) -> Outlines:
        """The outlines of rows `start` to `end`."""
        found = np.empty((end - start, 2), dtype=np.uint64)
        outlines.outline(self.classes, words, start, end, found)
        return found


def of_segment(segment: Segment) -> Side:
    """A segment as a side."""
    lines = segment.partitions.tolist()
    partitions = [Partition(start, end, mask, bool(kit), least) for start, end, mask, kit, _, _, least, *_ in lines]
    return Side(segment.codes, segment.classes, partitions)


def of_rows(rows: Codes, lookup: Codes) -> tuple[Side, npt.NDArray[np.intp]]:
    """Profiles (n, WIDTH) as a side, by the classes of `lookup`; and which row each of its profiles was."""
    order, partitions = partitioned(masks(rows))
    codes = np.ascontiguousarray(rows[order])
    classes = np.empty((LOCI, len(codes)), dtype=np.uint8)
    classify(codes, lookup, classes)
    return Side(codes, classes, partitions), order
