"""Identifiers: UUID version 7 (RFC 9562, 5.7), sortable by the millisecond at which they were made."""

import secrets
import uuid
from datetime import datetime
from typing import Final

_DIGITS: Final = 10
"""Bytes of chance drawn for one identifier, which uses 74 of their bits."""
_VARIANTS: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def uuid7(now: datetime) -> str:
    """A new UUIDv7 for the moment `now` (aware, UTC), as 36 lower-case characters."""
    millis = int(now.timestamp() * 1000)
    chance = secrets.randbits(74)
    head = (millis & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (chance >> 62) << 64
    text = f"{head | 0b10 << 62 | chance & (1 << 62) - 1:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid7s(now: datetime, count: int) -> list[str]:
    """So many new UUIDv7 for the moment `now`, drawn at once."""
    head = uuid7(now)[:15]
    drawn = secrets.token_hex(_DIGITS * count)
    texts = [drawn[at : at + 2 * _DIGITS] for at in range(0, len(drawn), 2 * _DIGITS)]
    return [f"{head}{t[:3]}-{_VARIANTS[t[3]]}{t[4:7]}-{t[7:19]}" for t in texts]


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID in its canonical 36-character lower-case form."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
