"""Identifiers: of version 7, of their moment, and no two alike."""

import uuid
from datetime import UTC, datetime

from comity.base.ids import is_uuid, uuid7, uuid7s

NOON = datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=UTC)


def test_many_at_once_are_as_those_made_one_by_one() -> None:
    drawn = [*uuid7s(NOON, 300), uuid7(NOON)]
    assert len({*drawn}) == 301
    for text in drawn:
        made = uuid.UUID(text)
        assert is_uuid(text)
        assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, int(NOON.timestamp() * 1000))
    assert {text[19] for text in drawn} == {*"89ab"}
    assert uuid7s(NOON, 0) == []
