"""The asked side: decide for itself, match, answer or refuse; what a partner's correction and withdrawal do.

Each partner's query mirrors the life cycle of the asking side. A query that the law refers waits for a lawyer of this
node; nothing is ever answered on an unknown.
"""

from dataclasses import replace
from functools import partial

from comity.base.errors import BadInput, Conflict
from comity.base.model import JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Message, Received
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.search import rules, store, wire
from comity.search.model import Candidate, Mandate, Matcher, Query
from comity.search.service import batching, capacity, claims, life
from comity.search.service.expecting import enough

MEASURE = "hit_no_hit"


def on_query(unit: Unit, matchers: dict[str, Matcher[Unit]], received: Received) -> None:
    """A partner's query: keep it, decide, then answer, refuse, or leave it to a lawyer.

    A record that cannot be searched is no question, and rejected: nobody could ever answer it.
    """
    ready, waits = _weigh(unit, matchers, received)
    batching.answer(unit, ready, received.conversation)
    if waits:
        exchange.defer(unit, received)


def on_batch(unit: Unit, matchers: dict[str, Matcher[Unit]], received: Received) -> None:
    """Many questions in one message, each weighed by itself; a question that cannot be searched is turned back alone.

    What can be answered now is answered together. The message counts as handled when no question waits any more.
    """
    ready: list[batching.Letter] = []
    waiting = False
    for part in wire.parse_batch(received.body):
        alone = replace(received, conversation=part.conversation, body=part.body)
        what = f"a question of {received.sender} in {received.id}"
        weighed, code = unit.attempt(what, partial(_weigh, unit, matchers, alone))
        if weighed is None:
            _turn_back(unit, alone, code)
        else:
            ready += weighed[0]
            waiting |= weighed[1]
    batching.answer(unit, ready, received.conversation)
    if waiting:
        exchange.defer(unit, received)


def _turn_back(unit: Unit, received: Received, code: str) -> None:
    """Tell the partner that one question cannot be searched here, in the conversation meant for it."""
    told = wire.StatusBody(wire.query_id(received.body), wire.REJECTED, [], code)
    exchange.follow_up(unit, Message(
        type=wire.STATUS, to=(received.sender,), conversation=received.conversation, body=told.as_json(),
        purpose=received.purpose, handling=received.handling,
    ))  # fmt: skip


Weighed = tuple[list[batching.Letter], bool]
"""The answer that is ready, if one is, and whether a person must act first."""


def _weigh(unit: Unit, matchers: dict[str, Matcher[Unit]], received: Received) -> Weighed:
    """Keep one question, decide, and match or refuse it."""
    body = wire.parse_query(received.body)
    matcher = matcher_of(matchers, body.modality)
    matcher.check(body.record)
    enough(unit, matcher, body.record, received.sender)
    claims.agree(received, body.legal)
    decision = legal.decide(unit, _asked(unit, received, body))
    kept = _kept(unit, received, body, decision)
    query, decision, exceeded = capacity.spend(unit, kept, decision)
    if query is not kept:
        store.update_query(unit, query.id, basis=query.basis)
    if body.supersedes is not None:
        _mark_superseded(unit, query, body.supersedes)
    deed = life.record(unit, "received", query, {"message": received.id, "outcome": decision.outcome})
    query = life.walk(unit, query, ("submit", decision.outcome), deed)
    if exceeded is not None:
        capacity.park(unit, query, exceeded, deed)
        return [], True
    if decision.outcome == "allow":
        letter = found(unit, matcher, query, decision, by_rule(query, received, body.record))
        capacity.after_emergency(unit, query, None)
        return [letter], False
    if decision.outcome == "deny":
        refuse(unit, query, decision, received.id)
    return [], decision.outcome == "refer"


def _asked(unit: Unit, received: Received, body: wire.QueryBody) -> Question:
    """The legal question of a partner's query; what kind of data is searched, the record itself says."""
    facts = wire.thing(body.legal, "facts") | rules.of_modality(body.modality)
    return Question(
        MEASURE, received.sender, unit.node, wire.code(body.legal, "instrument"), unit.now.date(), facts
    )  # fmt: skip


def matcher_of(matchers: dict[str, Matcher[Unit]], modality: str) -> Matcher[Unit]:
    """The matcher of a modality; BadInput when this node searches no such records."""
    if modality not in matchers:
        raise BadInput(
            "search.modality", f"This node searches no `{modality}`", todo=f"It offers: {', '.join(sorted(matchers))}."
        )
    return matchers[modality]


def _kept(unit: Unit, received: Received, body: wire.QueryBody, decision: Decision) -> Query:
    query = Query(
        id=body.query, question=body.question, side="asked", partner=received.sender, modality=body.modality, case=None,
        ref=None, state="draft", status="pending", reason={}, conversation=received.conversation, message=received.id,
        asked_at=received.issued, deadline=body.deadline, supersedes=body.supersedes,
        basis=life.basis_of(decision) | {"facts": decision.facts, "asking": body.legal},
    )  # fmt: skip
    store.insert_query(unit, query, body.record, life.key_of(unit, query))
    return query


