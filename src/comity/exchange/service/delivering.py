"""Delivering: one courier per partner empties that partner's part of the outbox, so that no partner slows another.

A partner that cannot be reached is left alone for a growing while (the circuit breaker); a message that a reachable
partner answers with nonsense waits alone. At its deadline a message without a receipt ends in NON_DELIVERY.
"""

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from comity.base.errors import BadInput, Conflict, NotFound, PartnerError, Tampered, Unavailable
from comity.base.model import Actor
from comity.exchange.model import Delivery, Member, Receipt
from comity.exchange.rules import RATE, SPOKEN, backoff, common_version, is_lasting
from comity.exchange.service.directory import directory, member, through
from comity.exchange.service.filing import has_files, hurry_files, release_files
from comity.exchange.service.heads import freeze, keep_head
from comity.exchange.service.lines import Line
from comity.exchange.service.members import signed_by
from comity.exchange.service.receipts import (
    Acceptance,
    catch_up,
    make_receipt,
    receipt_row,
    verify_acceptance,
    verify_held,
    verify_receipt,
)
from comity.exchange.service.sending import delivery_of
from comity.exchange.service.station import OWED, Station
from comity.exchange.service.vouching import vouched
from comity.exchange.store import partners, witnesses
from comity.exchange.store import sent as store
from comity.exchange.wire.receipts import PartnerRefusal, parse_answer, parse_error
from comity.kit.codec import jws
from comity.kit.crypto.symmetric import Bytes, sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

logger = logging.getLogger(__name__)

MESSAGES: Final = "/cx/1/messages"
RECEIPTS: Final = "/cx/1/receipts"
BOXES: Final = "/cx/1/relay"
_BATCH: Final = 16
_IDLE: Final = 60.0
_WITNESSED: Final = timedelta(minutes=1)
"""How often witnesses are asked: what is younger has no cosignature yet."""
_OTHERWISE: Final = "exchange.answer"

Outcome = Literal["taken", "later", "away"]
"""The partner answered for good; it answered, but the message must be tried again; it cannot be reached."""


@dataclass(frozen=True)
class Round:
    """What a courier found to do for its partner `to`: nothing when that is None."""

    pause: float
    """Seconds until something else is due."""
    to: Member | None = None
    via: Member | None = None
    """Who is connected to: `to` itself, or its relay."""
    rows: Sequence[store.Row] = ()
    behind: partners.Row | None = None
    """How the partner stands, when it counts as unavailable and new messages must wait."""


