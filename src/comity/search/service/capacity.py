"""Daily quotas and threats to life, as they concern searches: counted with the act, told to both sides."""

from dataclasses import replace
from typing import Final

from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.model import Json, JsonObject
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Direction, Exceeded, Spending
from comity.search import wire
from comity.search.model import Query
from comity.search.service import life, timing

QUOTA: Final = "legal.quota"
"""The reason of a query that waits for the next day."""

Spent = tuple[Query, Decision, Exceeded | None]


def spend(unit: Unit, query: Query, decision: Decision, person: str = "") -> Spent:
    """Count a search that the law allows; what is beyond a quota that refuses becomes a deny with the finding."""
    exceeded = _exceeded(unit, query, decision, person)
    if exceeded is not None and exceeded.action == "refuse":
        decision = legal.refuse_by_quota(unit, decision, exceeded)
        return replace(query, basis=query.basis | life.basis_of(decision)), decision, None
    return query, decision, exceeded


def _exceeded(unit: Unit, query: Query, decision: Decision, person: str) -> Exceeded | None:
    direction: Direction = "outgoing" if query.side == "asking" else "incoming"
    if decision.outcome != "allow":
        return None
    emergency = legal.is_emergency(decision.facts)
    return legal.spend(unit, Spending(
        direction, decision.measure, query.partner, person, query.case or "", decision.instrument, emergency
    ))  # fmt: skip


def park(unit: Unit, query: Query, exceeded: Exceeded, deed: life.Deed, act: str = "") -> Query:
    """The query waits for the next day, or its deadline; a partner whose query waits here is told, with the finding."""
    query = query if query.state == "waiting" else life.step(unit, query, "unavailable", deed)
    findings: list[Json] = [exceeded.finding.as_dict()]
    reason: JsonObject = {
        "by": unit.node, "reason": QUOTA, "deadline": rfc3339(query.deadline), "again": rfc3339(exceeded.again),
        "act": act, "person": deed.actor.person, "findings": findings,
    }  # fmt: skip
    if query.side == "asked" and query.reason.get("reason") != QUOTA:
        body = wire.StatusBody(query.id, wire.QUEUED, findings).as_json()
        exchange.follow_up(unit, life.message(query, wire.STATUS, body, ""))
    return life.settle(unit, query, "unavailable", reason)


def after_emergency(unit: Unit, query: Query, by: Acted | None) -> None:
    """A query was asked, or answered, because of a threat to life: open the review by another person."""
    facts = life.facts_of(query)
    if legal.is_emergency(facts):
        oral = query.side == "asking" and query.basis.get("oral") is True
        reason = str(query.basis.get("reason") or "")
        legal.declare_emergency(unit, legal.Emergency(timing.holder(query), query.partner, oral, reason=reason), by)
