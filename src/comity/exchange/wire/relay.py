"""Between a member and its relay: what is held, and the member's signed word that it has it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.base.clock import rfc3339
from comity.base.model import Json
from comity.exchange.rules import SMALL_BYTES, VERSION
from comity.exchange.wire.fields import bad, digest, listing, node, text, thing
from comity.kit.codec.jcs import canonical, parse_object

_TAKEN: Final = "cx1-taken"
_W: Final = "relay"


@dataclass(frozen=True)
class Held:
    """One request that a relay keeps: the SHA-256 of its body, who posted it, ``messages`` or ``receipts``."""

    id: str
    sender: str
    what: str


@dataclass(frozen=True)
class Taken:
    """A member's word to its relay: it has these."""

    by: str
    relay: str
    ids: tuple[str, ...]


def parse_held(body: bytes) -> list[Held]:
    """What a relay lists; BadInput ``exchange.relay``."""
    found = []
    for one in listing(parse_object(body, limit=SMALL_BYTES, where=_W).get("held"), _W, "held"):
        source = thing(one, _W, "held")
        found.append(Held(digest(source, "id", _W), node(source.get("from"), "from", _W), text(source, "what", _W)))
    return found


def taken_payload(said: Taken, at: datetime) -> bytes:
    """The bytes that the acknowledgement's JWS signs."""
    ids: list[Json] = [*said.ids]
    return canonical({"typ": _TAKEN, "v": VERSION, "from": said.by, "to": said.relay, "ids": ids, "at": rfc3339(at)})


def parse_taken(body: bytes, verify: Callable[[str], bytes]) -> Taken:
    """The acknowledgement in a body; `verify` gives the payload of a JWS that holds. BadInput or Tampered otherwise."""
    signed = text(parse_object(body, limit=SMALL_BYTES, where=_W), "taken", _W, SMALL_BYTES)
    source = parse_object(verify(signed), limit=SMALL_BYTES, where=_W)
    if source.get("typ") != _TAKEN or source.get("v") != VERSION:
        raise bad(_W, "the signed text is no acknowledgement of this version")
    ids = tuple(digest({"id": one}, "id", _W) for one in listing(source.get("ids"), _W, "ids"))
    return Taken(node(source.get("from"), "from", _W), node(source.get("to"), "to", _W), ids)


def taken_body(signed: str) -> bytes:
    """The body that carries it."""
    return canonical({"taken": signed})
