"""A request for core data as both sides keep it: what it rests on, what it is for, and its clock."""

from comity.base.errors import Conflict
from comity.base.model import JsonObject
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision
from comity.search import rules, store
from comity.search.model import Query
from comity.search.service import confirming, life, timing

MEASURE = "core_data"


def facts_of(query: Query) -> JsonObject:
    """What a request for core data says to the law, beside what the query said."""
    added: JsonObject = {"data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True}
    return life.facts_of(query) | added


def require_confirmed(unit: Unit, query: Query, number: str, asking: str) -> None:
    """Core data needs a full match that an examiner of the asking state has confirmed, on a profile still valid."""
    life.not_superseded(query)
    if confirming.candidate(unit, query, number).near:
        raise Conflict(
            "search.near-match", "A near match offers no core data",
            todo="Let both laboratories look at the typing; correct it or explain it.",
        )  # fmt: skip
    life.in_state(query, "confirmed")
    if not any(v.kind == "match" and v.node == asking for v in store.verdicts(unit, query, number)):
        raise Conflict("search.unconfirmed", f"Candidate {number} is not confirmed", todo="Confirm it first.")


def target(query: Query, number: str) -> str:
    """The hash of the release that a judge and an approver sign for: this query, this candidate, this recipient."""
    asked_for: JsonObject = {"v": 1, "target": "core_data", "query": query.id, "number": number, "to": query.partner}
    return sha256(canonical(asked_for)).hex()


def keep_request(unit: Unit, query: Query, number: str, decision: Decision) -> None:
    """The request, with the clock of the article on which it rests; it starts with what this node itself has seen."""
    term = next((d for d in legal.deadlines(unit, decision) if d.clock == MEASURE), None)
    asking = unit.node if query.side == "asking" else query.partner
    confirmed = min(v.at for v in store.verdicts(unit, query, number) if v.kind == "match" and v.node == asking)
    article = f"{decision.instrument} {term.article if term else decision.article}"
    clock = rules.begin_clock(article, confirmed, unit.now)
    store.save_core(unit, {
        "query": query.id, "number": number, "decision": decision.id, "target": target(query, number), "clock": clock,
    })  # fmt: skip
    timing.follow_core(unit, query)


def change_clock(unit: Unit, query: Query, state: str) -> None:
    """The judge's time is none of the clock's."""
    core = store.find_core(unit, query.id)
    change = rules.pause_for_judge if state == "awaiting_judge" else rules.resume_after_judge
    if core is not None:
        timing.keep_clock(unit, query, change(core["clock"], unit.now))
