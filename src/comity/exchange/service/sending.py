"""Sending: the message is sealed, logged and put into the outbox in the caller's unit; `delivering` carries it out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.ids import is_uuid, uuid7
from comity.base.model import Actor, Json, JsonObject
from comity.exchange.model import Delivery, Header, Member, Message, Sent
from comity.exchange.rules import DEADLINES, REFUSAL, SUITE, check_able, check_follow_up, check_measure
from comity.exchange.service.directory import check_fresh, directory, recipient
from comity.exchange.service.envelope import Made, make
from comity.exchange.service.filing import check_files, owe_files
from comity.exchange.service.station import OWED
from comity.exchange.store import sent as store
from comity.exchange.wire.envelope import payload_bytes
from comity.exchange.wire.receipts import answer_body, parse_answer, read_kept
from comity.kit.codec.jcs import canonical
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Permit, Use
from comity.log import service as log
from comity.log.model import Record

_PROOF_BYTES: Final = 8192
"""Room that the proof beside an envelope needs within a member's size limit."""
_UNPROVED: Final = "exchange.unproved"


def send(unit: Unit, permit: Permit, message: Message) -> str:
    """Send a message that carries case data; answers its id. It commits, or not, together with the caller's act.

    1. The permit's measure covers the type; 2. the permit is stored, unexpired, bound to `message.act_hash` and exactly
    `message.to`, and has sent no message of this type; 3. every recipient is listed and not revoked, speaks a version
    that this node speaks, and announces what the message asks of it; 4. sealed, signed, logged, owed to each.
    NotAllowed for 1 and 2; NotFound or Conflict for 3; BadInput when it is too large for a recipient.
    """
    return send_batch(unit, [(permit, message.act_hash)], message)


def send_batch(unit: Unit, covered: Sequence[tuple[Permit, str]], message: Message) -> str:
    """As `send`, for a message of many parts: each part has a permit of its own, with the hash of its own act.

    BadInput for no part at all. All permits are for one basis, which the header names.
    """
    if not covered or len({basis_code(permit.instrument, permit.article) for permit, _ in covered}) != 1:
        raise BadInput("exchange.batch", "The parts of a message rest on one legal basis, and there is at least one",
                       todo="Send what rests on another basis in a message of its own.")  # fmt: skip
    for permit, act_hash in covered:
        check_measure(message.type, permit.measure)
        legal.check(unit, permit, Use(f"send:{message.type}", permit.measure, act_hash, message.to))
    first, _ = covered[0]
    basis = message.legal_basis or basis_code(first.instrument, first.article)
    return _dispatch(unit, replace(message, legal_basis=basis))


def refuse(unit: Unit, decision: Decision, reply: Message) -> str:
    """Answer with a refusal: `reply` with the type ``refusal``, its body completed by the decision's findings.

    The partner learns outcome, instrument, article, the rules' hash and the findings that decided, each with what would
    cure it; never data. A person's own finding may have been added to those stored. `reply.body` says what is refused.
    Answers the message id; NotFound for a decision that was never stored.
    """
    legal.find_decision(unit, decision.id)
    told: JsonObject = {
        "outcome": decision.outcome, "measure": decision.measure, "instrument": decision.instrument,
        "article": decision.article, "rules_hash": decision.rules_hash, "on": decision.on.isoformat(),
        "findings": [finding.as_dict() for finding in decision.reasons],
    }  # fmt: skip
    basis = reply.legal_basis or basis_code(decision.instrument, decision.article)
    return _dispatch(unit, replace(reply, type=REFUSAL, legal_basis=basis, body=reply.body | {"decision": told}))


def follow_up(unit: Unit, message: Message) -> str:
    """Send a message of a type without case data (`rules.FOLLOW_UPS`); NotAllowed for any other. Answers its id."""
    check_follow_up(message.type)
    return _dispatch(unit, message)


def basis_code(instrument: str, article: str) -> str:
    """Instrument and article as the one code that headers and log entries carry: ``TRAIN-REG:art.5(1)``."""
    code = f"{instrument}:{article}".replace(" ", "") if instrument else ""
    return "".join(c if "!" <= c <= "~" else "?" for c in code)[:128]


def sent(unit: Unit, id: str) -> Sent:
    """What became of a message that this node sent; NotFound for any other id."""
    row = store.message_row(unit, id)
    if row is None:
        raise NotFound("exchange.message", f"This node sent no message {id}", todo="See `comity status`.")
    deliveries = tuple(delivery_of(r) for r in store.outbox_rows(unit, id))
    return Sent(row.id, row.type, row.conversation, row.seq, row.digest, row.entry, row.at, row.supersedes, deliveries)


def types_sent(unit: Unit, conversation: str) -> list[str]:
    """The types of all that this node said in a conversation, in order."""
    return [row.type for row in store.conversation_rows(unit, conversation)]


def delivery_of(row: object) -> Delivery:
    """The delivery in an outbox row."""
    names = ("message", "type", "conversation", "recipient", "state", "attempts", "deadline", "reason")
    return Delivery(*(getattr(row, name) for name in names))


