"""Core data: who the matching person is. Asked for after confirmation, authorised and released by people, opened once.

Core data is police information, never evidence. Where the asked state's law wants a judge, no permit exists before the
judge's own signed act. Source: Regulation (EU) 2024/982, article 47; the states' declarations.
"""

from dataclasses import dataclass, replace
from typing import Any

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import JUDICIAL_AUTHORISATION, Decision, Question
from comity.search import rules, store, wire
from comity.search.model import Matcher, Query
from comity.search.service import confirming, life

MEASURE = "core_data"


@dataclass(frozen=True)
class Ruling:
    """A judge's or approver's word on a core-data request: granted or not, on what reference, why."""

    granted: bool
    reference: str
    reason: str


def _facts(query: Query) -> JsonObject:
    added: JsonObject = {"data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True}
    return life.facts_of(query) | added


def request_core_data(unit: Unit, issuer: Issuer, query_id: str, number: str, account: str) -> Query:
    """Ask the partner who candidate `number` is; `account` are the facts of the offence. Needs a confirmed match."""
    query = store.find_query(unit, query_id)
    cases.require(unit, issuer.actor, query.case or "")
    life.in_state(query, "confirmed")
    _not_near(unit, query, number)
    if not any(v.kind == "match" and v.node == unit.node for v in store.verdicts(unit, query.id, number)):
        raise Conflict("search.unconfirmed", f"Candidate {number} is not confirmed", todo="Confirm it first.")
    subject: JsonObject = {"query": query.id, "number": number, "account": account}
    acted = access.act(unit, issuer, "search.request", subject, frozenset({"officer"}))
    decision = life.allowed(unit, query, MEASURE, _facts(query))
    deed = life.record(unit, "core_requested", query, {"number": number, "decision": decision.id}, acted)
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,))
    body: JsonObject = {
        "v": 1, "query": query.id, "number": number, "account": account,
        "legal": life.basis_of(decision) | {"facts": decision.facts},
    }  # fmt: skip
    exchange.send(unit, permit, life.message(query, wire.CORE_REQUEST, body, acted.act_hash))
    _keep(unit, query, number, decision)
    return life.step(unit, query, "request_core_data", deed)


def _not_near(unit: Unit, query: Query, number: str) -> None:
    if confirming.candidate(unit, query, number).near:
        raise Conflict(
            "search.near-match", "A near match offers no core data",
            todo="Let both laboratories look at the typing; correct it or explain it.",
        )  # fmt: skip


def target(query: Query, number: str) -> str:
    """The hash of the release that a judge and an approver sign for: this query, this candidate, this recipient."""
    asked_for: JsonObject = {"v": 1, "target": "core_data", "query": query.id, "number": number, "to": query.partner}
    return sha256(canonical(asked_for)).hex()


def _keep(unit: Unit, query: Query, number: str, decision: Decision) -> None:
    confirmed = [v.at for v in store.verdicts(unit, query.id, number) if v.kind == "match"]
    clock = rules.start_clock(min(confirmed, default=unit.now), unit.now)
    row = {
        "query": query.id,
        "number": number,
        "decision": decision.id,
        "target": target(query, number),
        "clock": clock,
    }
    store.save_core(unit, row)


def on_core_request(unit: Unit, received: Received) -> None:
    """A partner asks who its confirmed hit is: start the clock, and say at once when a judge is needed."""
    wire.version(received.body)
    query = life.from_partner(unit, wire.query_id(received.body), received, "asked")
    number = wire.text(received.body, "number")
    life.in_state(query, "confirmed")
    _not_near(unit, query, number)
    facts = wire.thing(wire.thing(received.body, "legal"), "facts")
    asked = Question(MEASURE, received.sender, unit.node, str(query.basis.get("instrument")), unit.now.date(), facts)
    decision = legal.decide(unit, asked)
    store.update_query(unit, query.id, basis=query.basis | {"account": wire.text(received.body, "account")})
    deed = life.record(unit, "core_received", query, {"number": number, "decision": decision.id})
    query = life.step(unit, query, "request_core_data", deed)
    _keep(unit, query, number, decision)
    if decision.outcome == "allow" and JUDICIAL_AUTHORISATION in decision.requirements:
        life.step(unit, query, "need_judicial_authorisation", deed)
        core = store.find_core(unit, query.id) or {}
        store.update_clock(unit, query.id, rules.pause_for_judge(core["clock"], unit.now))
        _say(unit, query, "awaiting_judge")


def _say(unit: Unit, query: Query, state: str) -> None:
    body: JsonObject = {"v": 1, "query": query.id, "state": state}
    exchange.follow_up(unit, life.message(query, wire.STATUS, body, ""))


def on_status(unit: Unit, received: Received) -> None:
    """The partner says that a judge is asked, or has granted: the asking side's state follows."""
    wire.version(received.body)
    query = life.from_partner(unit, wire.query_id(received.body), received, "asking")
    state = wire.text(received.body, "state")
    event = {"awaiting_judge": "need_judicial_authorisation", "authorised": "granted"}.get(state)
    if event is None:
        raise Conflict("search.status", f"`{state}` is no state a partner announces", todo="Ask the partner.")
    deed = replace(life.record(unit, "status", query, {"state": state, "message": received.id}), human=True)
    life.step(unit, query, event, deed)
    core = store.find_core(unit, query.id) or {}
    change = rules.pause_for_judge if state == "awaiting_judge" else rules.resume_after_judge
    store.update_clock(unit, query.id, change(core["clock"], unit.now))


