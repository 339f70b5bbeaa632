"""Receipts: signed words about a message. Made here for partners, verified here when partners send theirs."""

from dataclasses import dataclass, replace

from comity.base.errors import BadInput, Tampered
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Delivery, DeliveryState, Member, Receipt, ReceiptKind
from comity.exchange.rules import DEADLINES, advanced
from comity.exchange.service.members import log_key, signed_by
from comity.exchange.service.sending import delivery_of
from comity.exchange.service.station import OWED
from comity.exchange.service.turning import check_present
from comity.exchange.store import sent as store
from comity.exchange.wire.receipts import (
    answer_body,
    parse_receipt,
    read_kept,
    receipt_payload,
)
from comity.kit.codec import jws
from comity.kit.codec.jcs import canonical
from comity.kit.codec.notes import VerifierKey
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head, Record


def make_receipt(unit: Unit, receipt: Receipt) -> Receipt:
    """`receipt`, signed by this node: its `jws` filled in."""
    key = unit.keys.signing
    signed = jws.sign_compact(key, key.public.fingerprint, receipt_payload(receipt))
    return replace(receipt, jws=signed)


def later_receipt(unit: Unit, kind: ReceiptKind, row: object, code: str = "", proof: bytes | None = None) -> None:
    """Owe the sender of inbox row `row` a later receipt: DELIVERED, HANDLED or REJECTED with its code.

    `proof` of our entry about the message may go with it, where it says more than the one that went with ACCEPTED.
    """
    sender, id = str(getattr(row, "sender", "")), str(getattr(row, "id", ""))
    digest = str(getattr(row, "digest", ""))
    receipt = Receipt(kind, id, digest, unit.node, sender, unit.now, code, "", None, "")
    owe_receipt(unit, receipt, str(getattr(row, "conversation", "")), proof=proof)


def owe_receipt(unit: Unit, receipt: Receipt, conversation: str, body: bytes = b"", proof: bytes | None = None) -> None:
    """Owe the message's sender this receipt, once: signed now, unless `body` is the answer that holds it already."""
    if store.owes(unit, receipt.message, receipt.to, receipt.kind):
        return
    unit.signal(OWED, receipt.to)
    store.owe(unit, [{
        "recipient": receipt.to, "message": receipt.message, "what": receipt.kind, "type": "receipt",
        "conversation": conversation, "deadline": unit.now + DEADLINES["normal"],
        "body": body or answer_body(make_receipt(unit, receipt).jws, proof),
    }])  # fmt: skip


def verify_receipt(text: str, issuer: Member, me: str) -> Receipt:
    """The receipt that `issuer` signed for this node; Tampered ``exchange.receipt-signature`` or BadInput otherwise."""
    try:
        payload = signed_by(issuer, lambda key: jws.verify_compact(text, key))
    except (BadInput, Tampered) as error:
        raise Tampered("exchange.receipt-signature", f"The receipt is not signed by {issuer.code}",
                       todo="Wait for a valid receipt; the message is tried again.") from error  # fmt: skip
    receipt = parse_receipt(payload, text)
    if receipt.issuer != issuer.code or receipt.to != me or receipt.kind in ("NON_DELIVERY", "HELD"):
        raise Tampered("exchange.receipt-signature", "The receipt is not from this partner to this node",
                       todo="Wait for a valid receipt; the message is tried again.")  # fmt: skip
    return receipt


def verify_held(text: str, relay: Member, me: str, request: bytes) -> Receipt:
    """A relay's signed word that it holds the request with this body for a member; Tampered or BadInput otherwise."""
    found = parse_receipt(signed_by(relay, lambda key: jws.verify_compact(text, key)), text)
    same = found.issuer == relay.code and found.to == me and found.digest == sha256(request).hex()
    if not same or found.kind != "HELD":
        raise Tampered("exchange.receipt", "The relay's word is about another request", todo="It is tried again.")
    return found


@dataclass(frozen=True)
class Acceptance:
    """An ACCEPTED receipt with its proof, which holds; `head` and signed `note` are of the log that tells of it."""

    receipt: Receipt
    proof: JsonObject
    head: Head
    note: str


def verify_acceptance(receipt: Receipt, proof: JsonObject | None, issuer: Member) -> Acceptance:
    """The receipt with head and signed note of the partner's log, which holds its entry about our message.

    1. The receipt names the entry; 2. the proof holds for that index under the directory's log key; 3. the entry's
    payload is exactly our digest, received. Tampered or BadInput otherwise; Conflict as of `check_proof`.
    """
    if proof is None or receipt.index is None:
        raise BadInput("exchange.receipt-proof", "An ACCEPTED receipt came without a proof of its log entry",
                       todo="Ask the partner to update its node.")  # fmt: skip
    head, note = check_proof(proof, issuer, {"digest": receipt.digest, "kind": "received"}, receipt.index)
    return Acceptance(receipt, proof, head, note)


