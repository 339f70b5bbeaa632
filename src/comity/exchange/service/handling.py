"""Handling: accepted messages go to the rooms that asked for their types, each a savepoint, in conversation order."""

from collections.abc import Iterable
from typing import Final

from comity.base.errors import Conflict, NotFound
from comity.exchange.model import Received
from comity.exchange.service import fetching
from comity.exchange.service.directory import is_fresh
from comity.exchange.service.envelope import open_at_rest
from comity.exchange.service.receipts import later_receipt
from comity.exchange.service.station import Handler, Station
from comity.exchange.service.vouching import vouched
from comity.exchange.store import inbox as store
from comity.exchange.store.sent import conversations_of, recipients_due
from comity.exchange.wire.envelope import parse_header
from comity.exchange.wire.fields import thing
from comity.kit.codec.jcs import parse_object
from comity.kit.database.unit import Unit

_DEFERRED: Final = "exchange.deferred"
_FETCHING: Final = "exchange.fetching"
_AT_ONCE: Final = 8
"""How many messages one transaction handles: whoever else writes waits no longer than they take."""


def handle_pending(station: Station) -> int:
    """Give every accepted message to its handler; how many were settled. An Unavailable error leaves one for later.

    Gaps in a conversation hold nothing up. A handler's error becomes a signed REJECTED receipt with its code.
    """
    count = 0
    while has_pending(station):
        count += _handle_some(station)
    return count


def has_pending(station: Station) -> bool:
    """Whether an accepted message waits for its handler."""
    with station.database.read("exchange.pending") as unit:
        return _next(unit) is not None


def work(station: Station) -> tuple[list[str], bool]:
    """Partners to whom something is due, and whether a message waits for its handler: one look for the background."""
    with station.database.read("exchange.work") as unit:
        return recipients_due(unit), _next(unit) is not None


def defer(unit: Unit, received: Received) -> None:
    """Said by a handler: a person must act first. The sender learns DELIVERED now, and HANDLED from `handled`."""
    unit.scratch[_DEFERRED] = (received.sender, received.id)


def handled(unit: Unit, sender: str, id: str) -> None:
    """The person has acted on a deferred message: its sender is owed HANDLED. Conflict unless it was deferred."""
    row = _row(unit, sender, id)
    if row.state != "deferred":
        raise Conflict("exchange.not-deferred", f"The message is {row.state}", todo="Nothing needs to be done.")
    store.settle(unit, sender, id, "handled")
    later_receipt(unit, "HANDLED", row, proof=vouched(unit, row.proof))


def received(unit: Unit, sender: str, id: str) -> Received:
    """A message that this node accepted, opened again; NotFound when there is none of that sender and id."""
    return _opened(unit, _row(unit, sender, id))


def conversation(unit: Unit, id: str) -> list[Received]:
    """Everything that partners sent in a conversation, in order of arrival."""
    return [_opened(unit, row) for row in store.conversation_rows(unit, id)]


def forget(unit: Unit, case: str, conversations: Iterable[str] = ()) -> int:
    """Destroy what partners said about a case: in the conversations in which this node sent something of it, and these.

    That something was received, and when, stays provable. Answers the number of messages.
    """
    return sum(store.forget(unit, one) for one in {*conversations_of(unit, case), *conversations})


def _handle_some(station: Station) -> int:
    """What waits, in one transaction with one checkpoint; how many messages."""
    with station.database.unit("exchange.handle") as unit:
        for count in range(_AT_ONCE):
            row = _next(unit)
            if row is None:
                return count
            unit.point(f"exchange.handle:{row.type}")
            _handle(station, unit, row)
    return _AT_ONCE


def _next(unit: Unit) -> store.Row | None:
    """The message to handle next. One that needs a fresher directory waits for it: its answer could not leave."""
    row = store.next_pending(unit)
    if row is None or is_fresh(unit, row.type):
        return row
    return next((one for one in store.all_pending(unit) if is_fresh(unit, one.type)), None)


def _handle(station: Station, unit: Unit, row: store.Row) -> None:
    code = _run(station, unit, row)
    if code:
        fetching.reject(station, unit, row, code)
    elif unit.scratch.pop(_FETCHING, None) == (row.sender, row.id):
        store.settle(unit, row.sender, row.id, "fetching")
    elif unit.scratch.pop(_DEFERRED, None) == (row.sender, row.id):
        store.settle(unit, row.sender, row.id, "deferred")
        later_receipt(unit, "DELIVERED", row)
    else:
        store.settle(unit, row.sender, row.id, "handled")
        later_receipt(unit, "HANDLED", row)


def _run(station: Station, unit: Unit, row: store.Row) -> str:
    """The handler under a savepoint; the code of its error, or nothing. Unavailable undoes the whole unit instead."""
    handler = station.handlers.get(row.type)
    if handler is None:
        return "exchange.no-handler"
    what = f"{row.type} from {row.sender} was rejected"
    return unit.attempt(what, lambda: _give(station, unit, _opened(unit, row), handler))[1]


def _give(station: Station, unit: Unit, received: Received, handler: Handler) -> None:
    """To the handler, or, before its files have come, to the room's keeper."""
    if received.supersedes is not None:
        fetching.stop(station, unit, received.sender, received.supersedes)
    if fetching.complete(unit, received):
        handler(unit, received)
    else:
        fetching.expect(station, unit, received)
        unit.scratch[_FETCHING] = (received.sender, received.id)


def _row(unit: Unit, sender: str, id: str) -> store.Row:
    row = store.find(unit, sender, id)
    if row is None:
        raise NotFound("exchange.message", f"This node received no message {id} from {sender}",
                       todo="See `comity status`.")  # fmt: skip
    return row


def _opened(unit: Unit, row: store.Row) -> Received:
    if not row.payload:
        raise NotFound("exchange.erased", f"What {row.sender} said in {row.id} was erased with its case",
                       todo="Go by the log, which still proves that it was received.")  # fmt: skip
    header = parse_header(thing(parse_object(row.signed)["header"], "header", "header"))
    payload = open_at_rest(unit.keys, row.payload, row.sender, row.id)
    return Received(
        id=row.id, type=row.type, sender=row.sender, conversation=row.conversation, seq=row.seq,
        issued=header.issued, expires=header.expires, received=row.received_at, purpose=header.purpose,
        legal_basis=header.legal_basis, handling=header.handling, urgency=header.urgency, body=payload.body,
        digest=row.digest, entry=row.entry, supersedes=payload.supersedes, attachments=payload.attachments,
        files=payload.files,
    )  # fmt: skip
