"""A segment: profiles that came together, with every list to find them by. It is made once and never altered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from comity.base import workers
from comity.dna.kernel.fitting import Fitting, Limits
from comity.dna.kernel.index import fitting as fitted
from comity.dna.kernel.index import probing
from comity.dna.kernel.index.fitting import asked as by_numbers
from comity.dna.kernel.index.genotypes import LOCI, Classes, classify, masks
from comity.dna.kernel.index.orders import CLIQUES, FILL, NONE, Order, Partition, orders_of, partitioned, telling
from comity.dna.kernel.index.planning import classes_asked
from comity.dna.kernel.index.postings import Numbers, count_pairs, spread
from comity.dna.kernel.packed import Codes, Keys

ROOM: Final = 4096
"""Hits that a lookup has room for at first; it is asked again with more where that is too few."""
_LINE: Final = 8 + FILL
SHARED: Final = 1_000_000
"""Profiles of a segment from which on several threads sweep it."""
_UNKNOWN: Final = 255
"""The class of a query's unknown allele."""

Each = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]
"""How the lists are made one after the other: `map`, or that of a pool of threads."""


@dataclass(frozen=True)
class Segment:
    """Arrays of n profiles, in an order of the segment's own.

    `codes` (n, WIDTH) and `keys` (n) are the profiles; `classes` (LOCI, n) their genotypes by class; `lookup`, `shares`
    and `seen` what classes mean (`genotypes.Classes`). `partitions`: start, end, mask, regular, first list, behind the
    last, fewest loci. `orders`: the loci a, b, c, d of a list, where its directory and its entries begin, classes of b,
    clique, further loci. `typed` (partition, locus): share of the partition's profiles that hold the locus.

    A lean segment has no lists. The rows of its kits rise by the classes of two loci instead, the last two numbers of
    `partitions` (-1: they do not); `by_key` are its rows by rising key.
    """

    codes: Codes
    keys: Keys
    classes: Codes
    lookup: Codes
    shares: npt.NDArray[np.float64]
    seen: npt.NDArray[np.uint32]
    partitions: Numbers
    orders: Numbers
    typed: npt.NDArray[np.float64]
    directory: npt.NDArray[np.uint32]
    signatures: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.uint32]
    by_key: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return int(self.keys.size)

    @property
    def index_bytes(self) -> int:
        """Bytes beside the profiles themselves and their keys."""
        return sum(int(a.nbytes) for name, a in vars(self).items() if name not in ("codes", "keys"))


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
    """The same rows by passing over the classes of every profile; of a large segment, by several threads."""
    query, asked = np.array(query), np.empty(LOCI, dtype=np.uint8)
    classes_asked(query, segment.lookup, asked)
    each = map if len(segment) < SHARED else workers.beside().map
    kept = list(each(lambda number: _swept(segment, number, asked, minimum), range(len(segment.partitions))))
    return verified(segment.codes, np.concatenate([np.zeros(0, dtype=np.int64), *kept]), query, minimum, dead)


