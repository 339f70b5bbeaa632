"""Small populations for the tests, made up and marked so."""

from comity.dna.model import FrequencyFile, Population
from comity.dna.wire.frequencies import read_frequencies
from tests.clock import FixedClock

TABLE = b"Allele,vWA,TH01\nN,100,\n6,,0.25\n9.3,,0.35\n7,,0.4\n16,0.2,\n17,0.3,\n18,0.499,\n19,0.001,\n"
"""Made up: VWA of 100 persons (200 alleles), TH01 without a number."""


def population(data: bytes = TABLE, name: str = "made-up") -> Population:
    """A population of a table."""
    return named(read_frequencies(data), name)


def named(file: FrequencyFile, name: str = "made-up") -> Population:
    """A population of a file's frequencies."""
    return Population(name, "made up for tests", "00" * 32, FixedClock().now, file)
