"""Cures in other languages. A finding's cure is an English sentence, on the wire and in the store; the sentences that
the rules make are phrases of the English catalogue, so each can be recognised by its words, with the values in it.

What is not recognised is somebody's own text (a table's, a partner's) and is shown as it was written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.languages import Catalogue, split

SECTION: Final = "cure"
LONGEST: Final = 2_000
"""Characters of a sentence that is tried at all: the rules' own are much shorter."""
SENTENCES: Final = frozenset({"more", "text", "codes", "offences"})
"""Values that may be several words; all others are one."""


@dataclass(frozen=True)
class Cure:
    """A recognised cure: its code in the catalogues, and the values of its places."""

    code: str
    values: Mapping[str, str]


class Recogniser:
    """The English phrases, ready to be told apart; the one with the most words of its own goes first."""

    def __init__(self, english: Catalogue) -> None:
        phrases = english.texts[SECTION]
        self._exact = {phrase: code for code, phrase in phrases.items()}
        open_phrases = [(code, split(phrase)) for code, phrase in phrases.items() if "{" in phrase]
        open_phrases.sort(key=lambda found: -sum(map(len, found[1][::2])))
        self._patterns = [(code, _pattern(parts)) for code, parts in open_phrases]

    def recognise(self, sentence: str) -> Cure | None:
        """The cure that `sentence` is; None for a sentence that no phrase makes."""
        if sentence in self._exact:
            return Cure(self._exact[sentence], {})
        if len(sentence) > LONGEST:
            return None
        for code, pattern in self._patterns:
            found = pattern.fullmatch(sentence)
            if found:
                return Cure(code, found.groupdict())
        return None


def _pattern(parts: list[str]) -> re.Pattern[str]:
    """A place is one word without a comma's or colon's end, or, for `SENTENCES`, anything."""
    text = ""
    for number, part in enumerate(parts):
        if number % 2 == 0:
            text += re.escape(part)
        else:
            text += rf"(?P<{part}>.+)" if part in SENTENCES else rf"(?P<{part}>\S+)"
    return re.compile(text)
