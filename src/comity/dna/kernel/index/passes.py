"""Which rows of a segment a sweep passes over: of a kit that has arrangements, a few ranges; otherwise all of them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.index.arranging import OWN, loci_of, viewed
from comity.dna.kernel.index.genotypes import LOCI
from comity.dna.kernel.index.planning import FIRST, SECOND, cheapest, ways
from comity.dna.kernel.index.postings import Numbers, Rows
from comity.dna.kernel.index.segment import Segment
from comity.dna.kernel.index.sweeping import placed, sweep_ranges, sweep_some
from comity.dna.kernel.packed import Codes

ROOM: Final = 4096
"""Rows that a pass has room for at the least; it is made again with more where that is too few."""
PIECE: Final = 1_000_000
"""Rows of which one pass has no more: several threads share a large partition."""
RANGE: Final = 600.0
"""What finding one range of an arrangement, and beginning there, costs, in rows passed over."""
UNKNOWN: Final = 255
"""The class of a query's unknown allele."""


class Pass(NamedTuple):
    """A sweep over `ranges` (from, to) of `classes` (places, n) that looks at `places` in this order; `asked` are the
    query's classes by place, of which `limit` may differ. `rows`: the segment's rows, if these are in another order.
    `most`: how many of the places a row may lack, where rows hold some of them each."""

    classes: Codes
    asked: Codes
    places: Numbers
    ranges: Numbers
    limit: int
    rows: Rows | None = None
    most: int | None = None

    @property
    def size(self) -> int:
        """Rows that it passes over."""
        return int((self.ranges[:, 1] - self.ranges[:, 0]).sum())

    def swept(self) -> Numbers:
        """The rows of the segment that it leaves."""
        found = np.empty(max(ROOM, self.size // 64), dtype=np.int64)
        count = self._into(found)
        if count > found.size:
            found = np.empty(count, dtype=np.int64)
            self._into(found)
        return found[:count] if self.rows is None else self.rows[found[:count]].astype(np.int64)

    def _into(self, found: Numbers) -> int:
        if self.most is not None:
            (start, end) = self.ranges[0].tolist()
            over = self.classes, start, end, self.asked, self.places, found
            return sweep_some(*over, self.limit, self.most)
        return sweep_ranges(self.classes, self.ranges, self.asked, self.places, found, self.limit)

    def parted(self) -> Iterator["Pass"]:
        """The same in pieces that threads can share."""
        if self.size <= PIECE:
            yield self
            return
        for start, end in self.ranges.tolist():
            for low in range(start, end, PIECE):
                yield self._replace(ranges=np.array([[low, min(low + PIECE, end)]], dtype=np.int64))


class Asked(NamedTuple):
    """What is asked of a segment: the query's classes, the share of profiles with each of them, loci fully equal."""

    classes: Codes
    share: npt.NDArray[np.float64]
    minimum: int


def passes(segment: Segment, asked: Codes, minimum: int) -> list[Pass]:
    """The passes over a segment that surely leave every row that the rule accepts: `minimum` loci fully equal to the
    query's classes `asked` (LOCI), one locus with a differing allele at most."""
    what = Asked(asked, np.ascontiguousarray(segment.shares[np.arange(LOCI), asked]), minimum)
    every = range(len(segment.partitions))
    return [piece for number in every for one in _over(segment, number, what) for piece in one.parted() if piece.size]


def _over(segment: Segment, number: int, what: Asked) -> list[Pass]:
    """The passes over one partition."""
    start, end, mask, regular = segment.partitions[number, :4].tolist()
    tested = [n for n in loci_of(mask) if what.classes[n]]
    if len(tested) < what.minimum:
        return []
    if not regular:
        order = sorted(tested, key=lambda n: float(-segment.typed[number, n] * (1 - what.share[n])))
        return [_whole(segment, (start, end), what, order, 1)._replace(most=len(tested) - what.minimum)]
    known = sorted((n for n in tested if what.classes[n] != UNKNOWN), key=lambda n: float(what.share[n]))
    lost = len(tested) - len(known)
    if len(known) < what.minimum or lost > 1:
        return []
    limit = 0 if lost or len(known) == what.minimum else 1
    found = _narrowed(segment, number, what, known, limit)
    return found or [_whole(segment, (start, end), what, known, limit)]


def _whole(segment: Segment, ends: tuple[int, int], what: Asked, loci: list[int], limit: int) -> Pass:
    """One over all rows of a partition."""
    ranges = np.array([ends], dtype=np.int64)
    return Pass(segment.classes, what.classes, np.array(loci, dtype=np.int64), ranges, limit)


def _narrowed(segment: Segment, number: int, what: Asked, known: list[int], limit: int) -> list[Pass]:
    """By the cheapest ways of the kit's arrangements; none where no two of the `known` loci lead there, or at more
    cost than all of the rows.

    Where one locus may differ, two ways without a common locus: by one of them every accepted row is found.
    """
    lines = segment.arrangements[segment.arrangements[:, 0] == number]
    size = int(segment.partitions[number, 1] - segment.partitions[number, 0])
    found, costs = np.empty((3 * len(lines), 3), dtype=np.int64), np.empty(3 * len(lines))
    count = ways(lines, sum(1 << n for n in known), what.share, float(size), RANGE, found, costs)
    chosen, many = np.zeros(3, dtype=np.int64), min(count, 1)
    if limit:
        many = cheapest(found, costs, count, chosen)
    if not many or costs[chosen[:many]].sum() >= size:
        return []
    return [_by(segment, lines[line], which, what, [n for n in known if not mask >> n & 1], limit)
            for mask, line, which in found[chosen[:many]].tolist()]  # fmt: skip


def _by(segment: Segment, line: Numbers, which: int, what: Asked, loci: list[int], limit: int) -> Pass:
    """The pass by one way, looking at `loci`, which are those that it leaves open."""
    number, one, two, _, begin, first = line.tolist()
    start, end, mask = segment.partitions[number, :3].tolist()
    classes, asked, rows, places = segment.classes, what.classes, None, list(range(LOCI))
    if begin != OWN:
        held = loci_of(mask)
        classes, asked = viewed(segment.copies, begin, mask, end - start), what.classes[held]
        rows = segment.copied[first : first + end - start]
        places, start, end = [held.index(n) if n in held else OWN for n in places], 0, end - start
    value, other = (int(what.classes[n]) if which & bit else -1 for n, bit in ((one, FIRST), (two, SECOND)))
    ranges = np.empty((256, 2), dtype=np.int64)
    count = placed(classes[places[one]], classes[places[two]], start, end, value, other, ranges)
    return Pass(classes, asked, np.array([places[n] for n in loci], dtype=np.int64), ranges[:count], limit, rows)
