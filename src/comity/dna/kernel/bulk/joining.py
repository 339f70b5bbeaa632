"""Every pair of two sides that meets the rule: kits with kits, irregular profiles with kits, and with each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.dna.kernel.bulk import outlines, picking
from comity.dna.kernel.bulk.meeting import Found, met
from comity.dna.kernel.bulk.outlines import Outlines
from comity.dna.kernel.bulk.planning import grouped, plan
from comity.dna.kernel.bulk.sides import Side
from comity.dna.kernel.bulk.tables import Table, table
from comity.dna.kernel.index.genotypes import LOCI, Shares
from comity.dna.kernel.index.orders import Partition
from comity.dna.kernel.index.postings import Numbers

BLOCK: Final = 131_072
"""Rows of the passing side that are outlined at once."""
SPAN: Final = 524_288
"""Irregular rows that stand in tables at once."""


@dataclass(frozen=True)
class Join:
    """Two sides and the rule; `shares` are those of the classes of both. Every table that is held in memory is one of
    the asked side, or of `SPAN` rows of the other."""

    asked: Side
    held: Side
    shares: Shares
    minimum: int

    def pairs(self) -> Iterator[Found]:
        """Row of `asked`, row of `held` and `probing.weighed` of every pair that meets the rule, some of them twice."""
        presence = outlines.presence(self.asked.classes)
        words = outlines.chosen(presence, self.shares)
        left = sum(share > 0 for share in presence) - int((words >= 0).sum())
        lines = self.asked.outlined(words, 0, self.asked.codes.shape[0])
        work = _Work(self, words, self.minimum - left)
        yield from work.kits(lines)
        yield from work.irregular_held()
        yield from work.irregular_asked(lines)
        yield from work.both_irregular(lines)


@dataclass(frozen=True)
class _Work:
    """A join at work: which loci the outlines hold, and at how many of these a pair must be equal."""

    of: Join
    words: Numbers
    least: int

    def kits(self, lines: Outlines) -> Iterator[Found]:
        """Kits with kits, by keys of many loci."""
        asked, held = self.of.asked, self.of.held
        made = plan(asked.kits, held.kits, self.of.shares, self.of.minimum)
        tables = {}
        for key, numbers in made.tables.items():
            rows = [np.arange(asked.kits[n].start, asked.kits[n].end, dtype=np.int64) for n in sorted(numbers)]
            tables[key] = table(asked.classes, lines, 0, np.concatenate(rows), key)
        for number, keys in made.met.items():
            yield from self._passed(held, held.kits[number], [tables[key] for key in sorted(keys)], asked)

    def irregular_held(self) -> Iterator[Found]:
        """Irregular profiles that are held, with kits that ask: those stand in tables, these pass by."""
        asked, held = self.of.asked, self.of.held
        for low, high in _spans(held):
            lines = held.outlined(self.words, low, high)
            for number, picked in self._standing(held, asked.kits, (low, high)):
                tables = [table(held.classes, lines, low, rows, key) for key, rows in picking.by_set(picked)]
                yield from (found[:, [1, 0, 2]] for found in self._passed(asked, asked.kits[number], tables, held))

    def irregular_asked(self, lines: Outlines) -> Iterator[Found]:
        """Irregular profiles that ask, with kits that are held."""
        asked, held = self.of.asked, self.of.held
        for low, high in _spans(asked):
            for number, picked in self._standing(asked, held.kits, (low, high)):
                tables = [table(asked.classes, lines, 0, rows, key) for key, rows in picking.by_set(picked)]
                yield from self._passed(held, held.kits[number], tables, asked)

    def both_irregular(self, lines: Outlines) -> Iterator[Found]:
        """Irregular profiles with each other, by pairs of loci."""
        asked, held = self.of.asked, self.of.held
        for one in asked.others:
            rows = np.arange(one.start, one.end, dtype=np.int64)
            for two in held.others:
                keys = grouped(one, two, self.of.shares, self.of.minimum)
                tables = [table(asked.classes, lines, 0, rows, key) for key in keys]
                yield from self._passed(held, two, tables, asked)

    def _standing(self, side: Side, kits: Sequence[Partition], span: tuple[int, int]) -> Iterator[tuple[int, Numbers]]:
        """For each kit that passes what stands for the irregular rows `span` (`picking.picked`)."""
        low, high = span
        order, masks = np.empty((high - low, LOCI), dtype=np.int32), np.empty((high - low, 2), dtype=np.int64)
        picking.ordered(side.classes, picking.ranks(self.of.shares), low, high, order, masks)
        for number, kit in enumerate(kits):
            size = picking.SMALL if (kit.end - kit.start) > picking.MANY * (high - low) else picking.LARGE
            groups = picking.groups(kit.mask, self.of.shares, self.of.minimum, size)
            found = np.empty((2 * (high - low), 3), dtype=np.int64)
            yield number, found[: picking.picked(order, masks, low, groups, self.of.minimum, found)]

    def _passed(self, side: Side, partition: Partition, tables: Sequence[Table], other: Side) -> Iterator[Found]:
        """A partition of `side` passes by tables of `other`: table's row, passing row, `weighed`."""
        for low in range(partition.start, partition.end if tables else partition.start, BLOCK):
            high = min(low + BLOCK, partition.end)
            lines = side.outlined(self.words, low, high)
            for standing in tables:
                found = met(side, lines, (low, high), standing, other, (self.of.minimum, self.least))
                if len(found):
                    yield found[:, [1, 0, 2]]


def _spans(side: Side) -> Iterator[tuple[int, int]]:
    """The irregular rows of a side, some at a time."""
    if side.others:
        end = side.others[-1].end
        for low in range(side.others[0].start, end, SPAN):
            yield low, min(low + SPAN, end)