def _mark_superseded(unit: Unit, query: Query, earlier: str) -> None:
    """The earlier query of the same partner stays as it was, marked. It may never have reached this node."""
    if not store.known(unit, earlier):
        return
    old = store.find_query(unit, earlier)
    if old.partner != query.partner or old.side != "asked":
        raise Conflict("search.not-yours", "A correction names a query of somebody else", todo="Name your own query.")
    store.update_query(unit, old.id, superseded_by=query.id)


def by_rule(query: Query, received: Received, record: JsonObject) -> JsonObject:
    """The node's own act of answering this query about this record."""
    return life.automatic_act(
        "search.answer", received, {"query": query.id, "record_sha256": life.hash_of(record)}
    )  # fmt: skip


def answer(unit: Unit, matcher: Matcher[Unit], query: Query, decision: Decision, act: JsonObject) -> None:
    """Match under a permit for `act` and send what was found."""
    batching.answer(unit, [found(unit, matcher, query, decision, act)], query.conversation)


def found(unit: Unit, matcher: Matcher[Unit], query: Query, decision: Decision, act: JsonObject) -> batching.Letter:
    """The answer to a query, matched under a permit for `act`; it carries numbers and profiles, never a name.

    The act's subject names the record that is searched; the matcher refuses to search another.
    """
    act_hash = life.hash_of(act)
    permit = legal.permit(unit, decision, act_hash, (query.partner,))
    record = store.body(unit, query.id, life.key_of(unit, query))
    candidates = matcher.match(unit, record, Mandate(act, query.partner, permit))
    shown = candidates[: wire.MAX_CANDIDATES]
    status = rules.status_of(candidates) if shown == candidates else "partial"
    body = wire.AnswerBody(query.id, status, shown, life.basis_of(decision))
    _keep_answer(unit, query, shown, body)
    return batching.Letter(query, body.as_json(), permit, act_hash)


def _keep_answer(unit: Unit, query: Query, shown: list[Candidate], body: wire.AnswerBody) -> None:
    store.replace_candidates(unit, query.id, shown, life.key_of(unit, query))
    payload: JsonObject = {"status": body.status, "candidates": len(shown)}
    deed = life.record(unit, "answered", query, payload)
    life.walk(unit, query, (rules.event_of(body.status),), deed, (body.status, {}))


def refuse(unit: Unit, query: Query, decision: Decision, reply_to: str) -> None:
    """Send the findings of a deny; the query's own state is already `refused`."""
    exchange.refuse(
        unit, decision, life.message(query, exchange.REFUSAL, {"query": query.id, "reply_to": reply_to}, "")
    )
    life.settle(unit, query, "refused", life.own_word(unit, decision))


def on_correction(unit: Unit, matchers: dict[str, Matcher[Unit]], received: Received) -> None:
    """The asking laboratory corrected the profile of a near match: search again and answer anew.

    What was answered to the earlier record stays beside it. The facts are those that this node kept; whatever does not
    allow now is a refusal.
    """
    body = wire.parse_query(received.body)
    query = life.from_partner(unit, body.query, received, "asked")
    life.in_state(query, "both_laboratories")
    matcher = _correctable(matchers, query, body)
    enough(unit, matcher, body.record, received.sender)
    claims.agree(received, body.legal)
    claims.unchanged(query, body.legal)
    decision = legal.decide(unit, life.question(unit, query, MEASURE, life.facts_of(query)))
    deed = replace(life.record(unit, "corrected", query, {"message": received.id}), human=True)
    query = life.step(unit, query, "typing_corrected", deed)
    key = life.key_of(unit, query)
    store.keep_superseded(unit, query, store.body(unit, query.id, key), key)
    store.replace_body(unit, query.id, body.record, key)
    store.update_query(unit, query.id, message=received.id, deadline=body.deadline)
    query = replace(query, message=received.id, deadline=body.deadline)
    if decision.outcome == "allow":
        answer(unit, matcher, query, decision, by_rule(query, received, body.record))
    else:
        refuse(unit, life.step(unit, query, "partner_refused", deed), decision, received.id)


def _correctable(matchers: dict[str, Matcher[Unit]], query: Query, body: wire.QueryBody) -> Matcher[Unit]:
    """The query's matcher, once it can search the corrected record; a correction does not change the modality."""
    matcher = matcher_of(matchers, query.modality)
    claims.same("modality", body.modality, query.modality)
    matcher.check(body.record)
    return matcher


def on_withdrawal(unit: Unit, received: Received) -> None:
    """The partner takes its question back: forget the candidates; the life cycle ends where it still runs."""
    wire.version(received.body)
    query = life.from_partner(unit, wire.query_id(received.body), received, "asked")
    deed = replace(life.record(unit, "withdrawn", query, {"message": received.id}), human=True)
    if not life.ended(query):
        life.step(unit, query, rules.withdrawal_event(query.state), deed)
    if query.state in life.WAITING:
        life.acknowledge(unit, query)
    store.replace_candidates(unit, query.id, [], life.key_of(unit, query))
