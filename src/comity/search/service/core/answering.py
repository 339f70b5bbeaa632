"""Core data, the asked side: a judge authorises where the law wants one, an approver releases; either refuses."""

from dataclasses import dataclass, replace
from typing import Any

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import JUDICIAL_AUTHORISATION, Decision
from comity.search import rules, store, wire
from comity.search.model import Mandate, Matcher, Query
from comity.search.service import claims, life, timing
from comity.search.service.core.asking import OFFICERS
from comity.search.service.core.standing import MEASURE, change_clock, facts_of, keep_request, require_confirmed

JUDGES = frozenset({"judge"})
APPROVERS = frozenset({"approver"})
REFUSERS = frozenset({"approver", "lawyer"})
DENIED = "judicial_authorisation_refused"
"""The ground of a refusal that rests on a judge's denial."""


@dataclass(frozen=True)
class Ruling:
    """A judge's word on a core-data request: granted or not, on what reference, why."""

    granted: bool
    reference: str
    reason: str


def on_core_request(unit: Unit, received: Received) -> None:
    """A partner asks who its confirmed hit is: start the clock, and say at once when a judge is needed.

    This node decides on the facts that it kept with the query; anything but an allow waits for a person's refusal.
    """
    body = wire.parse_core_request(received.body)
    query = life.from_partner(unit, body.query, received, "asked")
    require_confirmed(unit, query, body.number, received.sender)
    claims.agree(received, body.legal)
    claims.unchanged(query, body.legal)
    decision = legal.decide(unit, life.question(unit, query, MEASURE, facts_of(query)))
    payload: JsonObject = {"number": body.number, "decision": decision.id, "outcome": decision.outcome}
    deed = life.record(unit, "core_asked", query, payload)
    query = life.step(unit, query, "request_core_data", deed)
    keep_request(unit, query, body.number, decision)
    store.seal_account(unit, query.id, body.account, life.key_of(unit, query))
    if decision.outcome == "allow" and JUDICIAL_AUTHORISATION in decision.requirements:
        life.step(unit, query, "need_judicial_authorisation", deed)
        change_clock(unit, query, "awaiting_judge")
        _say(unit, query, "awaiting_judge")


def _say(unit: Unit, query: Query, state: str) -> None:
    exchange.follow_up(unit, life.message(query, wire.STATUS, wire.StatusBody(query.id, state, []).as_json(), ""))


def authorise(unit: Unit, issuer: Issuer, query_id: str, ruling: Ruling) -> Query:
    """The judge's own act on a core-data request: granted, or denied with reasons, which is a refusal."""
    rules.check_reason(ruling.reference, "order's reference")
    if not ruling.granted:
        rules.check_reason(ruling.reason)
    query, core = _for(unit, issuer, query_id, JUDGES)
    subject: JsonObject = {
        "query": query.id, "target": core["target"], "granted": ruling.granted, "reference": ruling.reference,
        "reason": ruling.reason,
    }  # fmt: skip
    acted = access.act(unit, issuer, "search.authorise", subject, JUDGES)
    life.in_state(query, "awaiting_judge")
    access.approve(unit, acted, core["target"], "judge")
    deed = life.record(unit, "authorised" if ruling.granted else "denied", query, subject, acted)
    deed = replace(deed, reason=f"{ruling.reference}: {ruling.reason}" if ruling.reason else ruling.reference)
    clock = rules.resume_after_judge(core["clock"], unit.now)
    timing.keep_clock(unit, query, clock | {"judge_act": acted.act_hash if ruling.granted else None})
    if not ruling.granted:
        return _refused(unit, query, ("denied", deed), DENIED)
    moved = life.step(unit, query, "granted", deed)
    _say(unit, moved, "authorised")
    return moved


def _for(unit: Unit, issuer: Issuer, query_id: str, roles: frozenset[str]) -> tuple[Query, dict[str, Any]]:
    """The query and its request, for a person of these roles: whether there is one, nobody else is told."""
    life.in_role(issuer.actor, roles)
    return _asked_core(unit, query_id)


def _asked_core(unit: Unit, query_id: str) -> tuple[Query, dict[str, Any]]:
    query = store.find_query(unit, query_id)
    core = store.find_core(unit, query.id)
    if query.side != "asked" or core is None:
        raise Conflict("search.no-request", "No partner has asked for this core data", todo="See `comity search list`.")
    return query, core


def release(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, query_id: str) -> Query:
    """The approver's release, decided anew under today's law; another person, key and unit than the judge."""
    query, core = _for(unit, issuer, query_id, APPROVERS)
    acted = access.act(unit, issuer, "search.release", _released_subject(query, core), APPROVERS)
    return _release(unit, matcher, (query, core), acted, ("approver", "release_ok", ""))


