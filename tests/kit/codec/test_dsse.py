"""DSSE: the published encoding, thresholds of different keys, and malformed envelopes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Tampered
from comity.base.model import Json
from comity.kit.codec import b64, dsse, jcs
from comity.kit.crypto.signing import SigningKey, VerifyKey

FIRST, SECOND, STRANGER = (SigningKey.generate() for _ in range(3))
KNOWN = {key.public.fingerprint: key.public for key in (FIRST, SECOND)}
TYPE = "application/vnd.example+json"


def test_published_pae_vector() -> None:
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_count_bytes() -> None:
    assert dsse.pae("t\u00e9", b"") == b"DSSEv1 3 t\xc3\xa9 0 "


@given(st.binary(max_size=200))
def test_what_was_signed_verifies(payload: bytes) -> None:
    opened = dsse.verify(dsse.sign(TYPE, payload, [FIRST, SECOND, STRANGER]), TYPE, KNOWN, 2)
    assert opened == dsse.Dsse(payload, tuple(sorted(KNOWN)))


def test_the_threshold_counts_different_keys() -> None:
    twice = dsse.sign(TYPE, b"p", [FIRST, FIRST])
    with pytest.raises(Tampered, match="Fewer than 2"):
        dsse.verify(twice, TYPE, KNOWN, 2)
    envelope = json.loads(twice)
    envelope["signatures"][1]["keyid"] = "alias"
    with pytest.raises(Tampered):
        dsse.verify(jcs.canonical(envelope), TYPE, {**KNOWN, "alias": FIRST.public}, 2)
    with pytest.raises(ValueError, match="at least one"):
        dsse.verify(twice, TYPE, KNOWN, 0)


def test_unknown_keys_and_changes_do_not_count() -> None:
    for blob, kind, keys in (
        (dsse.sign(TYPE, b"p", [STRANGER]), TYPE, KNOWN),
        (dsse.sign(TYPE, b"p", [FIRST]), TYPE, {FIRST.public.fingerprint: SECOND.public}),
        (dsse.sign(TYPE, b"p", [FIRST]).replace(b64.encode(b"p").encode(), b64.encode(b"q").encode()), TYPE, KNOWN),
        (dsse.sign("other", b"p", [FIRST]).replace(b"other", TYPE.encode()), TYPE, KNOWN),
    ):
        with pytest.raises(Tampered) as caught:
            dsse.verify(blob, kind, keys)
        assert caught.value.code == "codec.dsse-signature"


def test_another_type_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        dsse.verify(dsse.sign("other", b"p", [FIRST]), TYPE, KNOWN)
    assert caught.value.code == "codec.dsse-type"


def test_both_base64_alphabets_are_read() -> None:
    payload = b"\xff\xfe\xfd\xfc"
    blob = dsse.sign(TYPE, payload, [FIRST])
    envelope = json.loads(blob)
    envelope["payload"] = envelope["payload"].replace("+", "-").replace("/", "_")
    envelope["signatures"][0]["sig"] = envelope["signatures"][0]["sig"].replace("+", "-").replace("/", "_")
    assert dsse.verify(json.dumps(envelope).encode(), TYPE, KNOWN).payload == payload


def test_a_signature_without_keyid_is_passed_over() -> None:
    envelope = json.loads(dsse.sign(TYPE, b"p", [FIRST, SECOND]))
    del envelope["signatures"][0]["keyid"]
    opened = dsse.verify(json.dumps(envelope).encode(), TYPE, KNOWN)
    assert opened.keyids == (SECOND.public.fingerprint,)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": None}, {"payload": 5}, {"payload": "not base64"}, {"signatures": None}, {"signatures": []},
        {"signatures": [5]}, {"signatures": [{"keyid": 5, "sig": "QQ=="}]}, {"signatures": [{"keyid": "x"}]},
        {"signatures": [{"keyid": "x", "sig": "QQ"}]}, {"signatures": [{"keyid": "x", "sig": "QQ=="}] * 65},
    ],
)  # fmt: skip
def test_malformed_envelopes_are_refused(change: dict[str, Json]) -> None:
    envelope = jcs.parse_object(dsse.sign(TYPE, b"p", [FIRST])) | change
    with pytest.raises(BadInput):
        dsse.verify(jcs.canonical(envelope), TYPE, KNOWN)


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_refused(blob: bytes) -> None:
    keys: dict[str, VerifyKey] = dict(KNOWN)
    with pytest.raises(BadInput):
        dsse.verify(blob, TYPE, keys)
