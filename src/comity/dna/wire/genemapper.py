"""The genotypes table that GeneMapper exports: tab-divided text, a row a sample and marker, `Allele 1` and further.

Which columns there are is the laboratory's choice of table settings; needed are `Sample Name` or `Sample File`,
`Marker` and `Allele 1`. `Panel` is taken as the kit, and several panels of one sample together. Heights, sizes and
flags are left alone, `OL` (off-ladder) is an unknown value, and ladders and controls (`Sample Type`) are no specimens.
Nothing in such a table says whether a sample is a stain or a person's: whoever imports it says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import Alleles, Refusal, Specimen
from comity.dna.wire import sheets
from comity.dna.wire.genotypes import add, kits, label, refusal
from comity.dna.wire.tables import Rows, divided

_HEAD: Final = re.compile(rb"[^\n]{0,8192}")
_NO_SPECIMENS: Final = {"allelic ladder": "an allelic ladder", "positive control": "a control",
                        "negative control": "a control", "primer focus": "a calibration"}  # fmt: skip


def is_genemapper(data: bytes) -> bool:
    """Whether the first line has GeneMapper's own column names, divided by tabs."""
    first = _HEAD.match(data)
    text = (first[0] if first else b"").replace(b"\0", b"").decode("utf-8", "ignore")
    names = {name.strip().strip('"').casefold() for name in text.lstrip("\ufeff").split("\t")}
    return {"marker", "allele 1"} <= names and bool({"sample name", "sample file"} & names)


@dataclass(frozen=True)
class _Columns:
    """Where what stands; the sample's name comes from the first of its places that is filled."""

    names: Sequence[int]
    marker: int
    alleles: Sequence[int]
    panel: int | None
    type: int | None
    least: int
    """Cells that a row needs: up to the last column that is read."""


@dataclass
class _Sample:
    """The rows of one sample, while they are read."""

    line: int
    loci: dict[str, Alleles] = field(default_factory=dict)
    panels: dict[str, None] = field(default_factory=dict)
    fault: Refusal | None = None


def read_genemapper(data: bytes, category: str) -> Iterator[Specimen | Refusal]:
    """Every sample of the table in its order, or why it was refused; BadInput for the table as a whole.

    Several sample files of one sample name are one specimen; where they differ at a locus, it is refused.
    """
    if not category.strip():
        raise BadInput(
            "dna.category", "A GeneMapper table does not say what its samples are",
            todo="Say it with --category: 'Forensic, Unknown' for stains, 'Convicted Offender' for persons, …",
        )  # fmt: skip
    said = label(category, "category")
    rows, _ = divided(data)
    samples = _gathered(rows)
    for name, sample in samples.items():
        try:
            yield sample.fault or _specimen(name, sample, said)
        except BadInput as error:
            yield refusal(sample.line, name, error)


def _gathered(rows: Rows) -> Mapping[str, _Sample]:
    columns = _columns(next(rows, (0, []))[1])
    samples: dict[str, _Sample] = {}
    for line, row in rows:
        name = next((sheets.bare(row[place].strip()) for place in columns.names if row[place : place + 1] > [""]), "")
        sample = samples.setdefault(name, _Sample(line))
        try:
            _add_row(sample, row, columns)
        except BadInput as error:
            sample.fault = sample.fault or refusal(line, name, error)
    return samples


def _columns(header: Sequence[str]) -> _Columns:
    names = [name.strip().casefold() for name in header]
    place = {name: at for at, name in reversed(list(enumerate(names)))}
    alleles = [at for at, name in enumerate(names) if re.fullmatch(r"allele \d+", name)]
    found = [place[name] for name in ("sample name", "sample file") if name in place]
    if not found or not alleles or "marker" not in place:
        raise BadInput(
            "dna.genemapper", "The first row is not that of a GeneMapper table", where="line 1",
            todo="Export the genotypes with the columns Sample Name, Marker, Allele 1, Allele 2.",
        )  # fmt: skip
    least = max(place["marker"], *alleles[:1], *found[:1]) + 1
    return _Columns(found, place["marker"], alleles, place.get("panel"), place.get("sample type"), least)


def _add_row(sample: _Sample, row: Sequence[str], columns: _Columns) -> None:
    if len(row) < columns.least:
        what = f"The row has {len(row)} columns, and at least {columns.least} are read"
        raise BadInput("dna.csv-row", what, todo="Export the table again; it may have been cut short.")
    kind = _cell(row, columns.type).casefold()
    if kind in _NO_SPECIMENS:
        what = f"The sample is {_NO_SPECIMENS[kind]}, no specimen"
        raise BadInput("dna.control", what, todo="Nothing needs to be done.")
    if panel := _cell(row, columns.panel):
        sample.panels[label(panel, "panel")] = None
    alleles = tuple(cell for at in columns.alleles if (cell := _cell(row, at)))
    if alleles:
        add(sample.loci, row[columns.marker].strip(), alleles)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _specimen(name: str, sample: _Sample, category: str) -> Specimen:
    if not sample.loci:
        raise BadInput("dna.no-loci", "The specimen has no typed locus", todo="Leave it out, or type it.")
    return Specimen(sample.line, label(name, "sample name"), category, kits(sample.panels), sample.loci)
