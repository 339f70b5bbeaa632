"""How questions and answers leave: alone, or up to 64 in one envelope, each under a permit of its own.

A batch saves what an envelope costs, and nothing else: every question keeps its decision, its entries, its conversation
and its life, and is answered, refused or left to a lawyer by itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from comity.base.errors import BadInput
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Handling, Urgency
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Permit
from comity.search import store, wire
from comity.search.model import Query
from comity.search.service import life

BATCH_BYTES: Final = 4 * 1024 * 1024
"""Most bytes of the bodies in one envelope: far below what every member takes."""


@dataclass(frozen=True)
class Letter:
    """One question or answer that may leave: its query, its body, and the permit with the hash of its act."""

    query: Query
    body: JsonObject
    permit: Permit
    act_hash: str


def leave(unit: Unit, asked: Iterable[tuple[Query, Decision]], act_hash: str) -> Mapping[str, Query]:
    """Send queries that may be asked, those to one partner together; the queries with their messages, by id."""
    sent: dict[str, Query] = {}
    for together in _batches(unit, [_question(unit, query, decision, act_hash) for query, decision in asked]):
        message = _send(unit, together, (wire.QUERY, wire.BATCH), uuid7(unit.now))
        for letter in together:
            store.update_query(unit, letter.query.id, message=message)
            sent[letter.query.id] = replace(letter.query, message=message)
    return sent


def send(unit: Unit, query: Query, decision: Decision, act_hash: str) -> Query:
    """Send the kept record of one query that may be asked, under a permit for that act."""
    return leave(unit, [(query, decision)], act_hash)[query.id]


def answer(unit: Unit, ready: Iterable[Letter], conversation: str) -> None:
    """Send answers; those of a batch, several together, in the conversation in which the batch came."""
    for together in _batches(unit, ready):
        _send(unit, together, (wire.ANSWER, wire.ANSWERS), conversation)


def _question(unit: Unit, query: Query, decision: Decision, act_hash: str) -> Letter:
    record = store.body(unit, query.id, life.key_of(unit, query))
    permit = legal.permit(unit, decision, act_hash, (query.partner,))
    return Letter(query, body_of(query, decision, record).as_json(), permit, act_hash)


def _batches(unit: Unit, letters: Iterable[Letter]) -> Iterator[list[Letter]]:
    """The letters by partner, urgency and all that an envelope's header says, in lots that one envelope holds: of one,
    to a partner that takes no batches."""
    alike: dict[_Header, list[list[Letter]]] = {}
    room: dict[_Header, int] = {}
    for letter in letters:
        key, size = _header_of(letter), len(json.dumps(letter.body))  # at least what it is as it will be sealed
        lots = alike.setdefault(key, [])
        most = wire.MAX_PARTS if exchange.takes(unit, letter.query.partner, "batch") else 1
        if not lots or len(lots[-1]) >= most or size > room[key]:
            lots.append([])
            room[key] = BATCH_BYTES
        lots[-1].append(letter)
        room[key] -= size
    return chain.from_iterable(alike.values())


_Header = tuple[str, str, Handling, str, Urgency, str | None]


def _header_of(letter: Letter) -> _Header:
    told = life.message(letter.query, "", {}, "")
    basis = exchange.basis_code(letter.permit.instrument, letter.permit.article)
    return letter.query.partner, told.purpose, told.handling, basis, urgency_of(letter.query), told.case


def _send(unit: Unit, together: Sequence[Letter], types: tuple[str, str], conversation: str) -> str:
    """One letter as a message of the first type, in its own conversation; several as one of the second."""
    first, (single, batch) = together[0], types
    made = replace(life.message(first.query, single, first.body, first.act_hash), urgency=urgency_of(first.query))
    if len(together) > 1:
        parts = [wire.Part(letter.query.conversation, letter.body) for letter in together]
        body = wire.batch_json(parts)
        made = replace(made, type=batch, body=body, conversation=conversation, answers=len(parts))
    return exchange.send_batch(unit, [(letter.permit, letter.act_hash) for letter in together], made)


def urgency_of(query: Query) -> Urgency:
    """How urgent a query of ours is."""
    return urgency(str(query.basis.get("urgency", "normal")))


def urgency(text: str) -> Urgency:
    """The urgency of that name; BadInput for any other."""
    for known in ("immediate", "urgent", "normal"):
        if text == known:
            return known
    raise BadInput("search.urgency", f"`{text}` is no urgency", todo="Use immediate, urgent or normal.")


def body_of(query: Query, decision: Decision, record: JsonObject) -> wire.QueryBody:
    """The body of a query or correction: no name, no case reference."""
    basis: JsonObject = life.basis_of(decision) | {"facts": decision.facts}
    return wire.QueryBody(
        query.id, query.question, query.modality, record, basis, query.deadline, query.supersedes
    )  # fmt: skip
