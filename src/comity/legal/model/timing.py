"""The nouns of time: terms, deadlines with clocks of their own, calendars of days off, and where a clock stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

TermUnit = Literal["hours", "days", "months"]
Effect = Literal["breach", "ends", "no_objection"]
"""What the end of a limit does: it was missed; something lapses; silence counts as no objection, by its article."""

Span = tuple[datetime, datetime | None]
"""From when to when something lasted; None: it still lasts."""


@dataclass(frozen=True)
class Term:
    """A length of time in law: elapsed hours, or civil days or months that end with a day's last hour."""

    amount: int
    unit: TermUnit


@dataclass(frozen=True)
class Extension:
    """An event that lengthens the limit by a term of its own, if it happens before the end."""

    event: str
    term: Term


@dataclass(frozen=True)
class Reminder:
    """A warning before the end: so long after the start or, with `before_end`, so long before the end; told to whom."""

    term: Term
    before_end: bool
    to: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True)
class Deadline:
    """A time limit with a clock of its own: when it starts, what extends or suspends it, what follows at its end.

    Exactly one of `hours`, `days`, `months` and `fixed` is given.
    """

    clock: str
    article: str
    start: tuple[str, ...]
    """Events that must all have happened before the clock runs."""
    hours: int = 0
    days: int = 0
    months: int = 0
    fixed: str = ""
    """The fact that holds the last day (2026-12-31) or the moment (RFC 3339), where an act, not the law, sets it."""
    restarted_by: tuple[str, ...] = ()
    """Events after which the whole term runs anew."""
    extended_by: tuple[str, ...] = ()
    """What moves the limit, for as long as it lasts, without a breach."""
    suspended_by: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()
    until: tuple[str, ...] = ()
    """Events of which any one stops the clock: what was due is done."""
    working_days: bool = False
    """Only working days count."""
    rolls: bool = False
    """A last day that is a day off is followed by the next working day (Regulation (EEC, Euratom) 1182/71, 3(4))."""
    zone: str = "UTC"
    """IANA name of the zone in which its days begin and end."""
    reminders: tuple[Reminder, ...] = ()
    effect: Effect = "breach"
    consequence: str = ""
    obliges: str = ""
    """Whose turn it is: ``asking``, ``asked``, or empty for whoever keeps the clock."""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Facts and the codes for which this clock runs; empty: always."""
    source: str = ""
    where: str = field(default="", compare=False)

    @property
    def term(self) -> Term:
        """The length of the limit; of nothing where an act sets its end."""
        if self.days:
            return Term(self.days, "days")
        return Term(self.months, "months") if self.months else Term(self.hours, "hours")


@dataclass(frozen=True)
class DayOff:
    """A day on which a state's authorities do not work: one day, the same day every year, or a day of the week."""

    state: str
    day: str
    """``2026-12-25``, ``--12-25`` (every year) or ``saturday`` (every week)."""
    valid_from: date
    valid_until: date | None
    name: str
    source: str
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Course:
    """What has happened to a clock so far."""

    events: Mapping[str, datetime]
    """The latest time of each event."""
    delays: Mapping[str, Iterable[Span]] = field(default_factory=dict)
    """What extends or suspends, by its name in the table, with the times for which it lasted."""
    done: datetime | None = None
    """When the thing due was done."""
    fixed: str = ""
    """The stated end, for a deadline whose end an act sets."""
    days_off: tuple[DayOff, ...] = ()
    """The calendar of the state whose authority is bound; empty: Saturdays and Sundays are off."""


@dataclass(frozen=True)
class Alarm:
    """When a reminder is due, at which level (1 for the first), and to whom; the end itself is the highest level."""

    at: datetime
    level: int
    to: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Due:
    """Where a clock stands: ``waiting`` (not started), ``running``, ``extended`` (while a delay lasts), ``kept``,
    ``breached`` or, where the end of the limit is its purpose, ``ended``.
    """

    clock: str
    article: str
    state: str
    started: datetime | None
    at: datetime | None
    """The end of the limit as far as it is known; it moves on while an extension lasts."""
    extended: timedelta
    alarms: tuple[Alarm, ...] = ()
    """The reminders and the end, soonest first."""


@dataclass(frozen=True)
class Holder:
    """What a clock belongs to, and whose turn it is."""

    id: str
    """As in `Watch.holder`."""
    title: str
    turn: str
    case: str | None = None


@dataclass(frozen=True)
class Watch:
    """A clock in the node's registry, as it stands: whose, until when, who must act, and what follows at its end."""

    holder: str
    """What it belongs to, as ``proceeding:<id>`` or ``search:<query id>``."""
    clock: str
    title: str
    article: str
    state: str
    started: datetime
    due: datetime | None
    """None while nobody can say, such as while a judge decides."""
    effect: Effect
    consequence: str
    turn: str
    """The node whose authority must act."""
    alarms: tuple[Alarm, ...] = ()
    case: str | None = None
    level: int = 0
    """How many of the alarms have been told."""
    ended_at: datetime | None = None
