"""The scan: one query against every packed profile at once. Pure numbers; `rules.compare` is its plain reference.

Profiles lie column by column: a matrix of bytes with one row for each allele place (two a locus, in the order of
`model.AUTOSOMAL`) and one column for each profile, so that a locus of all profiles is one contiguous run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna.model import COLUMN, LAYOUT, LOCI, UNTESTED, WIDTH, WILDCARD, Alleles, Loci, code

Codes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

_NEVER: Final = 2
"""A code no profile holds: a wildcard in a query equals nothing, not even a stored wildcard."""
_DENSE: Final = 8
"""Once fewer than one row in this many is still possible, only those rows are looked at."""


@lru_cache(maxsize=16_384)
def codes_of(name: str, alleles: Alleles) -> tuple[int, int]:
    """The two bytes of a locus: a homozygote twice, of three values the first and a wildcard, two unknowns untested."""
    if not alleles:
        return UNTESTED, UNTESTED
    locus = LOCI[name]
    first = code(locus, alleles[0])
    second = code(locus, alleles[-1]) if len(alleles) <= 2 else WILDCARD
    return (UNTESTED, UNTESTED) if first == second == WILDCARD else (first, second)


def pack(loci: Loci, only: Sequence[str] = ()) -> bytes:
    """A profile's bytes: layout number, then `WIDTH` codes. `only` restricts it to a rule set's loci."""
    packed = bytearray(WIDTH + 1)
    packed[0] = LAYOUT
    for name, alleles in loci.items():
        place = COLUMN.get(name)
        if place is not None and (not only or name in only):
            packed[1 + 2 * place : 3 + 2 * place] = codes_of(name, alleles)
    return bytes(packed)


def columns(rows: Sequence[bytes]) -> Codes:
    """The matrix (WIDTH, number of rows) of packed profiles of the present layout; contiguous along the rows."""
    table = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), WIDTH + 1)
    return np.ascontiguousarray(table[:, 1:].T)


@dataclass(frozen=True)
class Matrix:
    """Every searchable profile of a node: `codes` (WIDTH, n) and the stored row number of each column (n)."""

    codes: Codes
    keys: Keys

    @classmethod
    def empty(cls) -> "Matrix":
        """A matrix of no profiles."""
        return cls(np.zeros((WIDTH, 0), dtype=np.uint8), np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, keys: Sequence[int], rows: Sequence[bytes]) -> "Matrix":
        """The matrix of packed profiles `rows` with their row numbers `keys`."""
        return cls(columns(rows), np.array(keys, dtype=np.int64))

    def __len__(self) -> int:
        return int(self.keys.size)


def joined(parts: Sequence[Matrix]) -> Matrix:
    """One matrix of several, in their order; the parts stay as they are for whoever reads them."""
    if len(parts) == 1:
        return parts[0]
    codes = np.concatenate([part.codes for part in parts], axis=1)
    return Matrix(codes, np.concatenate([part.keys for part in parts]))


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
