"""The scan in NumPy: one query against every packed profile. The reference of the index and of its own sweep.

`rules.compare` is its plain reference in turn.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.packed import Codes, Places
from comity.dna.model import UNTESTED, WILDCARD

_NEVER: Final = 2
"""A code no profile holds: a wildcard in a query equals nothing, not even a stored wildcard."""
_DENSE: Final = 8
"""Once fewer than one row in this many is still possible, only those rows are looked at."""


@dataclass(frozen=True)
class Found:
    """Columns of the matrix that fulfil the count rule, with loci fully equal and differing alleles of each."""

    rows: Places
    full: Codes
    differing: Codes


def scan(codes: Codes, query: bytes, minimum: int, allowance: int = 1) -> Found:
    """The profiles with at least `minimum` loci fully equal to the query's and at most `allowance` differing alleles.

    `query` is packed; loci that either side lacks do not count. Both ways round are tried at every locus. The work is
    one pass over the query's loci, narrowed to the rows still possible as soon as they are few.
    """
    values = np.frombuffer(query, dtype=np.uint8)[1:].reshape(-1, 2)
    asked = np.where(values == WILDCARD, _NEVER, values)
    tested = np.flatnonzero(values[:, 0])
    found, left = _narrowed(codes, asked, tested, allowance)
    rows, full, differing = found.rows, found.full, found.differing
    if left.size and rows.size:
        few, wanted = codes[:, rows], asked[left, :, None]
        equal, apart = _weighed(few[2 * left], few[2 * left + 1], wanted[:, 0], wanted[:, 1])
        full += equal.sum(axis=0, dtype=np.uint8)
        differing += apart.sum(axis=0, dtype=np.uint8)
    kept = (full >= minimum) & (differing <= allowance)
    return Found(rows[kept], full[kept], differing[kept])


def _narrowed(codes: Codes, asked: Codes, tested: Places, allowance: int) -> tuple[Found, Places]:
    """Locus by locus, while most profiles are still possible: those that then are, and the loci not yet weighed."""
    rows = np.arange(codes.shape[1])
    full, differing = np.zeros(rows.size, dtype=np.uint8), np.zeros(rows.size, dtype=np.uint8)
    for at, place in enumerate(tested):
        equal, apart = _weighed(codes[2 * place], codes[2 * place + 1], *map(int, asked[place]))
        full += equal
        differing += apart
        alive = differing <= allowance
        if np.count_nonzero(alive) * _DENSE < rows.size:
            return Found(rows[alive], full[alive], differing[alive]), tested[at + 1 :]
    return Found(rows, full, differing), tested[:0]


def _weighed(one: Codes, two: Codes, first: Codes | int, second: Codes | int) -> tuple[npt.NDArray[np.bool_], Codes]:
    """Of each profile at one locus, or at several (loci, profiles): whether it equals the query's two values, and how
    many of them differ (0, 1, 2) the better way round; no and 0 where the profile is untested."""
    straight = (one != first).view(np.uint8) + (two != second).view(np.uint8)
    crossed = (one != second).view(np.uint8) + (two != first).view(np.uint8)
    apart = np.minimum(straight, crossed)
    present = one != UNTESTED
    return present & (apart == 0), apart * present
