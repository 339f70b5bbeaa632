"""The envelope: header, wraps, ciphertext and signature as JSON, and the payload that the ciphertext hides.

Members that this version does not know are kept (they are signed and bound) unless `crit` names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange.model import FileManifest, Handling, Header, Message, Urgency
from comity.exchange.rules import DEADLINES, MESSAGE_BYTES, PADDED, SUITE, VERSION, check_protocol, padded_size
from comity.exchange.wire.fields import bad, binary, digest, identifier, listing, moment, node, number, text, thing
from comity.exchange.wire.files import manifest_dict, parse_manifests
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object

MOST_RECIPIENTS: Final = 256
_H: Final = "header"
_B: Final = "body"


@dataclass(frozen=True)
class Wrap:
    """The content key sealed to one recipient's KEM key `kid`."""

    to: str
    kid: str
    sealed: bytes = field(repr=False)

    def as_dict(self) -> JsonObject:
        """The wrap as it travels and is signed."""
        return {"to": self.to, "kid": self.kid, "sealed": b64.encode(self.sealed)}


@dataclass(frozen=True)
class Envelope:
    """An envelope as its parts, two of them also in JCS form: AAD and HPKE info bind `header_bytes`."""

    header: JsonObject
    header_bytes: bytes = field(repr=False)
    wraps: tuple[Wrap, ...]
    wraps_bytes: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    signature: str = field(repr=False)

    def encoded(self) -> bytes:
        """The envelope's JCS form, as it travels; its SHA-256 is the message's digest. Joined from canonical parts."""
        ciphertext, signature = b64.encode(self.ciphertext).encode(), canonical(self.signature)
        return b'{"ciphertext":"%b","header":%b,"signature":%b,"wraps":%b}' % (
            ciphertext, self.header_bytes, signature, self.wraps_bytes,
        )  # fmt: skip


@dataclass(frozen=True)
class Payload:
    """What the ciphertext hides."""

    body: JsonObject
    attachments: Mapping[str, bytes]
    supersedes: str | None
    files: tuple[FileManifest, ...] = ()


def wraps_bytes(wraps: tuple[Wrap, ...]) -> bytes:
    """The JCS form of the wraps."""
    return canonical([wrap.as_dict() for wrap in wraps])


def signed_part(header: bytes, wraps: bytes, ciphertext_sha256: bytes) -> bytes:
    """The bytes under the sender's signature, joined from the JCS forms of header and wraps."""
    return b'{"ciphertext":"%b","header":%b,"wraps":%b}' % (ciphertext_sha256.hex().encode(), header, wraps)


def header_dict(header: Header) -> JsonObject:
    """The header as it travels."""
    follow: JsonObject = {"crit": ["files"], "files": header.files} if header.files else {"crit": []}
    return follow | {
        "v": VERSION, "suite": SUITE, "type": header.type, "id": header.id,
        "conversation": header.conversation, "seq": header.seq, "prev": header.prev, "from": header.sender,
        "to": list[Json](header.to), "iat": rfc3339(header.issued), "exp": rfc3339(header.expires),
        "purpose": header.purpose, "legal_basis": header.legal_basis, "handling": header.handling.as_dict(),
        "urgency": header.urgency, "payload_hash": header.payload_hash, "cek_commit": header.cek_commit,
        "directory_version": header.directory_version,
    }  # fmt: skip


def parse_header(source: JsonObject) -> Header:
    """The header's fields, version, critical members and suite first; BadInput for anything not of this protocol."""
    check_protocol(source)
    handling = thing(source.get("handling"), _H, "handling")
    urgency = text(source, "urgency", _H)
    to = tuple(node(v, "to", _H) for v in listing(source.get("to"), _H, "to", MOST_RECIPIENTS))
    if urgency not in DEADLINES or not to or len(set(to)) != len(to):
        raise bad(_H, "`urgency` is unknown, or `to` is empty or names a node twice")
    return Header(
        suite=SUITE, type=_type(source), id=identifier(source, "id", _H),
        conversation=identifier(source, "conversation", _H), seq=number(source, "seq", _H, 1),
        prev=digest(source, "prev", _H) if source.get("prev") is not None else None,
        sender=node(source.get("from"), "from", _H), to=to, issued=moment(source, "iat", _H),
        expires=moment(source, "exp", _H), purpose=text(source, "purpose", _H),
        legal_basis=text(source, "legal_basis", _H),
        handling=Handling(*(text(handling, n, _H) for n in ("code", "tlp", "pap", "classification"))),
        urgency=cast(Urgency, urgency), payload_hash=digest(source, "payload_hash", _H),
        cek_commit=digest(source, "cek_commit", _H), directory_version=number(source, "directory_version", _H),
        files=number(source, "files", _H) if "files" in source else 0,
    )  # fmt: skip


