"""How the exchange with each partner stands, and how patiently and how much of it is done."""

from dataclasses import dataclass
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.exchange.model.members import Versions


@dataclass(frozen=True)
class PartnerStatus:
    """How the exchange with one partner stands: what the operator looks at first."""

    code: str
    name: str
    endpoint: str
    revoked: bool
    available: bool
    reason: str
    """Why it is unavailable or, of one that answers, why a message waits all the same; empty when all is well."""
    next_try: datetime | None
    last_seen: datetime | None
    queued: int
    waiting: int
    undelivered: int
    """Messages whose deadline passed or that the partner rejected."""
    gaps: int
    """Conversations in which its numbering shows messages that have not come (yet)."""
    items_due: int
    """Items of its versioned state that it has announced and that have not come (yet)."""
    frozen: datetime | None
    """Since when nothing is exchanged; None where all is well."""
    frozen_why: str
    """In words: it showed two histories, or its log began another epoch and nobody here has agreed yet."""
    epoch: int
    """The epoch of its log, as the directory lists it."""
    head_size: int
    """Size of the largest checkpoint of the partner's log that this node keeps; 0 for none."""
    heads_unverified: int
    """Stored checkpoints whose consistency with a later one has not been checked yet."""
    cosigned_size: int
    """Size of this node's largest checkpoint that the partner has cosigned; 0 for none."""
    versions: Versions
    version: int | None
    """The version in which both talk; None where they have none in common."""
    capabilities: tuple[str, ...]

    @property
    def barred(self) -> str:
        """Why nothing is exchanged with it, reachable or not: ``revoked``, ``frozen``, its versions, or nothing."""
        if self.revoked or self.frozen:
            return "revoked" if self.revoked else "frozen"
        low, high = self.versions
        return f"no common version: it speaks {low} to {high}" if self.version is None else ""


@dataclass(frozen=True)
class Alarm:
    """Something that a person must look at: a contradiction that honest software cannot produce."""

    id: str
    at: datetime
    kind: str
    partner: str
    detail: JsonObject


@dataclass(frozen=True)
class Seen:
    """A person has seen an alarm, and says what was done about it."""

    alarm: str
    person: str
    note: str
    at: datetime

    def as_dict(self) -> JsonObject:
        """The same as JSON."""
        return {"alarm": self.alarm, "person": self.person, "note": self.note, "at": rfc3339(self.at)}


@dataclass(frozen=True)
class Failed:
    """A message of a case that did not reach its recipient, or that it rejected."""

    message: str
    type: str
    recipient: str
    case: str
    conversation: str
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Spate:
    """Refusals of one peer's requests within a minute of `began`; `missed` of them came after its last log entry."""

    began: datetime
    count: int
    missed: int


@dataclass(frozen=True)
class Allowance:
    """What one partner may ask of this node: beyond `per_second` it is put off, beyond `at_once` it waits."""

    per_second: int = 1000
    """Messages; twice as many receipts, and as many requests about the logs as messages."""
    at_once: int = 16


@dataclass(frozen=True)
class Pace:
    """How patiently delivery is tried; seconds. Tests shorten it."""

    first_retry: float = 5.0
    longest_retry: float = 3600.0
    connect: float = 5.0
    response: float = 30.0
    connection_age: float = 600.0
    poll: float = 2.0
    """How often a member asks its relay."""
