"""The nouns of quotas: how many acts a day a partner, a person, a case or a basis may cost, and what one act costs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from comity.legal.model.law import Finding

Direction = Literal["outgoing", "incoming"]
Scope = Literal["partner", "person", "case", "instrument"]
Tripped = Literal["queue", "refuse"]


@dataclass(frozen=True)
class Quota:
    """So many acts of a measure a day (UTC), for one partner, person, case or instrument, or for each one of them."""

    direction: Direction
    scope: Scope
    name: str
    """Whose capacity it is; ``*``: each one has its own."""
    measure: str
    """A measure, or ``*`` for all together."""
    per_day: int
    on_trip: Tripped
    """What happens to an act beyond it: it waits for the next day, or it is refused."""
    set_by: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True)
class Spending:
    """An act as quotas count it."""

    direction: Direction
    measure: str
    partner: str
    person: str = ""
    case: str = ""
    instrument: str = ""
    emergency: bool = False
    """A threat to life: counted by nothing."""


@dataclass(frozen=True)
class Exceeded:
    """No capacity is left: what happens to the act, the finding that says so to both sides, and when it may go on."""

    action: Tripped
    finding: Finding
    again: datetime
