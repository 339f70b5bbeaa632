"""CSV tables of profiles, wide (a specimen a row) and long (a locus a row), as laboratories write them.

Lines that begin with # may stand first; then a row names the columns. A specimen column (`specimen`, `Sample`,
`SampleName`, ...) makes a table; a locus column (`Marker`, `Locus`) beside it makes it long. Wide cells hold the
alleles of a locus: one value for a homozygote, two divided by a comma, slash, semicolon or space (`cells` says when a
comma may); or a locus has two columns (`TH01_1`, `TH01_2`). `category` and `kit` are read where present; columns that
begin with `core_` hold the person and are sealed at once. Other columns are left alone, unless they look like an
unknown locus: that is a slip, and the file is refused.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO, TextIOWrapper
from itertools import chain
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import Alleles, Refusal, Specimen, find_locus, looks_like_locus
from comity.dna.wire import cells, sheets
from comity.dna.wire.genotypes import add, kits, label, refusal

SPECIMEN: Final = frozenset({"specimen", "specimenid", "sample", "samplename", "sampleid", "id"})
MARKER: Final = frozenset({"marker", "locus", "markername", "locusname"})
CORE: Final = "core_"
REFERENCE: Final = "Reference"
"""Category of a row whose table names none."""
MAX_COLUMNS: Final = 512
MAX_LINE: Final = 64 * 1024
"""Longest line in characters. A longer one is no table, and is refused before it is taken apart."""
Rows = Iterator[tuple[int, list[str]]]
"""Rows with the line each of them ends on."""


@dataclass(frozen=True)
class _Layout:
    """Which column holds what."""

    width: int
    specimen: int
    marker: int | None
    category: int | None
    kit: int | None
    core: Mapping[str, int]
    alleles: Sequence[int]
    """Long tables: the allele columns."""
    loci: Mapping[str, Sequence[int]]
    """Wide tables: the columns of each locus."""
    divided: frozenset[str]
    """The loci in whose cells a comma may divide alleles: those with one column, in a table divided by commas."""
    otherwise: str = REFERENCE
    """The category of specimens of which the table says none."""


def read_table(data: bytes, category: str = "") -> Iterator[Specimen | Refusal]:
    """Every specimen of the table in its order, or why it was refused; BadInput for the table as a whole.

    `category` is that of the specimens of a table that names none; `REFERENCE` where nobody says. A specimen that
    stands in a wide table more than once comes more than once.
    """
    rows, layout = _opened(data, category)
    yield from _wide(rows, layout) if layout.marker is None else _long(rows, layout, layout.marker)


def names(data: bytes) -> Iterator[str]:
    """The specimen of each row of a wide table; nothing for a long one, in which a specimen has many rows."""
    rows, layout = _opened(data)
    if layout.marker is None:
        yield from (_name(row, layout) for _, row in rows)


def rows_of(data: bytes) -> Rows:
    """Every row of a table with its line, the row of names first; BadInput where it is no table."""
    return divided(data)[0]


def divided(data: bytes) -> tuple[Rows, str]:
    """As `rows_of`, with the sign that divides the columns."""
    lines, comments = _lines(data), 0
    header = next(lines, "")
    while header.startswith("#"):
        header, comments = next(lines, ""), comments + 1
    delimiter = max(",;\t", key=header.count)
    return _rows(chain((header,), lines), delimiter, comments), delimiter


def _opened(data: bytes, category: str = "") -> tuple[Rows, _Layout]:
    rows, delimiter = divided(data)
    _, first = next(rows, (0, []))
    layout = _layout(first, comma=delimiter == ",")
    return rows, replace(layout, otherwise=label(category, "category")) if category else layout


def _lines(data: bytes) -> Iterator[str]:
    """The table's lines with their ends, decoded as they are asked for, so that a large table is never held twice."""
    text = TextIOWrapper(BytesIO(data), _encoding(data), newline="")
    number = 0
    try:
        while line := text.readline(MAX_LINE + 1):
            number += 1
            _check_line(line, number)
            yield line
    except UnicodeDecodeError as error:
        raise BadInput(
            "dna.encoding", "The table is not written in UTF-8", where=f"line {_line_of_fault(data)}",
            todo="Save it again as UTF-8 text.",
        ) from error  # fmt: skip


def _check_line(line: str, number: int) -> None:
    if len(line) > MAX_LINE:
        raise BadInput(
            "dna.line-length", f"The line has more than {MAX_LINE} characters", where=f"line {number}",
            todo="A table has a line for each specimen: check its line ends, and export it again.",
        )  # fmt: skip
    if "\0" in line:
        raise BadInput(
            "dna.encoding", "The table holds null characters", where=f"line {number}",
            todo="Save it again as UTF-8 text.",
        )  # fmt: skip


def _encoding(data: bytes) -> str:
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _line_of_fault(data: bytes) -> int:
    try:
        data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 0


def _rows(lines: Iterator[str], delimiter: str, before: int) -> Rows:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(row):
                yield before + reader.line_num, row
    except csv.Error as error:
        raise BadInput(
            "dna.csv", f"The table cannot be read: {error}", where=f"line {before + reader.line_num}",
            todo="Check the quotation marks and delimiters of that line.",
        ) from error  # fmt: skip


