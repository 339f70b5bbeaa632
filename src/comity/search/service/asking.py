"""The asking side until an answer is in: look ahead, ask, correct, withdraw; what answers and failed deliveries do."""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict
from comity.base.ids import uuid7
from comity.base.model import Issuer, Json, JsonObject
from comity.cases import service as cases
from comity.cases.model import Case
from comity.exchange import service as exchange
from comity.exchange.model import Delivery, Received, Urgency
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.search import rules, store, wire
from comity.search.model import Ask, Matcher, Preview, Query
from comity.search.service import life

MEASURE = "hit_no_hit"
OFFICERS = frozenset({"officer"})


def preview(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, ask: Ask) -> Preview:
    """What asking would do: every state's decision, exactly who would receive it, and what they would see."""
    case = cases.require(unit, issuer.actor, ask.case)
    record = matcher.prepare(unit, ask.ref)
    decisions = {state: legal.consider(unit, _question(unit, ask, case, state)) for state in _states(unit, ask)}
    allowed = tuple(state for state, decision in decisions.items() if decision.outcome == "allow")
    withheld = tuple(state for state in decisions if state not in allowed)
    facts = _facts(unit, ask, case)
    return Preview(allowed, withheld, decisions, {"modality": ask.modality, "record": record, "facts": facts})


def ask(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, ask: Ask) -> list[Query]:
    """Ask every recipient that the law allows; a deny ends that state's query here, a refer waits for a lawyer."""
    case = cases.require(unit, issuer.actor, ask.case)
    record = matcher.prepare(unit, ask.ref)
    question = uuid7(unit.now)
    subject: JsonObject = {
        "question": question, "case": case.id, "recipients": list[Json](_states(unit, ask)),
        "record_sha256": sha256(canonical(record)).hex(), "purpose": ask.purpose,
    }  # fmt: skip
    acted = access.act(unit, issuer, "search.ask", subject, OFFICERS)
    return [_ask_one(unit, acted, _new(unit, ask, case, question, state), record) for state in _states(unit, ask)]


def _states(unit: Unit, ask: Ask) -> tuple[str, ...]:
    states = tuple(dict.fromkeys(ask.recipients))
    if not states or unit.node in states:
        raise BadInput("search.recipients", "A search abroad needs at least one other state", todo="Name it with --to.")
    return states