class Courier:
    """Delivers to one partner; used by one thread at a time."""

    def __init__(self, station: Station, partner: str) -> None:
        self._station = station
        self._partner = partner
        self._line = Line(station.database.keys, station.pace)
        self._away = False
        """Whether the partner counted as unavailable at the last look."""

    def deliver(self, *, thorough: bool = False) -> float:
        """Try everything that is due, oldest first; answers in how many seconds to come back at the latest.

        What is added meanwhile wakes whoever runs a courier; without that, `thorough` looks once more at the end.
        """
        found = self._look()
        while found.to is not None and found.via is not None:
            if found.behind:
                self._wait_behind(found.behind)
            outcomes = set(self._carry_all(found.rows, found.to, found.via))
            if len(found.rows) < _BATCH and outcomes == {"taken"} and not thorough:
                break
            found = self._look()
        return found.pause

    def _carry_all(self, rows: Sequence[store.Row], to: Member, via: Member) -> Iterator[Outcome]:
        """Each row, until the partner is away."""
        for row in rows:
            outcome = self._deliver_one(row, to, via)
            yield outcome
            if outcome == "away":
                return

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _look(self) -> Round:
        """What to try now; expires what is overdue first."""
        with self._station.database.read("exchange.due") as unit:
            rows = store.due(unit, self._partner, _BATCH)
            moment = store.next_due(unit, self._partner)
            pause = _IDLE if moment is None else min(_IDLE, max(0.01, (moment - unit.now).total_seconds()))
            if not rows:
                return Round(pause)
            overdue = any(row.deadline <= unit.now for row in rows)
            to = directory(unit).members.get(self._partner)
            via = through(unit, to) if to is not None else None
            stand = partners.partner_row(unit, self._partner)
            frozen = witnesses.frozen(unit, self._partner) is not None
            closed = stand is not None and stand.next_at is not None and stand.next_at > unit.now
        self._away = stand is not None and stand.failures > 0
        if overdue:
            self._expire()
            return self._look()
        if to is None or (why := _why(to, frozen)):
            self._stop_for("exchange.unlisted" if to is None else why)
            return self._look()
        if via is None:
            self._stop_for("exchange.relay")
            return self._look()
        return Round(pause, to, via, () if closed else rows, stand if closed else None)

    def _deliver_one(self, row: store.Row, to: Member, via: Member) -> Outcome:
        """One POST and what follows from its answer."""
        path, body = (MESSAGES, self._body(row, to is via)) if row.what == "message" else (RECEIPTS, row.body)
        if via is not to:
            path = f"{BOXES}/{to.code}/{path.rpartition('/')[2]}"
        observe = self._station.observe
        observe(f"send:before:{row.type}")
        try:
            _, answer = self._line.request(via, "POST", path, body)
        except Unavailable as error:
            self._unreachable(error.code)
            return "away"
        observe(f"send:after:{row.type}")
        try:
            if via is to:
                self._settle(row, to, body, answer)
            else:
                self._settle_held(row, via, body, answer)
        except (BadInput, Conflict, Tampered, PartnerError) as error:
            logger.warning("%s answered %s with: %s", to.code, row.message, error)
            if error.code == RATE:
                self._unreachable(error.code)
                return "away"
            self._try_later(row, error.code if isinstance(error, (Conflict, PartnerError)) else _OTHERWISE)
            return "later"
        return "taken"

    def _body(self, row: store.Row, direct: bool) -> bytes:
        """The posted body, joined from stored canonical parts without parsing them: ``{"envelope":…,"proof":…}``.

        What waited for a while may be proven against a checkpoint that witnesses have cosigned meanwhile. A relay gets
        the same bytes each time: by these it knows what it holds already.
        """
        proof = row.proof
        if direct and self._station.database.clock() - row.at > _WITNESSED:
            with self._station.database.read("exchange.vouched") as unit:
                proof = vouched(unit, proof) or proof
        return b'{"envelope":%b,"proof":%b}' % (row.envelope, proof)

    def _settle(self, row: store.Row, to: Member, body: bytes, answer: bytes) -> None:
        """1. The answer parses; 2. its signature is the partner's; 3. a receipt is about this message, with a proof."""
        kind, text, proof = parse_answer(answer)
        if kind == "error":
            self._refused(row, to, body, text)
            return
        if row.what != "message":
            _done(self._station, row)
            return
        receipt = verify_receipt(text, to, self._station.database.node)
        if receipt.message != row.id or receipt.digest != row.digest or receipt.kind != "ACCEPTED":
            raise Tampered("exchange.receipt", "The receipt is about another message", todo="It is tried again.")
        found = verify_acceptance(receipt, proof, to)
        with self._station.database.unit("exchange.delivered") as unit:
            self._reached(unit)
            keep_acceptance(self._station, unit, row, row.envelope, found)

    def _settle_held(self, row: store.Row, via: Member, body: bytes, answer: bytes) -> None:
        """The relay holds it, and says so under its signature: no word of the recipient, who still owes its own."""
        kind, text, _ = parse_answer(answer)
        if kind == "error":
            self._refused(row, via, body, text)
            return
        said = verify_held(text, via, self._station.database.node, body)
        if row.what != "message":
            _done(self._station, row)
            return
        with self._station.database.unit("exchange.held") as unit:
            self._reached(unit)
            store.add_receipt(unit, receipt_row(unit, said, None))
            now = store.outbox_row(unit, row.message, self._partner)
            if now is not None and now.state in ("queued", "waiting"):  # the recipient may have answered meanwhile
                store.settle(unit, row.n, {
                    "state": "held", "next_at": row.deadline, "reason": f"held by {via.code}",
                    "attempts": row.attempts + 1,
                })  # fmt: skip
                tell(self._station, unit, delivery_of(store.outbox_row(unit, row.message, self._partner)))

    def _refused(self, row: store.Row, to: Member, body: bytes, text: str) -> None:
        """A signed error: final for these bytes, or a reason to wait. Tampered when it is not the partner's own."""
        refusal = read_refusal(text, to, body)
        if not is_lasting(refusal.code):
            raise PartnerError(refusal.code, f"{to.code}: {refusal.what}", todo=refusal.todo)
        with self._station.database.unit("exchange.rejected") as unit:
            self._reached(unit)
            change = {"state": "rejected", "reason": refusal.code, "attempts": row.attempts + 1}
            store.settle(unit, row.n, change)
            if row.what == "message":
                log.append(unit, _ended(unit, row, "message.rejected", refusal.code))
                tell(self._station, unit, delivery_of(store.outbox_row(unit, row.message, self._partner)))

    def _reached(self, unit: Unit) -> None:
        """The partner answered: whatever still waits for it is due now."""
        if self._away:
            partners.set_partner(unit, self._partner, {"seen_at": unit.now})
            store.retry_now(unit, self._partner)
            hurry_files(unit, self._partner)
            unit.signal(OWED, self._partner)
            self._away = False

    def _unreachable(self, code: str) -> None:
        """The partner counts as unavailable for a while; every message owed to it waits, and its watcher is told."""
        with self._station.database.unit("exchange.unreachable") as unit:
            stand = partners.partner_row(unit, self._partner)
            failures = (stand.failures if stand else 0) + 1
            moment = unit.now + backoff(failures, random.random(), self._station.pace)  # noqa: S311  # spread, no secret
            queued = store.open_rows(unit, self._partner, "queued")
            partners.set_partner(unit, self._partner, {
                "failures": failures, "reason": code, "next_at": moment, "seen_at": stand.seen_at if stand else None,
            })  # fmt: skip
            store.postpone(unit, self._partner, moment, code)
            self._waiting(unit, queued)

    def _wait_behind(self, stand: partners.Row) -> None:
        """New messages to a partner that is unavailable wait as the others do."""
        with self._station.database.unit("exchange.waiting") as unit:
            queued = store.open_rows(unit, self._partner, "queued")
            store.postpone(unit, self._partner, stand.next_at, stand.reason)
            self._waiting(unit, queued)

    def _waiting(self, unit: Unit, queued: Sequence[store.Row]) -> None:
        for row in queued:
            if row.what == "message":
                tell(self._station, unit, delivery_of(store.outbox_row(unit, row.message, self._partner)))

    def _stop_for(self, code: str) -> None:
        """The directory does not list the partner (any more): its messages wait for a newer one, or their deadline."""
        with self._station.database.unit("exchange.waiting") as unit:
            queued = store.open_rows(unit, self._partner, "queued")
            store.postpone(unit, self._partner, unit.now + backoff(99, 0.0, self._station.pace), code)
            self._waiting(unit, queued)

    def _try_later(self, row: store.Row, code: str) -> None:
        """This message alone waits: the partner is there, but what it said settles nothing."""
        with self._station.database.unit("exchange.later") as unit:
            pause = backoff(row.attempts + 1, random.random(), self._station.pace)  # noqa: S311  # spread, no secret
            store.settle(unit, row.n, {
                "state": "waiting", "attempts": row.attempts + 1, "next_at": unit.now + pause, "reason": code[:128],
            })  # fmt: skip
            if row.what == "message" and row.state == "queued":
                tell(self._station, unit, delivery_of(store.outbox_row(unit, row.message, self._partner)))

    def _expire(self) -> None:
        """NON_DELIVERY for what reached its deadline: our own signed statement, logged, and told to the watcher."""
        with self._station.database.unit("exchange.expire") as unit:
            for row in store.overdue(unit, self._partner):
                store.settle(unit, row.n, {"state": "non_delivery"})
                if row.what == "message":
                    non_delivery(unit, row)
                    tell(self._station, unit, delivery_of(store.outbox_row(unit, row.message, self._partner)))


