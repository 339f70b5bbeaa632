"""What the tests of this room draw from: loci with every kind of value, and the shipped rule set."""

from dataclasses import replace

from hypothesis import strategies as st

from comity.dna import service
from comity.dna.model import AUTOSOMAL, DIFFERENCES, Alleles, Locus, RuleSet

PRUEM = service.rule_set("pruem-2008")
Loci = dict[str, Alleles]
UNKNOWN = ("*", "na", "0", "99", "OL", ">22")


def designations(locus: Locus) -> st.SearchStrategy[str]:
    """Values that often meet, neighbour each other or are unknown."""
    whole = st.integers(14, 16).map(str)
    odd = st.tuples(st.integers(14, 16), st.integers(1, locus.repeat - 1)).map(lambda v: f"{v[0]}.{v[1]}")
    return st.one_of(whole, whole, whole, odd, st.sampled_from(UNKNOWN))


def genotypes(locus: Locus) -> st.SearchStrategy[Alleles]:
    """One, two or three values."""
    return st.lists(designations(locus), min_size=1, max_size=3).map(tuple)


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Alleles]:
    """A partial profile of 4 to 12 loci."""
    loci = draw(st.lists(st.sampled_from(AUTOSOMAL[:12]), min_size=4, max_size=12, unique=True))
    return {locus.name: draw(genotypes(locus)) for locus in loci}


@st.composite
def relatives(draw: st.DrawFn) -> tuple[dict[str, Alleles], dict[str, Alleles]]:
    """A profile and another made of it: values swapped, lost, replaced at a few loci, loci left out."""
    first = draw(profiles())
    second = dict(first)
    for name in draw(st.lists(st.sampled_from(sorted(first)), max_size=2)):
        locus = next(locus for locus in AUTOSOMAL if locus.name == name)
        kept = draw(st.sampled_from(first[name]))
        second[name] = draw(st.sampled_from([(kept, draw(designations(locus))), (kept,), draw(genotypes(locus))]))
    swapped = {name: alleles[::-1] if draw(st.booleans()) else alleles for name, alleles in second.items()}
    dropped = draw(st.sets(st.sampled_from(sorted(first)), max_size=2))
    return first, {name: alleles for name, alleles in swapped.items() if name not in dropped}


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """Any rule set that a file could say: a stringency, its figures, and differences of which some have no grade."""
    base = service.rule_set(draw(st.sampled_from(["codis-high", "codis-moderate", "codis-low"])))
    needed = {
        "high": {"equal"}, "moderate": {"equal", "contained"}, "low": {"equal", "wildcard", "microvariant", "mismatch"},
    }[base.stringency]  # fmt: skip
    kept = draw(st.sets(st.sampled_from(DIFFERENCES))) | needed
    grades = {kind: base.grades[kind] for kind in DIFFERENCES if kind in kept}
    return replace(
        base, minimum_full=draw(st.integers(1, 9)), most_mismatches=draw(st.integers(0, 4)), grades=grades,
        unknown_fits="wildcard" in kept and draw(st.booleans()),
    )  # fmt: skip
