"""The laboratory corrected a profile: the question is searched again, or followed by another one that names it."""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.ids import uuid7
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision
from comity.search import rules, store, wire
from comity.search.model import Matcher, Query
from comity.search.service import batching, life
from comity.search.service.asking import MEASURE, weigh
from comity.search.service.ending import take_back
from comity.search.service.expecting import enough


def correct(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, query_id: str, ref: str) -> Query:
    """The laboratory corrected the profile: a near match searches again, any other query gets a successor, and so does
    a near match whose corrected record says something else to the law.

    A query without an answer yet is taken back at once. What was answered to the earlier record stays, marked.
    """
    query, _ = life.ours(unit, query_id, issuer.actor)
    life.not_superseded(query)
    record = enough(unit, matcher, matcher.prepare(unit, ref), query.partner)
    subject: JsonObject = {"query": query.id, "ref": ref, "record_sha256": sha256(canonical(record)).hex()}
    acted = access.act(unit, issuer, "search.correct", subject, frozenset({"officer", "examiner"}))
    before = life.facts_of(query)
    decision = life.allowed(unit, query, MEASURE, before | matcher.facts(unit, ref))
    if rules.searches_again(query) and decision.facts == before:
        return _search_again(unit, acted, query, decision, (ref, record))
    return _succeed(unit, acted, query, decision, (ref, record))


def _search_again(unit: Unit, acted: Acted, query: Query, decision: Decision, new: tuple[str, JsonObject]) -> Query:
    ref, record = new
    key = life.key_of(unit, query)
    deed = life.record(unit, "corrected", query, {"ref": ref, "decision": decision.id}, acted)
    store.keep_superseded(unit, query, store.body(unit, query.id, key), key)
    store.replace_body(unit, query.id, record, key)
    earlier, deadline = query.message, unit.now + rules.DEADLINES[batching.urgency_of(query)]
    query = life.step(unit, replace(query, ref=ref, deadline=deadline), "typing_corrected", deed)
    outgoing = life.message(query, wire.CORRECTION, batching.body_of(query, decision, record).as_json(), acted.act_hash)
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,))
    message = exchange.send(unit, permit, replace(outgoing, supersedes=earlier, urgency=batching.urgency_of(query)))
    store.update_query(unit, query.id, ref=ref, message=message, deadline=deadline)
    return life.settle(unit, replace(query, message=message), "pending", {"corrects": earlier})


def _succeed(unit: Unit, acted: Acted, old: Query, decision: Decision, new: tuple[str, JsonObject]) -> Query:
    ref, record = new
    successor = replace(
        old, id=uuid7(unit.now), ref=ref, state="draft", status="pending", reason={}, conversation=uuid7(unit.now),
        message="", asked_at=unit.now, deadline=unit.now + rules.DEADLINES[batching.urgency_of(old)],
        basis=old.basis | life.basis_of(decision) | {"facts": decision.facts}, supersedes=old.id, superseded_by=None,
    )  # fmt: skip
    store.update_query(unit, old.id, superseded_by=successor.id)
    if old.state in rules.UNANSWERED_STATES:
        take_back(unit, old, acted, f"corrected by query {successor.id}")
    asked, leaves = weigh(unit, acted, (successor, decision), record)
    return batching.send(unit, asked, leaves, acted.act_hash) if leaves else asked
