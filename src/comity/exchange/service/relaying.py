"""A relay's side: it keeps requests for members that accept no connections, and can read none of them.

It checks what anybody can check from outside (who posts, for whom, size, deadline, signature), stores the bytes as they
came, and says under its signature that it holds them. That is no acceptance: only the addressee can accept.
"""

from datetime import datetime
from typing import Final

from comity.base.clock import rfc3339
from comity.base.errors import NotAllowed, NotFound, Tampered, Unavailable
from comity.base.model import Json, JsonObject
from comity.exchange.model import Member, Receipt
from comity.exchange.rules import BOX_BYTES, DEADLINES, refused
from comity.exchange.service.directory import member, others
from comity.exchange.service.heads import not_frozen
from comity.exchange.service.members import signed_by
from comity.exchange.service.peers import Reply, guarded, identify
from comity.exchange.service.receipts import make_receipt, verify_receipt
from comity.exchange.service.receiving import check_parcel
from comity.exchange.service.station import Station
from comity.exchange.store import held as store
from comity.exchange.wire.receipts import ANSWER_BYTES, answer_body, parse_answer
from comity.exchange.wire.relay import parse_taken
from comity.kit.codec import jws
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit

MOST_LISTED: Final = 64


def hold(station: Station, address: tuple[str, str], body: bytes, certificate: bytes) -> Reply:
    """Keep a posted body; `address` is the member's code and ``messages`` or ``receipts``. Never raises ComityError.

    1. The peer is a listed, unrevoked, unfrozen member. 2. The addressee's entry names this node as its relay.
    3. Size, shape, addresses, deadline and the sender's signature are as the addressee would ask. 4. There is room.
    5. One transaction; the signed answer leaves after its commit. The same bytes again are held once.
    """
    return guarded(station, body, certificate, lambda: _hold(station, address, body, certificate))


def _hold(station: Station, address: tuple[str, str], body: bytes, certificate: bytes) -> Reply:
    box, what = address
    with station.database.read("exchange.relay") as unit:
        sender, to = not_frozen(unit, identify(unit, certificate)), _addressee(unit, box)
        check = _check_message if what == "messages" else _check_receipt
        message, expires = check(unit, body, sender, to)
    id = sha256(body).hex()
    with station.database.unit("exchange.hold") as unit:
        store.expire(unit, unit.now)
        if not store.holds(unit, box, id):
            _check_room(unit, box, sender.code, len(body))
            store.add(unit, {
                "box": box, "id": id, "sender": sender.code, "what": what, "size": len(body), "at": unit.now,
                "expires": expires, "body": body,
            })  # fmt: skip
        said = make_receipt(unit, Receipt("HELD", message, id, unit.node, sender.code, unit.now, box, "", None, ""))
    return Reply(answer_body(said.jws, None), type="relay")


def _addressee(unit: Unit, box: str) -> Member:
    found = member(unit, box)
    if found.relay != unit.node:
        raise NotFound("exchange.relay-box", f"This node is no relay of {box}",
                       todo="Take a newer directory: the member's entry names its relay.")  # fmt: skip
    return found


def _check_message(unit: Unit, body: bytes, sender: Member, to: Member) -> tuple[str, datetime]:
    header = check_parcel(unit, body, sender, (to.code, to.message_bytes)).header
    return header.id, header.expires


def _check_receipt(unit: Unit, body: bytes, sender: Member, to: Member) -> tuple[str, datetime]:
    if len(body) > ANSWER_BYTES:
        raise refused("too-large", "a receipt is short")
    kind, text, _ = parse_answer(body)
    if kind != "receipt":
        raise refused("body", "a receipt is expected here")
    return verify_receipt(text, sender, to.code).message, unit.now + DEADLINES["normal"]


def _check_room(unit: Unit, box: str, sender: str, size: int) -> None:
    everybody, one = store.used(unit, box, sender)
    if everybody + size > BOX_BYTES or one + size > BOX_BYTES // 4:
        raise Unavailable("exchange.relay-full", f"The relay holds as much for {box} as it may",
                          todo="It is tried again: the member takes what is held when it connects.")  # fmt: skip


# --- the member's own requests ------------------------------------------------------------------------------------


def show_held(station: Station, box: str, certificate: bytes) -> Reply:
    """What is held for the asking member, oldest first: ``{"held": [{"id", "from", "what"}]}``."""
    return guarded(station, b"", certificate, lambda: _show(station, box, certificate))


def _show(station: Station, box: str, certificate: bytes) -> Reply:
    with station.database.read("exchange.box") as unit:
        _own(unit, box, certificate)
        rows = store.listed(unit, box, MOST_LISTED)
    told: list[Json] = [{"id": row.id, "from": row.sender, "what": row.what} for row in rows]
    return Reply(canonical({"held": told}), type="relay")


def give_held(station: Station, box: str, id: str, certificate: bytes) -> Reply:
    """One held body, as it was posted; it stays until the member says that it has it."""
    return guarded(station, b"", certificate, lambda: _give(station, box, id, certificate))


def _give(station: Station, box: str, id: str, certificate: bytes) -> Reply:
    with station.database.read("exchange.box") as unit:
        _own(unit, box, certificate)
        row = store.find(unit, box, id)
    if row is None:
        raise NotFound("exchange.relay-unknown", "Nothing with this id is held", todo="Ask what is held.")
    return Reply(bytes(row.body), type="relay")


def let_go(station: Station, box: str, body: bytes, certificate: bytes) -> Reply:
    """Delete what the member says, under its signature, that it has taken."""
    return guarded(station, body, certificate, lambda: _let_go(station, box, body, certificate))


def _let_go(station: Station, box: str, body: bytes, certificate: bytes) -> Reply:
    with station.database.unit("exchange.taken") as unit:
        peer = _own(unit, box, certificate)
        said = parse_taken(body, lambda text: signed_by(peer, lambda key: jws.verify_compact(text, key)))
        if (said.by, said.relay) != (box, unit.node):
            raise Tampered("exchange.relay-taken", "The acknowledgement is another's", todo="Sign one of your own.")
        count = store.drop(unit, box, said.ids)
        store.expire(unit, unit.now)
    return Reply(canonical({"taken": count}), type="relay")


def _own(unit: Unit, box: str, certificate: bytes) -> Member:
    """The peer, whose own box this is; NotAllowed for another's."""
    peer = identify(unit, certificate)
    if peer.code != box or peer.relay != unit.node:
        raise NotAllowed("exchange.relay-other", f"{peer.code} may not look into what is held for {box[:16]}",
                         todo="Ask for your own, at the relay that your entry names.")  # fmt: skip
    return peer


def boxes(unit: Unit) -> list[JsonObject]:
    """What this relay holds, by member: requests, bytes, the oldest. Members without anything are listed, too."""
    rows = {row.box: row for row in store.boxes(unit)}
    served = sorted({one.code for one in others(unit) if one.relay == unit.node} | set(rows))
    return [
        {"member": code, "held": rows[code].count, "bytes": int(rows[code].size), "oldest": rfc3339(rows[code].oldest)}
        if code in rows else {"member": code, "held": 0, "bytes": 0, "oldest": None}
        for code in served
    ]  # fmt: skip