def check_proof(proof: JsonObject, issuer: Member, payload: JsonObject, index: int | None = None) -> tuple[Head, str]:
    """Head and note of `issuer`'s log, proven to hold an entry with exactly this payload (at `index`, if given).

    Conflict (``exchange.epoch``), which settles nothing, for a proof in another epoch than the directory lists.
    """
    note = str(proof.get("tlog_proof")).partition("\n\n")[2]
    check_present(issuer, note)
    return check_kept(proof, issuer, payload, log_key(issuer.log), index)


def check_kept(
    proof: JsonObject, issuer: Member, payload: JsonObject, key: VerifierKey, index: int | None = None
) -> tuple[Head, str]:
    """The same under another key than the directory's: that of the epoch in which a kept proof was made."""
    try:
        inclusion = log.parse_inclusion(proof)
        head = log.check_inclusion(inclusion, key, {"payload": payload})
    except (BadInput, Tampered) as error:
        raise Tampered("exchange.proof", f"The proof of {issuer.code}'s log entry does not hold: {error.what}",
                       todo="Send the message again with a proof of the present log.") from error  # fmt: skip
    if index is not None and inclusion.index != index:
        raise Tampered("exchange.proof", f"The proof of {issuer.code} speaks of another entry than its receipt",
                       todo="Keep both and ask the partner to explain.")  # fmt: skip
    return head, inclusion.proof.partition("\n\n")[2]


def store_receipt(unit: Unit, receipt: Receipt, proof: JsonObject | None = None) -> Delivery | None:
    """Keep a verified receipt and move the message on; the new delivery, or None when it says nothing new.

    BadInput when the receipt is about a message that was never sent to its issuer, or about other bytes.
    """
    row, _ = about(unit, receipt)
    kept = store.add_receipt(unit, receipt_row(unit, receipt, proof))
    state = advanced(row.state, receipt.kind)
    if not kept or state is None or _overtakes(row.state, receipt.kind):
        return None
    if receipt.kind == "REJECTED":
        log.append(unit, _rejected(unit, row, receipt.code))
    store.settle(unit, row.n, {"state": state, "reason": receipt.code})
    return delivery_of(store.outbox_row(unit, receipt.message, receipt.issuer))


def about(unit: Unit, receipt: Receipt) -> tuple[store.Row, store.Row]:
    """The outbox row and the message that a receipt speaks of; BadInput when its issuer was never sent these bytes."""
    row = store.outbox_row(unit, receipt.message, receipt.issuer)
    message = store.message_row(unit, receipt.message)
    if row is None or message is None or message.digest != receipt.digest:
        raise BadInput("exchange.receipt-unknown", f"{receipt.issuer} never got a message with this id and digest",
                       todo="Compare both nodes' logs of the exchange.")  # fmt: skip
    return row, message


def _overtakes(state: DeliveryState, kind: ReceiptKind) -> bool:
    """A word on the handling came before ACCEPTED, whose answer was lost on its way: the message stays owed until that
    receipt is here with its proof, and `catch_up` then lets this one count."""
    return state in store.OPEN and kind in ("DELIVERED", "HANDLED")


def catch_up(unit: Unit, message: str, issuer: str) -> None:
    """ACCEPTED is here: receipts that had overtaken it take effect now."""
    for kind in store.kinds_kept(unit, message, issuer):
        row = store.outbox_row(unit, message, issuer)
        state = advanced(row.state, kind) if row is not None else None
        if row is not None and state is not None:
            store.settle(unit, row.n, {"state": state, "reason": ""})


def receipt_row(unit: Unit, receipt: Receipt, proof: JsonObject | None) -> dict[str, object]:
    """A row of `exchange_receipt`."""
    return {
        "message": receipt.message, "issuer": receipt.issuer, "kind": receipt.kind, "code": receipt.code,
        "at": receipt.at, "jws": receipt.jws, "proof": canonical(proof) if proof else None, "stored_at": unit.now,
    }  # fmt: skip


def _rejected(unit: Unit, row: object, code: str) -> Record:
    return Record(
        type="message.rejected", actor=Actor.system(unit.node), peer=getattr(row, "recipient", None),
        subject={"message": getattr(row, "message", ""), "type": getattr(row, "type", "")},
        payload={"code": code, "kind": "rejected"},
    )  # fmt: skip


def receipts(unit: Unit, message: str) -> list[Receipt]:
    """The receipts kept about a message that this node sent, oldest first."""
    return [read_kept(row.jws) for row in store.receipts(unit, message)]