def _type(source: JsonObject) -> str:
    kind = text(source, "type", _H, 64)
    if not kind or not all(part.replace("_", "").replace("-", "").isalnum() for part in kind.split(".")):
        raise bad(_H, "`type` is no message type")
    return kind


def parse_message_body(body: bytes, limit: int = MESSAGE_BYTES) -> tuple[Envelope, JsonObject]:
    """Envelope and still unread proof of a posted message; BadInput ``exchange.body``."""
    source = _object(body, limit)
    outer = thing(source.get("envelope"), _B, "envelope")
    return parse_envelope(outer), thing(source.get("proof"), _B, "proof")


def parse_envelope(outer: JsonObject) -> Envelope:
    """The parts of an envelope, its header not yet read."""
    if set(outer) != {"header", "wraps", "ciphertext", "signature"}:
        raise bad(_B, "an envelope has exactly header, wraps, ciphertext and signature")
    header = thing(outer["header"], _B, "header")
    wraps = tuple(_wrap(thing(w, _B, "wraps")) for w in listing(outer["wraps"], _B, "wraps", MOST_RECIPIENTS))
    ciphertext = binary(outer, "ciphertext", _B)
    signature = text(outer, "signature", _B, 1024)
    return Envelope(header, canonical(header), wraps, canonical(outer["wraps"]), ciphertext, signature)


def _wrap(source: JsonObject) -> Wrap:
    if set(source) != {"to", "kid", "sealed"}:
        raise bad(_B, "a wrap has exactly to, kid and sealed")
    return Wrap(node(source["to"], "to", _B), digest(source, "kid", _B), binary(source, "sealed", _B, 4096))


def _object(body: bytes, limit: int) -> JsonObject:
    try:
        return parse_object(body, limit=limit)
    except BadInput as error:
        raise bad(_B, error.what) from error


def payload_bytes(message: Message) -> bytes:
    """The payload's JCS form: body, attachments, the id of the message that it supersedes, and what pads it."""
    attachments: JsonObject = {name: b64.encode(data) for name, data in message.attachments.items()}
    parts: JsonObject = {
        "attachments": attachments,
        "body": message.body,
        "supersedes": message.supersedes,
        "v": VERSION,
    }
    if message.files:
        parts["files"] = [manifest_dict(one.manifest) for one in message.files]
    if message.type not in PADDED:
        return canonical(parts)
    bare = canonical(parts | {"pad": ""})
    before, empty, after = bare.rpartition(b'"pad":""')  # behind it stand only an id and a number
    return before + empty[:-1] + b"0" * (padded_size(len(bare), message.answers) - len(bare)) + b'"' + after


def parse_payload(data: bytes) -> Payload:
    """The payload in an opened ciphertext; BadInput ``exchange.payload``."""
    where = "payload"
    try:
        source = parse_object(data, limit=MESSAGE_BYTES)
    except BadInput as error:
        raise bad(where, error.what) from error
    if source.get("v") != VERSION:
        raise bad(where, f"the payload is of version {source.get('v')!r}")
    attached = thing(source.get("attachments"), where, "attachments")
    supersedes = identifier(source, "supersedes", where) if source.get("supersedes") is not None else None
    files = parse_manifests(source["files"]) if "files" in source else ()
    attachments = {name: binary(attached, name, where) for name in attached}
    return Payload(thing(source.get("body"), where, "body"), attachments, supersedes, files)
