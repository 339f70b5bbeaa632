"""The asked side: decide for itself, match, answer or refuse; what a partner's correction and withdrawal do.

Each partner's query mirrors the life cycle of the asking side. A query that the law refers waits for a lawyer of this
node, who adds the missing facts; nothing is ever answered on an unknown.
"""

from dataclasses import replace

from comity.access import service as access
from comity.base.errors import Conflict
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.search import rules, store, wire
from comity.search.model import Candidate, Matcher, Query
from comity.search.service import life

MEASURE = "hit_no_hit"
LAWYERS = frozenset({"lawyer"})


def on_query(unit: Unit, matchers: dict[str, Matcher[Unit]], received: Received) -> None:
    """A partner's query: keep it, decide, then answer, refuse, or leave it to a lawyer."""
    body = wire.parse_query(received.body)
    matcher = _matcher(matchers, body.modality)
    facts, instrument = wire.thing(body.legal, "facts"), wire.text(body.legal, "instrument")
    asked = Question(MEASURE, received.sender, unit.node, instrument, unit.now.date(), facts)
    decision = legal.decide(unit, asked)
    query = _kept(unit, received, body, decision)
    if body.supersedes is not None:
        _mark_superseded(unit, query, body.supersedes)
    deed = life.record(unit, "received", query, {"message": received.id, "outcome": decision.outcome})
    query = life.step(unit, query, "submit", deed)
    query = life.step(unit, query, decision.outcome, deed)
    if decision.outcome == "allow":
        _answer(unit, matcher, query, decision, received)
    elif decision.outcome == "deny":
        _refuse(unit, query, decision, received.id)


def _matcher(matchers: dict[str, Matcher[Unit]], modality: str) -> Matcher[Unit]:
    if modality not in matchers:
        raise Conflict(
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
    """The earlier query of the same partner stays as it was, marked; another's query is never touched."""
    old = store.find_query(unit, earlier)
    if old.partner != query.partner or old.side != "asked":
        raise Conflict("search.not-yours", "A correction names a query of somebody else", todo="Name your own query.")
    store.update_query(unit, old.id, superseded_by=query.id)


def _answer(unit: Unit, matcher: Matcher[Unit], query: Query, decision: Decision, received: Received) -> None:
    """Match under a permit and send what was found; the answer carries numbers and profiles, never a name."""
    act_hash = life.automatic_act("search.answer", query.id, received)
    permit = legal.permit(unit, decision, act_hash, (query.partner,))
    record = store.body(unit, query.id, life.key_of(unit, query))
    found = matcher.match(unit, record, permit)
    shown = found[: wire.MAX_CANDIDATES]
    status = rules.status_of(found) if shown == found else "partial"
    body = wire.AnswerBody(query.id, status, shown, life.basis_of(decision))
    exchange.send(unit, permit, life.message(query, wire.ANSWER, body.as_json(), act_hash))
    _keep_answer(unit, query, shown, body)


def _keep_answer(unit: Unit, query: Query, shown: list[Candidate], body: wire.AnswerBody) -> None:
    store.replace_candidates(unit, query.id, shown, life.key_of(unit, query))
    payload: JsonObject = {"status": body.status, "candidates": len(shown)}
    deed = life.record(unit, "answered", query, payload)
    life.step(unit, query, rules.event_of(body.status), deed)
    life.settle(unit, query, body.status, {})


def _refuse(unit: Unit, query: Query, decision: Decision, reply_to: str) -> None:
    """Send the findings of a deny; the query's own state is already `refused`."""
    exchange.refuse(
        unit, decision, life.message(query, exchange.REFUSAL, {"query": query.id, "reply_to": reply_to}, "")
    )
    life.settle(unit, query, "refused", {"by": unit.node, "findings": life.findings_of(decision)})


def review(
    unit: Unit, matchers: dict[str, Matcher[Unit]], issuer: Issuer, query_id: str, facts: JsonObject
) -> Decision:
    """A lawyer adds the facts that were unknown and the query is decided anew: answered, refused or still referred."""
    query = store.find_query(unit, query_id)
    life.in_state(query, "legal_review")
    if query.side != "asked":
        raise Conflict("search.side", "This is our own question", todo="Ask again with the missing facts (--fact).")
    acted = access.act(unit, issuer, "search.answer", {"query": query.id, "facts": facts}, LAWYERS)
    decision = legal.decide(unit, life.question(unit, query, MEASURE, life.facts_of(query) | facts))
    deed = life.record(unit, "reviewed", query, {"outcome": decision.outcome, "decision": decision.id}, acted)
    basis = query.basis | life.basis_of(decision) | {"facts": decision.facts}
    store.update_query(unit, query.id, basis=basis)
    query = replace(query, basis=basis)
    if decision.outcome == "allow":
        moved = life.step(unit, query, "approve", deed)
        _answer(
            unit,
            _matcher(matchers, query.modality),
            moved,
            decision,
            exchange.received(unit, query.partner, query.message),
        )
    elif decision.outcome == "deny":
        _refuse(unit, life.step(unit, query, "reject", deed), decision, query.message)
    return decision


def on_correction(unit: Unit, matchers: dict[str, Matcher[Unit]], received: Received) -> None:
    """The asking laboratory corrected its profile while the query is open: search again and answer anew."""
    body = wire.parse_query(received.body)
    query = life.from_partner(unit, body.query, received, "asked")
    life.in_state(query, *rules.SEARCH_AGAIN_STATES)
    decision = legal.decide(unit, life.question(unit, query, MEASURE, wire.thing(body.legal, "facts")))
    deed = replace(life.record(unit, "corrected", query, {"message": received.id}), human=True)
    if query.state == "both_laboratories":
        query = life.step(unit, query, "typing_corrected", deed)
    store.replace_body(unit, query.id, body.record, life.key_of(unit, query))
    if decision.outcome == "allow":
        _answer(unit, _matcher(matchers, body.modality), query, decision, received)
    else:
        moved = life.step(unit, query, "partner_refused", deed)
        _refuse(unit, moved, decision, received.id)


def on_withdrawal(unit: Unit, received: Received) -> None:
    """The partner takes its question back: forget the candidates; the life cycle ends where it still runs."""
    query = life.from_partner(unit, wire.query_id(received.body), received, "asked")
    store.replace_candidates(unit, query.id, [], life.key_of(unit, query))
    deed = life.record(unit, "withdrawn", query, {"message": received.id})
    if not life.ended(query):
        life.step(unit, query, "withdraw", replace(deed, human=True))
