"""Tokens of a time-stamping authority, changed at any byte."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Tampered
from comity.kit.crypto.timestamps import Trust, ask, check, in_order, read_trust
from tests.exchange.authority import Authority, issue

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ROOT = issue("Root of time", NOW - timedelta(days=9))
AUTHORITY = Authority(lambda: NOW, ROOT, issue("Authority of time", NOW - timedelta(days=1), ROOT))
TRUST = read_trust(ROOT.pem)
DATA = b"comity.invalid/XA/log\n1\n"
QUESTION = ask(DATA)
ANSWER = AUTHORITY.answer(QUESTION.query)


def test_an_honest_token_tells_its_time() -> None:
    assert check(ANSWER, DATA, QUESTION.nonce, TRUST) == NOW


def test_certificates_in_any_order_are_taken() -> None:
    wild = Authority(AUTHORITY.clock, ROOT, AUTHORITY.signer, {"unsorted": True})
    answer = wild.answer(QUESTION.query)
    assert in_order(answer) != answer and sorted(in_order(answer)) == sorted(answer)
    assert check(answer, DATA, QUESTION.nonce, TRUST) == NOW
    assert in_order(in_order(answer)) == in_order(answer) and in_order(ANSWER) == ANSWER


@given(st.binary(max_size=300) | st.tuples(st.integers(0, len(ANSWER) - 1), st.binary(max_size=4)).map(
    lambda change: ANSWER[: change[0]] + change[1] + ANSWER[change[0] + len(change[1]) :]))  # fmt: skip
def test_putting_in_order_loses_no_byte_of_anything(answer: bytes) -> None:
    assert sorted(in_order(answer)) == sorted(answer)


def test_every_question_is_another() -> None:
    assert ask(DATA).nonce != ask(DATA).nonce


def test_a_token_about_something_else() -> None:
    with pytest.raises(Tampered):
        check(ANSWER, DATA + b"x", QUESTION.nonce, TRUST)
    with pytest.raises(Tampered):
        check(ANSWER, DATA, QUESTION.nonce + 1, TRUST)


@given(place=st.integers(0, len(ANSWER) - 1), bit=st.integers(0, 7))
def test_a_changed_bit_is_refused_or_means_the_same(place: int, bit: int) -> None:
    changed = bytearray(ANSWER)
    changed[place] ^= 1 << bit
    try:
        assert check(bytes(changed), DATA, QUESTION.nonce, TRUST) == NOW
    except Tampered:
        return


@given(st.binary(max_size=300) | st.integers(0, len(ANSWER) - 1).map(lambda size: ANSWER[:size]))
def test_garbage_is_refused(answer: bytes) -> None:
    with pytest.raises(Tampered):
        check(answer, DATA, QUESTION.nonce, TRUST)


@pytest.mark.parametrize(("pem", "policy"), [(b"", ""), (b"no certificate", ""), (ROOT.pem, "no number")])
def test_what_cannot_be_trusted(pem: bytes, policy: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_trust(pem, policy)
    assert caught.value.code == "crypto.timestamp-trust"


def test_nobody_is_trusted_by_nothing() -> None:
    with pytest.raises(Tampered):
        check(ANSWER, DATA, QUESTION.nonce, Trust(()))
