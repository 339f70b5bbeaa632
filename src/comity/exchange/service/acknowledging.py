"""Taking a partner's later receipts: DELIVERED, HANDLED or REJECTED; late ones too, also after a NON_DELIVERY."""

from comity.exchange.rules import refused
from comity.exchange.service.delivering import tell
from comity.exchange.service.peers import Reply, guarded, identify, note_seen
from comity.exchange.service.receipts import store_receipt, verify_receipt
from comity.exchange.service.station import Station
from comity.exchange.wire.receipts import ANSWER_BYTES, answer_body, parse_answer


def take_receipt(station: Station, body: bytes, certificate: bytes) -> Reply:
    """Take a posted receipt; the reply repeats it, or is a signed error. Never raises ComityError.

    1. The peer is a listed member. 2. The body is within the limit and holds a receipt. 3. It is signed by the peer,
    for this node, about a message that we sent to the peer, with its digest. 4. One transaction: receipt,
    state, watcher.
    """
    return guarded(station, body, certificate, lambda: _take(station, body, certificate))


def _take(station: Station, body: bytes, certificate: bytes) -> Reply:
    with station.database.read("exchange.check") as unit:
        issuer = identify(unit, certificate)
    if len(body) > ANSWER_BYTES:
        raise refused("too-large", "a receipt is short")
    kind, text, _ = parse_answer(body)
    if kind != "receipt":
        raise refused("body", "a receipt is expected here")
    receipt = verify_receipt(text, issuer, station.database.node)
    with station.database.unit("exchange.receipt") as unit:
        note_seen(unit, issuer.code)
        tell(station, unit, store_receipt(unit, receipt))
    return Reply(answer_body(text, None), type="receipt")
