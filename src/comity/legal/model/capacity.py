"""The nouns of capacity: how many acts a day a partner, person, case or basis may cost, and what one act costs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

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
    """Who declared it by a command, or the source of the row of a signed table."""
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
class DatedQuota:
    """A quota as a row of a table states it, for some time."""

    quota: Quota
    valid_from: date
    valid_until: date | None
    source: str
    where: str = field(default="", compare=False)
    """File and row, for errors."""
