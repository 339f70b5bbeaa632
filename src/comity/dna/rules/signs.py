"""Signs of a typing error in one profile, and of rarities: for the laboratory to look at, never a reason to refuse.

- A value off the ladder (`OL`, `>22`, `<9`), or with others at its locus to three.
- A value beyond the least and the greatest that any population at hand lists at the locus; one between them that none
  lists is rare.
- More homozygous loci than chance gives (below once in a thousand profiles): values were lost. A locus is homozygous
  with the sum of its squared frequencies; without a population one in four is assumed, more than loci in use show.
- A sex marker of X alone beside values of the Y chromosome, or of Y alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from comity.dna.kernel import Genotype, Genotypes
from comity.dna.model import LOCI, SEX, WILDCARD, Alleles, Loci, Population, Sign, SignKind, code

USUAL_HOMOZYGOUS: Final = 0.25
UNUSUAL: Final = 0.001
"""How improbable so many homozygous loci have to be."""
_FEWEST: Final = 6
"""Fewer loci tell nothing about homozygosity."""
_LEAST: Final = _FEWEST // 2
"""Homozygous loci below which nothing is unusual."""
_MOST_KNOWN: Final = 200_000
_ODD, _SINGLE, _MARKED, _LINEAGE = 1, 2, 4, 8


@dataclass(frozen=True)
class Known:
    """What populations know of loci: the codes that any of them lists, and the most homozygous of them."""

    codes: Mapping[str, frozenset[int]] = field(default_factory=dict, repr=False)
    homozygous: Mapping[str, float] = field(default_factory=dict, repr=False)
    _quiet: set[Genotype] = field(default_factory=set, repr=False, compare=False)
    _traits: dict[Genotype, int] = field(default_factory=dict, repr=False, compare=False)
    _single: set[Genotype] = field(default_factory=set, repr=False, compare=False)

    def places(self, loci: Loci) -> list[Sign]:
        """The signs at single loci; genotypes without any are remembered, for most have none."""
        genotypes = loci.items()
        if self._quiet.issuperset(genotypes):
            return []
        return [sign for genotype in genotypes for sign in self._at(genotype)]

    def trait(self, genotype: Genotype) -> int:
        """What of a single locus may make a profile show signs, as bits (`_ODD` and those after)."""
        found = self._traits.get(genotype)
        if found is None:
            shown = _sex_shown(genotype)
            odd = bool(self._at(genotype)) or shown == {"Y"}
            bits = {_ODD: odd, _SINGLE: genotype in self._single, _MARKED: shown == {"X"}, _LINEAGE: _lineage(genotype)}
            found = sum(bit for bit, so in bits.items() if so)
            if len(self._traits) < _MOST_KNOWN:
                self._traits[genotype] = found
        return found

    def single(self, loci: Loci) -> int:
        """How many loci show one known value alone, among those that `places` has seen."""
        return len(self._single.intersection(loci.items()))

    def _at(self, genotype: Genotype) -> Sequence[Sign]:
        name, alleles = genotype
        if _full(name, alleles) and len({code(LOCI[name], text) for text in alleles}) == 1:
            self._single.add(genotype)
        found = list(self._signs(name, alleles))
        if not found and len(self._quiet) < _MOST_KNOWN:
            self._quiet.add(genotype)
        return found

    def _signs(self, name: str, alleles: Alleles) -> Iterable[Sign]:
        if LOCI[name].role != "autosomal":
            return
        listed = self.codes.get(name, frozenset())
        for text in alleles:
            kind = _kind(code(LOCI[name], text), text, listed)
            if kind:
                yield Sign(kind, name, text)
        if len(alleles) > 2:
            yield Sign("three_alleles", name, "/".join(alleles))


def _kind(value: int, text: str, listed: frozenset[int]) -> SignKind | None:
    if value == WILDCARD:
        return "off_ladder" if text.upper() == "OL" or text[0] in "<>" else None
    if not listed or value in listed:
        return None
    return "rare_allele" if min(listed) < value < max(listed) else "out_of_range"


def known(populations: Iterable[Population]) -> Known:
    """What these populations know of loci."""
    codes: dict[str, frozenset[int]] = {}
    homozygous: dict[str, float] = {}
    for one in populations:
        for name, found in one.file.frequencies.items():
            held = frozenset(code(LOCI[name], text) for text, share in found.items() if float(share))
            codes[name] = codes.get(name, frozenset()) | held
            homozygous[name] = max(homozygous.get(name, 0.0), sum(float(share) ** 2 for share in found.values()))
    return Known(codes, homozygous)


def doubtful(profiles: Genotypes, at_hand: Known) -> list[int]:
    """The places of the profiles that may show signs, to be asked `signs` about; no other shows any."""
    traits = np.array([at_hand.trait(kind) for kind in profiles.kinds], dtype=np.uint8)
    odd, single, marked, lineage = (profiles.counted(traits & bit != 0) for bit in (_ODD, _SINGLE, _MARKED, _LINEAGE))
    many = (profiles.sizes >= _FEWEST) & (single >= _LEAST) & (4 * single >= profiles.sizes)
    seen = (odd > 0) | many | ((marked > 0) & (lineage > 0))
    found: list[int] = np.flatnonzero(seen).tolist()
    return found


def signs(loci: Loci, at_hand: Known) -> tuple[Sign, ...]:
    """The signs of a profile."""
    return (*at_hand.places(loci), *_homozygous(loci, at_hand), *_sex(loci))


def _full(name: str, alleles: Alleles) -> bool:
    """Whether both values of a locus are known."""
    if LOCI[name].role != "autosomal" or not 0 < len(alleles) <= 2:
        return False
    return all(code(LOCI[name], text) != WILDCARD for text in alleles)


def _homozygous(loci: Loci, at_hand: Known) -> Iterable[Sign]:
    single = at_hand.single(loci)
    if len(loci) < _FEWEST or single < _LEAST or 4 * single < len(loci):  # not unusual anywhere
        return
    shares = [at_hand.homozygous.get(name, USUAL_HOMOZYGOUS) for name, alleles in loci.items() if _full(name, alleles)]
    if len(shares) >= _FEWEST and _at_least(single, shares) < UNUSUAL:
        yield Sign("homozygous", "", f"{single} of {len(shares)} loci")


def _at_least(many: int, shares: list[float]) -> float:
    """The probability that at least so many of independent events with these probabilities happen."""
    found = [1.0]
    for share in shares:
        found = [stays * (1 - share) + moves * share for stays, moves in zip([*found, 0.0], [0.0, *found], strict=True)]
    return sum(found[many:])


def _sex(loci: Loci) -> Iterable[Sign]:
    shown = set[str]().union(*map(_sex_shown, loci.items()))
    if shown == {"Y"}:
        yield Sign("sex", SEX.name, "Y without X")
    elif shown == {"X"} and any(map(_lineage, loci.items())):
        yield Sign("sex", SEX.name, "X alone, with values of the Y chromosome")


def _sex_shown(genotype: Genotype) -> set[str]:
    """X, Y or both where the genotype is of the sex marker."""
    name, alleles = genotype
    return {text.upper() for text in alleles} & {"X", "Y"} if name == SEX.name else set()


def _lineage(genotype: Genotype) -> bool:
    """Whether this is a value of the Y chromosome."""
    name, alleles = genotype
    return LOCI[name].role == "lineage" and bool(alleles) and {*alleles} != {"*"}
