"""Profiles as bytes, and many of them as one matrix.

Profiles lie column by column: a matrix of bytes with one row for each allele place (two a locus, in the order of
`model.AUTOSOMAL`) and one column for each profile, so that a locus of all profiles is one contiguous run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna.kernel.genotypes import Genotype, Genotypes
from comity.dna.model import COLUMN, LAYOUT, LOCI, UNTESTED, WIDTH, WILDCARD, Alleles, Loci, code

Codes = npt.NDArray[np.uint8]
Keys = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]


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


class _Places(dict[Genotype, int]):
    """By locus and alleles, where they lie in a row and their two codes: place, first and second, a byte each.

    Loci that are not packed lie behind the row's end. Forgotten when there are too many, as nonsense could make them.
    """

    most = 200_000

    def __missing__(self, genotype: Genotype) -> int:
        """Work it out once."""
        if len(self) >= self.most:
            self.clear()
        place = COLUMN.get(genotype[0], len(COLUMN))
        one, two = codes_of(*genotype) if genotype[0] in COLUMN else (UNTESTED, UNTESTED)
        found = self[genotype] = place << 16 | one << 8 | two
        return found


_PLACES: Final = _Places()


def pack_all(profiles: Genotypes) -> list[bytes]:
    """`pack` of each, all in one pass."""
    if not profiles.sizes.size:
        return []
    found = np.array([_PLACES[genotype] for genotype in profiles.kinds], dtype=np.uint32)[profiles.numbers]
    rows = profiles.rows
    table = np.zeros((profiles.sizes.size, WIDTH + 3), dtype=np.uint8)  # a place more, which is cut off
    table[:, 0] = LAYOUT
    places = 1 + 2 * (found >> 16).astype(np.intp)
    table[rows, places] = (found >> 8) & 0xFF
    table[rows, places + 1] = found & 0xFF
    return [row.tobytes() for row in table[:, : WIDTH + 1]]


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
