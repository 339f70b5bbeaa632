"""Small databases in which much meets: few alleles, some kits, random subsets, unknown alleles; and queries of them."""

import numpy as np

from comity.dna import kernel
from comity.dna.model import WIDTH, WILDCARD

TYPED = 24
Found = dict[int, tuple[int, int]]


def database(seed: int, n: int, alleles: int = 4) -> kernel.Codes:
    """`n` profiles (n, WIDTH): four in five of three kits, the others random; one in twenty with unknown alleles."""
    chance = np.random.default_rng(seed)
    rows = chance.integers(40, 40 + alleles, (n, WIDTH), dtype=np.uint8)
    kits = [chance.permutation(TYPED)[:size] for size in (7, 10, 16)]
    for row in rows:
        kit = int(chance.integers(5))
        size = int(chance.integers(4, TYPED + 1))
        held = kits[kit] if kit < 3 else np.arange(TYPED) if kit == 3 else chance.permutation(WIDTH // 2)[:size]
        out = np.setdiff1d(np.arange(WIDTH // 2), held)
        row[2 * out] = row[2 * out + 1] = 0
        if chance.random() < 0.05:
            row[2 * chance.choice(held, 2) + chance.integers(2)] = WILDCARD
    return rows


def query(chance: np.random.Generator, rows: kernel.Codes) -> kernel.Codes:
    """A profile of the database, cut, turned, and changed at up to two alleles: all that may happen to a query."""
    made: kernel.Codes = rows[int(chance.integers(len(rows)))].copy()
    loci = chance.permutation(np.flatnonzero(made[0::2]))
    for locus in loci[: int(chance.integers(0, max(1, loci.size - 5)))]:
        made[2 * locus : 2 * locus + 2] = 0
    left = np.flatnonzero(made[0::2])
    for _ in range(int(chance.integers(3))):
        at = 2 * int(chance.choice(left)) + int(chance.integers(2))
        made[at] = chance.choice([WILDCARD, made[at] + 1, made[at ^ 1], 99])
    for locus in left[chance.random(left.size) < 0.5]:
        made[[2 * locus, 2 * locus + 1]] = made[[2 * locus + 1, 2 * locus]]
        if (made[2 * locus : 2 * locus + 2] == WILDCARD).all():
            made[2 * locus : 2 * locus + 2] = 0
    return made


def scanned(rows: kernel.Codes, asked: kernel.Codes, minimum: int) -> Found:
    """What the scan in NumPy finds: row, loci fully equal, differing alleles."""
    found = kernel.scan(np.ascontiguousarray(rows.T), b"\0" + asked.tobytes(), minimum)
    return told(found.rows, found.full, found.differing)


def told(rows: object, full: object, differing: object) -> Found:
    """Arrays as a table."""
    one, two, three = (np.asarray(a).tolist() for a in (rows, full, differing))
    return {row: (equal, apart) for row, equal, apart in zip(one, two, three, strict=True)}
