"""A member that accepts no connections fetches from its relay what is held for it, over connections of its own.

What is fetched goes through the very same receiving as what partners post: the envelope's signature says whose it is,
not the relay. The receipt goes into the outbox before the relay is told to let go, so that a crash at any step costs
nothing but a second look.
"""

import logging
from typing import Final

from comity.base.errors import BadInput, ComityError
from comity.exchange.model import Member, Receipt, ReceiptKind
from comity.exchange.rules import MESSAGE_BYTES, is_lasting
from comity.exchange.service.acknowledging import take_receipt
from comity.exchange.service.delivering import BOXES
from comity.exchange.service.directory import directory, through
from comity.exchange.service.envelope import digest_of
from comity.exchange.service.lines import BoxLine
from comity.exchange.service.peers import Reply
from comity.exchange.service.receipts import owe_receipt
from comity.exchange.service.receiving import receive
from comity.exchange.service.station import Station
from comity.exchange.store.partners import newest_directory
from comity.exchange.wire.envelope import parse_header, parse_message_body
from comity.exchange.wire.relay import Held, Taken, parse_held, taken_body, taken_payload
from comity.kit.codec import jws
from comity.kit.crypto.certificates import to_der
from comity.kit.crypto.symmetric import sha256

logger = logging.getLogger(__name__)

_UNRELAYED: Final = 30.0


class Collector:
    """Fetches for one station; used by one thread at a time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._line = BoxLine(station.database.keys, station.pace)

    def collect(self) -> float:
        """Take all that is held; answers in how many seconds to ask again."""
        try:
            relay, taken = self._relay(), set[str]()
            while relay is not None and self._round(relay, taken):
                pass
        except ComityError as error:
            logger.info("the relay: %s", error)
            return self._station.pace.poll
        return _UNRELAYED if relay is None else self._station.pace.poll

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _relay(self) -> Member | None:
        """The relay that our entry names; None for a node that accepts connections, or has no directory yet."""
        with self._station.database.read("exchange.relay") as unit:
            me = directory(unit).members.get(unit.node) if newest_directory(unit) else None
            return through(unit, me) if me is not None and me.relay else None

    def _round(self, relay: Member, before: set[str]) -> bool:
        """One list of what is held; whether more was taken than `before`, so that another look is worth it.

        A relay that never lets go of what was taken, or lists it twice, gives it once: what it still lists at the
        usual time is fetched anew, not at once and for ever.
        """
        with self._station.database.read("exchange.relay") as unit:
            members = directory(unit).members
        found = {one.id: one for one in parse_held(self._get(relay, "held")) if one.sender in members}
        taken = [id for id, one in found.items() if id not in before and self._take(relay, one, members[one.sender])]
        if taken:
            self._acknowledge(relay, tuple(taken))
        before.update(taken)
        return bool(taken)

    def _get(self, relay: Member, what: str) -> bytes:
        status, body = self._line.request(relay, "GET", f"{BOXES}/{self._station.database.node}/{what}")
        if status != 200:
            raise BadInput("exchange.relay", f"{relay.code} answered {status}",
                           todo="Talk to its operator; see `comity relay status` there.")  # fmt: skip
        return body

    def _take(self, relay: Member, one: Held, sender: Member) -> bool:
        """Whether the relay may let go of it: it was taken, or is refused for good."""
        body = self._get(relay, f"held/{one.id}")
        if sha256(body).hex() != one.id:
            raise BadInput("exchange.relay", f"{relay.code} gave other bytes than it listed", todo="It is tried again.")
        shown = to_der(sender.tls_certificate.encode())
        if one.what == "messages":
            return self._answer(body, sender, receive(self._station, body, shown))
        return take_receipt(self._station, body, shown).branch != "unavailable"

    def _answer(self, body: bytes, sender: Member, reply: Reply) -> bool:
        """Owe the sender its ACCEPTED receipt, or REJECTED where the message can never be taken."""
        if not reply.branch:
            self._owe(body, sender, "ACCEPTED", reply)
        elif is_lasting(reply.code):
            self._owe(body, sender, "REJECTED", reply)
        return not reply.branch or is_lasting(reply.code)

    def _owe(self, body: bytes, sender: Member, kind: ReceiptKind, reply: Reply) -> None:
        envelope, _ = parse_message_body(body, MESSAGE_BYTES)
        header, digest = parse_header(envelope.header), digest_of(envelope)
        with self._station.database.unit("exchange.receipted") as unit:
            said = Receipt(kind, header.id, digest, unit.node, sender.code, unit.now, reply.code, "", None, "")
            owe_receipt(unit, said, header.conversation, b"" if reply.branch else reply.body)

    def _acknowledge(self, relay: Member, ids: tuple[str, ...]) -> None:
        database = self._station.database
        key, said = database.keys.signing, Taken(database.node, relay.code, ids)
        signed = jws.sign_compact(key, key.public.fingerprint, taken_payload(said, database.clock()))
        self._line.request(relay, "POST", f"{BOXES}/{database.node}/taken", taken_body(signed))


def collect(station: Station) -> None:
    """Take all that the station's relay holds now."""
    collector = Collector(station)
    try:
        collector.collect()
    finally:
        collector.close()
