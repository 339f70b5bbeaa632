"""Pieces of a told decision, apart by what they are, so that text and HTML can each mark them in their own way."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["words", "code", "mark", "day", "free"]
"""``words``: a phrase of the catalogue; ``code``: a code with its phrase; ``mark``: a code, number or name that no
language changes; ``day``: an ISO 8601 date; ``free``: somebody's own text, in a language that nobody knows."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_STEERING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Piece:
    """One run of text; `code` is what stands behind a phrase of kind ``code``."""

    kind: Kind
    text: str
    code: str = ""


Pieces = tuple[Piece, ...]


def words(text: str) -> Pieces:
    """A phrase of the catalogue."""
    return (Piece("words", text),)


def mark(text: str) -> Pieces:
    """A date where it is one, else something that stays as it is."""
    return (Piece("day" if _DAY.fullmatch(text) else "mark", shown(text)),)


def free(text: str) -> Pieces:
    """Somebody's own text."""
    return (Piece("free", shown(" ".join(text.split()))),)


def shown(text: str) -> str:
    """`text` with characters that steer a terminal or turn the direction of writing made visible, not obeyed."""
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in _STEERING or c in _BIDI else c for c in text)


def joined(parts: list[Pieces], separator: Pieces) -> Pieces:
    """The parts one after another, with `separator` between them."""
    found: list[Piece] = []
    for number, part in enumerate(parts):
        found += (*(separator if number else ()), *part)
    return tuple(found)


def runs_right_to_left(text: str) -> bool:
    """Whether any character of `text` is of a script that is written from right to left."""
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