def authorise(unit: Unit, issuer: Issuer, query_id: str, ruling: Ruling) -> Query:
    """The judge's own act on a core-data request: granted, or denied with reasons, which is a refusal."""
    query, core = _asked_core(unit, query_id)
    life.in_state(query, "awaiting_judge")
    subject: JsonObject = {
        "query": query.id, "target": core["target"], "granted": ruling.granted, "reference": ruling.reference,
        "reason": ruling.reason,
    }  # fmt: skip
    acted = access.act(unit, issuer, "search.authorise", subject, frozenset({"judge"}))
    access.approve(unit, acted, core["target"], "judge")
    deed = life.record(unit, "authorised" if ruling.granted else "denied", query, subject, acted)
    clock = rules.resume_after_judge(core["clock"], unit.now)
    store.update_clock(unit, query.id, clock | {"judge_act": acted.act_hash if ruling.granted else None})
    if not ruling.granted:
        return _refused(unit, query, ("denied", replace(deed, reason=ruling.reason)), ruling)
    moved = life.step(unit, query, "granted", replace(deed, reason=ruling.reason))
    _say(unit, moved, "authorised")
    return moved


def _asked_core(unit: Unit, query_id: str) -> tuple[Query, dict[str, Any]]:
    query = store.find_query(unit, query_id)
    core = store.find_core(unit, query.id)
    if query.side != "asked" or core is None:
        raise Conflict("search.no-request", "No partner has asked for this core data", todo="See `comity search list`.")
    return query, core


def release(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, query_id: str) -> Query:
    """The approver's release, decided anew under today's law; another person, key and unit than the judge."""
    query, core = _asked_core(unit, query_id)
    life.in_state(query, "authorised", "core_requested")
    number, clock = str(core["number"]), core["clock"]
    subject: JsonObject = {"query": query.id, "number": number, "target": core["target"]}
    acted = access.act(unit, issuer, "search.release", subject, frozenset({"approver"}))
    access.approve(unit, acted, str(core["target"]), "approver")
    decision = life.allowed(unit, query, MEASURE, _facts(query))
    deed = life.record(unit, "released", query, {"number": number, "decision": decision.id}, acted)
    judge = clock.get("judge_act") if isinstance(clock, dict) else None
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,), {JUDICIAL_AUTHORISATION: str(judge or "")})
    data = matcher.core_data(unit, number, permit)
    body: JsonObject = {
        "v": 1, "query": query.id, "number": number, "data": data, "use": "information only",
        "legal": life.basis_of(decision),
    }  # fmt: skip
    exchange.send(unit, permit, life.message(query, wire.CORE_DATA, body, acted.act_hash))
    _end(unit, query, clock)
    return life.step(unit, query, "release_ok", deed)


def _end(unit: Unit, query: Query, clock: object) -> None:
    if isinstance(clock, dict):
        store.update_clock(unit, query.id, rules.end_clock(clock, unit.now))


def refuse(unit: Unit, issuer: Issuer, query_id: str, ground: str, reason: str) -> Query:
    """A person of the asked state refuses core data, with ground and reason; the partner gets both."""
    query, core = _asked_core(unit, query_id)
    life.in_state(query, "core_requested", "authorised")
    subject: JsonObject = {"query": query.id, "target": core["target"], "ground": ground, "reason": reason}
    acted = access.act(unit, issuer, "search.refuse", subject, frozenset({"approver", "lawyer"}))
    deed = life.record(unit, "refused", query, subject, acted)
    return _refused(unit, query, ("refuse", replace(deed, reason=reason)), Ruling(False, ground, reason))


def _refused(unit: Unit, query: Query, move: tuple[str, life.Deed], ruling: Ruling) -> Query:
    core = store.find_core(unit, query.id) or {}
    before = legal.find_decision(unit, core["decision"])
    decision = legal.refuse_by_person(unit, before, ruling.reference, ruling.reason)
    moved = life.step(unit, query, *move)
    exchange.refuse(unit, decision, life.message(query, exchange.REFUSAL, {"query": query.id}, ""))
    _end(unit, query, core["clock"])
    return life.settle(unit, moved, query.status, {"by": unit.node, "findings": life.findings_of(decision)})


def on_core_data(unit: Unit, received: Received) -> None:
    """Core data arrives: sealed under the case's key; nobody has seen it yet."""
    wire.version(received.body)
    query = life.from_partner(unit, wire.query_id(received.body), received, "asking")
    core = store.find_core(unit, query.id)
    if core is None or core["number"] != wire.text(received.body, "number"):
        raise Conflict("search.unasked", "Core data that nobody asked for", todo="Ask the partner what it means.")
    deed = replace(life.record(unit, "core_received", query, {"message": received.id}), human=True)
    life.step(unit, query, "release_ok", deed)
    store.seal_core(unit, query.id, wire.thing(received.body, "data"), life.key_of(unit, query))
    _end(unit, query, core["clock"])


def open_identity(unit: Unit, issuer: Issuer, query_id: str, reason: str) -> JsonObject:
    """Open released core data, for a stated reason; every opening is an act with its own log entry."""
    query = store.find_query(unit, query_id)
    cases.require(unit, issuer.actor, query.case or "")
    acted: Acted = access.act(
        unit, issuer, "search.open", {"query": query.id, "reason": reason}, frozenset({"officer", "examiner"})
    )
    data = store.open_core(unit, query.id, life.key_of(unit, query))
    if data is None:
        raise NotAllowed(
            "search.not-released", f"{query.partner} has not released core data for query {query.id}",
            where=query.state, todo="Wait for the release; `comity search show` tells where it stands.",
        )  # fmt: skip
    life.record(unit, "opened", query, {"reason": reason}, acted)
    return data