def _layout(header: Sequence[str], *, comma: bool) -> _Layout:
    names = [re.sub(r"[\s_]", "", name).casefold() for name in header]
    place = {name: position for position, name in reversed(list(enumerate(names)))}
    specimen = min((place[name] for name in SPECIMEN & set(names)), default=None)
    if specimen is None or len(header) > MAX_COLUMNS:
        raise _bad_header(
            "no specimen column", "Name the columns: specimen, then one column a locus; or specimen, marker, allele1, …"
        )
    marker = min((place[name] for name in MARKER & set(names)), default=None)
    alleles = [position for position, name in enumerate(names) if re.fullmatch(r"allele\d*", name)]
    loci, numbered = _locus_columns(header) if marker is None else ({}, frozenset[str]())
    if marker is not None and not alleles:
        raise _bad_header("no allele column", "Name the columns of the alleles allele1, allele2, …")
    if marker is None and not loci:
        raise _bad_header("no locus column", "Name the loci as they are usually written: TH01, D3S1358, …")
    core = {n.strip()[len(CORE) :]: p for p, n in enumerate(header) if n.strip().casefold().startswith(CORE)}
    category = place.get("category", place.get("specimencategory"))
    divided = frozenset(name for name, places in loci.items() if comma and len(places) == 1) - numbered
    return _Layout(len(header), specimen, marker, category, place.get("kit"), core, alleles, loci, divided)


def _bad_header(missing: str, todo: str) -> BadInput:
    return BadInput("dna.csv-header", f"The first row names {missing}", where="line 1", todo=todo)


def _locus_columns(header: Sequence[str]) -> tuple[dict[str, list[int]], frozenset[str]]:
    """The columns of each locus, and the loci of which a column's number says that it holds one allele."""
    found: dict[str, list[int]] = {}
    single: set[str] = set()
    for place, name in enumerate(header):
        locus = find_locus(name)
        numbered = None if locus else _without_number(name)
        known = locus or (find_locus(numbered) if numbered else None)
        if known:
            found.setdefault(known.name, []).append(place)
            single.update([known.name] if numbered else [])
        elif looks_like_locus(name) or (numbered and looks_like_locus(numbered)):
            raise BadInput(
                "dna.locus-unknown", f"The column {name[:40]!r} names no known locus", where="line 1",
                todo="Correct the name of the column, or take it out.",
            )  # fmt: skip
    return found, frozenset(single)


def _without_number(name: str) -> str | None:
    match = re.fullmatch(r"(.+?)[\s_.\-]*(?:allele|a)?[\s_]*[12]", name.strip(), re.IGNORECASE)
    return match[1] if match else None


def _wide(rows: Rows, layout: _Layout) -> Iterator[Specimen | Refusal]:
    for line, row in rows:
        try:
            _check_width(row, layout)
            specimen = _row(row, layout, line)
        except BadInput as error:
            yield refusal(line, _name(row, layout), error)
        else:
            yield specimen


def _name(row: Sequence[str], layout: _Layout) -> str:
    return _text(row, layout.specimen)


def _text(row: Sequence[str], place: int | None) -> str:
    return sheets.bare(row[place].strip()) if place is not None and place < len(row) else ""


def _check_width(row: Sequence[str], layout: _Layout) -> None:
    if len(row) != layout.width:
        what = f"The row has {len(row)} columns, and the first row names {layout.width}"
        raise BadInput("dna.csv-row", what, todo="Check the delimiters and quotation marks of the row.")


def _row(row: Sequence[str], layout: _Layout, line: int) -> Specimen:
    loci: dict[str, Alleles] = {}
    for name, places in layout.loci.items():
        alleles: Alleles = ()
        for place in places:
            alleles += cells.split(row[place], name, comma=name in layout.divided)
        if alleles:
            add(loci, name, alleles)
    return _specimen(row, layout, line, loci)


def _specimen(row: Sequence[str], layout: _Layout, line: int, loci: dict[str, Alleles]) -> Specimen:
    if not loci:
        raise BadInput("dna.no-loci", "The specimen has no typed locus", todo="Leave it out, or type it.")
    category = layout.otherwise if layout.category is None else label(_text(row, layout.category), "category")
    kit = label(text, "kit") if (text := _text(row, layout.kit)) else None
    core = {name: text for name, place in layout.core.items() if (text := _text(row, place))}
    for name, value in core.items():
        label(value, CORE + name)
    return Specimen(line, label(_name(row, layout), "specimen id"), category, kit, loci, core)


@dataclass
class _Gathered:
    """The rows of one specimen of a long table, while they are read."""

    line: int
    row: Sequence[str]
    loci: dict[str, Alleles] = field(default_factory=dict)
    kits: dict[str, None] = field(default_factory=dict)
    fault: Refusal | None = None


def _long(rows: Rows, layout: _Layout, marker: int) -> Iterator[Specimen | Refusal]:
    gathered: dict[str, _Gathered] = {}
    for line, row in rows:
        name = _name(row, layout)
        held = gathered.setdefault(name, _Gathered(line, row))
        try:
            _check_width(row, layout)
            _add_row(held, row, layout, marker)
        except BadInput as error:
            held.fault = held.fault or refusal(line, name, error)
    for name, held in gathered.items():
        try:
            yield held.fault or replace(_specimen(held.row, layout, held.line, held.loci), kit=kits(held.kits))
        except BadInput as error:
            yield refusal(held.line, name, error)


def _add_row(held: _Gathered, row: Sequence[str], layout: _Layout, marker: int) -> None:
    labels = (layout.category, *layout.core.values())
    if any((text := _text(row, place)) and text != _text(held.row, place) for place in labels):
        what = f"The row says something else of the specimen than its first row, on line {held.line}"
        raise BadInput("dna.csv-differs", what, todo="Have the laboratory say which one is right.")
    if kit := _text(row, layout.kit):
        held.kits[label(kit, "kit")] = None
    alleles = tuple(cell for cell in (row[place].strip() for place in layout.alleles) if cell)
    if alleles:
        add(held.loci, row[marker].strip(), alleles)