def keep_acceptance(station: Station, unit: Unit, row: store.Row, envelope: bytes, found: Acceptance) -> None:
    """A proven ACCEPTED receipt about outbox row `row`: kept with its proof; its watcher is told, and files may go."""
    receipt, partner = found.receipt, found.receipt.issuer
    if not keep_head(unit, partner, found.head, found.note):
        freeze(unit, partner, found.head, found.note, f"another root than before, in the receipt for {row.message}")
    store.add_receipt(unit, receipt_row(unit, receipt, found.proof))
    if store.accept(unit, row.n):
        tell(station, unit, replace(delivery_of(row), state="accepted", reason=""))
        catch_up(unit, row.message, partner)
        if has_files(envelope):
            release_files(unit, row.message, partner)


def _why(to: Member, frozen: bool) -> str:
    """Why nothing goes to that partner for now; empty when nothing stands against it."""
    if to.revoked or frozen:
        return "exchange.revoked" if to.revoked else "exchange.frozen"
    return "" if common_version(SPOKEN, to.versions) else "exchange.version"


def owed(station: Station) -> list[str]:
    """Partners to whom something is owed and due now."""
    with station.database.read("exchange.owed") as unit:
        return store.recipients_due(unit)


def recipients(station: Station) -> list[str]:
    """Partners to whom anything is owed, due or not."""
    with station.database.read("exchange.owed") as unit:
        return store.recipients_owed(unit)


