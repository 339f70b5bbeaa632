"""Nouns of cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from comity.base.clock import rfc3339
from comity.base.model import JsonObject


@dataclass(frozen=True)
class NewCase:
    """What opening a case takes."""

    reference: str
    """The agency's own file number, unique on this node."""
    title: str
    offence: str
    """A code of the state's offence list, such as ``homicide``; the legal room knows what it means."""


OPEN: Final = "open"
ERASURE_REQUESTED: Final = "erasure_asked"
"""A member has asked for it, and an approver has yet to carry it out."""
ERASED: Final = "erased"


@dataclass(frozen=True)
class Case:
    """A case file. Who is not among its members does not read it."""

    id: str
    reference: str
    title: str
    offence: str
    unit: str
    """The organisational unit that opened it."""
    members: tuple[str, ...]
    """Persons with a need to know, the opener first."""
    opened_at: datetime
    state: str
    """`OPEN`, or `ERASURE_REQUESTED`; one that is `ERASED` is not read any more."""

    def as_dict(self) -> JsonObject:
        """The case as JSON for its members."""
        return {
            "id": self.id, "reference": self.reference, "title": self.title, "offence": self.offence, "unit": self.unit,
            "members": [*self.members], "opened_at": rfc3339(self.opened_at), "state": self.state,
        }  # fmt: skip


Order = Literal["newest", "oldest", "reference"]


@dataclass(frozen=True)
class Wanted:
    """Which of a person's cases a list shows: those with `text` in reference or title, in one `state`."""

    text: str = ""
    state: str = ""
    order: Order = "newest"
    after: str = ""
    """The id of the last case of the page before; empty: the first page."""
    most: int = 50


@dataclass(frozen=True)
class Erasure:
    """An erasure that a member has asked for, as those see it who may carry it out: nothing of the case itself."""

    case: str
    unit: str
    """The unit that opened the case."""
    opened_at: datetime
    person: str
    """Who asked, and that person's unit."""
    person_unit: str
