"""What a person may see of a query: its answer, its life, its candidates, and why the law and the rule said so."""

from datetime import datetime
from typing import Final, get_args

from comity.access import service as access
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, NotFound
from comity.base.model import Actor, Json, JsonObject
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.search import rules, store
from comity.search.model import Candidate, Matcher, Query, Side, Transition, Verdict, Wanted
from comity.search.service import life, timing
from comity.search.service.answering import matcher_of
from comity.search.service.awaiting import look_of
from comity.search.service.blinding import as_known, is_blind, life_known
from comity.search.service.confirming import candidate
from comity.search.service.listing import page
from comity.search.service.noting import notes_of

MOST_LISTED: Final = 1000
"""Queries of one list for a program or a terminal; earlier ones are asked for by the first of them."""
_RELEASED = ("core_released", "evidence_requested", "released")


def overview(
    unit: Unit, *, question: str | None = None, case: str | None = None, side: str | None = None
) -> list[Query]:
    """Queries by question, case or side, oldest first; they hold no profile and no name."""
    return store.queries(unit, question=question, case=case, side=side)


def standing(unit: Unit) -> dict[tuple[str, str], int]:
    """How many queries have not ended, by side and state: those that have are many, and wait for nothing."""
    machine = legal.lifecycle(life.MACHINE)
    return store.standing(unit, sorted({state for state, _ in machine.steps}))


def listed(
    unit: Unit, viewer: Actor, *, case: str | None = None, side: str | None = None, before: str = ""
) -> list[Query]:
    """The queries that a person needs to know of: of the person's cases, and partners' with a role that works on them;
    the latest `MOST_LISTED`, or so many that were asked before the query `before`; oldest first.

    `case` (its reference or id) narrows to one case, of which the person must be a member. An examiner who has yet to
    judge sees each query as it stood before anybody else's verdict.
    """
    chosen = next((one for one in get_args(Side) if one == side), None)
    if side is not None and chosen is None:
        raise BadInput("search.side", f"`{side}` is no side of a search", todo="Use asking (ours) or asked (theirs).")
    start = glance(unit, before, viewer) if before else None
    place = (start.asked_at, start.id) if start else None
    found = page(unit, viewer, Wanted(chosen, case=case or "", after=place, rows=MOST_LISTED))
    return [*reversed(found.queries)]


def glance(unit: Unit, query_id: str, viewer: Actor) -> Query:
    """The query without any of its sealed parts, as a person who needs to know may know it."""
    query = store.find_query(unit, query_id)
    life.readable(unit, query, viewer)
    return as_known(unit, query, viewer)


def summary(query: Query) -> JsonObject:
    """One query as JSON: who was asked, where it stands, and the reason when there is one.

    `by` tells whose refusal a refused query met: `own` or `partner`.
    """
    return {
        "query": query.id, "question": query.question, "side": query.side, "partner": query.partner,
        "modality": query.modality,
        "state": query.state, "status": query.status, "reason": query.reason, "case": query.case,
        "by": rules.refused_by(query),
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
    seen = rules.visible_verdicts(store.verdicts(unit, query), viewer, unit.node)
    more: JsonObject = {
        "candidates": [_candidate(c) for c in found],
        "superseded": list[Json](store.superseded(unit, query.id, life.key_of(unit, query))),
        "life": [_transition(step) for step in store.transitions(unit, query.id)],
        "verdicts": [_verdict(v) for v in seen], "blind": False,
        "notes": [note.as_dict() for note in notes_of(unit, query)],
        "core_data": {
            "number": core["number"], "released": query.state in _RELEASED,
            "clock": timing.told_core(unit, query, core, _over(unit, query)),
            "account": store.open_account(unit, query.id, life.key_of(unit, query)),
        } if core else None,
    }  # fmt: skip
    return summary(query) | more


def _over(unit: Unit, query: Query) -> datetime | None:
    """When the query ended, if it has: from then on none of its clocks runs."""
    return store.transitions(unit, query.id)[-1].at if life.ended(query) else None


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


def unknown(query_id: str) -> NotFound:
    """The answer to whoever asks for a query that is not here, or that is not for them."""
    return store.unknown(query_id)


def seen_by(unit: Unit, query_id: str, viewer: Actor) -> JsonObject:
    """`detail` for a signed-in person who needs to know; every look at candidates has its log entry.

    An examiner who has yet to judge sees the query as it stood before anybody else's verdict.
    """
    query = store.find_query(unit, query_id)
    life.readable(unit, query, viewer)
    life.record(unit, "viewed", query, {"person": viewer.person})
    access.looked(unit, viewer, look_of(query.id), query.status)
    found = detail(unit, query_id, viewer.person)
    if not is_blind(unit, query, viewer):
        return found
    steps = [_transition(step) for step in life_known(unit, query, viewer)]
    return (
        found | summary(as_known(unit, query, viewer)) | {"blind": True, "life": steps, "core_data": None, "notes": []}
    )


def explain(
    unit: Unit, matchers: dict[str, Matcher[Unit]], viewer: Actor, query_id: str, number: str | None = None
) -> str:
    """Why: the decision in words and, for a candidate, the comparison in words; for whom `seen_by` would show it."""
    query = store.find_query(unit, query_id)
    life.readable(unit, query, viewer)
    life.record(unit, "viewed", query, {"person": viewer.person})
    decision = query.basis.get("decision")
    parts = [legal.explain(legal.find_decision(unit, str(decision)))]
    if number is not None:
        record = store.body(unit, query.id, life.key_of(unit, query))
        parts.append(matcher_of(matchers, query.modality).explain(record, candidate(unit, query, number)))
    return "\n\n".join(parts)
