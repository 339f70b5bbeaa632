"""Core data: who the matching person is. Asked for after confirmation, authorised and released by people, opened once.

Core data is police information, never evidence. Where the asked state's law wants a judge, no permit exists before the
judge's own signed act. Source: Regulation (EU) 2024/982, article 47; the states' declarations.
"""

from dataclasses import dataclass, replace
from typing import Any

from comity.access import service as access
from comity.access.model import Acted
from comity.base import words
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import JUDICIAL_AUTHORISATION, Decision
from comity.search import rules, store, wire
from comity.search.model import Mandate, Matcher, Preview, Query
from comity.search.service import answered, capacity, claims, confirming, life, timing

MEASURE = "core_data"
OFFICERS = frozenset({"officer"})
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


def _facts(query: Query) -> JsonObject:
    added: JsonObject = {"data_category": "core_data", "match": "confirmed_hit", "facts_of_offence": True}
    return life.facts_of(query) | added


def preview_request(unit: Unit, issuer: Issuer, query_id: str, number: str, account: str) -> Preview:
    """What asking for core data would do: the law's findings, who would be asked, and what the partner would see."""
    _check_account(account)
    query, _ = life.ours(unit, query_id, issuer.actor)
    life.in_role(issuer.actor, OFFICERS)
    _confirmed(unit, query, number, unit.node)
    decision = legal.consider(unit, life.question(unit, query, MEASURE, _facts(query)))
    recipients, withheld = ((query.partner,), ()) if decision.outcome == "allow" else ((), (query.partner,))
    seen: JsonObject = {"node": unit.node, "query": query.id, "number": number, "account": account}
    return Preview(recipients, withheld, {query.partner: decision}, seen)


def request_core_data(unit: Unit, issuer: Issuer, query_id: str, number: str, account: str) -> Query:
    """Ask the partner who candidate `number` is; `account` are the facts of the offence. Needs a confirmed match."""
    _check_account(account)
    query, _ = life.ours(unit, query_id, issuer.actor)
    subject: JsonObject = {"query": query.id, "number": number, "account": account}
    acted = access.act(unit, issuer, "search.request", subject, OFFICERS)
    _confirmed(unit, query, number, unit.node)
    decision = life.allowed(unit, query, MEASURE, _facts(query))
    deed = life.record(unit, "core_requested", query, {"number": number, "decision": decision.id}, acted)
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,))
    basis: JsonObject = life.basis_of(decision) | {"facts": decision.facts}
    body = wire.CoreRequestBody(query.id, number, account, basis).as_json()
    exchange.send(unit, permit, life.message(query, wire.CORE_REQUEST, body, acted.act_hash))
    _keep(unit, query, number, decision)
    return life.step(unit, query, "request_core_data", deed)


def _check_account(account: str) -> None:
    if not account.strip() or len(account) > wire.MAX_ACCOUNT:
        raise BadInput(
            "search.account", f"The facts of the offence are missing or longer than {wire.MAX_ACCOUNT} characters",
            todo="Tell them in a few sentences; the partner's judge decides on them.",
        )  # fmt: skip


def _confirmed(unit: Unit, query: Query, number: str, asking: str) -> None:
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


def _keep(unit: Unit, query: Query, number: str, decision: Decision) -> None:
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


def on_core_request(unit: Unit, received: Received) -> None:
    """A partner asks who its confirmed hit is: start the clock, and say at once when a judge is needed.

    This node decides on the facts that it kept with the query; anything but an allow waits for a person's refusal.
    """
    body = wire.parse_core_request(received.body)
    query = life.from_partner(unit, body.query, received, "asked")
    _confirmed(unit, query, body.number, received.sender)
    claims.agree(received, body.legal)
    claims.unchanged(query, body.legal)
    decision = legal.decide(unit, life.question(unit, query, MEASURE, _facts(query)))
    payload: JsonObject = {"number": body.number, "decision": decision.id, "outcome": decision.outcome}
    deed = life.record(unit, "core_asked", query, payload)
    query = life.step(unit, query, "request_core_data", deed)
    _keep(unit, query, body.number, decision)
    store.seal_account(unit, query.id, body.account, life.key_of(unit, query))
    if decision.outcome == "allow" and JUDICIAL_AUTHORISATION in decision.requirements:
        life.step(unit, query, "need_judicial_authorisation", deed)
        _change_clock(unit, query, "awaiting_judge")
        _say(unit, query, "awaiting_judge")


