"""What a person may see of a query: its answer, its life, its candidates, and why the law and the rule said so."""

from comity.base.clock import rfc3339
from comity.base.model import Actor, Json, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.search import rules, store
from comity.search.model import Candidate, Matcher, Query, Transition, Verdict
from comity.search.service import life
from comity.search.service.confirming import candidate


def overview(
    unit: Unit, *, question: str | None = None, case: str | None = None, side: str | None = None
) -> list[Query]:
    """Queries by question, case or side, oldest first; they hold no profile and no name."""
    return store.queries(unit, question=question, case=case, side=side)


def summary(query: Query) -> JsonObject:
    """One query as JSON: who was asked, where it stands, and the reason when there is one."""
    return {
        "query": query.id, "question": query.question, "side": query.side, "partner": query.partner,
        "state": query.state, "status": query.status, "reason": query.reason, "case": query.case,
        "asked_at": rfc3339(query.asked_at), "deadline": rfc3339(query.deadline),
        "instrument": query.basis.get("instrument"), "article": query.basis.get("article"),
        "rules_hash": query.basis.get("rules_hash"), "decision": query.basis.get("decision"),
        "supersedes": query.supersedes, "superseded_by": query.superseded_by,
    }  # fmt: skip


def detail(unit: Unit, query_id: str, viewer: str) -> JsonObject:
    """A query with its candidates, life and clocks; verdicts only as far as `viewer`'s blindness allows."""
    query = store.find_query(unit, query_id)
    found = store.candidates(unit, query.id, life.key_of(unit, query))
    core = store.find_core(unit, query.id)
    seen = rules.visible_verdicts(store.verdicts(unit, query.id), viewer, unit.node)
    more: JsonObject = {
        "candidates": [_candidate(c) for c in found],
        "life": [_transition(step) for step in store.transitions(unit, query.id)],
        "verdicts": [_verdict(v) for v in seen],
        "core_data": {"number": core["number"], "clock": core["clock"], "released": core["sealed"] is not None}
        if core else None,
    }  # fmt: skip
    return summary(query) | more


def _candidate(found: Candidate) -> Json:
    return {"number": found.number, "quality": found.quality, "near": found.near, "comparison": found.comparison,
            "record": found.record}  # fmt: skip


def _verdict(verdict: Verdict) -> Json:
    return {"number": verdict.number, "node": verdict.node, "person": verdict.person, "verdict": verdict.kind,
            "at": rfc3339(verdict.at)}  # fmt: skip


def _transition(step: Transition) -> Json:
    return {
        "from": step.before, "event": step.event, "to": step.after, "person": step.person, "reason": step.reason,
        "at": rfc3339(step.at), "entry": step.entry,
    }  # fmt: skip


def find(unit: Unit, query_id: str) -> Query:
    """The query of that id, without any of its sealed parts."""
    return store.find_query(unit, query_id)


def seen_by(unit: Unit, query_id: str, viewer: Actor) -> JsonObject:
    """`detail` for a signed-in person who needs to know the case; every look at candidates has its log entry."""
    query = store.find_query(unit, query_id)
    if query.case:
        cases.require(unit, viewer, query.case)
    life.record(unit, "viewed", query, {"person": viewer.person})
    return detail(unit, query_id, viewer.person)


def explain(unit: Unit, matchers: dict[str, Matcher[Unit]], query_id: str, number: str | None = None) -> str:
    """Why: the decision in words and, for a candidate, the comparison in words."""
    query = store.find_query(unit, query_id)
    decision = query.basis.get("decision")
    parts = [legal.explain(legal.find_decision(unit, str(decision)))]
    if number is not None:
        record = store.body(unit, query.id, life.key_of(unit, query))
        parts.append(matchers[query.modality].explain(record, candidate(unit, query, number)))
    return "\n\n".join(parts)