def release_alone(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, query_id: str, reason: str) -> Query:
    """One officer's release because of a threat to life, with no approver at hand; never instead of a judge.

    The approval is deferred: it and a review by another person become due within 24 hours. NotAllowed for a query that
    states no such threat.
    """
    rules.check_reason(reason)
    query, core = _for(unit, issuer, query_id, OFFICERS)
    subject = _released_subject(query, core) | {"reason": reason}
    acted = access.act(unit, issuer, "search.release-alone", subject, OFFICERS)
    if not legal.is_emergency(life.facts_of(query)):
        raise NotAllowed(
            "search.no-emergency", f"Query {query.id} states no threat to life, so nobody releases alone",
            where=query.partner, todo=f"An approver releases it: `comity search release {query.id}`.",
        )  # fmt: skip
    moved = _release(unit, matcher, (query, core), acted, ("officer", "release_alone", reason))
    legal.declare_emergency(unit, legal.Emergency(timing.holder(query), query.partner, deferred=True), acted)
    return moved


def _released_subject(query: Query, core: dict[str, Any]) -> JsonObject:
    return {"query": query.id, "number": str(core["number"]), "target": core["target"]}


def _release(
    unit: Unit, matcher: Matcher[Unit], asked: tuple[Query, dict[str, Any]], acted: Acted, how: tuple[str, str, str]
) -> Query:
    """Decide anew, open the identity and send it; `how`: the slot of this person's part, the step, and why."""
    (query, core), (slot, event, reason) = asked, how
    life.in_state(query, "authorised", "core_requested")
    life.not_superseded(query)
    access.approve(unit, acted, str(core["target"]), slot)
    decision = life.allowed(unit, query, MEASURE, facts_of(query))
    payload: JsonObject = {"number": str(core["number"]), "decision": decision.id, "by": slot}
    deed = replace(life.record(unit, "released", query, payload, acted), reason=reason)
    _send_core(unit, matcher, (query, core), acted, decision)
    life.end_clock(unit, query)
    return life.step(unit, query, event, deed)


def _send_core(
    unit: Unit, matcher: Matcher[Unit], asked: tuple[Query, dict[str, Any]], acted: Acted, decision: Decision
) -> None:
    """Open the identity behind the candidate under a permit for this act, and send it as information only."""
    (query, core), judge = asked, str(asked[1]["clock"].get("judge_act") or "")
    number = str(core["number"])
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,), {JUDICIAL_AUTHORISATION: judge})
    data = matcher.core_data(unit, number, Mandate(acted.act, query.partner, permit))
    body: JsonObject = {
        "v": 1, "query": query.id, "number": number, "data": data,
        "use": "information only", "legal": life.basis_of(decision),
    }  # fmt: skip
    exchange.send(unit, permit, life.message(query, wire.CORE_DATA, body, acted.act_hash))


def refuse(unit: Unit, issuer: Issuer, query_id: str, ground: str, reason: str) -> Query:
    """A person of the asked state refuses core data, with ground and reason; the partner gets both."""
    rules.check_ground(ground)
    rules.check_reason(reason)
    query, core = _for(unit, issuer, query_id, REFUSERS)
    subject: JsonObject = {"query": query.id, "target": core["target"], "ground": ground, "reason": reason}
    acted = access.act(unit, issuer, "search.refuse", subject, REFUSERS)
    _no_judge_awaited(query)
    life.in_state(query, "core_requested", "authorised")
    deed = life.record(unit, "refused", query, subject, acted)
    return _refused(unit, query, ("refuse", replace(deed, reason=reason)), ground)


def _no_judge_awaited(query: Query) -> None:
    """While the request lies before a judge, the judge alone says no."""
    if query.state == "awaiting_judge":
        raise Conflict(
            "search.before-judge", f"Query {query.id} lies before a judge, who alone may deny it now",
            where=query.partner,
            todo=f"A judge denies it: `comity search authorise {query.id} --deny --reference ORDER --reason WHY`.",
        )  # fmt: skip


def _refused(unit: Unit, query: Query, move: tuple[str, life.Deed], ground: str) -> Query:
    _, core = _asked_core(unit, query.id)
    decision = legal.refuse_by_person(unit, legal.find_decision(unit, core["decision"]), ground, move[1].reason)
    moved = life.step(unit, query, *move)
    exchange.refuse(unit, decision, life.message(query, exchange.REFUSAL, {"query": query.id}, ""))
    life.end_clock(unit, query)
    return life.settle(unit, moved, query.status, life.own_word(unit, decision))
