"""Receiving: a partner's message is checked step by step and accepted in one transaction, exactly once.

What happens to it afterwards is `handling`'s part; the partner's answer here says only that it is durably ours.
"""

from dataclasses import dataclass, field

from comity.base.errors import BadInput, Conflict
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Header, Member, Receipt
from comity.exchange.rules import MESSAGE_BYTES, check_addresses, check_time, refused
from comity.exchange.service.directory import check_fresh, directory
from comity.exchange.service.envelope import Opened, check_signature, digest_of, open_envelope, seal_at_rest
from comity.exchange.service.heads import freeze, keep_head, not_frozen, raise_alarm, two_histories
from comity.exchange.service.peers import Reply, guarded, identify, note_seen
from comity.exchange.service.receipts import check_proof, make_receipt
from comity.exchange.service.station import PENDING, Station
from comity.exchange.service.vouching import vouched
from comity.exchange.store import inbox
from comity.exchange.wire.envelope import Envelope, parse_header, parse_message_body
from comity.exchange.wire.receipts import answer_body
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.log import service as log
from comity.log.model import Head, Record


@dataclass(frozen=True)
class Parcel:
    """A message whose outside was checked: who sent it, what it says in the clear, which bytes were signed."""

    sender: Member
    envelope: Envelope = field(repr=False)
    header: Header
    digest: str
    signed: bytes = field(repr=False)
    proof: JsonObject = field(repr=False)


@dataclass(frozen=True)
class Accepted:
    """A parcel whose inside was checked too, with the sender's head that proves it logged the sending."""

    parcel: Parcel
    opened: Opened
    head: Head
    note: str


def receive(station: Station, body: bytes, certificate: bytes) -> Reply:
    """Take a posted message; the reply is a signed receipt with proof, or a signed error. Never raises ComityError.

    1. The peer's certificate is a listed, unrevoked member's. 2. The body is within the limit and parses. 3. Version,
    critical members and suite are ours, then the header reads. 4. Sender is the peer, we are a recipient. 5. Not from
    the future, not expired; our directory is fresh enough for such a message. 6. The sender's signature holds. 7. Seen
    before: the same digest gets the stored receipt again, another one a Conflict and an alarm. 8. The seal opens: key
    commitment and payload hash hold. 9. The proof shows the message in the sender's log, and no head contradicts an
    earlier one. 10. One transaction: inbox, log entry, receipt. Only after its commit is the receipt handed out.
    """
    return guarded(station, body, certificate, lambda: _receive(station, body, certificate))


def _receive(station: Station, body: bytes, certificate: bytes) -> Reply:
    with station.database.read("exchange.check") as unit:
        parcel = check_outside(unit, body, certificate)
        known = inbox.seen(unit, parcel.sender.code, parcel.header.id)
    if known is not None:
        return _again(station, parcel, known)
    return _take(station, check_inside(station, parcel))


def check_outside(unit: Unit, body: bytes, certificate: bytes) -> Parcel:
    """Steps 1 to 6."""
    sender = not_frozen(unit, identify(unit, certificate))
    mine = directory(unit).members.get(unit.node)
    return check_parcel(unit, body, sender, (unit.node, mine.message_bytes if mine else MESSAGE_BYTES))


def check_parcel(unit: Unit, body: bytes, sender: Member, to: tuple[str, int]) -> Parcel:
    """Steps 2 to 6 of a message from `sender` for the node `to`, which takes so many bytes."""
    addressee, limit = to
    if len(body) > limit:
        raise refused("too-large", f"{len(body)} bytes, where {limit} are taken")
    envelope, proof = parse_message_body(body, limit)
    header = parse_header(envelope.header)
    check_addresses(header, sender.code, addressee)
    check_time(header, unit.now)
    check_fresh(unit, header.type)
    signed = check_signature(envelope, sender)
    return Parcel(sender, envelope, header, digest_of(envelope), signed, proof)


def check_inside(station: Station, parcel: Parcel) -> Accepted:
    """Steps 8 and 9, without any lock held."""
    opened = open_envelope(station.database.keys, parcel.envelope, parcel.header)
    head, note = check_proof(parcel.proof, parcel.sender, {"digest": parcel.digest, "kind": "sent"})
    return Accepted(parcel, opened, head, note)


def _take(station: Station, accepted: Accepted) -> Reply:
    """Steps 9 (the head) and 10. Somebody may have posted the same message meanwhile: step 7 is asked again."""
    parcel, head = accepted.parcel, accepted.head
    id, sender = parcel.header.id, parcel.sender.code
    with station.database.unit("exchange.receive") as unit:
        known = inbox.seen(unit, sender, id)
        forked = known is None and not keep_head(unit, sender, head, accepted.note)
        if known is None and not forked:
            answer = _accept(unit, accepted)
        if forked:
            freeze(unit, sender, head, accepted.note, f"another root than before, with message {id}")
    if forked:
        raise two_histories(sender, head)
    if known is not None:
        return _again(station, parcel, known)
    return Reply(answer_body(answer.receipt, answer.proof), type=parcel.header.type)


