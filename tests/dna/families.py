"""Families and strangers simulated from published frequencies: synthetic people, the same for one seed."""

from pathlib import Path

import numpy as np

from comity.dna.model import Alleles, FrequencyFile
from comity.dna.wire.frequencies import read_frequencies

TABLE = "strbase-frequencies-europe.csv"
Person = dict[str, Alleles]


class Simulated:
    """People drawn under Hardy-Weinberg equilibrium, and children of theirs; without mutation."""

    def __init__(self, file: FrequencyFile, seed: int) -> None:
        print(f"synthetic families, seed {seed}")
        self._chance = np.random.default_rng(seed)
        self._loci = {
            name: (list(found), np.array([float(p) for p in found.values()]))
            for name, found in file.frequencies.items()
        }

    def stranger(self) -> Person:
        """Somebody unrelated to everybody."""
        return {
            name: tuple(self._chance.choice(alleles, 2, p=shares / shares.sum()))
            for name, (alleles, shares) in self._loci.items()
        }

    def child(self, one: Person, other: Person) -> Person:
        """A child of two."""
        return {name: (self._one(one[name]), self._one(other[name])) for name in self._loci}

    def _one(self, alleles: Alleles) -> str:
        return alleles[int(self._chance.integers(2))]


def simulated(data: Path, seed: int) -> Simulated:
    """Simulated people of the shared European frequencies."""
    return Simulated(read_frequencies((data / "dna" / TABLE).read_bytes()), seed)


def as_table(people: dict[str, Person]) -> bytes:
    """A wide CSV table of them."""
    loci = list(next(iter(people.values())))
    rows = [",".join(["specimen", *loci])]
    rows += [",".join([name, *("/".join(person[locus]) for locus in loci)]) for name, person in people.items()]
    return "\n".join(rows).encode() + b"\n"
