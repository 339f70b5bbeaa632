"""What a daily quota has put off goes on when the next day has capacity: ours is sent, a partner's is answered."""

from comity.base.clock import parse_rfc3339
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.legal.model import Decision
from comity.search import store
from comity.search.model import Matcher, Query
from comity.search.service import answering, asking, batching, capacity, life


def resumable(unit: Unit) -> list[Query]:
    """The queries that a quota put off and whose day has come."""
    return [query for query in store.waiting(unit) if _ready(unit, query)]


def resume(unit: Unit, matchers: dict[str, Matcher[Unit]]) -> int:
    """Go on with what is `resumable`; how many did. Each is an act of its own and holds no other up."""
    return sum(_resumed(unit, matchers, query) for query in resumable(unit))


def _ready(unit: Unit, query: Query) -> bool:
    again = query.reason.get("again")
    quota = query.reason.get("reason") == capacity.QUOTA and query.reason.get("by") == unit.node
    return quota and isinstance(again, str) and parse_rfc3339(again) <= unit.now < query.deadline


def _resumed(unit: Unit, matchers: dict[str, Matcher[Unit]], query: Query) -> bool:
    """The law may have changed overnight: then nothing leaves, and the deadline ends it."""
    return bool(unit.attempt(f"query {query.id} could not go on", lambda: _resume(unit, matchers, query))[0])


def _resume(unit: Unit, matchers: dict[str, Matcher[Unit]], query: Query) -> bool:
    decision = life.allowed(unit, query, asking.MEASURE, life.facts_of(query))
    person, act = (str(query.reason.get(name) or "") for name in ("person", "act"))
    query, decision, exceeded = capacity.spend(unit, query, decision, person)
    deed = life.record(unit, "resumed", query, {"decision": decision.id, "outcome": decision.outcome})
    if exceeded is not None:
        capacity.park(unit, query, exceeded, deed, act)
        return False
    query = life.step(unit, query, "retry", deed)
    if decision.outcome == "deny":
        _refuse(unit, query, decision, deed)
    elif query.side == "asking":
        life.settle(unit, batching.send(unit, query, decision, act), "pending", {})
    else:
        _answer(unit, matchers, query, decision)
    return True


def _refuse(unit: Unit, query: Query, decision: Decision, deed: life.Deed) -> None:
    """The quota that put it off was replaced by one that refuses."""
    moved = life.step(unit, query, "partner_refused", deed)
    if query.side == "asked":
        answering.refuse(unit, moved, decision, query.message)
        life.acknowledge(unit, query)
    else:
        life.settle(unit, moved, "refused", life.own_word(unit, decision))


def _answer(unit: Unit, matchers: dict[str, Matcher[Unit]], query: Query, decision: Decision) -> None:
    matcher = answering.matcher_of(matchers, query.modality)
    received = exchange.received(unit, query.partner, query.message)
    record = store.body(unit, query.id, life.key_of(unit, query))
    answering.answer(unit, matcher, query, decision, answering.by_rule(query, received, record))
    life.acknowledge(unit, query)
