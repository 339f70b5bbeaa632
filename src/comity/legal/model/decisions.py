"""The nouns of a decision: the question, its findings, the answer, and the permit that an answer can be turned into.

All are frozen. Dates are civil dates (`datetime.date`); measures, purposes, categories and grounds are the codes of
`docs/protocol/legal-facts.md`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, cast

from comity.base.model import Json, JsonObject

Result = Literal["pass", "fail", "unknown"]


Outcome = Literal["allow", "deny", "refer"]


Side = Literal["asking", "asked"]


JUDICIAL_AUTHORISATION = "judicial_authorisation"
"""A requirement: a judge of the asked state authorises before anything is released."""


@dataclass(frozen=True)
class Question:
    """May `asking` do `measure` towards `asked` on the day `on`? `instrument` None means: find the best basis.

    `facts` follow `docs/protocol/legal-facts.md`; a fact left out is unknown, and unknown never allows.
    """

    measure: str
    asking: str
    asked: str
    instrument: str | None
    on: date
    facts: JsonObject
    own: JsonObject = field(default_factory=dict)
    """Judgements of this node's own people, such as `neutrality_review` or `recipient`.

    The engine reads them nowhere else, so that no partner can make them for us inside `facts`.
    """


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition tried: its result, the article it rests on, the values compared, and what would cure a no."""

    condition: str
    result: Result
    article: str
    values: JsonObject
    cure: str

    def as_dict(self) -> JsonObject:
        """The finding as JSON, for log entries, refusals to partners and `--json`."""
        return {
            "condition": self.condition, "result": self.result, "article": self.article,
            "values": self.values, "cure": self.cure,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: JsonObject) -> "Finding":
        """The finding that `as_dict` wrote; KeyError or ValueError when it did not."""
        result = data["result"]
        values = data["values"]
        if result not in ("pass", "fail", "unknown") or not isinstance(values, dict):
            raise ValueError("not a finding")
        return cls(str(data["condition"]), cast(Result, result), str(data["article"]), values, str(data["cure"]))


@dataclass(frozen=True)
class Decision:
    """The answer to a Question as one side sees it, with every finding.

    `requirements` are acts that must still be done in the asked state before anything leaves it, such as
    ``judicial_authorisation``. `id` is empty until `service.decide` has stored the decision.
    """

    id: str
    outcome: Outcome
    measure: str
    instrument: str
    article: str
    side: Side
    findings: tuple[Finding, ...]
    rules_hash: str
    on: date
    facts: JsonObject
    asking: str = ""
    asked: str = ""
    requirements: tuple[str, ...] = ()
    own: JsonObject = field(default_factory=dict)
    """This side's own judgements, as in the question; unlike `facts` they are never sent."""

    @property
    def partner(self) -> str:
        """The other state of the question, the only one to which a permit may let data go."""
        return self.asked if self.side == "asking" else self.asking

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """The findings that decided: the fails of a deny, the unknowns of a refer, none of an allow."""
        wanted = {"deny": "fail", "refer": "unknown", "allow": ""}[self.outcome]
        return tuple(f for f in self.findings if f.result == wanted)

    def as_dict(self) -> JsonObject:
        """The decision as JSON; facts and own judgements included, so for this node's own records and screens only."""
        return self.outline() | {"facts": self.facts, "own": self.own}

    def outline(self) -> JsonObject:
        """The decision as JSON for whoever need not know the matter: no facts and no own judgements."""
        return {
            "id": self.id, "decision": self.outcome, "measure": self.measure, "instrument": self.instrument,
            "article": self.article, "side": self.side, "asking": self.asking, "asked": self.asked,
            "on": self.on.isoformat(), "rules_hash": self.rules_hash,
            "requirements": list[Json](self.requirements), "findings": [f.as_dict() for f in self.findings],
        }  # fmt: skip


@dataclass(frozen=True)
class Permit:
    """The right to do exactly one act once: this hash, this measure, these recipients, until `expires` (UTC).

    Only `legal.service` makes permits, and `legal.service.check` believes its store, never this object.
    """

    id: str
    decision_id: str
    measure: str
    act_hash: str
    recipients: tuple[str, ...]
    instrument: str
    article: str
    expires: datetime


@dataclass(frozen=True)
class Use:
    """One use of a permit: what is done under it, and the act at hand to which it must be bound."""

    kind: str
    """``send:`` and the message type, ``match`` or ``core_data``; each is done once under one permit."""
    measure: str
    act_hash: str
    recipients: tuple[str, ...]
