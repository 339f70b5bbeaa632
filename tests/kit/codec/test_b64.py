"""Base64 with one spelling for each byte string."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.codec import b64


@given(st.binary(max_size=100))
def test_both_alphabets_round_trip(data: bytes) -> None:
    assert b64.decode(b64.encode(data)) == data
    assert b64.decode_url(b64.encode_url(data)) == data
    assert b64.encode(data) == base64.b64encode(data).decode()


@given(st.text(max_size=12) | st.text("AB+/-_= \n", max_size=12))
def test_what_is_read_is_written_back_alike(text: str) -> None:
    for decode, encode in ((b64.decode, b64.encode), (b64.decode_url, b64.encode_url)):
        try:
            data = decode(text)
        except BadInput:
            continue
        assert encode(data) == text


@pytest.mark.parametrize("text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "Q-Q_", "QQ==QQ==", "\u00e9", "=", "QUJD="])
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        b64.decode(text)


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q+Q/", "QQ\n", "Q", "\u00e9", "Q Q"])
def test_other_url_spellings_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        b64.decode_url(text)
