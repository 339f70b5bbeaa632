"""Questions to other states: asked, followed, judged, answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from comity.base.model import JsonObject
from comity.client.connection import Connection, Objects

Verdict = Literal["match", "no_match", "inconclusive"]


@dataclass(frozen=True)
class Question:
    """What is asked, of whom, and on what basis; `further` are more records of the same case."""

    case: str
    profile: str
    to: Sequence[str]
    further: Sequence[str] = ()
    purpose: str = "criminal_investigation"
    instrument: str | None = None
    urgency: str = "normal"
    modality: str = "dna"
    facts: JsonObject = field(default_factory=dict)
    emergency: bool = False
    oral: bool = False
    accept_chance_hits: bool = False

    def body(self) -> JsonObject:
        """The question as JSON."""
        return {
            "case": self.case, "profile": self.profile, "to": [*self.to], "further": [*self.further],
            "purpose": self.purpose, "instrument": self.instrument, "urgency": self.urgency,
            "modality": self.modality, "facts": self.facts, "emergency": self.emergency, "oral": self.oral,
            "accept_chance_hits": self.accept_chance_hits,
        }  # fmt: skip


@dataclass(frozen=True)
class Searches:
    """Queries, ours and our partners'."""

    _at: Connection

    def preview(self, question: Question) -> JsonObject:
        """What would leave, to whom, and what the law says; nothing is sent."""
        return self._at.ask("POST", "/searches/preview", body=question.body())

    def ask(self, question: Question) -> Objects:
        """Ask; one query for each record and state."""
        return self._at.ask_all("POST", "/searches", body=question.body())

    def list(self, case: str | None = None, side: str | None = None, before: str | None = None) -> Objects:
        """The queries that one needs to know of, oldest first; `side` is asking or asked. The latest 1,000, or so many
        that were asked before the query `before`."""
        return self._at.ask_all("GET", "/searches", query={"case": case, "side": side, "before": before})

    def show(self, query: str) -> JsonObject:
        """One query: answer, candidates, life, clocks."""
        return self._at.ask("GET", "/searches/{query}", {"query": query})

    def explain(self, query: str, candidate: str | None = None) -> JsonObject:
        """Why the law and the rule said so: ``{query, text}``."""
        return self._at.ask("GET", "/searches/{query}/explanation", {"query": query}, query={"candidate": candidate})

    def withdraw(self, query: str, reason: str) -> JsonObject:
        """Take a query back."""
        return self._at.ask("POST", "/searches/{query}/withdrawal", {"query": query}, body={"reason": reason})

    def correct(self, query: str, profile: str) -> JsonObject:
        """Send a corrected profile."""
        return self._at.ask("POST", "/searches/{query}/correction", {"query": query}, body={"profile": profile})

    def confirm(self, query: str, candidate: str, verdict: Verdict, reason: str) -> JsonObject:
        """A qualified examiner's blind verdict on a candidate."""
        body = {"candidate": candidate, "verdict": verdict, "reason": reason}
        return self._at.ask("POST", "/searches/{query}/verdicts", {"query": query}, body=body)

    def preview_request(self, query: str, candidate: str, facts_of_offence: str) -> JsonObject:
        """What asking who it is would send, and the law's word."""
        body = {"candidate": candidate, "facts_of_offence": facts_of_offence}
        return self._at.ask("POST", "/searches/{query}/core-data-request/preview", {"query": query}, body=body)

    def request(self, query: str, candidate: str, facts_of_offence: str) -> JsonObject:
        """Ask who the confirmed match is."""
        body = {"candidate": candidate, "facts_of_offence": facts_of_offence}
        return self._at.ask("POST", "/searches/{query}/core-data-request", {"query": query}, body=body)

    def open_identity(self, query: str, reason: str) -> JsonObject:
        """Open released core data."""
        return self._at.ask("POST", "/searches/{query}/identity", {"query": query}, body={"reason": reason})

    def note(self, query: str, finding: str, words: str) -> JsonObject:
        """Tell the other laboratory what was found about a near match."""
        body = {"finding": finding, "words": words}
        return self._at.ask("POST", "/searches/{query}/notes", {"query": query}, body=body)

    def explained(self, query: str, reason: str) -> JsonObject:
        """Close a near match whose difference is explained."""
        return self._at.ask("POST", "/searches/{query}/explained", {"query": query}, body={"reason": reason})

    def authorise(self, query: str, reference: str, granted: bool = True, reason: str = "") -> JsonObject:
        """A judge grants or denies a release."""
        body = {"granted": granted, "reference": reference, "reason": reason}
        return self._at.ask("POST", "/searches/{query}/authorisation", {"query": query}, body=body)

    def release(self, query: str) -> JsonObject:
        """An approver releases core data."""
        return self._at.ask("POST", "/searches/{query}/release", {"query": query})

    def release_alone(self, query: str, reason: str) -> JsonObject:
        """Threat to life: an officer releases, the approval is deferred."""
        return self._at.ask("POST", "/searches/{query}/release-alone", {"query": query}, body={"reason": reason})

    def refuse(self, query: str, ground: str, reason: str) -> JsonObject:
        """Refuse core data."""
        body = {"ground": ground, "reason": reason}
        return self._at.ask("POST", "/searches/{query}/refusal", {"query": query}, body=body)

    def answer(self, query: str, facts: JsonObject) -> JsonObject:
        """State facts that were unknown when the law referred the query."""
        return self._at.ask("POST", "/searches/{query}/answer", {"query": query}, body={"facts": facts})

    def turn_down(self, query: str, ground: str, reason: str) -> JsonObject:
        """Refuse a query that the law referred to a lawyer."""
        body = {"refusal": {"ground": ground, "reason": reason}}
        return self._at.ask("POST", "/searches/{query}/answer", {"query": query}, body=body)

    def outcomes_due(self) -> Objects:
        """Confirmed hits about which somebody should say what became of them."""
        return self._at.ask_all("GET", "/searches/outcomes")

    def outcomes(self, query: str) -> Objects:
        """What was said of the hit of a query, oldest first."""
        return self._at.ask_all("GET", "/searches/{query}/outcomes", {"query": query})

    def record_outcome(self, query: str, outcome: str, reason: str) -> JsonObject:
        """Say what became of a confirmed hit."""
        body = {"outcome": outcome, "reason": reason}
        return self._at.ask("POST", "/searches/{query}/outcomes", {"query": query}, body=body)

    def statistics(self, since: date, until: date) -> Objects:
        """Queries counted by partner and side, from one day to another."""
        span = {"since": since.isoformat(), "until": until.isoformat()}
        return self._at.ask_all("GET", "/searches/statistics", query=span)
