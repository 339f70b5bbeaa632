"""What an officer asks, and what is shown before it is sent."""

from dataclasses import dataclass, field

from comity.base.model import Json, JsonObject
from comity.legal.model import Decision
from comity.search.model.matching import Chance


@dataclass(frozen=True)
class Ask:
    """A question to several states: which record of which case, on what purpose, to whom."""

    case: str
    modality: str
    ref: str
    recipients: tuple[str, ...]
    purpose: str
    instrument: str | None = None
    urgency: str = "normal"
    facts: JsonObject = field(default_factory=dict)
    """Further facts for the legal engine, such as `territory` or `handling`; judgements of one's own stay at home."""
    emergency: bool = False
    """A threat to life: asked at once, counted by no quota, reviewed by another person within 24 hours."""
    oral: bool = False
    """Asked on a basis that was given orally, and is confirmed in writing afterwards."""
    further: tuple[str, ...] = ()
    """More records of the same case, each a question of its own; what goes to one state travels in batches."""
    reason: str = ""
    """With `emergency`: why a life is in danger, in a sentence without names, for whoever reviews it."""
    question: str = ""
    """An id for the question, made where it is asked; asking again under it finds what was asked then. Only of one
    record; a new one where it is left out."""
    accepted: bool = False
    """Whoever asks has seen that more hits by chance are expected than usual, and asks all the same."""

    @property
    def refs(self) -> tuple[str, ...]:
        """All records, each once."""
        return tuple(dict.fromkeys((self.ref, *self.further)))

    @property
    def pace(self) -> str:
        """How urgent it is: a threat to life is immediate, whatever else was said."""
        return "immediate" if self.emergency else self.urgency


@dataclass(frozen=True)
class Preview:
    """What would leave, to whom, on what basis: shown before anything is sent."""

    recipients: tuple[str, ...]
    """Exactly those who would receive the query."""
    withheld: tuple[str, ...]
    """Those whom the decision keeps out."""
    decisions: dict[str, Decision]
    seen: JsonObject
    """The query body as every recipient will see it."""
    chance: Chance | None = None
    """What the question is expected to find by chance; None where nobody can tell."""

    def as_dict(self) -> JsonObject:
        """The preview as JSON."""
        decisions: JsonObject = {state: decision.as_dict() for state, decision in self.decisions.items()}
        chance = self.chance.as_dict(self.recipients) if self.chance else None
        return {"recipients": list[Json](self.recipients), "withheld": list[Json](self.withheld),
                "decisions": decisions, "seen": self.seen, "chance": chance}  # fmt: skip
