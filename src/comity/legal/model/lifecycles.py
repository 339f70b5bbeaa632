"""The nouns of life cycles: machines, their steps and clocks; a proceeding that lives by one; who takes a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from comity.base.model import JsonObject
from comity.legal.model.decisions import Finding
from comity.legal.model.timing import Deadline

Party = Literal["", "asking", "asked"]


@dataclass(frozen=True)
class Transition:
    """One step of a life cycle; `human` marks a step that only a person's decision can take."""

    state: str
    event: str
    next: str
    human: bool
    roles: frozenset[str] = frozenset()
    """Roles of which one is needed; empty only where the step follows from another act by rule."""
    party: Party = ""
    """Whose step it is; empty: of whichever side keeps the proceeding."""
    article: str = ""
    guards: tuple[str, ...] = ()
    """Codes of `rules.guards` that must all hold."""
    timer: str = ""
    """The clock whose end takes this step."""
    releases: bool = False
    """Data, a thing or a person leaves by this step: always a person's decision, never silence."""
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Lifecycle:
    """A machine of states: where it starts, where it may end, and every step between."""

    name: str
    start: str
    final: frozenset[str]
    steps: Mapping[tuple[str, str], Transition]
    clocks: Mapping[str, Deadline] = field(default_factory=dict)
    title: str = ""
    source: str = ""
    facts: tuple[str, ...] = ()
    """Facts that must be stated when a proceeding is opened, because clocks depend on them."""

    def events(self, state: str) -> tuple[Transition, ...]:
        """The steps that lead out of `state`, in the table's order; none for a final state."""
        return tuple(step for step in self.steps.values() if step.state == state)


@dataclass(frozen=True)
class Told:
    """A step that the other side has taken, as its message said."""

    partner: str
    message: str


@dataclass(frozen=True)
class Taker:
    """Who takes a step: a person of this node, the other side by a message, or the node by rule."""

    kind: Literal["person", "partner", "rule"]
    person: str = ""
    unit: str = ""
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Move:
    """A step to be taken: the event with its reason, legal basis, findings, and facts that it adds."""

    event: str
    reason: str = ""
    basis: str = ""
    """Instrument and article, or the id of the decision on which the step rests."""
    rules_hash: str = ""
    findings: tuple[Finding, ...] = ()
    facts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True)
class NewProceeding:
    """A proceeding to be opened: which machine, about what, on which side of whom."""

    machine: str
    subject: str
    """What it is about, as ``room:id``: ``search:<query id>``, ``alert:<number>``; never a name."""
    side: Party = ""
    partner: str = ""
    case: str | None = None
    facts: JsonObject = field(default_factory=dict)
    """Codes on which guards and clocks depend: ``instrument``, ``measure``, ``urgency``, days set by an act."""


@dataclass(frozen=True)
class Proceeding:
    """A matter that lives by a machine."""

    id: str
    machine: str
    subject: str
    side: Party
    partner: str
    case: str | None
    facts: JsonObject
    state: str
    opened_at: datetime
    opened_by: str
    ended_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A matter that waits for a person: until when, and which of its steps that person could take now."""

    matter: Proceeding
    due: datetime | None
    events: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One step that was taken, as it is kept: who, by what authority, on what basis and law, why, when, which entry."""

    proceeding: str
    seq: int
    before: str
    event: str
    after: str
    person: str
    authority: str
    """The unit and roles of the person, the partner and its message, or empty for the node by rule."""
    basis: str
    rules_hash: str
    findings: tuple[Finding, ...]
    reason: str
    at: datetime
    entry: int
    """The log entry that records it."""
