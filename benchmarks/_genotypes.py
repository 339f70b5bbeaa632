"""Databases of packed profiles and planted queries for `benchmarks.dna`: drawn as codes, the same for one seed.

The mix is that of an old national database: 25 % with 10 loci, 45 % in two kits of 16, 15 % with 20, 10 % with 24, and
the rest random subsets of 6 to 23 loci (5 %, or as much as asked). Alleles follow the shipped frequencies of Europe.
One profile in a hundred has an unknown allele, one in five hundred a neighbouring micro-variant. The table has
23 loci; the 24th of the largest kit, FES, is drawn as CSF1PO is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.app.demo import population
from comity.dna.kernel import Codes
from comity.dna.model import COLUMN, LOCI, WIDTH, WILDCARD, code

MIX: Final = (
    "25 % 10 loci, 45 % 16 in two kits, 15 % 20, 10 % 24, 5 % random subsets of 6-23; 1 % wildcards, 0.2 % shifted"
    " micro-variants"
)
LOST: Final = ("exact", "one allele off", "drop-out", "wildcard", "micro-variant")
"""What becomes of one allele of a planted query; `drop-out` makes a heterozygote a homozygote."""
PARTS: Final = (("6-7", 6, 7), ("8-9", 8, 9), ("10-15", 10, 15), ("16+", 16, 24), ("full", 0, 0))
"""How much of its source a planted query has: from, to loci; 0: all of them."""

_LIKE: Final = {"FES": "CSF1PO"}
_ALL: Final = (*population.ALL, *_LIKE)
_LOCI: Final = tuple(COLUMN[name] for name in _ALL)
Names = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Planted:
    """A query (WIDTH codes), the row it was made of, its class, and the number of its loci."""

    codes: Codes
    source: int
    part: str
    lost: str
    loci: int


def _kits() -> list[tuple[float, Names]]:
    shares = dict(zip(("ten", "esx", "plex", "core", "all"), (0.25, 0.225, 0.225, 0.15, 0.10), strict=True))
    held = {name: loci for name, _, loci in population.KITS} | {"all": _ALL}
    return [(share, np.array([COLUMN[n] for n in held[name]])) for name, share in shares.items()]


def database(seed: int, n: int, irregular: float = 0.05) -> Codes:
    """`n` profiles as rows of codes (n, WIDTH)."""
    chance = np.random.default_rng(seed)
    rows = np.zeros((n, WIDTH), dtype=np.uint8)
    held = _held(chance, n, irregular)
    for place in _LOCI:
        drawn = np.sort(_alleles(place)[chance.integers(0, 65_536, (n, 2), dtype=np.uint16)], axis=1)
        rows[:, 2 * place : 2 * place + 2] = drawn * held[place][:, None]
    _mar(chance, rows)
    return rows


def _held(chance: np.random.Generator, n: int, irregular: float) -> npt.NDArray[np.uint8]:
    """Which loci each profile holds (locus, n)."""
    kits = _kits()
    shares = np.array([share for share, _ in kits])
    kind = np.searchsorted(np.cumsum(shares / shares.sum() * (1 - irregular)), chance.random(n), side="right")
    table = np.zeros((len(kits) + 1, WIDTH // 2), dtype=np.uint8)
    for number, (_, loci) in enumerate(kits):
        table[number, loci] = 1
    held = table[kind].T.copy()
    odd = np.flatnonzero(kind == len(kits))
    ranks = np.argsort(np.argsort(chance.random((odd.size, len(_LOCI))), axis=1), axis=1)
    chosen = ranks < chance.integers(6, min(24, len(_LOCI)), odd.size)[:, None]
    for number, place in enumerate(_LOCI):
        held[place, odd] = chosen[:, number]
    return held


def _alleles(place: int) -> Codes:
    """65,536 codes of a locus, each as often as its allele is frequent."""
    name = next(name for name, column in COLUMN.items() if column == place)
    alleles, shares = population.frequencies()[_LIKE.get(name, name)]
    codes = np.array([code(LOCI[name], allele) for allele in alleles], dtype=np.uint8)
    return codes[np.searchsorted(shares, (np.arange(65_536) + 0.5) / 65_536, side="right")]


def _mar(chance: np.random.Generator, rows: Codes) -> None:
    """Unknown alleles and shifted micro-variants, at one locus of a profile each."""
    for share, shift in ((population.WILDCARDS, 0), (population.MICROVARIANTS, 1)):
        for row in np.flatnonzero(chance.random(len(rows)) < share):
            loci = np.flatnonzero(rows[row, 0::2])
            at = 2 * int(chance.choice(loci)) + int(chance.integers(2))
            rows[row, at] = rows[row, at] + 1 if shift else WILDCARD


def planted(seed: int, rows: Codes, each: int) -> Iterator[Planted]:
    """`each` queries of every class, made of profiles of the database that hold loci enough and no unknown allele."""
    chance = np.random.default_rng(seed + 1)
    for part, least, most in PARTS:
        for lost in LOST:
            for _ in range(each):
                yield _planted(chance, rows, (part, least, most), lost)


def _planted(chance: np.random.Generator, rows: Codes, part: tuple[str, int, int], lost: str) -> Planted:
    name, least, most = part
    while True:
        source = int(chance.integers(len(rows)))
        query = rows[source].copy()
        loci = chance.permutation(np.flatnonzero(query[0::2]))
        if loci.size < max(least, 7 if lost != "exact" else 6) or WILDCARD in query:
            continue
        kept = loci if not most else loci[: int(chance.integers(least, min(most, loci.size) + 1))]
        if lost != "exact" and kept.size < 7:
            kept = loci[:7]
        if not _spoilt(chance, query, kept, lost):
            continue
        out = np.setdiff1d(np.arange(WIDTH // 2), kept)
        query[2 * out] = query[2 * out + 1] = 0
        return Planted(query, source, name, lost, int(kept.size))


def _spoilt(chance: np.random.Generator, query: Codes, kept: Names, lost: str) -> bool:
    """Change one allele of the query at a locus that is kept; False where none suits."""
    if lost == "exact":
        return True
    at = 2 * int(chance.choice(kept))
    one, two = int(query[at]), int(query[at + 1])
    if lost == "drop-out" and one == two:
        return False
    query[at] = {"one allele off": one + 8, "drop-out": two, "wildcard": WILDCARD, "micro-variant": one + 1}[lost]
    return True
