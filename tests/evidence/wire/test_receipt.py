"""Receipts: fitting their package, signed by the receiver, countersigned by the sender."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from comity.base.errors import BadInput
from comity.evidence.model.package import Digest, Receipt
from comity.evidence.wire.receipt import countersign, is_signed_by, read_receipt, sign_receipt
from comity.evidence.wire.verify import verify_package
from tests.evidence.scene import KEY_A, KEY_B, STRANGER, TRUST, answer, scene, signed_answer

MADE = scene()
PACKAGE = MADE.build()
SIGNED = signed_answer(MADE)


def outcome(receipt: bytes) -> list[str]:
    """What the verifier says against this receipt."""
    return [c.detail for c in verify_package(PACKAGE, TRUST, [receipt]).failed if c.name == "receipt"]


def test_both_signatures_hold() -> None:
    both = countersign(SIGNED, KEY_B)
    signed = read_receipt(both)
    assert signed.receipt == answer(MADE)
    assert is_signed_by(signed, KEY_A.public)
    assert is_signed_by(signed, KEY_B.public)
    assert not is_signed_by(signed, STRANGER.public)
    verification = verify_package(PACKAGE, TRUST, [both])
    assert verification.exit_code == 0
    assert "countersigned by the sender" in verification.checks[-1].detail


def test_one_signature_is_told() -> None:
    verification = verify_package(PACKAGE, TRUST, [SIGNED])
    assert verification.exit_code == 0
    assert "not countersigned" in verification.checks[-1].detail


def test_a_refusal_is_a_receipt_too() -> None:
    refusal = replace(answer(MADE, "refused"), reason="evidence.not-needed", rehash=True)
    assert outcome(sign_receipt(refusal, KEY_A)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda r: replace(r, package="00" * 32),
        lambda r: replace(r, release="another"),
        lambda r: replace(r, receiver="XC"),
        lambda r: replace(r, rehash=False),
        lambda r: replace(r, custody=(replace(r.custody[0], hash="00" * 32),)),
        lambda r: replace(r, custody=()),
        lambda r: replace(r, objects=(Digest("00" * 32, 1),)),
        lambda r: replace(r, events=()),
        lambda r: replace(r, outcome="refused"),
    ],
)
def test_a_receipt_that_says_something_else(change: Callable[[Receipt], Receipt]) -> None:
    assert outcome(sign_receipt(change(answer(MADE)), KEY_A))


def test_signatures_by_others() -> None:
    assert outcome(sign_receipt(answer(MADE), STRANGER))
    assert outcome(signed_answer(MADE, STRANGER))
    assert outcome(countersign(SIGNED, STRANGER))
    assert outcome(sign_receipt(answer(MADE, key=STRANGER), KEY_A))


def test_no_byte_of_a_receipt_can_change() -> None:
    both = countersign(SIGNED, KEY_B)
    for at in range(0, len(both)):
        changed = bytearray(both)
        changed[at] ^= 1
        assert verify_package(PACKAGE, TRUST, [bytes(changed)]).exit_code == 1, at


def test_no_third_signature() -> None:
    with pytest.raises(BadInput):
        countersign(countersign(SIGNED, KEY_B), STRANGER)
