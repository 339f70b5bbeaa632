"""Versioned state on the wire: the stamp of an item, what is asked for and listed, and the digest of what is held."""

from collections.abc import Iterable
from typing import Final

from comity.base.model import Json, JsonObject
from comity.exchange.model import Cursor, ItemStamp, Listed, Listing
from comity.exchange.wire.fields import bad, digest, listing, node, number, text, thing
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256

MOST_LISTED: Final = 256
"""Items on a page, and ids asked for at once."""
MOST_ID: Final = 64
_W: Final = "items"


def read_stamp(body: JsonObject) -> ItemStamp:
    """The stamp in a message's body; BadInput where there is none, or it is malformed."""
    source = thing(body.get("item"), _W, "item")
    after = thing(source.get("after"), _W, "after")
    known = {node(code, "after", _W): number(after, code, _W) for code in after}
    return ItemStamp(
        _id(source), number(source, "version", _W, 1), number(source, "number", _W, 1), number(source, "era", _W, 1),
        known,
    )  # fmt: skip


def asked_body(cursor: Cursor) -> JsonObject:
    """What is asked: ids and versions since `cursor.asked` of an era; `whole` where that began with the first."""
    return {"kind": cursor.kind, "era": cursor.era, "since": cursor.asked, "whole": cursor.whole}


def read_asked(body: JsonObject) -> Cursor:
    """The question in a message's body, as a cursor without a holder; BadInput where it is malformed."""
    return Cursor(
        "", read_kind(body), number(body, "era", _W), asked=number(body, "since", _W), whole=_flag(body, "whole")
    )


def listed_body(made: Listing) -> JsonObject:
    """A listing as JSON."""
    items: list[Json] = [
        {"id": one.id, "version": one.version, "number": one.number, "withdrawn": one.withdrawn} for one in made.items
    ]
    return {
        "kind": made.kind, "era": made.era, "since": made.since, "until": made.until, "whole": made.whole,
        "more": made.more, "live": made.live, "digest": made.digest, "items": items,
    }  # fmt: skip


def read_listed(body: JsonObject) -> Listing:
    """The listing in a message's body; BadInput where it is malformed or its numbers do not rise to `until`."""
    items = tuple(_listed(thing(one, _W, "item")) for one in listing(body.get("items"), _W, "items", MOST_LISTED))
    made = Listing(
        read_kind(body), number(body, "era", _W, 1), number(body, "since", _W), number(body, "until", _W),
        _flag(body, "whole"), _flag(body, "more"), number(body, "live", _W), digest(body, "digest", _W), items,
    )  # fmt: skip
    numbers = [made.since, *(one.number for one in items)]
    if sorted(set(numbers)) != numbers or numbers[-1] > made.until or (made.more and not items):
        raise bad(_W, "the numbers of a listing do not rise to its end")
    return made


def read_wanted(body: JsonObject) -> tuple[str, list[str]]:
    """The kind and the ids in a request for items; BadInput where it is malformed."""
    ids = listing(body.get("ids"), _W, "ids", MOST_LISTED)
    return read_kind(body), [_id({"id": id}) for id in ids]


def read_kind(body: JsonObject) -> str:
    """The kind of items that a message speaks of."""
    return text(body, "kind", _W, 64)


def digest_of(items: Iterable[tuple[str, int]]) -> str:
    """SHA-256 in hex of the JCS of the sorted list of [id, version]."""
    pairs: list[Json] = [[id, version] for id, version in sorted(items)]
    return sha256(canonical(pairs)).hex()


def _listed(source: JsonObject) -> Listed:
    version, change = number(source, "version", _W, 1), number(source, "number", _W, 1)
    return Listed(_id(source), version, change, _flag(source, "withdrawn"))


def _id(source: JsonObject) -> str:
    id = text(source, "id", _W, MOST_ID)
    if not id or not id.isascii() or not id.isprintable():
        raise bad(_W, f"`id` is no printable ASCII text of 1 to {MOST_ID} characters")
    return id


def _flag(source: JsonObject, name: str) -> bool:
    value = source.get(name)
    if not isinstance(value, bool):
        raise bad(_W, f"`{name}` is neither true nor false")
    return value
