"""Receipts and errors: the JSON under a compact JWS, and the bodies that carry them.

`typ` inside the payload keeps a receipt from passing as an error, or either as anything else signed with the same key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast, get_args

from comity.base.clock import rfc3339
from comity.base.errors import BadInput, ComityError
from comity.base.model import JsonObject
from comity.exchange.model import Receipt, ReceiptKind
from comity.exchange.rules import VERSION
from comity.exchange.wire.fields import CODE_CHARACTERS, bad, digest, identifier, moment, node, number, text, thing
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object

RECEIPT: Final = "cx1-receipt"
ERROR: Final = "cx1-error"
ANSWER_BYTES: Final = 64 * 1024
"""The largest answer, receipt or error that is read."""
_R: Final = "receipt"


@dataclass(frozen=True)
class PartnerRefusal:
    """A partner's signed error: which request (SHA-256 of its body) it answers, and why."""

    issuer: str
    request: str
    branch: str
    code: str
    what: str
    todo: str
    at: datetime


def receipt_payload(receipt: Receipt) -> bytes:
    """The bytes that a receipt's JWS signs."""
    log: JsonObject | None = None if receipt.index is None else {"origin": receipt.origin, "index": receipt.index}
    return canonical({
        "typ": RECEIPT, "v": VERSION, "kind": receipt.kind, "message": receipt.message, "digest": receipt.digest,
        "from": receipt.issuer, "to": receipt.to, "at": rfc3339(receipt.at), "code": receipt.code, "log": log,
    })  # fmt: skip


def parse_receipt(payload: bytes, jws: str) -> Receipt:
    """The receipt under a verified signature; BadInput ``exchange.receipt``."""
    source = _object(payload, _R)
    kind = text(source, "kind", _R)
    if source.get("typ") != RECEIPT or source.get("v") != VERSION or kind not in get_args(ReceiptKind):
        raise bad(_R, "the signed text is no receipt of this version")
    log = thing(source.get("log"), _R, "log") if source.get("log") is not None else None
    return Receipt(
        kind=cast(ReceiptKind, kind), message=identifier(source, "message", _R), digest=digest(source, "digest", _R),
        issuer=node(source.get("from"), "from", _R), to=node(source.get("to"), "to", _R), at=moment(source, "at", _R),
        code=text(source, "code", _R, CODE_CHARACTERS), origin=text(log, "origin", _R) if log else "",
        index=number(log, "index", _R) if log else None, jws=jws,
    )  # fmt: skip


def read_kept(jws: str) -> Receipt:
    """A receipt that was verified before it was kept; the signature is not checked again."""
    return parse_receipt(b64.decode_url(jws.split(".")[1]), jws)


def error_payload(error: ComityError, issuer: str, request: str, at: datetime) -> bytes:
    """The bytes that a signed error's JWS signs. `where` stays home: it may name this node's own places."""
    return canonical({
        "typ": ERROR, "v": VERSION, "from": issuer, "request": request, "branch": error.branch, "code": error.code,
        "what": error.what[:1000], "todo": error.todo[:1000], "at": rfc3339(at),
    })  # fmt: skip


def parse_error(payload: bytes) -> PartnerRefusal:
    """The error under a verified signature; BadInput ``exchange.answer``."""
    where = "answer"
    source = _object(payload, where)
    if source.get("typ") != ERROR or source.get("v") != VERSION:
        raise bad(where, "the signed text is no error of this version")
    return PartnerRefusal(
        node(source.get("from"), "from", where), digest(source, "request", where), text(source, "branch", where),
        text(source, "code", where), text(source, "what", where, 1000), text(source, "todo", where, 1000),
        moment(source, "at", where),
    )  # fmt: skip


def answer_body(jws: str, proof: bytes | None) -> bytes:
    """The body that carries a receipt: the answer to a message, or a later receipt that is posted.

    `proof` is canonical JSON already and a JWS needs no escapes, so joining them gives the whole's canonical form.
    """
    beside = b"" if proof is None else b'"proof":%b,' % proof
    return b'{%b"receipt":"%b"}' % (beside, jws.encode())


def error_body(jws: str) -> bytes:
    """The body that carries a signed error."""
    return canonical({"error": jws})


def parse_answer(body: bytes) -> tuple[str, str, JsonObject | None]:
    """``("receipt", jws, proof)`` or ``("error", jws, None)``; BadInput ``exchange.answer``."""
    source = _object(body, "answer")
    proof = thing(source["proof"], "answer", "proof") if "proof" in source else None
    for kind in ("receipt", "error"):
        if kind in source:
            return kind, text(source, kind, "answer", 8192), proof
    raise bad("answer", "neither a receipt nor an error")


def _object(data: bytes, where: str) -> JsonObject:
    try:
        return parse_object(data, limit=ANSWER_BYTES)
    except BadInput as error:
        raise bad(where, error.what) from error
