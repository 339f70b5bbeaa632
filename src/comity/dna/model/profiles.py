"""The nouns of STR typing: loci, allele designations and profiles.

Designations follow the ISFG recommendation: whole repeats, then a point and the odd bases (``9.3``). The text is the
authority; `code` gives its one-byte form for scanning, which can be made again from the text at any time:

    0 not tested · 1 wildcard · 4x + v for repeats of three and four bases · 5x + v for repeats of five

so that neighbouring micro-variants (``9.3`` beside ``10``) always lie exactly one apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.dna.model.screening import Noted, Raised

Role = Literal["autosomal", "sex", "lineage"]
Kind = Literal["stain", "reference"]

Alleles = tuple[str, ...]
Loci = Mapping[str, Alleles]

UNTESTED: Final = 0
WILDCARD: Final = 1
WILDCARDS: Final = frozenset({"*", "O", "F", "R", "NA", "NR", "UN", "OL", "0", "1", "99"})
"""Designations that stand for an unknown value (Decision 2008/616/JHA, Annex, chapter 1, 1.2; `OL` is off-ladder)."""

MAX_ALLELES: Final = 3
"""More values at one locus show a mixture, which a single-source database does not hold."""

_NUMBER: Final = re.compile(r"(\d{1,2})(?:\.(\d))?", re.ASCII)
_LINEAGE: Final = re.compile(r"[<>]?[A-Za-z0-9.*]{1,10}", re.ASCII)
_OUTSIDE: Final = re.compile(r"[<>]\d{1,2}(?:\.\d)?", re.ASCII)


@dataclass(frozen=True, eq=False)
class Locus:
    """A typed place on the genome: its usual name, the length of its repeat in bases, and its other spellings.

    There is one object for each locus, so that comparing and hashing them costs nothing.
    """

    name: str
    repeat: int
    role: Role = "autosomal"
    synonyms: tuple[str, ...] = ()


def _str(repeat: int, *names: str) -> list[Locus]:
    return [Locus(name, repeat) for name in names]


AUTOSOMAL: Final = (
    *_str(4, "VWA"), Locus("TH01", 4, synonyms=("THO1", "TC11", "HUMTH01")),
    *_str(4, "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51"),
    Locus("TPOX", 4, synonyms=("TP0X",)), Locus("CSF1PO", 4, synonyms=("CSF", "CSFIPO")),
    *_str(4, "D13S317", "D7S820", "D5S818", "D16S539", "D2S1338", "D19S433"),
    *_str(5, "PENTA D", "PENTA E"), Locus("FES", 4, synonyms=("FES/FPS", "FESFPS")),
    Locus("F13A1", 4, synonyms=("F13A01",)), *_str(4, "F13B"), Locus("SE33", 4, synonyms=("ACTBP2",)),
    *_str(5, "CD4"), Locus("GABA", 4, synonyms=("GABRB15",)),
    *_str(4, "D1S1656", "D2S441", "D10S1248", "D12S391"), *_str(3, "D22S1045"), *_str(4, "D6S1043"),
)  # fmt: skip
"""The loci that searches may compare, in the order of the packed form. New ones are added at the end only."""

SEX: Final = Locus("AMEL", 0, "sex", ("AMELOGENIN", "AM", "AMG", "AMELXY"))

LINEAGE: Final = tuple(
    Locus(name, 0, "lineage")
    for name in (
        "DYF387S1", "DYS19", "DYS385", "DYS385 A/B", "DYS389I", "DYS389II", "DYS390", "DYS391", "DYS392", "DYS393",
        "DYS437", "DYS438", "DYS439", "DYS448", "DYS449", "DYS456", "DYS458", "DYS460", "DYS481", "DYS518", "DYS533",
        "DYS549", "DYS570", "DYS576", "DYS627", "DYS635", "DYS643", "YGATAH4", "YINDEL",
    )
)  # fmt: skip
"""Y-chromosome loci: kept as they came, compared by no rule set of this release."""

LOCI: Final = {locus.name: locus for locus in (*AUTOSOMAL, SEX, *LINEAGE)}
COLUMN: Final = {locus.name: place for place, locus in enumerate(AUTOSOMAL)}
WIDTH: Final = 2 * len(AUTOSOMAL)
"""Bytes of a packed profile: two alleles a locus."""
LAYOUT: Final = 1
"""Number of this packed form; a stored row of another number is packed again from its text."""


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-.]", "", name).upper()


_BY_SPELLING: Final = {_plain(s): locus for locus in LOCI.values() for s in (locus.name, *locus.synonyms)}


def find_locus(name: str) -> Locus | None:
    """The locus of any usual spelling (``vWA``, ``Penta_E``, ``Amelogenin``), or None."""
    return _BY_SPELLING.get(_plain(name))


def looks_like_locus(name: str) -> bool:
    """Whether a column's name has the form of a locus name, known or not."""
    return bool(re.fullmatch(r"D(\d{1,2}|[XY])S\d+|PENTA\w", _plain(name)))


@lru_cache(maxsize=16_384)
def code(locus: Locus, text: str) -> int:
    """The one-byte form of a designation at `locus`; BadInput for what is no designation there."""
    if text.upper() in WILDCARDS or _OUTSIDE.fullmatch(text):
        return WILDCARD
    found = _NUMBER.fullmatch(text)
    step = max(4, locus.repeat)
    repeats, odd = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    if found is None or odd >= locus.repeat or not 4 <= step * repeats + odd <= 255:
        raise _no_designation(locus, text)
    return step * repeats + odd


