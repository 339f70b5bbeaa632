"""The languages in which people are spoken to, and a catalogue: the fixed phrases of one of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

LANGUAGES: Final = ("en", "fr", "es", "ar")
"""ISO 639-1 codes; the first is spoken where nobody asked for another."""

RIGHT_TO_LEFT: Final = frozenset({"ar"})

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Catalogue:
    """Fixed phrases by section and code; `kit.codec.catalogues` reads and checks them."""

    language: str
    name: str
    """The language's own name, for choosing it."""
    direction: Literal["ltr", "rtl"]
    texts: Mapping[str, Mapping[str, str]]

    def find(self, section: str, code: str) -> str | None:
        """The phrase, with its places still open; None where the catalogue has none."""
        return self.texts.get(section, {}).get(code)

    def say(self, section: str, code: str, /, **values: str) -> str:
        """The phrase with `values` put in; KeyError for a phrase or a value that is missing."""
        return _PLACE.sub(lambda place: values[place[1]], self.texts[section][code])


def places(phrase: str) -> frozenset[str]:
    """The names of the values that a phrase takes."""
    return frozenset(_PLACE.findall(phrase))


def split(phrase: str) -> list[str]:
    """The phrase cut at its places: words at even positions, names of values at odd ones."""
    return _PLACE.split(phrase)


def spoken(tag: str) -> str | None:
    """The language that a tag such as ``fr``, ``fr-CH`` or ``fr_FR.UTF-8`` asks for; None for others."""
    primary = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
    return primary if primary in LANGUAGES else None
