"""The profiles of a node as searches hold them in memory: those of the last committed state, and what came since.

A node of few profiles scans them in NumPy. From `LEAST` on they lie in the index, whose kernels are compiled; it
grows by what was committed, and never sees what was not.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from comity.dna import kernel, store
from comity.dna.model import LAYOUT
from comity.dna.service import snapshots
from comity.dna.service.importing import CHANGED
from comity.kit.database.unit import Unit

if TYPE_CHECKING:
    from comity.dna.kernel.index.whole import Index

logger = logging.getLogger(__name__)

LEAST: Final = 100_000
"""Profiles from which on a search goes through the index: below, one through the scan takes 2.3 ms at the median
(docs/measurements.md), and the compiler's 130 MB are worth more to a small machine."""

_SEEN: Final = "dna.seen"
Portion = Sequence[tuple[int, bytes]]


class Held:
    """The profiles of one node, for several threads; `search` answers for the state that its unit sees."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` keeps the index of a large node between starts; without one it is made anew by every process."""
        self._folder = folder
        self._state = store.Changes(0, 0)
        self._matrix = kernel.Matrix.empty()
        self._index: Index | None = None
        self._gone: kernel.Keys = np.zeros(0, dtype=np.int64)
        self._loading = threading.Lock()
        self._aside: threading.Thread | None = None

    def search(self, unit: Unit, query: bytes, minimum: int) -> list[int]:
        """Row numbers of the profiles that the query (packed) may stand for: `minimum` loci fully equal and at most one
        allele different."""
        if unit.scratch.get(CHANGED):  # what this unit wrote may yet be rolled back: never remembered
            return self._with_uncommitted(unit, query, minimum)
        state = _state(unit)
        with self._loading:
            if state.changes > self._state.changes:
                self._advance(unit, state)
            matrix, index = self._matrix, self._index
        return _indexed(index, query, minimum) if index is not None else scanned(matrix, query, minimum)

    def fitting(self, unit: Unit, query: bytes, by: kernel.Limits) -> kernel.Fitting:
        """The profiles (row numbers) that meet a rule set for the query (packed), in the state that the unit sees."""
        if unit.scratch.get(CHANGED):  # as above
            return _fitting(extended(unit, kernel.Matrix.empty()), query, by)
        state = _state(unit)
        with self._loading:
            if state.changes > self._state.changes:
                self._advance(unit, state)
            matrix, index = self._matrix, self._index
        return _fitting(matrix, query, by) if index is None else index.fitting(np.frombuffer(query, np.uint8)[1:], by)

    def index(self, unit: Unit) -> "Index":
        """The profiles of the last committed state as an index, however few they are; it loads the compiler."""
        state = _state(unit)
        with self._loading:
            if state.changes > self._state.changes:
                self._advance(unit, state)
            return self._index if self._index is not None else _built(self._matrix)

    def _with_uncommitted(self, unit: Unit, query: bytes, minimum: int) -> list[int]:
        with self._loading:
            index = self._index
        if index is None:
            return scanned(extended(unit, kernel.Matrix.empty()), query, minimum)
        found = _indexed(index, query, minimum)
        found += scanned(extended(unit, kernel.Matrix.empty(), index.last), query, minimum)
        gone = store.retired_among(unit, found)
        return [key for key in found if key not in gone]

    def _advance(self, unit: Unit, state: store.Changes) -> None:
        """Take in what was committed since; called by one thread at a time."""
        fresh = False
        if self._index is None and not len(self._matrix) and self._folder is not None:
            self._index = opened(unit, self._folder, state)
        if self._index is not None:
            self._index = self._extended(unit, self._index, state)
        else:
            kept = self._matrix if state.retired == self._state.retired else kernel.Matrix.empty()
            self._matrix = extended(unit, kept)
            if fresh := len(self._matrix) >= LEAST:
                self._index, self._matrix = _built(self._matrix), kernel.Matrix.empty()
        self._state = state
        self._work_aside(unit, fresh)

    def _extended(self, unit: Unit, index: "Index", state: store.Changes) -> "Index":
        for portion in store.packed_after(unit, index.last):
            index = index.added([seq for seq, _ in portion], rows_of(unit, portion))
        if state.retired > self._state.retired:
            self._gone = np.array(store.retired(unit), dtype=np.int64)
            index = index.without(self._gone)
        return index

    def _work_aside(self, unit: Unit, fresh: bool) -> None:
        """In a thread of its own, beside the searches: make a segment of a tail that has grown; keep what is new."""
        index = self._index
        if index is None or not (fresh or index.unsettled()) or (self._aside is not None and self._aside.is_alive()):
            return
        last = index.last
        state = snapshots.State(self._state.changes, last, store.id_of(unit, last))
        self._aside = threading.Thread(target=self._settle, args=(index, state), name="dna-index", daemon=True)
        self._aside.start()

    def _settle(self, before: "Index", state: "snapshots.State") -> None:
        made = before
        if before.unsettled():
            made = before.settled()
            with self._loading:
                now = self._index
                if now is not None:
                    self._index = made.added(*now.behind(before.last)).without(self._gone)
        if self._folder is not None:
            try:
                snapshots.save(self._folder, [part.segment for part in made.parts], state)
            except OSError as error:  # searches go on; the next start makes the index anew
                logger.warning("The DNA index could not be kept in %s: %s", self._folder, error)

    def settled(self) -> None:
        """Wait until no segment is in the making, and what was made is kept."""
        if self._aside is not None:
            self._aside.join()


