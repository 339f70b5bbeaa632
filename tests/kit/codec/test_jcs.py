"""Canonical JSON: equal to `rfc8785` on generated values, and nothing ambiguous is read."""

import json
from itertools import count

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.base.model import Json
from comity.kit.codec import jcs
from comity.kit.crypto.passphrase import Cost

SAFE = 2**53 - 1
TEXT = st.text(max_size=20) | st.text('\ud7ff\ue000\uffff\U00010000\U0010ffff\x00\x1f\x7f"\\/\n\u2028', max_size=6)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXT,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=6),
    max_leaves=40,
)


@given(VALUES)
def test_canonical_equals_rfc8785(value: Json) -> None:
    assert jcs.canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_reads_back(value: Json) -> None:
    assert jcs.parse(jcs.canonical(value)) == value


@given(VALUES)
def test_other_spellings_of_a_value_have_one_canonical_form(value: Json) -> None:
    spelling = json.dumps(value, indent=3, ensure_ascii=True).encode()
    assert jcs.canonical(jcs.parse(spelling)) == jcs.canonical(value)


def test_keys_are_ordered_by_utf_16_units() -> None:
    # U+1F600 begins with the unit D83D and so precedes U+FB33, which has the smaller code point (RFC 8785, 3.2.3).
    keys: Json = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}
    assert list(json.loads(jcs.canonical(keys)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_escapes_of_rfc_8785() -> None:
    assert jcs.canonical('\u20ac$\x0f\nA\'B"\\\\"/\x7f') == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53, -(2**53), "\ud800", {"\udc00": 1}, {1: 2}, {1: 2, "a": 3}, b"bytes", {"a": {1}}, Cost()],
)
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(BadInput) as caught:
        jcs.canonical(value)
    assert caught.value.code == "codec.json"


def test_a_value_inside_itself_is_refused() -> None:
    value: list[Json] = []
    value.append(value)
    with pytest.raises(BadInput, match="levels"):
        jcs.canonical(value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "line 1 column 1"),
        (b'{"a": 1,\n x}', "line 2 column 2"),
        (b'{"a":1,"a":1}', "one key twice"),
        (b'[{"b":{"a":1,"\\u0061":2}}]', "one key twice"),
        (b"1.0", "not an integer"),
        (b"1e2", "not an integer"),
        (b"[NaN]", "not an integer"),
        (b"-Infinity", "not an integer"),
        (b"-0", "minus zero"),
        (b"9007199254740992", "beyond"),
        (b"9" * 100_000, "beyond"),
        (b'"\\ud800"', "Unicode"),
        (b'{"\\udfff": 1}', "Unicode"),
        (b'"\\ude00\\ud83d"', "Unicode"),
        (b'"\xff"', "Unicode"),
        (b'"\xed\xa0\x80"', "Unicode"),
        (b"\xef\xbb\xbf1", "syntax"),
        ('"a"'.encode("utf-16"), "Unicode"),
        (b'"\n"', "syntax"),
        (b"[1,]", "syntax"),
        (b"[1] x", "syntax"),
        (b"01", "syntax"),
        (b"[" * 65 + b"]" * 65, "64 levels"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "64 levels"),
        (b"[" * 500_000, "64 levels"),
    ],
    ids=map(str, count()),
)
def test_hostile_json_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=r"partner\.json") as caught:
        jcs.parse(data, where="partner.json")
    assert reason in str(caught.value)


@given(st.binary(max_size=60) | TEXT.map(str.encode) | st.text('[]{},:"\\ud8a0123.eE-', max_size=30).map(str.encode))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = jcs.parse(data)
    except BadInput:
        return
    assert jcs.parse(jcs.canonical(value)) == value


def test_the_deepest_value_and_the_largest_integers_are_read() -> None:
    assert jcs.canonical(jcs.parse(b"[" * 64 + b"]" * 64)) == b"[" * 64 + b"]" * 64
    assert jcs.parse(b'["\\ud83d\\ude00", -9007199254740991]') == ["\U0001f600", -SAFE]


def test_brackets_in_texts_are_not_levels() -> None:
    value: Json = {"a": "[" * 100, "b": [[1], [2]]}
    assert jcs.parse(jcs.canonical(value)) == value


def test_size_and_shape_are_limited() -> None:
    with pytest.raises(BadInput, match="10 bytes of JSON, where 9"):
        jcs.parse(b'"12345678"', limit=9)
    with pytest.raises(BadInput, match="other than an object"):
        jcs.parse_object(b"[]")
    assert jcs.parse_object(b'{"a": null}') == {"a": None}