def _facts(unit: Unit, ask: Ask, case: Case) -> JsonObject:
    handling: JsonObject = {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"}
    known: JsonObject = {
        "offence": {"state": unit.node, "code": case.offence}, "purpose": ask.purpose, "modality": ask.modality,
        "data_category": f"{ask.modality}_profile", "handling": handling,
    }  # fmt: skip
    return known | ask.facts


def _question(unit: Unit, ask: Ask, case: Case, state: str) -> Question:
    facts = _facts(unit, ask, case)
    return Question(MEASURE, unit.node, state, ask.instrument, unit.now.date(), facts)


def _new(unit: Unit, ask: Ask, case: Case, question: str, state: str) -> tuple[Query, Decision]:
    decision = legal.decide(unit, _question(unit, ask, case, state))
    query = Query(
        id=uuid7(unit.now), question=question, side="asking", partner=state, modality=ask.modality, case=case.id,
        ref=ask.ref, state="draft", status="pending", reason={}, conversation=uuid7(unit.now), message="",
        asked_at=unit.now, deadline=unit.now + rules.DEADLINES[_urgency(ask.urgency)],
        basis=life.basis_of(decision) | {"facts": decision.facts, "urgency": ask.urgency},
    )  # fmt: skip
    return query, decision


def _urgency(text: str) -> Urgency:
    for known in ("immediate", "urgent", "normal"):
        if text == known:
            return known
    raise BadInput("search.urgency", f"`{text}` is no urgency", todo="Use immediate, urgent or normal.")


def _ask_one(unit: Unit, acted: Acted, new: tuple[Query, Decision], record: JsonObject) -> Query:
    query, decision = new
    store.insert_query(unit, query, record, life.key_of(unit, query))
    payload: JsonObject = {"outcome": decision.outcome, "decision": decision.id, "act": acted.act_hash}
    deed = life.record(unit, "asked", query, payload, acted)
    query = life.step(unit, query, "submit", deed)
    if decision.outcome == "allow":
        return _send(unit, life.step(unit, query, "allow", deed), decision, record, acted.act_hash)
    query = life.step(unit, query, decision.outcome, deed)
    return life.settle(unit, query, "refused" if decision.outcome == "deny" else "pending", _own(unit, decision))


def _own(unit: Unit, decision: Decision) -> JsonObject:
    return {"by": unit.node, "outcome": decision.outcome, "findings": life.findings_of(decision)}


def _send(unit: Unit, query: Query, decision: Decision, record: JsonObject, act_hash: str) -> Query:
    legal_part: JsonObject = life.basis_of(decision) | {"facts": decision.facts}
    body = wire.QueryBody(
        query.id, query.question, query.modality, record, legal_part, query.deadline, query.supersedes
    )  # fmt: skip
    permit = legal.permit(unit, decision, act_hash, (query.partner,))
    outgoing = replace(
        life.message(query, wire.QUERY, body.as_json(), act_hash),
        urgency=_urgency(str(query.basis.get("urgency", "normal"))),
    )
    message = exchange.send(unit, permit, outgoing)
    store.update_query(unit, query.id, message=message)
    return replace(query, message=message)


def on_answer(unit: Unit, received: Received) -> None:
    """A partner's answer: keep its candidates and let the query's life go on."""
    answer = wire.parse_answer(received.body)
    query = life.from_partner(unit, answer.query, received, "asking")
    payload: JsonObject = {"status": answer.status, "message": received.id, "candidates": len(answer.candidates)}
    deed = life.record(unit, "answered", query, payload)
    if query.state == "waiting":
        query = life.step(unit, query, "retry", deed)
    life.step(unit, query, rules.event_of(answer.status), deed)
    store.replace_candidates(unit, query.id, answer.candidates, life.key_of(unit, query))
    life.settle(unit, query, answer.status, {"legal": answer.legal})


def on_refusal(unit: Unit, received: Received) -> None:
    """A partner's refusal with its findings: an answer of its own kind, never a no-hit."""
    found = [q for q in store.queries(unit, side="asking") if q.conversation == received.conversation]
    if not found or found[0].partner != received.sender:
        raise Conflict(
            "search.not-yours", "A refusal speaks of no query of ours", todo="Ask the partner what it means."
        )
    query = found[0]
    deed = life.record(unit, "refused", query, {"by": received.sender, "message": received.id})
    if query.state == "waiting":
        query = life.step(unit, query, "retry", deed)
    event = {"searching": "partner_refused", "awaiting_judge": "denied"}.get(query.state, "refuse")
    life.step(unit, query, event, replace(deed, human=True))
    status = "refused" if query.status in ("pending", "unavailable") else query.status
    told = wire.thing(received.body, "decision")
    life.settle(unit, query, status, told | {"by": received.sender})


def on_delivery(unit: Unit, delivery: Delivery) -> None:
    """What has become of a sent query: unavailable while the partner is away, searching again once it has it."""
    query = store.find_by_message(unit, delivery.message)
    if query is None or query.side != "asking":
        return
    if delivery.state in ("accepted", "delivered", "handled") and query.state == "waiting":
        deed = life.record(unit, "reached", query, {"delivery": delivery.state})
        life.settle(unit, life.step(unit, query, "retry", deed), "pending", {})
    elif delivery.state in ("waiting", "rejected") and query.state == "searching":
        deed = life.record(unit, "unavailable", query, {"reason": delivery.reason})
        life.settle(unit, life.step(unit, query, "unavailable", deed), "unavailable", _away(delivery))
    elif delivery.state == "non_delivery" and query.state in ("waiting", "searching"):
        deed = life.record(unit, "expired", query, {"reason": delivery.reason})
        event = "deadline" if query.state == "waiting" else "timeout"
        life.settle(unit, life.step(unit, query, event, deed), "unavailable", _away(delivery))


def _away(delivery: Delivery) -> JsonObject:
    reason = delivery.reason or delivery.state
    return {"by": delivery.recipient, "reason": reason, "deadline": rfc3339(delivery.deadline)}


def expire(unit: Unit) -> int:
    """End the asking-side queries whose deadline has passed without an answer; the number of them."""
    late = store.due(unit, ("searching", "waiting", "partial"), unit.now)
    for query in late:
        deed = life.record(unit, "expired", query, {"deadline": rfc3339(query.deadline)})
        moved = life.step(unit, query, "deadline" if query.state == "waiting" else "timeout", deed)
        status = query.status if query.status == "partial" else "unavailable"
        life.settle(unit, moved, status, {"by": query.partner, "reason": "search.deadline"})
    return len(late)


def withdraw(unit: Unit, issuer: Issuer, query_id: str, reason: str) -> Query:
    """Take a question back; the partner is told, forgets what it found and acknowledges."""
    query = store.find_query(unit, query_id)
    cases.require(unit, issuer.actor, query.case or "")
    acted = access.act(unit, issuer, "search.withdraw", {"query": query.id, "reason": reason}, OFFICERS)
    deed = replace(life.record(unit, "withdrawn", query, {"reason": reason}, acted), reason=reason)
    moved = life.step(unit, query, "withdraw", deed)
    body: JsonObject = {"v": 1, "query": query.id, "reason": reason}
    outgoing = replace(life.message(query, wire.WITHDRAWAL, body, acted.act_hash), supersedes=query.message)
    exchange.follow_up(unit, outgoing)
    return moved


def correct(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, query_id: str, ref: str) -> Query:
    """The laboratory corrected the profile: an open query searches again, an ended one gets a successor."""
    query = store.find_query(unit, query_id)
    case = cases.require(unit, issuer.actor, query.case or "")
    record = matcher.prepare(unit, ref)
    subject: JsonObject = {"query": query.id, "ref": ref, "record_sha256": sha256(canonical(record)).hex()}
    acted = access.act(unit, issuer, "search.correct", subject, frozenset({"officer", "examiner"}))
    decision = life.allowed(unit, query, MEASURE, life.facts_of(query))
    if rules.searches_again(query):
        return _search_again(unit, acted, query, decision, (ref, record))
    return _succeed(unit, acted, replace(query, case=case.id), decision, (ref, record))


def _search_again(unit: Unit, acted: Acted, query: Query, decision: Decision, new: tuple[str, JsonObject]) -> Query:
    ref, record = new
    deed = life.record(unit, "corrected", query, {"ref": ref, "decision": decision.id}, acted)
    if query.state == "both_laboratories":
        query = life.step(unit, query, "typing_corrected", deed)
    earlier = query.message
    body = wire.QueryBody(
        query.id, query.question, query.modality, record, life.basis_of(decision) | {"facts": decision.facts},
        query.deadline, None,
    )  # fmt: skip
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,))
    outgoing = life.message(query, wire.CORRECTION, body.as_json(), acted.act_hash)
    message = exchange.send(unit, permit, replace(outgoing, supersedes=earlier))
    store.update_query(unit, query.id, ref=ref, message=message)
    store.replace_body(unit, query.id, record, life.key_of(unit, query))
    return life.settle(unit, query, "pending", {"corrects": earlier})


def _succeed(unit: Unit, acted: Acted, old: Query, decision: Decision, new: tuple[str, JsonObject]) -> Query:
    ref, record = new
    successor = replace(
        old, id=uuid7(unit.now), ref=ref, state="draft", status="pending", reason={}, conversation=uuid7(unit.now),
        message="", asked_at=unit.now, deadline=unit.now + (old.deadline - old.asked_at),
        basis=old.basis | life.basis_of(decision), supersedes=old.id, superseded_by=None,
    )  # fmt: skip
    store.update_query(unit, old.id, superseded_by=successor.id)
    return _ask_one(unit, acted, (successor, decision), record)
