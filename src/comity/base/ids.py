"""Identifiers: UUID version 7 (RFC 9562, 5.7), sortable by the millisecond at which they were made."""

import secrets
import uuid
from datetime import datetime


def uuid7(now: datetime) -> str:
    """A new UUIDv7 for the moment `now` (aware, UTC), as 36 lower-case characters."""
    millis = int(now.timestamp() * 1000)
    chance = secrets.randbits(74)
    head = (millis & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (chance >> 62) << 64
    text = f"{head | 0b10 << 62 | chance & (1 << 62) - 1:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID in its canonical 36-character lower-case form."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
