"""What comes back to the asking side: answers, refusals, and word of what became of its messages."""

from dataclasses import replace

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.exchange.model import Delivery, Received
from comity.kit.database.unit import Unit
from comity.search import rules, store, wire
from comity.search.model import Query
from comity.search.service import life

WATCHED = (
    wire.QUERY, wire.CORRECTION, wire.ANSWER, wire.CONFIRMATION, wire.CORE_REQUEST, wire.STATUS, wire.CORE_DATA,
    wire.WITHDRAWAL,
)  # fmt: skip
"""The types of message whose fate `on_delivery` wants to hear of."""


def on_answer(unit: Unit, received: Received) -> None:
    """A partner's answer: keep its candidates and let the query's life go on."""
    answer = wire.parse_answer(received.body)
    if answer.status not in ("partial", rules.status_of(answer.candidates)):
        raise BadInput(
            "search.body", f"The answer says {answer.status}, its candidates say {rules.status_of(answer.candidates)}",
            todo="Ask the partner to answer again.",
        )  # fmt: skip
    query = life.from_partner(unit, answer.query, received, "asking")
    payload: JsonObject = {"status": answer.status, "message": received.id, "candidates": len(answer.candidates)}
    deed = life.record(unit, "answered", query, payload)
    query = _reached(unit, query, deed)
    life.step(unit, query, rules.event_of(answer.status, query.state), deed)
    store.replace_candidates(unit, query.id, answer.candidates, life.key_of(unit, query))
    life.settle(unit, query, answer.status, {"legal": answer.legal})


def _reached(unit: Unit, query: Query, deed: life.Deed) -> Query:
    return life.step(unit, query, "retry", deed) if query.state == "waiting" else query


def on_refusal(unit: Unit, received: Received) -> None:
    """A partner's refusal with its findings: an answer of its own kind, never a no-hit."""
    about, told = wire.parse_refusal(received.body)
    query = life.from_partner(unit, about, received, "asking")
    deed = life.record(unit, "refused", query, {"by": received.sender, "message": received.id})
    query = _reached(unit, query, deed)
    life.step(unit, query, rules.refusal_event(query.state), replace(deed, human=True))
    life.end_clock(unit, query)
    status = "refused" if query.status in ("pending", "unavailable") else query.status
    life.settle(unit, query, status, told | {"by": received.sender})


def on_delivery(unit: Unit, delivery: Delivery) -> None:
    """What has become of a sent message of a query.

    The query itself, or its correction: unavailable while the partner is away, searching again once it has it, ended
    when it never gets it or cannot use it. Any other message that ended badly leaves its mark on the query.
    """
    query = store.find_by_message(unit, delivery.message)
    if query is None or query.side != "asking":
        _note_trouble(unit, delivery)
    elif delivery.state in ("accepted", "delivered", "handled") and query.state == "waiting":
        deed = life.record(unit, "reached", query, {"delivery": delivery.state})
        life.settle(unit, life.step(unit, query, "retry", deed), "pending", {})
    elif delivery.state == "waiting" and query.state == "searching":
        deed = life.record(unit, "unavailable", query, {"reason": delivery.reason})
        life.settle(unit, life.step(unit, query, "unavailable", deed), "unavailable", _away(delivery))
    elif delivery.state in ("rejected", "non_delivery") and query.state in ("waiting", "searching"):
        deed = life.record(unit, "expired", query, {"reason": delivery.reason, "delivery": delivery.state})
        event = "deadline" if query.state == "waiting" else "timeout"
        life.settle(unit, life.step(unit, query, event, deed), "unavailable", _away(delivery))


def _note_trouble(unit: Unit, delivery: Delivery) -> None:
    query = store.find_by_conversation(unit, delivery.conversation)
    if query is None or query.partner != delivery.recipient or delivery.state not in ("rejected", "non_delivery"):
        return
    life.record(unit, "undelivered", query, {"type": delivery.type, **_away(delivery)})
    life.settle(unit, query, query.status, query.reason | {"undelivered": {"type": delivery.type, **_away(delivery)}})


def _away(delivery: Delivery) -> JsonObject:
    reason = delivery.reason or delivery.state
    return {"by": delivery.recipient, "reason": reason, "deadline": rfc3339(delivery.deadline)}
