"""The scan by stringency in NumPy: which packed profiles fit a query under a rule set, and which of them fit best.

`rules.compare` is its plain reference; it is the reference of the compiled sweep (`index.fitting`), with which it
shares no line that decides anything: how genotypes differ is said here by tables and comparisons of whole columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.packed import Codes, Keys, Places
from comity.dna.model import DIFFERENCES, EQUAL, UNTESTED, WILDCARD, Difference, RuleSet

_UNKNOWN, _CONTAINED, _NEIGHBOUR, _OTHER, _DIFFERENT = range(1, 6)
_DENSE: Final = 8
"""Once fewer than one row in this many is still possible, only those rows are looked at."""


class Limits(NamedTuple):
    """A rule set as numbers: the differences that fit and those that have a grade (bits), how many loci must fit and
    how many may not, whether `contained` is told apart; and the grade of every set of differences (bits)."""

    fits: int
    graded: int
    minimum: int
    most: int
    finer: bool
    grades: tuple[int, ...]


@lru_cache(maxsize=64)
def _limits(fits: frozenset[Difference], grades: tuple[tuple[Difference, int], ...], least: int, most: int) -> Limits:
    by_bit = {1 << DIFFERENCES.index(kind): grade for kind, grade in grades}
    worst = tuple(max((by_bit.get(1 << n, 0) for n in range(6) if bits >> n & 1), default=0) for bits in range(64))
    finer = any(kind == "contained" for kind, _ in grades)
    return Limits(sum(1 << DIFFERENCES.index(kind) for kind in fits), sum(by_bit), least, most, finer, worst)


def limits(rules: RuleSet) -> Limits:
    """The numbers of a rule set."""
    grades = tuple((kind, quality.grade) for kind, quality in rules.grades.items())
    return _limits(rules.fits, grades, rules.minimum_full, rules.most_mismatches)


@dataclass(frozen=True)
class Fitting:
    """Profiles that meet a rule set: their rows (or keys), and of each the loci equal, fitting and not, and which
    differences occur (bits)."""

    rows: Keys
    full: Places
    fitting: Places
    misfits: Places
    kinds: Places

    @classmethod
    def of(cls, rows: Keys, counts: Places) -> "Fitting":
        """Profiles with their counts in one number each: equal, fitting, not, differences, a byte each."""
        return cls(rows, *(counts >> shift & 255 for shift in (0, 8, 16, 24)))

    def best(self, by: Limits, most: int) -> list[int]:
        """The rows of the best: by grade, by loci that do not fit, by equal loci, and of alike ones the earliest."""
        keys = (np.array(by.grades)[self.kinds] * 256 + self.misfits) * 256 + 255 - self.full
        near = np.arange(keys.size)
        if keys.size > most:  # of a whole database, sort no more than needed
            near = np.flatnonzero(keys <= np.partition(keys, most - 1)[most - 1])
        found: list[int] = self.rows[near[np.lexsort((self.rows[near], keys[near]))]][:most].tolist()
        return found


def together(parts: Sequence[Fitting]) -> Fitting:
    """What several parts of a database found."""
    names = ("rows", "full", "fitting", "misfits", "kinds")
    none = np.zeros(0, dtype=np.int64)
    return Fitting(*(np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in names))


def fitting(codes: Codes, query: bytes, by: Limits) -> Fitting:
    """The profiles (WIDTH, n) that meet the rule set for a packed query, which is restricted to the rule set's loci."""
    values = np.frombuffer(query, dtype=np.uint8)[1:].reshape(-1, 2)
    rows = np.arange(codes.shape[1])
    counts, kinds = np.zeros((3, rows.size), dtype=np.intp), np.zeros(rows.size, dtype=np.intp)
    whole = True
    for place in np.flatnonzero(values[:, 0] != UNTESTED):
        one, two = (codes[2 * place + n] if whole else codes[2 * place + n][rows] for n in range(2))
        first, second = map(int, values[place])
        found = _differences(one, two, (first, second), by.finer)
        present = one != UNTESTED
        fitted = (by.fits >> found & 1).astype(bool)
        counts += np.stack([found == EQUAL, fitted, ~fitted]) & present
        kinds |= np.where(present, 1 << found, 0)
        alive = (counts[2] <= by.most) & (kinds & ~by.graded == 0)
        if np.count_nonzero(alive) * _DENSE < rows.size:
            rows, counts, kinds, whole = rows[alive], counts[:, alive], kinds[alive], False
    kept = (counts[1] >= by.minimum) & (counts[2] <= by.most) & (kinds & ~by.graded == 0)
    full, fits, misfits = counts[:, kept]
    return Fitting(rows[kept], full, fits, misfits, kinds[kept])


@lru_cache(maxsize=1024)
def _apart(value: int) -> npt.NDArray[np.intp]:
    """How each code differs from this one."""
    codes = np.arange(256)
    found = np.where(abs(codes - value) == 1, _NEIGHBOUR, np.where(codes == value, EQUAL, _OTHER))
    return np.where((codes == WILDCARD) | (value == WILDCARD), _UNKNOWN, found)


def _differences(one: Codes, two: Codes, query: tuple[int, int], finer: bool) -> npt.NDArray[np.intp]:
    """How each genotype of a column differs from the query's (`model.DIFFERENCES`); anything where it is untested."""
    first, second = query
    straight = _together(_apart(first)[one], _apart(second)[two])
    crossed = _together(_apart(second)[one], _apart(first)[two])
    found = np.minimum(straight, crossed)
    if finer:
        alone = (one == two) | (first == second)
        found[alone & ((found == _NEIGHBOUR) | (found == _OTHER))] = _CONTAINED
    return found


def _together(one: npt.NDArray[np.intp], two: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Two alleles' differences as one: that of the other, where either is equal."""
    return np.where(one == EQUAL, two, np.where(two == EQUAL, one, _DIFFERENT))
