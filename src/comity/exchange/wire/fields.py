"""Reading fields of a partner's JSON, each with one clear refusal."""

import re
from datetime import datetime
from typing import Final

from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput
from comity.base.ids import is_uuid
from comity.base.model import Json, JsonObject
from comity.kit.codec import b64

_HASH: Final = re.compile(r"[0-9a-f]{64}")
CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,15}")
"""A node's code."""
MOST_WHOLE: Final = 2**31 - 1
CODE_CHARACTERS: Final = 128
"""The longest error code of a partner that is kept."""


def bad(where: str, what: str) -> BadInput:
    """Something in `where` is not of this protocol; codes are ``exchange.header``, ``exchange.body`` and so on."""
    return BadInput(f"exchange.{where}", f"Not CX/1: {what}", todo="Mend the sending node; see docs/protocol/cx1.md.")


def thing(value: Json, where: str, name: str) -> JsonObject:
    """An object."""
    if not isinstance(value, dict):
        raise bad(where, f"`{name}` is no object")
    return value


def listing(value: Json, where: str, name: str, most: int = 256) -> list[Json]:
    """A list of at most `most` items."""
    if not isinstance(value, list) or len(value) > most:
        raise bad(where, f"`{name}` is no list of at most {most}")
    return value


def text(source: JsonObject, name: str, where: str, most: int = 256) -> str:
    """A text of 0 to `most` characters."""
    value = source.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise bad(where, f"`{name}` is no text of at most {most} characters")
    return value


def number(source: JsonObject, name: str, where: str, least: int = 0) -> int:
    """A whole number from `least` to what every database keeps in an integer column."""
    value = source.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST_WHOLE:
        raise bad(where, f"`{name}` is no whole number from {least} to {MOST_WHOLE}")
    return value


def identifier(source: JsonObject, name: str, where: str) -> str:
    """A UUID in its canonical form."""
    value = text(source, name, where)
    if not is_uuid(value):
        raise bad(where, f"`{name}` is no UUID")
    return value


def digest(source: JsonObject, name: str, where: str) -> str:
    """A SHA-256 in lower-case hex."""
    value = text(source, name, where)
    if not _HASH.fullmatch(value):
        raise bad(where, f"`{name}` is no SHA-256 in hex")
    return value


def node(value: Json, name: str, where: str) -> str:
    """A node's code."""
    if not isinstance(value, str) or not CODE.fullmatch(value):
        raise bad(where, f"`{name}` is no node code")
    return value


def moment(source: JsonObject, name: str, where: str) -> datetime:
    """A time with a zone (RFC 3339)."""
    try:
        return parse_rfc3339(text(source, name, where))
    except (ValueError, OverflowError) as error:  # a zone can carry the first or last year out of the calendar
        raise bad(where, f"`{name}` is no time with a zone") from error


def binary(source: JsonObject, name: str, where: str, most: int | None = None) -> bytes:
    """Bytes in canonical standard base64."""
    value = source.get(name)
    if not isinstance(value, str):
        raise bad(where, f"`{name}` is no base64 text")
    try:
        data = b64.decode(value)
    except BadInput as error:
        raise bad(where, f"`{name}` is no canonical base64") from error
    if most is not None and len(data) > most:
        raise bad(where, f"`{name}` has more than {most} bytes")
    return data
