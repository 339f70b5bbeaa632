"""What became of queries and of confirmed hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.search.model.queries import Side

HitKind = Literal["open", "useful", "known", "wrong", "arrest", "exculpation"]
"""What became of a confirmed hit: nothing yet, it helped, it was known already, it was wrong, it led to an arrest, or
it cleared somebody."""


@dataclass(frozen=True)
class Transition:
    """One step of a query's life cycle, with who took it and the log entry that records it."""

    query: str
    seq: int
    before: str
    event: str
    after: str
    person: str
    reason: str
    at: datetime
    entry: int


@dataclass(frozen=True)
class HitOutcome:
    """What became of a confirmed hit of ours, as somebody of its case said at one time; `reason` in their words."""

    query: str
    seq: int
    kind: HitKind
    reason: str
    person: str
    at: datetime
    entry: int

    def as_dict(self) -> JsonObject:
        """The outcome as JSON."""
        return {
            "query": self.query, "outcome": self.kind, "reason": self.reason, "person": self.person,
            "at": rfc3339(self.at), "entry": self.entry,
        }  # fmt: skip


@dataclass(frozen=True)
class FollowUp:
    """A confirmed hit of ours, when it is asked about next (None: not any more), and the latest word on it."""

    query: str
    partner: str
    case: str
    confirmed_at: datetime
    due_at: datetime | None
    kind: HitKind | None

    def as_dict(self) -> JsonObject:
        """The follow-up as JSON."""
        return {
            "query": self.query, "partner": self.partner, "case": self.case, "outcome": self.kind,
            "confirmed_at": rfc3339(self.confirmed_at), "due_at": rfc3339(self.due_at) if self.due_at else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """One partner's queries of a span of time, on one side: how many, by answer, and how long an answer took.

    `answers` counts by `Status`, and as ``withheld`` what our own law let nobody be asked; `median_seconds` is None
    where nothing was answered. `outcomes` counts the hits confirmed in that span by the latest word on each (``none``:
    nobody has said yet); hits are followed on the asking side alone.
    """

    side: Side
    partner: str
    asked: int
    answers: Mapping[str, int]
    median_seconds: int | None
    outcomes: Mapping[str, int]

    def as_dict(self) -> JsonObject:
        """The counts as JSON."""
        return {
            "side": self.side, "partner": self.partner, "asked": self.asked, "answers": dict(self.answers),
            "median_seconds": self.median_seconds, "outcomes": dict(self.outcomes),
        }  # fmt: skip
