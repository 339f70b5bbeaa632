"""A segment: profiles that came together, with every list to find them by. It is made once and never altered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.index.arranging import Copies
from comity.dna.kernel.index.genotypes import LOCI, Classes, classify, masks
from comity.dna.kernel.index.orders import FILL, NONE, Order, Partition, orders_of, partitioned
from comity.dna.kernel.index.postings import Numbers, count_pairs, spread
from comity.dna.kernel.packed import Codes, Keys

_LINE: Final = 8 + FILL

Each = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]
"""How the lists are made one after the other: `map`, or that of a pool of threads."""


@dataclass(frozen=True)
class Segment:
    """Arrays of n profiles, in an order of the segment's own.

    `codes` (n, WIDTH) and `keys` (n) are the profiles; `classes` (LOCI, n) their genotypes by class; `lookup`, `shares`
    and `seen` what classes mean (`genotypes.Classes`). `partitions`: start, end, mask, regular, first list, behind the
    last, fewest loci. `orders`: the loci a, b, c, d of a list, where its directory and its entries begin, classes of b,
    clique, further loci. `typed` (partition, locus): share of the partition's profiles that hold the locus.

    A lean segment has no lists. The rows of its kits rise by the classes of two loci instead, and are there again in
    other orders: `arrangements`, `copies` and `copied` (`arranging.Copies`). `by_key` are its rows by rising key.
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
    arrangements: Numbers
    copies: Codes
    copied: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return int(self.keys.size)

    @property
    def index_bytes(self) -> int:
        """Bytes beside the profiles themselves and their keys."""
        return sum(int(a.nbytes) for name, a in vars(self).items() if name not in ("codes", "keys"))


class _Laid(NamedTuple):
    """Profiles that lie by partitions."""

    codes: Codes
    keys: Keys
    classes: Codes
    kinds: Classes
    partitions: list[Partition]


def build(codes: Codes, keys: Keys, each: Each = map, lean: bool = False) -> Segment:
    """The segment of profiles `codes` (n, WIDTH); `each` may make several lists at once. A `lean` one has no lists."""
    order, partitions = partitioned(masks(codes))
    codes, keys = np.ascontiguousarray(codes[order]), keys[order]
    kinds = Classes.of(codes)
    classes = np.empty((LOCI, keys.size), dtype=np.uint8)
    classify(codes, kinds.lookup, classes)
    laid = _Laid(codes, keys, classes, kinds, partitions)
    return _lean(laid, each) if lean else _listed(laid, each)


def _listed(laid: _Laid, each: Each) -> Segment:
    """With lists."""
    codes, keys, classes, kinds, partitions = laid
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
        *Copies.none(),
    )  # fmt: skip


def _lean(laid: _Laid, each: Each) -> Segment:
    """Without lists, its kits in several orders."""
    codes, keys, classes, kinds, partitions = laid
    typed, table = _typed(classes, partitions), _partition_table(partitions, kinds)
    table[:, 4:6] = 0
    sizes = np.array([partition.end - partition.start for partition in partitions])
    copies = Copies.of(partitions, kinds, sizes @ typed / max(1, keys.size))

    def arrange(number: int) -> None:
        copies.fill(number, partitions[number], codes, keys, classes)

    for _ in each(arrange, range(len(partitions))):
        pass
    none = np.zeros(0, dtype=np.uint32)
    return Segment(
        codes, keys, classes, kinds.lookup, kinds.shares, kinds.seen, table, np.zeros((0, _LINE), dtype=np.int64),
        typed, none, np.zeros(0, dtype=np.uint64), none, np.argsort(keys).astype(np.uint32), *copies,
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
    table, first = np.full((len(partitions), 7), -1, dtype=np.int64), 0
    for line, partition in zip(table, partitions, strict=True):
        last = first + len(orders_of(partition, kinds.shares))
        line[:] = (partition.start, partition.end, partition.mask, partition.regular, first, last, partition.least)
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