def deliver_due(station: Station) -> int:
    """Deliver to every partner, one after another, in this thread; how many partners there was work for."""
    partners_owed = owed(station)
    for code in partners_owed:
        courier = Courier(station, code)
        try:
            courier.deliver(thorough=True)
        finally:
            courier.close()
    return len(partners_owed)


def retry(unit: Unit, partner: str) -> int:
    """Try what waits for a partner now, not at its next turn: an operator's act. NotFound for an unlisted partner."""
    member(unit, partner)
    partners.set_partner(unit, partner, {})
    hurry_files(unit, partner)
    unit.signal(OWED, partner)
    return store.retry_now(unit, partner)


def read_refusal(text: str, to: Member, body: Bytes) -> PartnerRefusal:
    """A partner's signed error about exactly the request with this body; Tampered otherwise."""
    refusal = parse_error(signed_by(to, lambda key: jws.verify_compact(text, key)))
    if refusal.issuer != to.code or refusal.request != sha256(body).hex():
        raise Tampered("exchange.answer", "The signed error is about another request", todo="It is tried again.")
    return refusal


def _done(station: Station, row: store.Row) -> None:
    """A later receipt was taken."""
    with station.database.unit("exchange.receipted") as unit:
        store.settle(unit, row.n, {"state": "handled", "reason": "", "attempts": row.attempts + 1})


def non_delivery(unit: Unit, row: store.Row) -> None:
    """Our own signed statement, kept and logged, that what outbox row `row` owes was not delivered."""
    message = store.message_row(unit, row.message)
    if message is None:
        raise NotFound("exchange.message", f"The outbox names an unknown message {row.message}",
                       todo="Restore the database from a backup.")  # fmt: skip
    receipt = make_receipt(unit, Receipt(
        "NON_DELIVERY", row.message, message.digest, unit.node, row.recipient, unit.now,
        row.reason or "exchange.deadline", "", None, "",
    ))  # fmt: skip
    store.add_receipt(unit, receipt_row(unit, receipt, None) | {"issuer": row.recipient})
    log.append(unit, _ended(unit, row, "message.undelivered", receipt.code))


def _ended(unit: Unit, row: store.Row, kind: str, code: str) -> Record:
    return Record(
        type=kind, actor=Actor.system(unit.node), peer=row.recipient,
        subject={"message": row.message, "type": row.type}, payload={"code": code, "kind": kind.partition(".")[2]},
    )  # fmt: skip


def tell(station: Station, unit: Unit, delivery: Delivery | None) -> None:
    """The watcher under a savepoint: what it cannot do must not undo what is known about the delivery."""
    watcher = station.watchers.get(delivery.type) if delivery else None
    if watcher is None or delivery is None:
        return
    unit.attempt(f"the watcher of {delivery.type}", lambda: watcher(unit, delivery))
