"""The index of a changing database: a few segments, a short tail that is swept, and marks on what was deleted.

An index is a value: adding answers another one, and whoever searches the older one goes on undisturbed, but for
profiles deleted meanwhile, which no index finds any more. Nothing is rebuilt for an insert. A tail that has grown
becomes a segment, together with the segments that it has outgrown (`settled`), so that each profile is sorted again but
a few times in the life of a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.fitting import Fitting, Limits, together
from comity.dna.kernel.index import searching, segment, sweeping
from comity.dna.kernel.index.genotypes import LEAST, LOCI, MOST, PAIRS, classify
from comity.dna.kernel.index.planning import classes_asked
from comity.dna.kernel.index.segment import Each, Segment
from comity.dna.kernel.packed import Codes, Keys
from comity.dna.model import WIDTH

TAIL: Final = 16_384
"""Profiles in the tail from which on it should become a segment."""
LEAN: Final = 30_000_000
"""Profiles from which on a segment is lean: 140 bytes a profile instead of 350, and milliseconds a search."""
RATIO: Final = 8
"""A segment of fewer than so many times the profiles that come in is taken into the new one."""


@dataclass(frozen=True)
class Part:
    """A segment and the marks of its deleted rows (1: deleted), which only ever grow."""

    segment: Segment
    dead: Codes = field(repr=False)
    last: int
    """The highest key."""

    @classmethod
    def of(cls, whole: Segment) -> "Part":
        """A segment of which nothing is deleted."""
        return cls(whole, np.zeros(len(whole), dtype=np.uint8), int(whole.keys.max()) if len(whole) else 0)


@dataclass
class _Buffer:
    """Room for the tail; views of it grow at its end, so an older view never sees what came later."""

    codes: Codes
    classes: Codes
    keys: Keys
    dead: Codes
    used: int = 0

    @classmethod
    def of(cls, room: int) -> "_Buffer":
        return cls(
            np.zeros((room, WIDTH), dtype=np.uint8), np.zeros((LOCI, room), dtype=np.uint8),
            np.zeros(room, dtype=np.int64), np.zeros(room, dtype=np.uint8),
        )  # fmt: skip


@dataclass(frozen=True)
class Hits:
    """What a search found: the keys of profiles, loci fully equal and differing alleles of each."""

    keys: Keys
    full: npt.NDArray[np.int64]
    differing: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Index:
    """Profiles by key, to be searched. Keys are given once, in rising order."""

    parts: tuple[Part, ...] = ()
    _tail: _Buffer = field(default_factory=lambda: _Buffer.of(0), repr=False)
    tail: int = 0
    """Profiles that are in no segment yet."""

    @classmethod
    def of(cls, keys: Keys, codes: Codes, each: Each = map, lean: bool = False) -> "Index":
        """The index of profiles `codes` (n, WIDTH) with their keys, in one segment; a `lean` one has no lists."""
        return cls((Part.of(segment.build(codes, keys, each, lean)),)) if keys.size else cls()

    def __len__(self) -> int:
        """Profiles held, deleted ones included until they are merged away."""
        return sum(len(part.segment) for part in self.parts) + self.tail

    @property
    def last(self) -> int:
        """The highest key; 0 where there is none."""
        tails = self._tail.keys[: self.tail]
        return max([0, *(part.last for part in self.parts), *(int(k) for k in tails[-1:])])

    def search(self, query: Codes, minimum: int) -> Hits:
        """The profiles with `minimum` loci fully equal to the query (WIDTH codes) and at most one differing allele."""
        return self._over(query, minimum, searching.search)

    def sweep(self, query: Codes, minimum: int) -> Hits:
        """The same, by a pass over all profiles."""
        return self._over(query, minimum, searching.sweep)

    def fitting(self, query: Codes, by: Limits) -> Fitting:
        """The profiles (their keys) that meet a rule set, by a pass over all profiles."""
        found = []
        for part in self.parts:
            rows = searching.fitting(part.segment, query, by, part.dead)
            found.append(replace(rows, rows=part.segment.keys[rows.rows]))
        if self.tail:
            every = np.arange(self.tail)
            rows = searching.fitted_among(self._tail.codes, every, query, by, self._tail.dead)
            found.append(replace(rows, rows=self._tail.keys[rows.rows]))
        return together(found)

    def _over(self, query: Codes, minimum: int, look: "searching.Look") -> Hits:
        found = []
        for part in self.parts:
            rows, full, differing = look(part.segment, query, minimum, part.dead)
            found.append((part.segment.keys[rows], full, differing))
        if self.tail:
            rows, full, differing = self._swept_tail(query, minimum)
            found.append((self._tail.keys[rows], full, differing))
        if len(found) == 1:
            return Hits(*found[0])
        return Hits(*(np.concatenate([f[n] for f in found] or [np.zeros(0, dtype=np.int64)]) for n in range(3)))

    def _swept_tail(self, query: Codes, minimum: int) -> searching.Searched:
        query, asked = np.array(query), np.empty(LOCI, dtype=np.uint8)
        classes_asked(query, _hashed(), asked)
        loci, rows = np.flatnonzero(asked), np.empty(self.tail, dtype=np.int64)
        count = sweeping.sweep(self._tail.classes, 0, self.tail, asked, loci, rows, 1)
        return searching.verified(self._tail.codes, rows[:count], query, minimum, self._tail.dead)

    def added(self, keys: Sequence[int] | Keys, codes: Codes) -> "Index":
        """The index with more profiles (n, WIDTH), whose keys are above all keys that it holds."""
        size, buffer = len(keys), self._tail
        if buffer.used != self.tail or buffer.keys.size < self.tail + size:
            buffer = self._with_room(self.tail + size)
        here = slice(self.tail, self.tail + size)
        buffer.codes[here], buffer.keys[here], buffer.dead[here] = codes, keys, 0
        fresh = np.empty((LOCI, size), dtype=np.uint8)
        classify(np.ascontiguousarray(buffer.codes[here]), _hashed(), fresh)
        buffer.classes[:, here] = fresh
        buffer.used = self.tail + size
        return replace(self, _tail=buffer, tail=buffer.used)

    def _with_room(self, size: int) -> _Buffer:
        """A copy of the tail with room to grow."""
        made, held = _Buffer.of(max(1024, 2 * size)), self.tail
        made.codes[:held], made.classes[:, :held] = self._tail.codes[:held], self._tail.classes[:, :held]
        made.keys[:held], made.dead[:held] = self._tail.keys[:held], self._tail.dead[:held]
        return made

    def without(self, keys: Keys) -> "Index":
        """The index with these profiles deleted; keys that it does not hold are passed over."""
        for part in self.parts:
            by_key = part.segment.by_key
            if by_key.size:
                part.dead[by_key[_places(part.segment.keys[by_key], keys)]] = 1
                continue
            for start, end in part.segment.partitions[:, :2]:
                held = part.segment.keys[start:end]
                part.dead[start + _places(held, keys)] = 1
        self._tail.dead[_places(self._tail.keys[: self.tail], keys)] = 1
        return self

    def behind(self, last: int) -> tuple[Keys, Codes]:
        """Keys and codes of what is in the tail behind the key `last`, deleted or not."""
        here = slice(int(np.searchsorted(self._tail.keys[: self.tail], last, side="right")), self.tail)
        return self._tail.keys[here].copy(), self._tail.codes[here].copy()

    def alive_in_tail(self) -> tuple[Keys, Codes]:
        """Keys and codes (n, WIDTH) of what is in the tail and not deleted."""
        here = np.flatnonzero(self._tail.dead[: self.tail] == 0)
        return self._tail.keys[here], self._tail.codes[here]

    def unsettled(self) -> bool:
        """Whether the tail has grown so long that it should become a segment."""
        return self.tail >= TAIL

    def settled(self, each: Each = map) -> "Index":
        """The index with its tail, and what that has outgrown, made into one segment; deleted profiles are left out."""
        parts = list(self.parts)
        alive, rows = self.alive_in_tail()
        keys, codes = [alive], [rows]
        while parts and len(parts[-1].segment) < RATIO * sum(k.size for k in keys):
            part = parts.pop()
            codes.append(part.segment.codes[part.dead == 0])
            keys.append(part.segment.keys[part.dead == 0])
        joined = np.concatenate(keys)
        if not joined.size:
            return Index(tuple(parts))
        order = np.argsort(joined, kind="stable")
        lean = joined.size >= LEAN
        made = segment.build(np.ascontiguousarray(np.concatenate(codes)[order]), joined[order], each, lean)
        return Index((*parts, Part.of(made)))


def _places(held: Keys, keys: Keys) -> npt.NDArray[np.intp]:
    """Where `keys` stand in `held`, which rises; those that do not are left out."""
    if not held.size:
        return np.zeros(0, dtype=np.intp)
    places = np.minimum(np.searchsorted(held, keys), held.size - 1)
    found: npt.NDArray[np.intp] = places[held[places] == keys]
    return found


@cache
def _hashed() -> Codes:
    """Classes that suit any genotype, for profiles that came after the classes of a segment were given."""
    codes = np.arange(PAIRS)
    classes = (LEAST + ((codes >> 8) * 7 + (codes & 255) * 13) % MOST).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(classes, (LOCI, PAIRS)))
