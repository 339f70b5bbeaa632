"""The nouns of words: schemes of codes, other agencies' scales, periods, records and counts; official forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Codes = frozenset[str]


@dataclass(frozen=True)
class Scheme:
    """One closed list of codes. Codes of two schemes are never converted into each other."""

    name: str
    source: str
    confidence: str
    """V text read at the source; S secondary page; H, M, L general knowledge of that quality."""
    codes: tuple[str, ...]
    """In the order of the table, which is a rank only where the scheme says so."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """What a code means, where the source says it."""
    where: str = field(default="", compare=False)
    """File and row, for errors."""


@dataclass(frozen=True)
class Retention:
    """How long one kind of record is kept, or after which time its need is reviewed."""

    record: str
    limit: str
    anchor: str
    """The event from which the time runs."""
    article: str
    confidence: str


@dataclass(frozen=True)
class Duty:
    """What must be recorded (`kind` ``log``) or counted (``statistics``) under one article."""

    kind: str
    name: str
    items: tuple[str, ...]
    article: str
    confidence: str


@dataclass(frozen=True)
class Vocabulary:
    """All closed lists, by their names, with the lists that the rules ask for most often beside them."""

    schemes: Mapping[str, Scheme]
    retention: tuple[Retention, ...]
    duties: tuple[Duty, ...]

    def codes(self, scheme: str) -> tuple[str, ...]:
        """The codes of a scheme in their order; KeyError for a scheme that the vocabulary does not have."""
        return self.schemes[scheme].codes


@dataclass(frozen=True)
class Form:
    """An official form: the blocks that a request must fill, the languages in which the form exists."""

    code: str
    instrument: str
    """The table on which it rests; empty for the generic form."""
    basis: str
    confidence: str
    blocks: Mapping[str, str]
    """Code of a block and what goes into it, in the form's order."""
    annexes: Mapping[str, str]
    languages: str
    """Where the form exists in which languages, in words."""
    where: str = field(default="", compare=False)