def _dispatch(unit: Unit, message: Message) -> str:
    _check(unit, message)
    check_fresh(unit, message.type)
    members = tuple(recipient(unit, code) for code in message.to)
    for one in members:
        check_able(one, message.type, len(message.files))
    seq, prev = store.last_of(unit, message.conversation)
    header = _header(unit, message, seq + 1, prev)
    made = make(unit.keys, header, payload_bytes(message), members)
    _check_size(made, members)
    entry = log.append(unit, _record(unit, message, header, made))
    store.set_last(unit, message.conversation, seq + 1, made.digest)
    store.add_message(unit, {
        "id": header.id, "type": message.type, "conversation": message.conversation, "seq": seq + 1,
        "digest": made.digest, "supersedes": message.supersedes, "case_id": message.case,
        "basis": message.legal_basis[:64], "entry": entry, "at": unit.now, "envelope": made.data,
        "proof": None,
    })  # fmt: skip
    store.owe(unit, [_owed(header, code) for code in message.to])
    for code in message.to:
        unit.signal(OWED, code)
    owe_files(unit, message, header)
    _prove_later(unit, header.id, entry)
    return header.id


def prove_anew(unit: Unit) -> None:
    """Prove what is still owed under the checkpoint that this unit will sign: for a log that goes on in another epoch.

    What a relay holds is sent to it again: its member could not take the old proof any more.
    """
    for id, entry in store.owed_messages(unit):
        _prove_later(unit, id, entry)
    unit.before_commit("exchange.receipts", _prove_receipts)
    for code in store.send_again(unit):
        unit.signal(OWED, code)


def _prove_receipts(unit: Unit) -> None:
    """Receipts that are still to be posted may carry a proof, too: ACCEPTED needs one, the others do without."""
    for row in store.owed_receipts(unit):
        _, text, proof = parse_answer(row.body)
        index = read_kept(text).index
        if index is not None:
            proven = canonical(log.prove(unit, index, fields=("payload",)).as_dict())
            store.settle(unit, row.n, {"body": answer_body(text, proven)})
        elif proof is not None:
            store.settle(unit, row.n, {"body": answer_body(text, None)})


def _check(unit: Unit, message: Message) -> None:
    if not message.to or len(set(message.to)) != len(message.to) or unit.node in message.to:
        raise BadInput("exchange.recipients", "A message goes to at least one other node, to each once",
                       todo="Name the recipients.")  # fmt: skip
    check_files(message)
    if not is_uuid(message.conversation) or message.urgency not in DEADLINES:
        raise BadInput("exchange.message", "A message needs a conversation (UUID) and a known urgency",
                       todo=f"Urgencies: {', '.join(DEADLINES)}.")  # fmt: skip
    if message.supersedes is not None:
        earlier = store.message_row(unit, message.supersedes)
        if earlier is None:
            raise NotFound("exchange.supersedes", f"This node sent no message {message.supersedes}",
                           todo="Supersede one of this node's own messages.")  # fmt: skip
        told = {row.recipient for row in store.outbox_rows(unit, message.supersedes)}
        if not set(message.to) <= told:
            raise Conflict("exchange.supersedes", "A recipient never got the message that is superseded",
                           todo=f"Send it to {', '.join(sorted(told))}.")  # fmt: skip


def _header(unit: Unit, message: Message, seq: int, prev: str | None) -> Header:
    return Header(
        suite=SUITE, type=message.type, id=uuid7(unit.now), conversation=message.conversation, seq=seq, prev=prev,
        sender=unit.node, to=message.to, issued=unit.now, expires=unit.now + DEADLINES[message.urgency],
        purpose=message.purpose, legal_basis=message.legal_basis, handling=message.handling, urgency=message.urgency,
        payload_hash="", cek_commit="", directory_version=directory(unit).version,
        files=len(message.files),
    )  # fmt: skip


def _check_size(made: Made, members: tuple[Member, ...]) -> None:
    for one in members:
        if len(made.data) + _PROOF_BYTES > one.message_bytes:
            raise BadInput("exchange.too-large", f"{len(made.data)} bytes, where {one.code} takes {one.message_bytes}",
                           todo="Send less at once.")  # fmt: skip


def _record(unit: Unit, message: Message, header: Header, made: Made) -> Record:
    to: list[Json] = [*message.to]
    return Record(
        type="message.sent", actor=message.actor or Actor.system(unit.node),
        subject={"message": header.id, "type": header.type, "conversation": header.conversation, "to": to},
        payload={"digest": made.digest, "kind": "sent"}, case=message.case,
        peer=message.to[0] if len(message.to) == 1 else "several", legal_basis=message.legal_basis or None,
        policy_hash=legal.rules_hash(unit),
    )  # fmt: skip


def _owed(header: Header, recipient: str) -> dict[str, object]:
    return {
        "recipient": recipient, "message": header.id, "what": "message", "type": header.type,
        "conversation": header.conversation, "deadline": header.expires,
    }  # fmt: skip


def _prove_later(unit: Unit, id: str, entry: int) -> None:
    """The proof that travels beside the envelope is made when the log has signed this unit's checkpoint."""
    waiting = unit.scratch.get(_UNPROVED, ())
    unit.scratch[_UNPROVED] = (*(waiting if isinstance(waiting, tuple) else ()), (id, entry))
    unit.before_commit("exchange.proofs", _prove)


def _prove(unit: Unit) -> None:
    waiting = unit.scratch.pop(_UNPROVED, ())
    for id, entry in waiting if isinstance(waiting, tuple) else ():
        store.set_proof(unit, id, canonical(log.prove(unit, entry, fields=("payload",)).as_dict()))