def _say(unit: Unit, query: Query, state: str) -> None:
    exchange.follow_up(unit, life.message(query, wire.STATUS, wire.StatusBody(query.id, state, []).as_json(), ""))


def _change_clock(unit: Unit, query: Query, state: str) -> None:
    """The judge's time is none of the clock's."""
    core = store.find_core(unit, query.id)
    change = rules.pause_for_judge if state == "awaiting_judge" else rules.resume_after_judge
    if core is not None:
        timing.keep_clock(unit, query, change(core["clock"], unit.now))


def on_status(unit: Unit, received: Received) -> None:
    """The partner says that a judge is asked, or has granted, or that it must wait: the asking side's state follows."""
    told = wire.parse_status(received.body)
    query = life.from_partner(unit, told.query, received, "asking")
    if told.state == wire.REJECTED:
        answered.cannot_be_searched(unit, query, received, told.code)
        return
    if told.state == wire.QUEUED:
        _queued(unit, query, received, told)
        return
    event = {"awaiting_judge": "need_judicial_authorisation", "authorised": "granted"}.get(told.state)
    if event is None:
        raise Conflict("search.status", "This is no state that a partner announces", todo="Ask the partner.")
    deed = replace(life.record(unit, "status", query, {"state": told.state, "message": received.id}), human=True)
    life.step(unit, query, event, deed)
    _change_clock(unit, query, told.state)


def _queued(unit: Unit, query: Query, received: Received, told: wire.StatusBody) -> None:
    """The partner's capacity of today is used up; it goes on by itself, and silence until then is no no-hit."""
    life.in_state(query, "searching")
    deed = life.record(unit, "status", query, {"state": told.state, "message": received.id, "findings": told.findings})
    moved = life.step(unit, query, "unavailable", deed)
    away: JsonObject = {
        "by": query.partner, "reason": capacity.QUOTA, "deadline": rfc3339(query.deadline), "findings": told.findings,
    }  # fmt: skip
    life.settle(unit, moved, "unavailable", away)


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
    decision = life.allowed(unit, query, MEASURE, _facts(query))
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


def on_core_data(unit: Unit, received: Received) -> None:
    """Core data arrives: sealed under the case's key; nobody has seen it yet.

    It may overtake the word that the judge has granted: a release says so, too.
    """
    query_id, number, data = wire.parse_core_data(received.body)
    query = life.from_partner(unit, query_id, received, "asking")
    core = store.find_core(unit, query.id)
    if core is None or core["number"] != number:
        raise Conflict("search.unasked", "Core data that nobody asked for", todo="Ask the partner what it means.")
    deed = replace(life.record(unit, "core_received", query, {"message": received.id}), human=True)
    if query.state == "awaiting_judge":
        query = life.step(unit, query, "granted", deed)
        _change_clock(unit, query, "authorised")
    life.step(unit, query, "release_ok", deed)
    store.seal_core(unit, query.id, data, life.key_of(unit, query))
    life.end_clock(unit, query)


def open_identity(unit: Unit, issuer: Issuer, query_id: str, reason: str) -> JsonObject:
    """Open released core data, for a stated reason; every opening is an act with its own log entry."""
    rules.check_reason(reason)
    query, _ = life.ours(unit, query_id, issuer.actor)
    subject: JsonObject = {"query": query.id, "reason": reason}
    acted = access.act(unit, issuer, "search.open", subject, frozenset({"officer", "examiner"}))
    data = store.open_core(unit, query.id, life.key_of(unit, query))
    if data is None:
        raise _closed(query)
    life.record(unit, "opened", query, subject, acted)
    return data


def _closed(query: Query) -> NotAllowed:
    """Why there is nothing to open: it was refused, the query ended another way, or nobody has decided yet."""
    if query.state == "refused":
        return NotAllowed(
            "search.core-refused", f"{query.reason.get('by')} refused the core data: {rules.grounds(query.reason)}",
            where=query.id, todo="Consult the partner; ask again when what stood against it has ended.",
        )  # fmt: skip
    if life.ended(query):
        return NotAllowed(
            "search.ended", f"Query {query.id} has ended as {words.name(query.state)}; no core data will come",
            todo="See `comity search show`; ask anew if the case still needs it.",
        )  # fmt: skip
    return NotAllowed(
        "search.not-released", f"{query.partner} has not released core data for query {query.id}",
        todo="Wait for the release; `comity search show` tells where it stands.",
    )  # fmt: skip
