"""Synthetic DNA databases for training and benchmarks: drawn from published allele frequencies, the same for one seed.

Every profile is drawn under Hardy-Weinberg equilibrium, locus by locus, without relatives. The mix of kits is that of
an old national database: 25 % with 10 loci, 45 % in two kits of 16, 15 % with 20, 10 % with 23, 5 % with a random
choice of 6 to 23. One profile in a hundred has a value that could not be read (`*`), one in five hundred a shifted
micro-variant. Persons are numbered and marked as synthetic; nobody is invented.
"""

import csv
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Final

import numpy as np
import numpy.typing as npt

from comity.dna import service as dna
from comity.dna.model import LOCI, Alleles, Loci, Specimen, code

SGM: Final = ("VWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51", "D16S539", "D2S1338", "D19S433")
ESX: Final = (*SGM, "D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045", "SE33")
PLEX: Final = (*SGM, "TPOX", "CSF1PO", "D13S317", "D7S820", "D5S818", "PENTA E")
CORE: Final = (*PLEX[:15], "D1S1656", "D2S441", "D10S1248", "D12S391", "D22S1045")
ALL: Final = (*CORE, "SE33", "PENTA D", "PENTA E")

KITS: Final = (("ten", 0.25, SGM), ("esx", 0.225, ESX), ("plex", 0.225, PLEX), ("core", 0.15, CORE), ("all", 0.10, ALL))
"""Name, share and loci of each kit; the rest has random subsets."""
WILDCARDS: Final = 0.01
MICROVARIANTS: Final = 0.002
MIX: Final = "25 % 10 loci, 45 % 16 in two kits, 15 % 20, 10 % 23, 5 % random 6-23; 1 % wildcards, 0.2 % micro-variants"

_HEADER: Final = ("specimen", "category", "kit", "core_name", "core_birth_date", "core_reference", "AMEL")


@cache
def frequencies() -> dict[str, tuple[tuple[str, ...], npt.NDArray[np.float64]]]:
    """For each locus its alleles and their cumulated shares, from the shipped table; the last share is 1."""
    text = dna.shipped_file("frequencies/europe.csv").decode()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    table: dict[str, list[tuple[str, float]]] = {}
    for row in rows:
        table.setdefault(row["locus"], []).append((row["allele"], float(row["frequency"])))
    shares = {name: np.cumsum([share for _, share in drawn]) for name, drawn in table.items()}
    return {name: (tuple(a for a, _ in drawn), shares[name] / shares[name][-1]) for name, drawn in table.items()}


def generate(seed: int, n: int) -> str:
    """A wide CSV table of `n` synthetic reference profiles and their persons; the same for one `seed` and `n`."""
    chance = np.random.default_rng(seed)
    drawn = {name: _column(chance, name, n) for name in ALL}
    male = chance.random(n) < 0.5
    kits = _kits(chance, n)
    marred = _marred(chance, n)
    text = StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow((*_HEADER, *ALL))
    for row in range(n):
        kit, loci = kits[row]
        cells = {name: drawn[name][row] for name in loci}
        if row in marred:
            _mar(cells, marred[row], loci[row % len(loci)])
        born = f"{1950 + row % 55}-{1 + row % 12:02}-{1 + row % 28:02}"
        person = (f"Synthetic person {row + 1}", born, f"TRAINING-{seed}-{row + 1}")
        specimen = (f"REF-{seed}-{row + 1:07}", "Reference", kit, *person, "X/Y" if male[row] else "X")
        table.writerow((*specimen, *("/".join(cells.get(name, ())) for name in ALL)))
    return text.getvalue()


def _column(chance: np.random.Generator, name: str, n: int) -> list[Alleles]:
    """`n` genotypes of a locus; a homozygote as one value, as laboratories write it."""
    alleles, shares = frequencies()[name]
    places = np.sort(np.searchsorted(shares, chance.random((n, 2)), side="right"), axis=1)
    known: dict[tuple[int, int], Alleles] = {}
    for one, two in set(map(tuple, places.tolist())):
        known[one, two] = (alleles[one],) if one == two else (alleles[one], alleles[two])
    return [known[one, two] for one, two in places.tolist()]


def _kits(chance: np.random.Generator, n: int) -> list[tuple[str, tuple[str, ...]]]:
    edges = np.cumsum([share for _, share, _ in KITS])
    chosen = np.searchsorted(edges, chance.random(n), side="right").tolist()
    return [(KITS[place][0], KITS[place][2]) if place < len(KITS) else ("subset", _subset(chance)) for place in chosen]


def _subset(chance: np.random.Generator) -> tuple[str, ...]:
    size = int(chance.integers(6, len(ALL) + 1))
    return tuple(ALL[place] for place in sorted(chance.permutation(len(ALL))[:size].tolist()))


def _marred(chance: np.random.Generator, n: int) -> dict[int, str]:
    fate = chance.random(n)
    marred = {int(row): "wildcard" for row in np.flatnonzero(fate < WILDCARDS)}
    shifted = np.flatnonzero((fate >= WILDCARDS) & (fate < WILDCARDS + MICROVARIANTS))
    return marred | {int(row): "microvariant" for row in shifted}


def _mar(cells: dict[str, Alleles], fate: str, name: str) -> None:
    first, second = cells[name][0], cells[name][-1]
    if fate == "wildcard":
        cells[name] = (first, "*")
    elif "." not in second:
        cells[name] = (first, second + ".1")


@dataclass(frozen=True)
class Derivatives:
    """CSV tables made from a stain to be planted in training databases."""

    source: str
    """The stain's own profile as a reference with a person behind it."""
    near: str
    """The same with one allele of one locus changed by two repeats."""


def derivatives(stain: Specimen) -> Derivatives:
    """References that the stain must find: its source, and a profile one allele off."""
    return Derivatives(_planted("PLANTED-SOURCE", stain.loci), _planted("PLANTED-NEAR", one_allele_off(stain.loci)))


def one_allele_off(loci: Loci) -> dict[str, Alleles]:
    """The profile with the larger allele of its first whole-numbered locus two repeats longer: a plain mismatch."""
    under = dna.rule_set("pruem-2008")
    for name in under.loci:
        alleles = loci.get(name, ())
        whole = len(alleles) <= 2 and all(text.isdecimal() and code(LOCI[name], text) > 1 for text in alleles)
        if alleles and whole:
            larger = max(int(text) for text in alleles)
            return {**loci, name: (min(alleles, key=int), str(larger + 2))}
    return dict(loci)


def _planted(specimen: str, loci: Loci) -> str:
    text = StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow((*_HEADER[:-1], *loci))
    person = ("Synthetic person K", "1990-01-01", f"TRAINING-{specimen}")
    table.writerow((specimen, "Reference", "planted", *person, *("/".join(alleles) for alleles in loci.values())))
    return text.getvalue()