def check_designation(locus: Locus, text: str) -> None:
    """Refuse (BadInput) what is no designation at `locus`, whatever its role."""
    if locus.role == "autosomal":
        code(locus, text)
        return
    known = _LINEAGE.fullmatch(text) if locus.role == "lineage" else text.upper() in {"X", "Y"} | WILDCARDS
    if not known:
        raise _no_designation(locus, text)


def _no_designation(locus: Locus, text: str) -> BadInput:
    shown = text if len(text) <= 20 else text[:20] + "…"
    form = "X or Y" if locus.role == "sex" else f"repeats such as 12 or 9.3 (a repeat of {locus.repeat} bases)"
    hint = "Write a decimal point, not a comma." if "," in text else "Correct it in the laboratory's export."
    return BadInput("dna.allele", f"{shown!r} is no designation at {locus.name}, which takes {form}", todo=hint)


@dataclass(frozen=True)
class Profile:
    """A typed specimen as this node holds it, without the person. `loci` keeps the designations exactly as written."""

    id: str
    specimen: str
    category: str
    loci: Loci
    kit: str | None = None
    version: int = 1
    number: str = ""
    """Pseudonymous number under which partners see the profile; empty before it is stored."""

    @property
    def kind(self) -> Kind:
        """Whether the profile stands for a trace (of an unknown source) or a known reference."""
        return kind_of(self.category)

    def outline(self) -> JsonObject:
        """The profile as lists show it: the number of its loci, no allele."""
        return self.as_dict() | {"loci": len(self.loci)}

    def as_dict(self) -> JsonObject:
        """The profile as JSON, without the person."""
        return {
            "id": self.id, "specimen": self.specimen, "category": self.category, "kind": self.kind, "kit": self.kit,
            "version": self.version, "number": self.number, "loci": {n: list(a) for n, a in self.loci.items()},
        }  # fmt: skip


def kind_of(category: str) -> Kind:
    """`stain` for the forensic categories of CODIS and for unidentified persons, `reference` for the others."""
    return "stain" if category.casefold().startswith(("forensic", "stain", "trace", "unidentified")) else "reference"


@dataclass(frozen=True)
class Specimen:
    """One specimen of a file, checked and not yet stored. `core` holds the person's fields, if the file has any."""

    line: int
    specimen: str
    category: str
    kit: str | None
    loci: Loci
    core: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Refusal:
    """Why one specimen of a file was not taken in, and what to do. `line` counts from 1; 0 where there are no lines."""

    line: int
    specimen: str
    reason: str
    todo: str

    def as_dict(self) -> JsonObject:
        """The refusal as JSON."""
        return {"line": self.line, "specimen": self.specimen, "reason": self.reason, "todo": self.todo}


@dataclass(frozen=True)
class Repeat:
    """A specimen that stands again on `line` and says the same as on line `first`, which was taken in."""

    line: int
    specimen: str
    first: int

    def as_dict(self) -> JsonObject:
        """The repeat as JSON."""
        return {"line": self.line, "specimen": self.specimen, "first": self.first}


@dataclass(frozen=True)
class ImportReport:
    """What became of a file: how many specimens came in, and every refused one with its reason."""

    file: str
    sha256: str
    format: str
    accepted: int
    refused: tuple[Refusal, ...]
    profiles: tuple[str, ...] = field(default=(), repr=False)
    """Ids of the new profiles, in the order of the file."""
    repeats: tuple[Repeat, ...] = ()
    """Specimens that stand in the file again, word for word."""
    specimens: tuple[str, ...] = field(default=(), repr=False)
    """The specimens of the new profiles, in the order of `profiles`."""
    held: tuple[Raised, ...] = ()
    """Specimens that fit the elimination database: held back until an examiner has looked."""
    doubles: tuple[Raised, ...] = ()
    """New profiles with the very alleles of another specimen."""
    noted: tuple[Noted, ...] = ()
    """Signs of typing errors and rarities."""
    corrected: tuple[str, ...] = ()
    """Specimens of which there was a version before: past searches may have to be looked at again."""

    @property
    def nothing(self) -> bool:
        """Whether every specimen was refused."""
        return self.accepted == 0 and bool(self.refused)

    def as_dict(self) -> JsonObject:
        """The report as JSON; of the new profiles' ids, the first hundred."""
        return {
            "file": self.file, "sha256": self.sha256, "format": self.format, "accepted": self.accepted,
            "profiles": [*self.profiles[:100]], "refused": [refusal.as_dict() for refusal in self.refused],
            "repeats": [repeat.as_dict() for repeat in self.repeats],
            "held_back": [held.as_dict() for held in self.held],
            "doubles": [double.as_dict() for double in self.doubles],
            "noted": [noted.as_dict() for noted in self.noted], "corrected": [*self.corrected],
        }  # fmt: skip


@dataclass(frozen=True)
class ExportReport:
    """What was written to a file: how many profiles, and the hash of its bytes."""

    format: str
    sha256: str
    bytes: int
    profiles: int

    def as_dict(self) -> JsonObject:
        """The report as JSON."""
        return {"format": self.format, "sha256": self.sha256, "bytes": self.bytes, "profiles": self.profiles}
