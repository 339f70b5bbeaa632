"""Core data, the asking side: who the matching person is is asked for after confirmation, and opened for a reason."""

from dataclasses import replace

from comity.access import service as access
from comity.base import words
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.search import rules, store, wire
from comity.search.model import Preview, Query
from comity.search.service import answered, capacity, life, rechecking
from comity.search.service.core.standing import MEASURE, change_clock, facts_of, keep_request, require_confirmed

OFFICERS = frozenset({"officer"})


def preview_request(unit: Unit, issuer: Issuer, query_id: str, number: str, account: str) -> Preview:
    """What asking for core data would do: the law's findings, who would be asked, and what the partner would see."""
    _check_account(account)
    query, _ = life.ours(unit, query_id, issuer.actor)
    life.in_role(issuer.actor, OFFICERS)
    require_confirmed(unit, query, number, unit.node)
    decision = legal.consider(unit, life.question(unit, query, MEASURE, facts_of(query)))
    recipients, withheld = ((query.partner,), ()) if decision.outcome == "allow" else ((), (query.partner,))
    seen: JsonObject = {"node": unit.node, "query": query.id, "number": number, "account": account}
    return Preview(recipients, withheld, {query.partner: decision}, seen)


def request_core_data(unit: Unit, issuer: Issuer, query_id: str, number: str, account: str) -> Query:
    """Ask the partner who candidate `number` is; `account` are the facts of the offence. Needs a confirmed match."""
    _check_account(account)
    query, _ = life.ours(unit, query_id, issuer.actor)
    subject: JsonObject = {"query": query.id, "number": number, "account": account}
    acted = access.act(unit, issuer, "search.request", subject, OFFICERS)
    require_confirmed(unit, query, number, unit.node)
    decision = life.allowed(unit, query, MEASURE, facts_of(query))
    deed = life.record(unit, "core_requested", query, {"number": number, "decision": decision.id}, acted)
    permit = legal.permit(unit, decision, acted.act_hash, (query.partner,))
    basis: JsonObject = life.basis_of(decision) | {"facts": decision.facts}
    body = wire.CoreRequestBody(query.id, number, account, basis).as_json()
    exchange.send(unit, permit, life.message(query, wire.CORE_REQUEST, body, acted.act_hash))
    keep_request(unit, query, number, decision)
    return life.step(unit, query, "request_core_data", deed)


def _check_account(account: str) -> None:
    if not account.strip() or len(account) > wire.MAX_ACCOUNT:
        raise BadInput(
            "search.account", f"The facts of the offence are missing or longer than {wire.MAX_ACCOUNT} characters",
            todo="Tell them in a few sentences; the partner's judge decides on them.",
        )  # fmt: skip


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
    if told.state == wire.CHANGED:
        rechecking.on_changed(unit, query, received)
        return
    event = {"awaiting_judge": "need_judicial_authorisation", "authorised": "granted"}.get(told.state)
    if event is None:
        raise Conflict("search.status", "This is no state that a partner announces", todo="Ask the partner.")
    deed = replace(life.record(unit, "status", query, {"state": told.state, "message": received.id}), human=True)
    life.step(unit, query, event, deed)
    change_clock(unit, query, told.state)


def _queued(unit: Unit, query: Query, received: Received, told: wire.StatusBody) -> None:
    """The partner's capacity of today is used up; it goes on by itself, and silence until then is no no-hit."""
    life.in_state(query, "searching")
    deed = life.record(unit, "status", query, {"state": told.state, "message": received.id, "findings": told.findings})
    moved = life.step(unit, query, "unavailable", deed)
    away: JsonObject = {
        "by": query.partner, "reason": capacity.QUOTA, "deadline": rfc3339(query.deadline), "findings": told.findings,
    }  # fmt: skip
    life.settle(unit, moved, "unavailable", away)


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
        change_clock(unit, query, "authorised")
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
