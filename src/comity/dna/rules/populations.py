"""What frequency an allele counts with: as published, and never as rarer than a table can tell.

Least frequency: National Research Council, The Evaluation of Forensic DNA Evidence (1996), recommendation 4.1 and
chapter 5 ("minimum allele count"): five among the alleles counted, 5/2N. A table that does not say how many were
counted gives its own least: the rarest allele that it lists at the locus.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from comity.base.errors import BadInput
from comity.dna.model import LOCI, FrequencyFile, code


@dataclass(frozen=True)
class Shares:
    """The frequencies of one locus by allele code (`model.code`), and the least that any allele counts with."""

    published: Mapping[int, float]
    least: float

    def of(self, allele: int) -> float:
        """The frequency with which an allele counts."""
        return max(self.published.get(allele, 0.0), self.least)

    def raised(self, allele: int) -> bool:
        """Whether that is more than the table says."""
        return self.published.get(allele, 0.0) < self.least


def shares(file: FrequencyFile, locus: str, least_count: int) -> Shares | None:
    """The frequencies of a locus; None where the table has none for it."""
    found = file.frequencies.get(locus)
    return _shares(locus, tuple(found.items()), file.samples.get(locus, 0), least_count) if found else None


@lru_cache(maxsize=1024)
def _shares(locus: str, found: tuple[tuple[str, str], ...], samples: int, least_count: int) -> Shares:
    published = {code(LOCI[locus], allele): float(text) for allele, text in found}
    return Shares(published, least_count / samples if samples and least_count else min(published.values()))


def nothing_counts(population: str) -> BadInput:
    """Why nothing can be weighed: no locus is both typed and listed."""
    return BadInput("dna.no-weight", f"No locus of the profile can be weighed with {population}",
                    todo="See `comity dna stats show` for the loci of the table, and use another one.")  # fmt: skip
