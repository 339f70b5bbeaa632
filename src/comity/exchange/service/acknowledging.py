"""Taking a partner's posted receipts: DELIVERED, HANDLED or REJECTED; late ones too, also after a NON_DELIVERY.

ACCEPTED usually comes as the answer to the message. Posted it counts only as it does there: with the proof of the
partner's log entry, since evidence keys and files leave against it.
"""

from typing import Final

from comity.base.errors import BadInput
from comity.exchange.model import Receipt
from comity.exchange.rules import refused
from comity.exchange.service.delivering import keep_acceptance, tell
from comity.exchange.service.heads import raise_alarm
from comity.exchange.service.peers import Reply, guarded, identify, note_seen
from comity.exchange.service.receipts import about, check_proof, store_receipt, verify_acceptance, verify_receipt
from comity.exchange.service.station import Station
from comity.exchange.store import sent as store
from comity.exchange.store.partners import count_alarms
from comity.exchange.wire.receipts import ANSWER_BYTES, answer_body, parse_answer
from comity.log import service as log

LOST: Final = "message-lost"
"""An alarm about a message that this node sent before a loss, and does not know any more."""
_MOST: Final = 100
"""Such alarms about one partner."""


def take_receipt(station: Station, body: bytes, certificate: bytes) -> Reply:
    """Take a posted receipt; the reply repeats it, or is a signed error. Never raises ComityError.

    1. The peer is a listed member. 2. The body is within the limit and holds a receipt. 3. It is signed by the peer,
    for this node, about a message that we sent to the peer, with its digest; ACCEPTED with its proof, and a proof
    that comes with another one holds. 4. One transaction: receipt, state, watcher.
    """
    return guarded(station, body, certificate, lambda: _take(station, body, certificate))


def _take(station: Station, body: bytes, certificate: bytes) -> Reply:
    with station.database.read("exchange.check") as unit:
        issuer = identify(unit, certificate)
    if len(body) > ANSWER_BYTES:
        raise refused("too-large", "a receipt is short")
    kind, text, proof = parse_answer(body)
    if kind != "receipt":
        raise refused("body", "a receipt is expected here")
    receipt = verify_receipt(text, issuer, station.database.node)
    found = verify_acceptance(receipt, proof, issuer) if receipt.kind == "ACCEPTED" else None
    if found is None and proof is not None:
        check_proof(proof, issuer, {"digest": receipt.digest, "kind": "received"})
    try:
        with station.database.unit("exchange.receipt") as unit:
            note_seen(unit, issuer.code)
            if found is None:
                tell(station, unit, store_receipt(unit, receipt, proof))
            else:
                row, message = about(unit, receipt)
                keep_acceptance(station, unit, row, message.envelope, found)
    except BadInput:
        if _is_lost(station, receipt):
            _tell_lost(station, receipt)
        raise
    return Reply(answer_body(text, None), type="receipt")


def _is_lost(station: Station, receipt: Receipt) -> bool:
    """Whether it speaks of a message that this node does not know, after a loss: it may have sent it before."""
    with station.database.read("exchange.check") as unit:
        known = store.message_row(unit, receipt.message) is not None
        return not known and log.epoch_of(log.head(unit).origin, unit.node) > 1


def _tell_lost(station: Station, receipt: Receipt) -> None:
    """The operator learns of it; of a partner's many such words, only of the first ones."""
    with station.database.unit("exchange.alarm") as unit:
        if count_alarms(unit, LOST, receipt.issuer) < _MOST:
            raise_alarm(unit, LOST, receipt.issuer, {
                "message": receipt.message, "digest": receipt.digest, "kind": receipt.kind, "receipt": receipt.jws,
            })  # fmt: skip
