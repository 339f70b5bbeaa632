"""What comes back to the asking side: answers, refusals, and word of what became of its messages."""

from dataclasses import replace
from functools import partial

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict
from comity.base.model import Actor, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Delivery, Received
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record
from comity.search import rules, store, wire
from comity.search.model import Query
from comity.search.service import life

WATCHED = (
    wire.QUERY, wire.BATCH, wire.CORRECTION, wire.ANSWER, wire.ANSWERS, wire.CONFIRMATION, wire.CORE_REQUEST,
    wire.STATUS, wire.CORE_DATA, wire.WITHDRAWAL,
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
    event = rules.event_of(answer.status, query.state)
    life.walk(unit, query, (event,), deed, (answer.status, {"legal": answer.legal}))
    store.replace_candidates(unit, query.id, answer.candidates, life.key_of(unit, query))


def on_answers(unit: Unit, received: Received) -> None:
    """A partner's answers to a batch, each an answer of its own: one that cannot be taken holds no other up.

    Conflict when none of them could be taken: then the whole message says nothing that this node understands.
    """
    parts = wire.parse_batch(received.body)
    failed: JsonObject = {}
    for part in parts:
        alone = replace(received, conversation=part.conversation, body=part.body)
        _, code = unit.attempt(f"an answer in {received.id}", partial(on_answer, unit, alone))
        if code:
            failed[part.conversation] = code
    if len(failed) == len(parts):
        raise Conflict("search.answers", f"None of {len(parts)} answers could be taken: {set(failed.values())}",
                       todo="Ask the partner to answer again.")  # fmt: skip
    if failed:
        log.append(unit, Record(
            type="search.answers-refused", actor=Actor.system(unit.node), peer=received.sender,
            subject={"message": received.id}, payload={"codes": failed},
        ))  # fmt: skip


def cannot_be_searched(unit: Unit, query: Query, received: Received, code: str) -> None:
    """The partner turns one question of a batch back, as it would have rejected it alone: no answer, never a no-hit."""
    life.in_state(query, "searching", "waiting")
    deed = life.record(unit, "expired", query, {"reason": code, "message": received.id, "delivery": "rejected"})
    moved = life.step(unit, query, "deadline" if query.state == "waiting" else "timeout", deed)
    away: JsonObject = {"by": query.partner, "reason": code, "deadline": rfc3339(query.deadline)}
    life.settle(unit, moved, "unavailable", away)


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
    queries = [query for query in store.by_message(unit, delivery.message) if query.side == "asking"]
    for query in queries:
        _follow(unit, query, delivery)
    if not queries:
        _note_trouble(unit, delivery)


def _follow(unit: Unit, query: Query, delivery: Delivery) -> None:
    """The fate of the message that asks."""
    if delivery.state in ("accepted", "delivered", "handled") and query.state == "waiting":
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
    if delivery.state not in ("rejected", "non_delivery"):
        return
    for query in _concerned(unit, delivery):
        trouble: JsonObject = {"type": delivery.type, **_away(delivery)}
        life.record(unit, "undelivered", query, trouble)
        life.settle(unit, query, query.status, query.reason | {"undelivered": trouble})


def _concerned(unit: Unit, delivery: Delivery) -> list[Query]:
    """The queries that the message was about: that of its conversation, or those of the batch that it answers."""
    alone = store.find_by_conversation(unit, delivery.conversation)
    batches = [] if alone else exchange.conversation(unit, delivery.conversation)
    found = [alone] if alone else [query for batch in batches for query in store.by_message(unit, batch.id)]
    return [query for query in found if query.partner == delivery.recipient]


def _away(delivery: Delivery) -> JsonObject:
    reason = delivery.reason or delivery.state
    return {"by": delivery.recipient, "reason": reason, "deadline": rfc3339(delivery.deadline)}
