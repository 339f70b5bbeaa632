"""Custody lines: one JCS object (RFC 8785) per line, signed with the acting agency's Ed25519 key.

A line's hash is the SHA-256 of its exact bytes without the line feed, and the next line's `prev`. The signature is over
``comity-custody-v1\\0`` and the JCS bytes of the event without its field `signature`.
"""

from dataclasses import replace
from typing import Final

from comity.base.model import Json, JsonObject
from comity.evidence.model.package import EVENT_TYPES, CustodyEvent, Link
from comity.evidence.wire.fields import Fields, refused
from comity.kit.codec import b64, jcs
from comity.kit.crypto.signing import Signer, VerifyKey
from comity.kit.crypto.symmetric import sha256

_DOMAIN: Final = b"comity-custody-v1\x00"
MAX_LINE: Final = 65_535
MAX_EVENTS: Final = 100_000


def _as_dict(event: CustodyEvent) -> JsonObject:
    return {
        "v": 1, "seq": event.seq, "prev": event.prev, "item": event.item, "type": event.type, "person": event.person,
        "agency": event.agency, "to": event.to, "claimed": event.claimed, "recorded": event.recorded,
        "purpose": event.purpose, "authorisation": event.authorisation, "before": event.before, "after": event.after,
        "auth": event.auth, "key": event.key,
    }  # fmt: skip


def _signed_bytes(event: CustodyEvent) -> bytes:
    return _DOMAIN + jcs.canonical(_as_dict(event))


def sign(event: CustodyEvent, key: Signer) -> Link:
    """`event` signed by its agency's key, as a link ready to be stored."""
    unsigned = replace(event, key=key.public.fingerprint)
    signed = replace(unsigned, signature=b64.encode(key.sign(_signed_bytes(unsigned))))
    line = jcs.canonical({**_as_dict(signed), "signature": signed.signature})
    return Link(signed, line, sha256(line).hex())


def is_signed_by(event: CustodyEvent, key: VerifyKey) -> bool:
    """Whether `key` is the key that the event names and its signature holds."""
    if event.key != key.fingerprint:
        return False
    return key.verify(b64.decode(event.signature), _signed_bytes(event))


def parse_line(line: bytes, where: str) -> Link:
    """The link in one line; BadInput when it is not canonical or not an event of this protocol."""
    value = jcs.parse(line, limit=MAX_LINE, where=where)
    if jcs.canonical(value) != line:
        raise refused("the line is not canonical JSON", where)
    return Link(_event(value, where), line, sha256(line).hex())


def _event(value: Json, where: str) -> CustodyEvent:
    fields = Fields(value, where)
    fields.version()
    event = CustodyEvent(
        seq=fields.size("seq"), prev=fields.hash("prev", empty=True), item=fields.id("item"),
        type=fields.one_of("type", EVENT_TYPES), person=fields.text("person"), agency=fields.agency("agency"),
        to=fields.text("to"), claimed=fields.text("claimed"), recorded=fields.text("recorded"),
        purpose=fields.text("purpose"), authorisation=fields.hash("authorisation", empty=True),
        before=fields.hash("before", empty=True), after=fields.hash("after"), auth=fields.hash("auth", empty=True),
        key=fields.hash("key"), signature=fields.text("signature"),
    )  # fmt: skip
    fields.end()
    b64.decode(event.signature)
    return event


def write_lines(chains: dict[str, tuple[Link, ...]]) -> bytes:
    """All chains as JSON lines: items in the order of their ids, events in the order of their numbers."""
    return b"".join(link.line + b"\n" for item in sorted(chains) for link in chains[item])


def read_lines(data: bytes, where: str) -> dict[str, tuple[Link, ...]]:
    """The chains that `write_lines` wrote; BadInput, with the line's number, for anything else."""
    if not data.endswith(b"\n") or data.count(b"\n") > MAX_EVENTS:
        raise refused(f"it does not end with a line feed, or has over {MAX_EVENTS} lines", where)
    links = [parse_line(line, f"{where}: line {at}") for at, line in enumerate(data[:-1].split(b"\n"), 1)]
    chains: dict[str, tuple[Link, ...]] = {}
    for link in links:
        chains[link.event.item] = (*chains.get(link.event.item, ()), link)
    if write_lines(chains) != data:
        raise refused("the lines are not in the order of items and numbers", where)
    return chains
