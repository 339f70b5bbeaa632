"""The exchange's decisions: permits, protocol checks, back-off, receipts."""

from datetime import timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import NotAllowed
from comity.exchange import rules
from comity.exchange.model import DeliveryState, Pace, ReceiptKind

STATES = get_args(DeliveryState)
KINDS = get_args(ReceiptKind)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_back_off_grows_within_the_pace(failures: int, jitter: float) -> None:
    pause = rules.backoff(failures, jitter, Pace())
    assert timedelta(seconds=2.5) <= pause <= timedelta(hours=1)


@given(st.integers(0, 1 << 30))
def test_padding_is_little_and_leaves_few_sizes(size: int) -> None:
    padded = rules.padded_size(size)
    assert size <= padded == rules.padded_size(padded)
    assert rules.padded_size(64 * 900, 64) == rules.padded_size(64 * 400, 64) == 65_536, "whoever of 64 is found"
    assert padded == rules.SMALLEST or padded < size * 1.12
    assert len({rules.padded_size(n) for n in range(4097, 8192)}) == 16


@pytest.mark.parametrize(("state", "kind"), list(product(STATES, KINDS)))
def test_a_receipt_never_takes_anything_back(state: DeliveryState, kind: ReceiptKind) -> None:
    after = rules.advanced(state, kind)
    if state in ("handled", "rejected"):
        assert after is None
    if after is not None:
        assert rules.advanced(after, kind) is None
        assert after not in ("queued", "waiting")


def test_non_delivery_is_ended_by_a_late_receipt() -> None:
    assert rules.advanced("non_delivery", "ACCEPTED") == "accepted"
    assert rules.advanced("accepted", "NON_DELIVERY") is None


def test_every_type_but_follow_ups_and_refusals_needs_a_permit() -> None:
    for kind in rules.MEASURES:
        assert kind not in rules.FOLLOW_UPS
        with pytest.raises(NotAllowed):
            rules.check_follow_up(kind)
        with pytest.raises(NotAllowed):
            rules.check_measure(kind, "extradition")
    rules.check_measure("something.new", "any")
    with pytest.raises(NotAllowed):
        rules.check_follow_up("something.new")
