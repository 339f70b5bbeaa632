"""Receipts: separate DSSE files (v1) naming a package's digest, signed by the receiver, countersigned by the sender.

One payload, two signatures: the receiver's makes custody move, the sender's shows that the sender knows. The receipt
carries the receiver's own custody events, so that both sides end with the same chain.
"""

from dataclasses import dataclass
from typing import Final, cast

from comity.base.errors import Tampered
from comity.base.model import Json, JsonObject
from comity.evidence.model.package import Link, Outcome, Receipt
from comity.evidence.wire.custody import parse_line
from comity.evidence.wire.fields import Fields, digest, refused
from comity.evidence.wire.manifest import read_head
from comity.evidence.wire.package import signed_parts
from comity.kit.codec import dsse, jcs
from comity.kit.crypto.signing import Signer, VerifyKey

PAYLOAD_TYPE: Final = "application/vnd.comity.evidence-receipt.v1+json"


@dataclass(frozen=True)
class SignedReceipt:
    """A receipt with the key ids that its envelope names; nothing verified yet."""

    receipt: Receipt
    envelope: bytes
    keyids: tuple[str, ...]


def sign_receipt(receipt: Receipt, key: Signer) -> bytes:
    """The receiver's receipt as a DSSE envelope with one signature."""
    return dsse.sign(PAYLOAD_TYPE, _payload(receipt), [key])


def countersign(envelope: bytes, key: Signer) -> bytes:
    """The same envelope with the sender's signature added behind the receiver's."""
    kind, payload, keyids = signed_parts(envelope, "receipt")
    if kind != PAYLOAD_TYPE or len(keyids) != 1:
        raise refused("not a receipt with exactly one signature", "receipt")
    first = Fields(jcs.parse(envelope), "receipt").array("signatures")
    own = Fields(jcs.parse(dsse.sign(PAYLOAD_TYPE, payload, [key])), "receipt")
    second = own.array("signatures")
    return jcs.canonical({
        "payload": own.take("payload"), "payloadType": PAYLOAD_TYPE, "signatures": [*first, *second],
    })  # fmt: skip


def read_receipt(envelope: bytes, where: str = "receipt") -> SignedReceipt:
    """The receipt in an envelope; BadInput when it is not canonical or not of this version. Signatures: `signers`."""
    kind, payload, keyids = signed_parts(envelope, where)
    if kind != PAYLOAD_TYPE or not 1 <= len(keyids) <= 2:
        raise refused("not a receipt with one or two signatures", where)
    value = jcs.parse(payload, where=where)
    if jcs.canonical(value) != payload:
        raise refused("the receipt is not canonical JSON", where)
    return SignedReceipt(_read(value, where), envelope, tuple(keyids))


def is_signed_by(signed: SignedReceipt, key: VerifyKey) -> bool:
    """Whether `key` has a valid signature on the receipt."""
    if key.fingerprint not in signed.keyids:
        return False
    try:
        dsse.verify(signed.envelope, PAYLOAD_TYPE, {key.fingerprint: key})
    except Tampered:
        return False
    return True


def _payload(receipt: Receipt) -> bytes:
    objects: list[Json] = [entry.as_dict() for entry in receipt.objects]
    custody: list[Json] = [head.as_dict() for head in receipt.custody]
    events: list[Json] = [jcs.parse(link.line) for link in receipt.events]
    body: JsonObject = {
        "v": 1, "release": receipt.release, "package": receipt.package, "sender": receipt.sender,
        "receiver": receipt.receiver, "outcome": receipt.outcome, "reason": receipt.reason, "at": receipt.at,
        "rehash": receipt.rehash, "objects": objects, "custody": custody, "events": events, "auth": receipt.auth,
    }  # fmt: skip
    return jcs.canonical(body)


def _read(value: Json, where: str) -> Receipt:
    fields = Fields(value, where)
    fields.version()
    receipt = Receipt(
        release=fields.id("release"),
        package=fields.hash("package"),
        sender=fields.agency("sender"),
        receiver=fields.agency("receiver"),
        outcome=cast(Outcome, fields.one_of("outcome", ("accepted", "refused"))),
        reason=fields.text("reason"),
        at=fields.text("at"),
        rehash=fields.flag("rehash"),
        objects=tuple(digest(entry, where) for entry in fields.array("objects")),
        custody=tuple(read_head(head, where) for head in fields.array("custody")),
        events=tuple(_link(event, where) for event in fields.array("events")),
        auth=fields.hash("auth", empty=True),
    )
    fields.end()
    return receipt


def _link(value: Json, where: str) -> Link:
    return parse_line(jcs.canonical(value), f"{where}: event")
