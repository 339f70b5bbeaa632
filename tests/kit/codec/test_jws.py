"""JWS: verified by and verifying another library, and Wycheproof's refused."""

import json
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc
from joserfc.jwk import OKPKey

from comity.base.errors import BadInput, Tampered
from comity.base.model import Json
from comity.kit.codec import b64, jcs, jws
from comity.kit.crypto.signing import SigningKey, VerifyKey

KEY = SigningKey.generate()
THEIRS = OKPKey.import_key(KEY.to_pem())


def with_header(header: Json, payload: bytes = b"payload") -> str:
    """A compact JWS of ours under any header, correctly signed."""
    signed = f"{b64.encode_url(jcs.canonical(header))}.{b64.encode_url(payload)}"
    return f"{signed}.{b64.encode_url(KEY.sign(signed.encode()))}"


@given(st.binary(max_size=200), st.text(min_size=1, max_size=20))
def test_what_was_signed_verifies(payload: bytes, kid: str) -> None:
    compact = jws.sign_compact(KEY, kid, payload)
    assert jws.verify_compact(compact, KEY.public) == payload
    detached = jws.sign_detached(KEY, kid, payload)
    jws.verify_detached(detached, payload, KEY.public)
    assert jws.key_id(compact) == jws.key_id(detached) == kid


def test_another_library_verifies_ours() -> None:
    detached = jws.sign_detached(KEY, "k1", b"statement")
    found = joserfc.deserialize_compact(detached, THEIRS, ["Ed25519"], payload=b"statement")
    assert found.headers() == {"alg": "Ed25519", "kid": "k1"}
    assert joserfc.deserialize_compact(jws.sign_compact(KEY, "k1", b"p"), THEIRS, ["Ed25519"]).payload == b"p"


def test_ours_verifies_another_librarys() -> None:
    theirs = joserfc.serialize_compact({"alg": "Ed25519", "kid": "k1"}, b"statement", THEIRS, ["Ed25519"])
    assert jws.verify_compact(theirs, KEY.public) == b"statement"
    jws.verify_detached(joserfc.detach_content(theirs), b"statement", KEY.public)


def test_rfc_8037_example() -> None:
    key = VerifyKey.from_raw(b64.decode_url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
    example = ("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6d"
               "WbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")  # fmt: skip
    assert jws.verify_compact(example, key) == b"Example of Ed25519 signing"


def test_changes_are_noticed() -> None:
    detached = jws.sign_detached(KEY, "k1", b"statement")
    header, _, signature = detached.split(".")
    other = b64.encode_url(jcs.canonical({"alg": "Ed25519", "kid": "k2"}))
    for text, payload, key in (
        (detached, b"Statement", KEY.public),
        (detached, b"statement", SigningKey.generate().public),
        (f"{other}..{signature}", b"statement", KEY.public),
        (f"{header}..{b64.encode_url(bytes(64))}", b"statement", KEY.public),
        (f"{header}..", b"statement", KEY.public),
    ):
        with pytest.raises(Tampered) as caught:
            jws.verify_detached(text, payload, key)
        assert caught.value.code == "codec.jws-signature"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "k"}, {"alg": "HS256", "kid": "k"}, {"alg": "ES256"}, {"alg": "Ed448"}, {"kid": "k"},
        {"alg": ["Ed25519"]}, {"alg": "Ed25519", "crit": ["exp"], "exp": 1}, {"alg": "Ed25519", "b64": False},
        {"alg": "Ed25519", "jwk": {"kty": "OKP"}}, {"alg": "Ed25519", "x5c": []}, [], None, "Ed25519",
        {"alg": "Ed25519", "kid": "k" * 2000},
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_other_headers_are_refused_though_signed(header: Json) -> None:
    with pytest.raises(BadInput):
        jws.verify_compact(with_header(header), KEY.public)


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a.b.c", "e30..", "\u00e9..", "eyJhbGciOiJFZDI1NTE5In0=.."])
def test_other_shapes_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        jws.verify_detached(text, b"", KEY.public)
    with pytest.raises(BadInput):
        jws.key_id(text)


def test_attached_is_not_detached() -> None:
    with pytest.raises(BadInput, match="not detached"):
        jws.verify_detached(jws.sign_compact(KEY, "k", b"payload"), b"payload", KEY.public)


def test_a_missing_key_name_is_said() -> None:
    for header in ({"alg": "Ed25519"}, {"alg": "Ed25519", "kid": ""}, {"alg": "Ed25519", "kid": 5}):
        with pytest.raises(BadInput, match="names no key"):
            jws.key_id(with_header(header))  # type: ignore[arg-type]  # dict is invariant


@given(st.text(max_size=60) | st.text("eyJhbGciOiJFZDI1NTE5In0.", max_size=60))
def test_arbitrary_texts_are_refused(text: str) -> None:
    with pytest.raises((BadInput, Tampered)):
        jws.verify_compact(text, KEY.public)


def test_wycheproof_signatures_by_other_algorithms_are_refused(data: Path) -> None:
    refused = 0
    for name in ("json_web_signature_test.json", "json_web_crypto_test.json", "json_web_key_test.json"):
        for group in json.loads((data / "trust" / "wycheproof" / name).read_text())["testGroups"]:
            for case in group["tests"]:
                text = case.get("jws")
                if isinstance(text, str):
                    with pytest.raises(BadInput):
                        jws.verify_compact(text, KEY.public)
                    refused += 1
    assert refused > 400


def test_wycheproof_encrypted_texts_are_no_signatures(data: Path) -> None:
    suite = json.loads((data / "trust" / "wycheproof" / "json_web_encryption_test.json").read_text())
    texts = [case["jwe"] for group in suite["testGroups"] for case in group["tests"]]
    assert len(texts) == 139
    for one in texts:
        text = one if isinstance(one, str) else json.dumps(one)
        with pytest.raises(BadInput):
            jws.verify_compact(text, KEY.public)
        with pytest.raises(BadInput):
            jws.key_id(text)


def test_a_header_that_names_a_member_twice_is_refused() -> None:
    header = b64.encode_url(b'{"alg":"none","alg":"Ed25519","kid":"k"}')
    signed = f"{header}.{b64.encode_url(b'p')}"
    with pytest.raises(BadInput):
        jws.verify_compact(f"{signed}.{b64.encode_url(KEY.sign(signed.encode()))}", KEY.public)
