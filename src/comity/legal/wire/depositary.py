"""A treaty's participants as its depositary publishes them in XML, read into dated tables; the doubtful is left out.

The layout is that of the United Nations' list of multilateral treaties: ``Participants`` holds a table whose headings
say which column is the participant, the signature, and the act that binds (ratification, acceptance, approval or
accession, marked ``A``, ``AA``, ``a``; a succession, ``d``); ``Declarations`` holds participants with their words. The
list does not say from which day the treaty binds a state, so whoever imports it states the rule. Names become ISO
3166-1 codes by an explicit list. Nothing is guessed: every row left out is named with its reason.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from xml.etree.ElementTree import Element

from comity.kit.codec.xml import parse_xml
from comity.legal.model import Depositary
from comity.legal.wire.dated import COLUMNS, MAX_FIELD
from comity.legal.wire.fields import bad

MONTHS: Final = {name: n for n, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
BINDING: Final = ("ratification", "acceptance", "approval", "accession")
NOTES: Final = ("superscript", "footnote", "note")
_DAY: Final = re.compile(r"(\d{1,2}) ([A-Za-z]{3,9})\.? (\d{4})(?:\s+\[?(a|A|AA|d|c|P)\]?)?")


@dataclass
class Read:
    """The rows of both tables, and what was left out with the reason."""

    participations: list[tuple[str, ...]] = field(default_factory=list)
    declarations: list[tuple[str, ...]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def files(self, name: str) -> dict[str, bytes]:
        """The tables as the CSV files that are imported; none for a table without rows."""
        made = {"participations": self.participations, "declarations": self.declarations}
        return {f"{name}.{kind}.csv": _csv(kind, rows) for kind, rows in made.items() if rows}


def read_depositary(data: bytes, name: str, asked: Depositary, states: Mapping[str, str]) -> Read:
    """The tables in `data`; `states`: a participant's name, in small letters, and its ISO code.

    BadInput for a document without a table of participants or without a column for the act that binds.
    """
    root, reader = parse_xml(data, where=name), _Reader(name, asked, states)
    heading, *rows = _table(root, name)
    deed = _column(heading, BINDING, name)
    for number, cells in enumerate(rows, start=1):
        reader.participant(f"participant {number}", cells[0], _text(cells[deed]) if deed < len(cells) else "")
    for number, element in enumerate(_all(root, "declaration"), start=1):
        reader.declaration(number, element)
    return reader.read


def _table(root: Element, name: str) -> list[list[Element]]:
    participants = next(iter(_all(root, "participants")), None)
    rows = [] if participants is None else [list(_all(row, "entry")) for row in _all(participants, "row")]
    rows = [row for row in rows if row]
    if len(rows) < 2:
        raise bad("no table of participants with headings and rows", name)
    return rows


def _column(heading: list[Element], words: tuple[str, ...], name: str) -> int:
    found = [n for n, cell in enumerate(heading) if any(word in _text(cell).lower() for word in words)]
    if len(found) != 1 or found[0] == 0:
        raise bad(f"one column must name {', '.join(words)}; {len(found)} do", name)
    return found[0]


@dataclass
class _Reader:
    """One document being read: whose it is, what the importer stated, the rows so far."""

    name: str
    asked: Depositary
    states: Mapping[str, str]
    read: Read = field(default_factory=Read)

    def participant(self, where: str, cell: Element, deed: str) -> None:
        """Take the participant over, or say why not. Notes to a participant become a declaration in words."""
        said = _text(cell)
        state, start = self.states.get(said.lower(), ""), _binding(deed, self.asked)
        if not state:
            self.refuse(where, f"no state is known by the name {said!r}")
        elif isinstance(start, str):
            self.refuse(where, f"{said}: {start}")
        elif state in self._parties():
            self.refuse(where, f"{said}: {state} stands in the list twice")
        else:
            rule = f"{self.asked.days_after} days after the deposit, treaty in force from {self.asked.in_force}"
            source = f"{self.name}, {where}: {deed}; {rule}"
            self.read.participations.append((self.asked.instrument, state, start.isoformat(), "", "all", source))
            notes = [" ".join("".join(note.itertext()).split()) for note in _notes(cell)]
            if notes:
                words = f"The depositary's list has notes to this participant ({', '.join(notes)}): read them."
                self._words(state, "NOTES", words, where)

    def declaration(self, number: int, element: Element) -> None:
        """Take the words of a party over, or say why not."""
        where = f"declaration {number}"
        named = next(iter((*_all(element, "participant"), *_all(element, "name"))), None)
        said = _text(named) if named is not None else ""
        state = self.states.get(said.lower(), "")
        words = " ".join(" ".join(" ".join(text.itertext()) for text in _all(element, "text")).split())
        if not state:
            self.refuse(where, f"no state is known by the name {said!r}")
        elif not words:
            self.refuse(where, f"{said}: no words")
        elif len(words) > MAX_FIELD:
            self.refuse(where, f"{said}: longer than {MAX_FIELD} characters: add it by hand")
        elif state not in self._parties():
            self.refuse(where, f"{said}: {state} is not among the parties taken over")
        else:
            self._words(state, str(number), words, where)

    def refuse(self, where: str, reason: str) -> None:
        """Note what is left out."""
        self.read.refused.append(f"{self.name} {where}: {reason}")

    def _parties(self) -> dict[str, str]:
        return {row[1]: row[2] for row in self.read.participations}

    def _words(self, state: str, label: str, words: str, where: str) -> None:
        code, start = self.asked.instrument, self._parties()[state]
        row = (f"D-{code}-{state}-{label}", code, state, "*", "in_words", "", start, "", words, f"{self.name}, {where}")
        self.read.declarations.append(row)


def _binding(text: str, asked: Depositary) -> date | str:
    """From when the treaty binds the state, or why nobody can tell."""
    if not text:
        return "no act that binds it: not a party"
    found = _DAY.fullmatch(text)
    month = MONTHS.get(found[2][:3].lower()) if found else None
    if found is None or month is None:
        return f"{text!r} is not a date such as 24 Sep 2003 a"
    if found[4] == "d":
        return "a succession binds from a day of its own: add the row by hand"
    try:
        deposited = date(int(found[3]), month, int(found[1]))
        return max(asked.in_force, deposited + timedelta(days=asked.days_after))
    except (ValueError, OverflowError):
        return f"{text!r} is no day of the calendar"


def _all(root: Element, local: str) -> Iterator[Element]:
    """Elements of that local name, whatever the case and the namespace."""
    return (e for e in root.iter() if isinstance(e.tag, str) and e.tag.rpartition("}")[2].lower() == local)


def _notes(cell: Element) -> list[Element]:
    return [note for local in NOTES for note in _all(cell, local)]


def _text(cell: Element) -> str:
    """The text of a cell without the notes in it, in single blanks."""
    return " ".join(" ".join(_pieces(cell)).split())


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if not isinstance(child.tag, str) or child.tag.rpartition("}")[2].lower() not in NOTES:
            yield from _pieces(child)
        yield child.tail or ""


def _csv(kind: str, rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[kind])
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
