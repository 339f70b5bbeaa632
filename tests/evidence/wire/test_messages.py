"""Bodies, custody lines and receipts of partners: read, or refused with a code, whatever stands in them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import ComityError
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.evidence.wire import messages
from comity.evidence.wire.custody import read_lines
from comity.evidence.wire.receipt import read_receipt
from comity.kit.codec import zips
from tests.evidence.scene import scene, signed_answer
from tests.hostile import exchanged, spoilt

ID = uuid7(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
HASH = "ab" * 32
LEGAL: JsonObject = {"instrument": "TRAIN-REG", "facts": {"offence": "XA-CC-101"}}
GOOD: dict[Any, JsonObject] = {
    messages.parse_request: messages.RequestBody(ID, "", "the phone", "exhibit", "investigation", LEGAL).as_json(),
    messages.parse_refusal: {"decision": {"outcome": "deny", "findings": []}, "ground": "g", "reason": "r"},
    messages.parse_key: messages.KeyBody(ID, ID, bytes(32)).as_json(),
    messages.parse_acceptance: {"v": 1, "release": ID, "outcome": "accepted"},
    messages.parse_countersigned: {"v": 1, "release": ID, "result": "refused"},
}
MADE = scene()
CUSTODY = next(data for name, data in zips.read_stored_zip(MADE.build()).items() if name.endswith(".jsonl"))
RECEIPT = signed_answer(MADE)


def refused_or_read(read: Callable[[Any], object], data: Any) -> None:
    """Either way is right; anything but an error of the tree is not."""
    try:
        read(data)
    except ComityError as error:
        assert error.code.startswith(("evidence.", "codec.", "crypto.")), error


@pytest.mark.parametrize("parse", GOOD, ids=lambda p: p.__name__)
@given(st.data())
def test_bodies_with_one_place_exchanged(parse: Any, draw: st.DataObject) -> None:
    assert parse(GOOD[parse])
    changed = exchanged(draw, GOOD[parse])
    refused_or_read(parse, changed if isinstance(changed, dict) else {})


@given(st.data())
def test_spoilt_custody_lines_and_receipts(draw: st.DataObject) -> None:
    assert read_lines(CUSTODY, "custody")
    assert read_receipt(RECEIPT)
    refused_or_read(lambda data: read_lines(data, "custody"), spoilt(draw, CUSTODY))
    refused_or_read(read_receipt, spoilt(draw, RECEIPT))