def _swept(segment: Segment, number: int, asked: Codes, minimum: int) -> Numbers:
    """The rows of a partition that a sweep finds."""
    start, end, mask = (int(value) for value in segment.partitions[number][:3])
    tested = [n for n in range(LOCI) if asked[n] and mask >> n & 1]
    if len(tested) < minimum:
        return np.zeros(0, dtype=np.int64)
    share = segment.shares[np.arange(LOCI), asked]
    loci = np.array(sorted(tested, key=lambda n: float(-segment.typed[number, n] * (1 - share[n]))), dtype=np.int64)
    ranges = _ranges(segment, number, asked)
    found = np.empty(max(ROOM, (end - start) // 64), dtype=np.int64)
    count = probing.sweep_ranges(segment.classes, ranges, asked, loci, found, 1)
    if count > found.size:
        found = np.empty(count, dtype=np.int64)
        count = probing.sweep_ranges(segment.classes, ranges, asked, loci, found, 1)
    return found[:count]


def _ranges(segment: Segment, number: int, asked: Codes) -> Numbers:
    """Where the rows of a partition lie that one differing locus leaves possible: all of it, or, where the rows rise by
    two loci that the query has, those that are equal at one of the two."""
    start, end, _, _, _, _, _, one, two = segment.partitions[number].tolist()
    if one < 0 or not 1 < asked[one] < _UNKNOWN or not 1 < asked[two] < _UNKNOWN:
        return np.array([[start, end]], dtype=np.int64)
    found = np.empty((256, 2), dtype=np.int64)
    ordered = segment.classes[one], segment.classes[two]
    return found[: probing.narrowed(*ordered, start, end, int(asked[one]), int(asked[two]), found)]


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


def build(codes: Codes, keys: Keys, each: Each = map, lean: bool = False) -> Segment:
    """The segment of profiles `codes` (n, WIDTH); `each` may make several lists at once. A `lean` one has no lists."""
    order, partitions = partitioned(masks(codes))
    codes, keys = np.ascontiguousarray(codes[order]), keys[order]
    kinds = Classes.of(codes)
    classes = np.empty((LOCI, keys.size), dtype=np.uint8)
    classify(codes, kinds.lookup, classes)
    if lean:
        return _narrow(codes, keys, classes, kinds, partitions)
    tables = [(partition, order) for partition in partitions for order in orders_of(partition, kinds.shares)]
    orders = _lines([order for _, order in tables], kinds)
    lists = _Lists(classes, orders, [partition for partition, _ in tables], kinds)
    for _ in each(lists.count, range(len(tables))):
        pass
    lists.lay_out()
    for _ in each(lists.write, range(len(tables))):
        pass
    return Segment(
        codes, keys, classes, kinds.lookup, kinds.shares, kinds.seen, _partition_table(partitions, kinds), orders,
        _typed(classes, partitions), lists.directory, lists.signatures, lists.rows, np.zeros(0, dtype=np.uint32),
    )  # fmt: skip


def _narrow(codes: Codes, keys: Keys, classes: Codes, kinds: Classes, partitions: list[Partition]) -> Segment:
    """The lean segment of profiles that lie by partitions."""
    table = _partition_table(partitions, kinds)
    table[:, 4:6] = 0
    for line, partition in zip(table, partitions, strict=True):
        loci = telling(partition, kinds.shares)
        if partition.regular and len(loci) > 1:
            here, (one, two) = slice(partition.start, partition.end), loci[:2]
            order = np.lexsort((classes[two, here], classes[one, here]))
            codes[here], keys[here], line[7:] = codes[here][order], keys[here][order], (one, two)
            for column in classes:
                column[here] = column[here][order]
    none = np.zeros(0, dtype=np.uint32)
    return Segment(
        codes, keys, classes, kinds.lookup, kinds.shares, kinds.seen, table, np.zeros((0, _LINE), dtype=np.int64),
        _typed(classes, partitions), none, np.zeros(0, dtype=np.uint64), none, np.argsort(keys).astype(np.uint32),
    )  # fmt: skip


def _lines(orders: list[Order], kinds: Classes) -> Numbers:
    """The table of lists; where entries begin is filled in when they are counted."""
    table = np.full((len(orders), _LINE), NONE, dtype=np.int64)
    begin = 0
    for line, order in zip(table, orders, strict=True):
        size = int(kinds.number[order.a] * kinds.number[order.b]) + 1
        line[:8] = (order.a, order.b, order.c, order.d, begin, 0, kinds.number[order.b], order.clique)
        line[8 : 8 + len(order.fill)] = order.fill
        begin += size
    return table


def _partition_table(partitions: list[Partition], kinds: Classes) -> Numbers:
    table, first = np.full((len(partitions), 9), -1, dtype=np.int64), 0
    for line, partition in zip(table, partitions, strict=True):
        last = first + len(orders_of(partition, kinds.shares))
        line[:7] = (partition.start, partition.end, partition.mask, partition.regular, first, last, partition.least)
        first = last
    return table


def _typed(classes: Codes, partitions: list[Partition]) -> npt.NDArray[np.float64]:
    shares = [np.count_nonzero(classes[:, p.start : p.end], axis=1) / (p.end - p.start) for p in partitions]
    return np.array(shares, dtype=np.float64).reshape(len(partitions), LOCI)


class _Lists:
    """The lists of a segment while they are made: counted one by one, laid out, written one by one."""

    def __init__(self, classes: Codes, orders: Numbers, partitions: list[Partition], kinds: Classes) -> None:
        self._classes, self._orders, self._partitions = classes, orders, partitions
        sizes = [int(kinds.number[line[0]] * kinds.number[line[1]]) + 1 for line in orders]
        self._ends = np.cumsum(sizes) if sizes else np.zeros(0, dtype=np.int64)
        self.directory = np.zeros(sum(sizes), dtype=np.uint32)
        self.signatures, self.rows = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint32)

    def _own(self, number: int) -> tuple[Any, ...]:
        line, partition = self._orders[number], self._partitions[number]
        return self._classes, line, partition.start, partition.end, self.directory[line[4] : self._ends[number]]

    def count(self, number: int) -> None:
        """Fill in the directory of a list."""
        count_pairs(*self._own(number))

    def lay_out(self) -> None:
        """Make room for the entries of every list, one list behind the other."""
        counts = self.directory[self._ends - 1].astype(np.int64) if self._ends.size else self._ends
        self._orders[:, 5] = np.cumsum(counts) - counts
        self.signatures = np.empty(int(counts.sum()), dtype=np.uint64)
        self.rows = np.empty(int(counts.sum()), dtype=np.uint32)

    def write(self, number: int) -> None:
        """Write the entries of a list."""
        begin = int(self._orders[number, 5])
        end = begin + int(self.directory[self._ends[number] - 1])
        classes, line, first, last, directory = self._own(number)
        spread(classes, line, first, last, directory, self.signatures[begin:end], self.rows[begin:end])
