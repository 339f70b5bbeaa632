"""Texts that a spreadsheet would run: guarded where a table is written, and bare again where one is read.

A cell that begins with one of ``=+-@`` is a formula to a spreadsheet, and a formula can call programs and addresses. An
apostrophe before it makes it text. What begins with apostrophes and then such a sign gets one more, so that reading
takes off exactly what writing put there, and every other text stays as it is.
"""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Final

_RUNS: Final = re.compile(r"'*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")


def guarded(text: str) -> str:
    """The text as a table may show it."""
    return "'" + text if _RUNS.match(text) else text


def bare(text: str) -> str:
    """What was guarded; any other text as it is."""
    return text[1:] if _GUARDED.match(text) else text


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of a CSV table, each cell guarded."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[guarded(cell) for cell in row] for row in rows])
    return out.getvalue().encode()
