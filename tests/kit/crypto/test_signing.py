"""Ed25519 under one rule: edge cases from CCTV and Wycheproof, and keys that must not be enrolled."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.crypto.signing import SigningKey, VerifyKey

P = 2**255 - 19


def accepted(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        return VerifyKey.from_raw(key).verify(signature, message)
    except BadInput:
        return False


def test_a_key_survives_its_pem_and_hides_its_secret() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_pem(key.to_pem())
    assert again == key
    assert again.sign(b"act") == key.sign(b"act")
    assert VerifyKey.from_raw(key.public.raw) == key.public
    assert len(key.public.fingerprint) == 64
    assert "_key" not in repr(key)


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=511))
def test_one_changed_bit_of_the_signature_is_noticed(message: bytes, bit: int) -> None:
    key = SigningKey.generate()
    signature = int.from_bytes(key.sign(message), "big")
    assert key.public.verify(signature.to_bytes(64, "big"), message)
    assert not key.public.verify((signature ^ 1 << bit).to_bytes(64, "big"), message)


@pytest.mark.parametrize("signature", [b"", b"x", bytes(63), bytes(64), bytes(65)])
def test_nonsense_is_no_signature(signature: bytes) -> None:
    assert not SigningKey.generate().public.verify(signature, b"message")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (bytes(31), "31 bytes"),
        (bytes(33), "33 bytes"),
        (bytes(32), "small order"),
        ((1).to_bytes(32, "little"), "small order"),
        ((1 | 1 << 255).to_bytes(32, "little"), "small order"),
        ((P - 1).to_bytes(32, "little"), "small order"),
        (P.to_bytes(32, "little"), "canonical"),
        ((P + 1).to_bytes(32, "little"), "canonical"),
        (b"\xff" * 32, "canonical"),
        (bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "small order"),
        (bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"), "small order"),
        (bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "small order"),
        ((2).to_bytes(32, "little"), "not a point"),
    ],
)
def test_keys_that_are_not_enrolled(raw: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as caught:
        VerifyKey.from_raw(raw)
    assert caught.value.code == "crypto.public-key"


def test_only_ed25519_pem_is_a_signing_key() -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for pem in (b"", b"hello", other, SigningKey.generate().to_pem()[:60]):
        with pytest.raises(BadInput, match="Not an Ed25519 private key"):
            SigningKey.from_pem(pem)


def test_cctv_edge_cases_get_the_one_answer(data: Path) -> None:
    refused = {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue"}
    vectors = json.loads((data / "trust" / "cctv-ed25519.json").read_text())
    assert len(vectors) == 914
    for vector in vectors:
        key, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        expected = not refused & set(vector["flags"] or ())
        assert accepted(key, signature, vector["msg"].encode()) == expected, vector["number"]


def test_wycheproof(data: Path) -> None:
    groups = json.loads((data / "trust" / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]
    for group in groups:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            held = accepted(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            assert held == (case["result"] == "valid"), case["tcId"]
