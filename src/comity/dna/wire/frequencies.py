"""Tables of allele frequencies, as populations are published: checked locus by locus, or refused whole.

Two layouts, divided by commas, semicolons or tabs, in UTF-8; lines that begin with # may stand first:

    Allele,D3S1358,TH01,...      an allele a row, a locus a column (STRidER, STRbase, EuroForMix, SmartRank); rows named
    16,0.2533,,...               `N` (persons) or `2N` (alleles) say how many were sampled
    locus,allele,frequency,...   a value a row; further columns are left alone

Every frequency stays the text that it was. The frequencies of a locus must add up to one within `SLACK`: what lacks is
rounding, or alleles that somebody left out, and then every match probability is wrong.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import FrequencyFile, Locus, code, find_locus
from comity.dna.wire import tables

MAX_BYTES: Final = 1 << 20
SLACK: Final = Decimal("0.005")
"""How far the frequencies of a locus may be from one: rounding to three figures, not a lost allele."""
_SIZES: Final = {"n": 2, "2n": 1, "samplesize": 2, "samples": 2}
_UNKNOWN: Final = 1
_DECIMAL: Final = re.compile(r"\d*\.?\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
Cell = tuple[int, str, str, str]
"""Line, locus, allele (or the name of a size), value."""


def read_frequencies(data: bytes) -> FrequencyFile:
    """The frequencies of a file; BadInput naming the line or the locus for anything that does not hold."""
    frequencies: dict[str, dict[str, str]] = {}
    samples: dict[str, int] = {}
    for line, name, allele, value in _cells(data):
        locus = _locus(name, line)
        held = frequencies.setdefault(locus.name, {})
        if allele.casefold().replace(" ", "") in _SIZES:
            samples[locus.name] = _size(allele, value, line)
        elif _designation(locus, allele, line) in {code(locus, known) for known in held}:
            raise _bad("dna.frequency-twice", f"{locus.name} gives allele {allele} twice", line,
                       "Leave one of the two in the table.")  # fmt: skip
        elif _number(locus, value, line) > 0:
            held[allele] = value
    _check(frequencies)
    return FrequencyFile(frequencies, samples)


def _bad(slug: str, what: str, line: int, todo: str) -> BadInput:
    return BadInput(slug, what, where=f"line {line}" if line else "", todo=todo)


def _cells(data: bytes) -> Iterator[Cell]:
    rows = list(_rows(data))
    if not rows:
        raise _bad("dna.frequency-header", "The file holds no table", 0, "Export it again and check its size.")
    line, header = rows[0][0], [cell.strip() for cell in rows[0][1]]
    names = [cell.casefold() for cell in header]
    if {"locus", "allele", "frequency"} <= set(names):
        yield from _long(rows[1:], [names.index(name) for name in ("locus", "allele", "frequency")])
    elif names[0] in ("allele", "alleles") and len(names) > 1:
        yield from _wide(rows[1:], header)
    else:
        raise _bad("dna.frequency-header", "The first row names no allele column", line,
                   "Name the columns: Allele, then a column for each locus; or locus, allele, frequency.")  # fmt: skip


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MAX_BYTES:
        raise _bad("dna.too-large", f"The file has {len(data)} bytes, and {MAX_BYTES} are the most", 0,
                   "Import one population a file.")  # fmt: skip
    return ((line, row) for line, row in tables.rows_of(data) if any(map(str.strip, row)))


def _long(rows: Sequence[tuple[int, list[str]]], places: Sequence[int]) -> Iterator[Cell]:
    for line, row in rows:
        if len(row) <= max(places):
            raise _short(line, row, max(places) + 1)
        locus, allele, value = (row[place].strip() for place in places)
        yield line, locus, allele, value


def _wide(rows: Sequence[tuple[int, list[str]]], header: Sequence[str]) -> Iterator[Cell]:
    seen: dict[str, str] = {}
    for name in header[1:]:
        locus = _locus(name, 1).name
        if locus in seen:
            raise _bad("dna.frequency-twice", f"The columns {seen[locus]!r} and {name!r} are one locus", 1,
                       "Leave one of the two in the table.")  # fmt: skip
        seen[locus] = name
    for line, row in rows:
        if len(row) != len(header):
            raise _short(line, row, len(header))
        for name, value in zip(header[1:], row[1:], strict=True):
            if value.strip():
                yield line, name, row[0].strip(), value.strip()


def _short(line: int, row: Sequence[str], width: int) -> BadInput:
    return _bad("dna.csv-row", f"The row has {len(row)} columns, and the first row names {width}", line,
                "Check the delimiters and quotation marks of the row.")  # fmt: skip


def _locus(name: str, line: int) -> Locus:
    locus = find_locus(name)
    if locus is None:
        raise _bad("dna.locus-unknown", f"{name[:40]!r} is no known locus", line,
                   "Correct its name, or leave the locus out.")  # fmt: skip
    if locus.role != "autosomal":
        raise _bad("dna.frequency-locus", f"{locus.name} is no autosomal locus: its frequencies are not multiplied",
                   line, "Leave the locus out of the table.")  # fmt: skip
    return locus


def _designation(locus: Locus, allele: str, line: int) -> int:
    found = code(locus, allele)
    if found == _UNKNOWN:
        raise _bad("dna.frequency-allele", f"{locus.name}: {allele[:20]!r} stands for no one allele", line,
                   "Give each allele its own frequency.")  # fmt: skip
    return found


def _number(locus: Locus, value: str, line: int) -> float:
    number = float(value) if _DECIMAL.fullmatch(value) else 2.0
    if number > 1:
        raise _bad("dna.frequency-value", f"{locus.name}: {value[:20]!r} is no frequency between 0 and 1", line,
                   "Write shares with a decimal point, such as 0.2533.")  # fmt: skip
    return number


def _size(allele: str, value: str, line: int) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
        raise _bad("dna.frequency-value", f"The number of samples {value[:20]!r} is no whole number", line,
                   "Give the persons typed (N) or the alleles counted (2N).")  # fmt: skip
    return int(value) * _SIZES[allele.casefold().replace(" ", "")]


def _check(frequencies: Mapping[str, Mapping[str, str]]) -> None:
    for locus, held in frequencies.items():
        total = sum(map(Decimal, held.values()), Decimal())
        if not held or abs(total - 1) > SLACK:
            raise _bad("dna.frequency-sum", f"The frequencies of {locus} add up to {total:.4f}, not to one", 0,
                       "An allele is missing or wrong: take the table from its source again.")  # fmt: skip
    if not frequencies:
        raise _bad("dna.frequency-header", "The file holds no frequency", 0, "Take the table from its source again.")
