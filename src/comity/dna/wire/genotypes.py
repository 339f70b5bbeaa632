"""From a file's spelling of a locus and its alleles to the model's, checked once and remembered for the next row."""

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import MAX_ALLELES, Alleles, Refusal, check_designation, find_locus

MAX_TEXT: Final = 128
"""Longest specimen id, category, kit name or field of a person."""


@lru_cache(maxsize=16_384)
def genotype(locus: str, alleles: Alleles) -> tuple[str, Alleles]:
    """The usual name of `locus` and its checked alleles; BadInput for an unknown locus or no designation there."""
    known = find_locus(locus)
    if known is None:
        raise BadInput(
            "dna.locus-unknown", f"{_short(locus)!r} is no known locus",
            todo="Correct its name, or leave the locus out.",
        )  # fmt: skip
    if len(alleles) > MAX_ALLELES:
        raise BadInput(
            "dna.mixture", f"{known.name} shows {len(alleles)} alleles, so this is a mixture",
            todo="Import single-source profiles; split the mixture in the laboratory.",
        )  # fmt: skip
    for text in alleles:
        check_designation(known, text)
    return known.name, alleles


def add(loci: dict[str, Alleles], locus: str, alleles: Alleles) -> None:
    """Put a genotype into `loci`; BadInput where the locus is already there with other alleles."""
    name, values = genotype(locus, alleles)
    held = loci.get(name)
    if held is not None and sorted(set(held)) != sorted(set(values)):
        raise BadInput(
            "dna.locus-twice", f"{name} is given twice, as {'/'.join(held)} and as {'/'.join(values)}",
            todo="Leave one of the two readings in the file.",
        )  # fmt: skip
    loci[name] = values


def label(text: str, what: str) -> str:
    """A specimen id, category or kit: trimmed; BadInput if empty, too long, or with control characters."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT or not text.isprintable():
        raise BadInput(
            "dna.label", f"The {what} is {'missing' if not text else f'not usable: {_short(text)!r}'}",
            todo=f"Give every specimen a {what} of 1 to {MAX_TEXT} printable characters.",
        )  # fmt: skip
    return text


def kits(names: Collection[str]) -> str | None:
    """The kits of one specimen in one text, in the order in which they came; None where there is none.

    BadInput where they are too many to be named.
    """
    return label(" + ".join(names), "kit") if names else None


def refusal(line: int, specimen: str, error: BadInput) -> Refusal:
    """The report line of one refused specimen."""
    return Refusal(line, _short(specimen) or "(no id)", error.what, error.todo)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
