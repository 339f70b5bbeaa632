"""Arrangements: the rows of a kit in several orders, so that a sweep need not pass over all of them.

One locus of an accepted row may differ from the query's. So of any two loci of the query one is equal, and rows that
are ordered by both, or by one of them each in an order of its own, hold every accepted row in a few ranges. A stain has
some of its kit's loci and nobody knows which: with three orders by two loci each, any two of six will do. The first
order is that of the segment itself; each of the others has its own copy of the kit's classes, and each row's number.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.index.genotypes import LOCI, Classes
from comity.dna.kernel.index.orders import Partition
from comity.dna.kernel.index.postings import Numbers, Rows
from comity.dna.kernel.packed import Codes, Keys

ORDERS: Final = 3
"""Orders of a kit's rows; each but the first takes a byte for each locus and four."""
OWN: Final = -1
"""Where the classes of an arrangement begin that is the segment's own order."""

Shares = npt.NDArray[np.float64]


class Copies(NamedTuple):
    """The arrangements of a segment: `table` (partition, two loci, classes of the first, where its classes and where
    its rows begin), their classes, locus by locus of the kit, and the segment's row of each of theirs."""

    table: Numbers
    classes: Codes
    rows: Rows

    @classmethod
    def none(cls) -> "Copies":
        """Of a segment that is in one order alone."""
        return cls(np.zeros((0, 6), dtype=np.int64), np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.uint32))

    @classmethod
    def of(cls, partitions: list[Partition], kinds: Classes, held: Shares) -> "Copies":
        """Laid out with room for the rows of `partitions`; `held`: the share of profiles that hold each locus."""
        lines, classes, rows = [], 0, 0
        for number, partition in enumerate(partitions):
            for place, (one, two) in enumerate(pairs_of(partition, kinds.shares, held)):
                lines.append((number, one, two, int(kinds.number[one]), classes if place else OWN, rows))
                if place:
                    size = partition.end - partition.start
                    classes, rows = classes + size * partition.mask.bit_count(), rows + size
        table = np.array(lines, dtype=np.int64).reshape(-1, 6)
        return cls(table, np.empty(classes, dtype=np.uint8), np.empty(rows, dtype=np.uint32))

    def fill(self, number: int, partition: Partition, codes: Codes, keys: Keys, classes: Codes) -> None:
        """Bring the rows of a partition into their first order, and write the others."""
        here = slice(partition.start, partition.end)
        for _, one, two, _, begin, first in self.table[self.table[:, 0] == number].tolist():
            pair = classes[one, here].astype(np.uint16) << 8 | classes[two, here]
            order = np.argsort(pair, kind="stable")
            if begin == OWN:
                codes[here], keys[here] = codes[here][order], keys[here][order]
                for column in classes:
                    column[here] = column[here][order]
            else:
                view = viewed(self.classes, begin, partition.mask, order.size)
                for copy, locus in zip(view, loci_of(partition.mask), strict=True):
                    np.take(classes[locus, here], order, out=copy)
                self.rows[first : first + order.size] = order + partition.start


def pairs_of(partition: Partition, shares: Shares, held: Shares) -> list[tuple[int, int]]:
    """The pairs of loci by which a kit's rows are ordered; none for profiles of irregular loci.

    Loci by which profiles seldom agree narrow most. Loci that many profiles hold, of whatever kit, are most often among
    those that a stain has in common with this one.
    """
    if not partition.regular:
        return []
    meeting = (shares**2).sum(axis=1) / np.maximum(held, 1e-9) ** 2
    loci = sorted(loci_of(partition.mask), key=lambda n: (float(meeting[n]), n))[: 2 * ORDERS]
    return list(zip(loci[::2], loci[1::2], strict=False))


def loci_of(mask: int) -> list[int]:
    """The loci of a mask, rising."""
    return [n for n in range(LOCI) if mask >> n & 1]


def viewed(classes: Codes, begin: int, mask: int, size: int) -> Codes:
    """The classes of an arrangement (loci of the kit, rows)."""
    many = mask.bit_count()
    return classes[begin : begin + many * size].reshape(many, size)
