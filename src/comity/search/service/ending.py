"""Questions that end without an answer: the deadline has passed, or they are taken back."""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.model import Issuer, JsonObject
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.search import rules, store, wire
from comity.search.model import Query, Status
from comity.search.service import life
from comity.search.service.asking import OFFICERS


def overdue(unit: Unit) -> list[Query]:
    """The asking-side queries whose deadline has passed without an answer."""
    return store.due(unit, ("searching", "waiting", "partial"), unit.now)


def expire(unit: Unit) -> int:
    """End what is `overdue`; the number ended.

    Each is an act of its own: a query that cannot be ended, as when its case's key is gone, is reported and holds
    nothing else up.
    """
    return sum(_expired(unit, query) for query in overdue(unit))


def _expired(unit: Unit, query: Query) -> bool:
    _, failure = unit.attempt(f"query {query.id} could not be ended", lambda: _expire_one(unit, query))
    return not failure


def _expire_one(unit: Unit, query: Query) -> None:
    deed = life.record(unit, "expired", query, {"deadline": rfc3339(query.deadline)})
    moved = life.step(unit, query, "deadline" if query.state == "waiting" else "timeout", deed)
    status: Status = "partial" if query.status == "partial" else "unavailable"
    away: JsonObject = {"by": query.partner, "reason": "search.deadline", "deadline": rfc3339(query.deadline)}
    life.settle(unit, moved, status, away)


def withdraw(unit: Unit, issuer: Issuer, query_id: str, reason: str) -> Query:
    """Take a question back; the partner, if it was asked, is told, forgets what it found and acknowledges."""
    rules.check_reason(reason)
    query, _ = life.ours(unit, query_id, issuer.actor)
    acted = access.act(unit, issuer, "search.withdraw", {"query": query.id, "reason": reason}, OFFICERS)
    return take_back(unit, query, acted, reason)


def take_back(unit: Unit, query: Query, acted: Acted, reason: str) -> Query:
    """The withdrawal itself. Its reason stays here: a message without a permit carries no word about the case."""
    deed = replace(life.record(unit, "withdrawn", query, {"reason": reason}, acted), reason=reason)
    moved = life.step(unit, query, rules.withdrawal_event(query.state), deed)
    if query.message:
        outgoing = life.message(query, wire.WITHDRAWAL, {"v": 1, "query": query.id}, acted.act_hash)
        exchange.follow_up(unit, replace(outgoing, supersedes=query.message))
    return moved
