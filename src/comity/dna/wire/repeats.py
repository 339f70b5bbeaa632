"""A specimen that stands in one file more than once: a contradiction is not resolved by the order of its rows."""

from collections.abc import Iterable, Iterator

from comity.dna.model import Refusal, Repeat, Specimen


def repeated(names: Iterable[str]) -> frozenset[str]:
    """The names that come more than once."""
    seen: set[str] = set()
    twice: set[str] = set()
    for name in names:
        (twice if name in seen else seen).add(name)
    return frozenset(twice)


def settled(entries: Iterable[Specimen | Refusal], names: frozenset[str]) -> Iterator[Specimen | Refusal | Repeat]:
    """`entries`, those specimens held back to the end whose name is one of `names`, and judged together there.

    Where all of a name say the same, the first comes in and every other is noted; where they differ in anything
    (alleles, category, kit or person) all are refused, for nothing in the file says which one is right.
    """
    held: dict[str, list[Specimen]] = {}
    for entry in entries:
        if isinstance(entry, Specimen) and entry.specimen in names:
            held.setdefault(entry.specimen, []).append(entry)
        else:
            yield entry
    for found in held.values():
        yield from _judged(found)


def _judged(found: list[Specimen]) -> Iterator[Specimen | Refusal | Repeat]:
    first = found[0]
    if all(_said(other) == _said(first) for other in found[1:]):
        yield first
        yield from (Repeat(other.line, other.specimen, first.line) for other in found[1:])
        return
    for one in found:
        others = ", ".join(f"line {other.line}" for other in found if other is not one and other.line)
        reason = f"The specimen stands in the file {len(found)} times and differs" + (
            f"; see {others}" if others else ""
        )
        yield Refusal(
            one.line, one.specimen, reason, "Have the laboratory say which one is right, and leave only that."
        )


def _said(specimen: Specimen) -> tuple[object, ...]:
    """What the file says of the specimen; the order of two alleles says nothing."""
    loci = {name: sorted(alleles) for name, alleles in specimen.loci.items()}
    return specimen.category, specimen.kit, loci, dict(specimen.core)