def opened(unit: Unit, folder: Path, state: store.Changes) -> "Index | None":
    """The index as it was kept, if it is whole and of an earlier or the present state of this database; else None."""
    try:
        found = snapshots.load(folder)
        if found.state.changes > state.changes or store.id_of(unit, found.state.last) != found.state.mark:
            raise snapshots.Unusable("it is of another state of the database")
    except snapshots.Unusable as error:
        if (folder / snapshots.LIST).exists():
            logger.warning("The DNA index in %s is made anew: %s", folder, error)
        return None
    from comity.dna.kernel.index.whole import Index, Part  # noqa: PLC0415  # as below

    return Index(tuple(Part.of(segment) for segment in found.segments))


def _state(unit: Unit) -> store.Changes:
    """How far the table is changed, read once a unit: only this unit could change it meanwhile, and says so."""
    known = unit.scratch.get(_SEEN)
    if not isinstance(known, store.Changes):
        known = unit.scratch[_SEEN] = store.changes(unit)
    return known


def scanned(matrix: kernel.Matrix, query: bytes, minimum: int) -> list[int]:
    keys: list[int] = matrix.keys[kernel.scan(matrix.codes, query, minimum).rows].tolist()
    return keys


def _fitting(matrix: kernel.Matrix, query: bytes, by: kernel.Limits) -> kernel.Fitting:
    found = kernel.fitting(matrix.codes, query, by)
    return replace(found, rows=matrix.keys[found.rows])


def _indexed(index: "Index", query: bytes, minimum: int) -> list[int]:
    keys: list[int] = index.search(np.frombuffer(query, dtype=np.uint8)[1:], minimum).keys.tolist()
    return keys


def _built(matrix: kernel.Matrix) -> "Index":
    from comity.dna.kernel.index.whole import LEAN, Index  # noqa: PLC0415  # the compiler, which a small node never loads

    return Index.of(matrix.keys, np.ascontiguousarray(matrix.codes.T), lean=len(matrix) >= LEAN)


def extended(unit: Unit, matrix: kernel.Matrix, last: int = 0) -> kernel.Matrix:
    """The matrix with the active profiles behind its last row, or behind row `last`."""
    last = int(matrix.keys[-1]) if len(matrix) else last
    parts = [matrix]
    for portion in store.packed_after(unit, last):
        parts.append(kernel.Matrix.of([seq for seq, _ in portion], _current(unit, portion)))
    return kernel.joined(parts)


def rows_of(unit: Unit, portion: Portion) -> kernel.Codes:
    """The codes (n, WIDTH) of packed rows."""
    return np.ascontiguousarray(kernel.columns(_current(unit, portion)).T)


def _current(unit: Unit, portion: Portion) -> list[bytes]:
    """The packed rows; those of another layout are packed again from their text."""
    old = [seq for seq, packed in portion if packed[0] != LAYOUT]
    profiles = store.by_seq(unit, old)
    return [kernel.pack(profiles[seq].loci) if seq in profiles else packed for seq, packed in portion]
