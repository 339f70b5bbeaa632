"""What a sealed paper says, in no language yet: facts and tables whose labels are English phrases to be translated.

A value is shown as it is (a text or an id), as an instant in UTC, as a number, or said in the reader's language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import Json, JsonObject


def to_say(text: str) -> str:
    """`text`, marked for the catalogues: English that a page or paper will say in the reader's language."""
    return text


@dataclass(frozen=True)
class Said:
    """A phrase marked by `to_say`, with the values of its places such as ``%(node)s``."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


Value = str | int | datetime | Said


@dataclass(frozen=True)
class Fact:
    """A label, marked by `to_say`, and what is stated."""

    label: str
    value: Value


@dataclass(frozen=True)
class Grid:
    """A table; its title and the heads of its columns are marked by `to_say`."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Paper:
    """One paper: of which kind, about which record (its id), and what it says."""

    kind: str
    about: str
    title: str
    facts: tuple[Fact, ...]
    grids: tuple[Grid, ...] = ()
    remarks: tuple[Said, ...] = ()

    def as_dict(self) -> JsonObject:
        """The same in JSON, the same in every language: what the seal of a paper covers beside its file."""
        return {
            "kind": self.kind, "about": self.about, "title": self.title,
            "facts": [[fact.label, _plain(fact.value)] for fact in self.facts],
            "grids": [
                {"title": grid.title, "heads": [*grid.heads], "rows": [[_plain(v) for v in row] for row in grid.rows]}
                for grid in self.grids
            ],
            "remarks": [_plain(remark) for remark in self.remarks],
        }  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """One issue of a paper: the id printed on it, when, in which language, and the hash of what it says."""

    id: str
    at: datetime
    language: str
    content: str
    """SHA-256 of `Paper.as_dict` in canonical JSON (RFC 8785), in hex."""


Draw = Callable[[Paper, Issue], bytes]
"""Makes the file of a paper's issue; `kit.papers` does, for a node."""


def _plain(value: Value) -> Json:
    if isinstance(value, datetime):
        return rfc3339(value)
    return [value.text, dict(value.values)] if isinstance(value, Said) else value