@dataclass
class _Answer:
    """What the sender will get; the proof is made by a hook, once the unit's checkpoint is signed."""

    receipt: str
    proof: bytes = b""


def _accept(unit: Unit, accepted: Accepted) -> _Answer:
    """The inbox row, the log entry and the signed receipt, in the caller's transaction."""
    parcel = accepted.parcel
    header, sender = parcel.header, parcel.sender.code
    entry = log.append(unit, _record(unit, accepted))
    receipt = make_receipt(unit, Receipt(
        "ACCEPTED", header.id, parcel.digest, unit.node, sender, unit.now, "", log.head(unit).origin, entry, "",
    ))  # fmt: skip
    answer = _Answer(receipt.jws)
    row: dict[str, object] = {
        "sender": sender, "id": header.id, "digest": parcel.digest, "type": header.type,
        "conversation": header.conversation, "seq": header.seq, "signed": parcel.signed,
        "signature": parcel.envelope.signature, "entry": entry, "receipt": receipt.jws, "proof": None,
        "sent_proof": canonical(parcel.proof),
        "payload": seal_at_rest(unit.keys, accepted.opened.salted, sender, header.id),
        "state": "accepted", "code": "", "received_at": unit.now, "settled_at": None,
    }  # fmt: skip
    note_seen(unit, sender)
    _check_chain(unit, parcel)
    unit.signal(PENDING, sender)
    unit.before_commit("exchange.answer", lambda u: _keep(u, row, answer, entry))
    return answer


def _keep(unit: Unit, row: dict[str, object], answer: _Answer, entry: int) -> None:
    """The inbox row with our log's proof, kept together so that every replay gets the same answer."""
    answer.proof = canonical(log.prove(unit, entry, fields=("payload",)).as_dict())
    inbox.add(unit, row | {"proof": answer.proof})


def _check_chain(unit: Unit, parcel: Parcel) -> None:
    """A message whose `prev` is not the hash of the one before it, where we have that, is taken but raises an alarm."""
    header = parcel.header
    if header.seq == 1 and header.prev is None:
        return
    before = inbox.digest_at(unit, header.conversation, parcel.sender.code, header.seq - 1)
    if header.seq == 1 or header.prev is None or (before is not None and before != header.prev):
        raise_alarm(unit, "conversation-fork", parcel.sender.code, {
            "conversation": header.conversation, "seq": header.seq, "message": header.id,
        })  # fmt: skip


def _record(unit: Unit, accepted: Accepted) -> Record:
    header = accepted.parcel.header
    return Record(
        type="message.received", actor=Actor.system(unit.node), peer=header.sender,
        subject={"message": header.id, "type": header.type, "conversation": header.conversation},
        payload={"digest": accepted.parcel.digest, "kind": "received"}, policy_hash=legal.rules_hash(unit),
        legal_basis=header.legal_basis if _is_code(header.legal_basis) else None, peer_head=accepted.head,
    )  # fmt: skip


def _is_code(text: str) -> bool:
    """Whether a partner's code for the basis is fit for the clear part of our log."""
    return 0 < len(text) <= 128 and all("!" <= c <= "~" for c in text)


def _again(station: Station, parcel: Parcel, known: object) -> Reply:
    """Step 7: the stored answer for the same bytes; an alarm and a Conflict for other bytes under the same id."""
    if getattr(known, "digest", "") == parcel.digest:
        return _answer(station, parcel, known)
    detail: JsonObject = {"message": parcel.header.id, "first": getattr(known, "digest", ""), "second": parcel.digest}
    with station.database.unit("exchange.alarm") as unit:
        raise_alarm(unit, "same-id-other-digest", parcel.sender.code, detail)
    raise Conflict("exchange.digest", "Another message with this id was received before",
                   todo="Give every message an id of its own.")  # fmt: skip


def _answer(station: Station, parcel: Parcel, row: object) -> Reply:
    proof = getattr(row, "proof", None)
    if row is None or proof is None:
        raise BadInput("exchange.unanswered", "The message has no stored answer", todo="Run `comity log verify`.")
    with station.database.read("exchange.vouched") as unit:
        shown = vouched(unit, proof) or _present(unit, proof, row)
    return Reply(answer_body(getattr(row, "receipt", ""), shown), type=parcel.header.type)


def _present(unit: Unit, proof: bytes, row: object) -> bytes:
    """The stored proof; where our log has gone on in another epoch, made anew: the sender goes by the present one."""
    told = str(parse_object(proof).get("tlog_proof")).partition("\n\n")[2].partition("\n")[0]
    if told == log.head(unit).origin:
        return proof
    return canonical(log.prove(unit, int(getattr(row, "entry", 0)), fields=("payload",)).as_dict())
