"""Profiles as files that laboratories and other nodes read: CSV tables wide and long, and this node's own JSON.

Reading such a file back gives the same specimens, categories, kits and designations, in the same order. The person is
never written: a file that leaves the node by export tells alleles and the laboratory's own labels.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.base.model import JsonObject
from comity.dna.model import LOCI, MAX_ALLELES, Specimen
from comity.dna.wire import own, sheets
from comity.kit.codec import jcs

_PIECE: Final = 500
"""Specimens made into bytes at a time."""
_LABELS: Final = ("specimen", "category", "kit")


@dataclass(frozen=True)
class Heading:
    """What a file says of itself: who sends it to whom, who asked for it, and when."""

    source: str
    destination: str
    by: str
    at: datetime
    loci: Sequence[str] = tuple(LOCI)
    """The loci that its profiles have between them, in the model's order: the columns of a wide table."""


Writer = Callable[[Iterable[Specimen], Heading], Iterator[bytes]]


def portions(specimens: Iterable[Specimen]) -> Iterator[list[Specimen]]:
    """Lists of at most so many that a piece of a file is made of."""
    portion: list[Specimen] = []
    for specimen in specimens:
        portion.append(specimen)
        if len(portion) == _PIECE:
            yield portion
            portion = []
    if portion:
        yield portion


def write_wide(specimens: Iterable[Specimen], heading: Heading) -> Iterator[bytes]:
    """A row a specimen and a column a locus; two values of a cell are divided by a slash."""
    yield sheets.lines([(*_LABELS, *heading.loci)])
    for portion in portions(specimens):
        yield sheets.lines(
            (*_labels(one), *("/".join(one.loci.get(name, ())) for name in heading.loci)) for one in portion
        )


def write_long(specimens: Iterable[Specimen], heading: Heading) -> Iterator[bytes]:
    """A row a specimen and locus, with a column an allele."""
    yield sheets.lines([(*_LABELS, "marker", *(f"allele{number + 1}" for number in range(MAX_ALLELES)))])
    for portion in portions(specimens):
        yield sheets.lines(
            (*_labels(one), name, *alleles, *[""] * (MAX_ALLELES - len(alleles)))
            for one in portion
            for name, alleles in one.loci.items()
        )


def _labels(specimen: Specimen) -> tuple[str, str, str]:
    return specimen.specimen, specimen.category, specimen.kit or ""


def write_own(specimens: Iterable[Specimen], heading: Heading) -> Iterator[bytes]:
    """Own JSON, a profile a line."""
    yield f'{{"format":"{own.FILE}","profiles":['.encode()
    first = True
    for portion in portions(specimens):
        yield (b"\n" if first else b",\n") + b",\n".join(jcs.canonical(_thing(one)) for one in portion)
        first = False
    yield b"\n]}\n"


def _thing(specimen: Specimen) -> JsonObject:
    said: JsonObject = {"specimen": specimen.specimen, "category": specimen.category}
    return said | ({"kit": specimen.kit} if specimen.kit else {}) | {"loci": own.loci_json(specimen.loci)}
