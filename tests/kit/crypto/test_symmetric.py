"""AES-256-GCM, HKDF and commitments against published vectors, and blobs that were changed or moved."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import Tampered
from comity.kit.crypto import symmetric

KEY = bytes(range(32))


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_encrypted_opens(plaintext: bytes, aad: bytes) -> None:
    blob = symmetric.encrypt(KEY, plaintext, aad)
    assert symmetric.decrypt(KEY, blob, aad) == plaintext
    assert len(blob) == len(plaintext) + symmetric.NONCE_BYTES + symmetric.TAG_BYTES


def test_every_encryption_is_different() -> None:
    assert len({symmetric.encrypt(KEY, b"same", b"") for _ in range(50)}) == 50


@given(st.integers(min_value=0, max_value=8 * 33 - 1))
def test_one_changed_bit_is_noticed(bit: int) -> None:
    blob = symmetric.encrypt(KEY, b"fives", b"row 1")
    changed = (int.from_bytes(blob, "big") ^ 1 << bit).to_bytes(len(blob), "big")
    with pytest.raises(Tampered):
        symmetric.decrypt(KEY, changed, b"row 1")


def test_a_moved_shortened_or_foreign_blob_does_not_open() -> None:
    blob = symmetric.encrypt(KEY, b"text", b"row 1")
    for key, data, aad in ((KEY, blob, b"row 2"), (bytes(32), blob, b"row 1"), (KEY, blob[:-1], b"row 1"),
                           (KEY, blob[:27], b"row 1"), (KEY, b"", b"row 1")):  # fmt: skip
        with pytest.raises(Tampered) as caught:
            symmetric.decrypt(key, data, aad)
        assert caught.value.code == "crypto.decrypt"


def test_short_keys_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="32 key bytes"):
        symmetric.encrypt(bytes(16), b"", b"")
    with pytest.raises(ValueError, match="32 random bytes"):
        symmetric.commit(b"", b"guessable")


def test_hkdf_rfc_5869_test_case_3() -> None:
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    assert symmetric.derive(b"\x0b" * 22, "", 42).hex() == expected


def test_labels_separate_keys() -> None:
    assert symmetric.derive(KEY, "a") != symmetric.derive(KEY, "b")
    assert len(symmetric.derive(KEY, "a")) == 32


def test_commitment_and_digest() -> None:
    assert symmetric.commit(KEY, b"value") == hmac.new(KEY, b"value", hashlib.sha256).digest()
    assert symmetric.sha256(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert symmetric.constant_equal(b"same", b"same")
    assert not symmetric.constant_equal(b"same", b"other")
    assert len(symmetric.random_bytes(9)) == 9


def test_wycheproof_aes_256_gcm(data: Path) -> None:
    groups = json.loads((data / "trust" / "wycheproof" / "aes_gcm_test.json").read_text())["testGroups"]
    ours = [g for g in groups if (g["keySize"], g["ivSize"], g["tagSize"]) == (256, 96, 128)]
    cases = [case for group in ours for case in group["tests"]]
    assert len(cases) > 50
    for case in cases:
        key, iv, aad, msg, ct, tag = (bytes.fromhex(case[f]) for f in ("key", "iv", "aad", "msg", "ct", "tag"))
        if case["result"] == "valid":
            assert symmetric.decrypt(key, iv + ct + tag, aad) == msg
            symmetric.decrypt_into(key, memoryview(iv + ct + tag), aad, memoryview(out := bytearray(len(msg))))
            assert out == msg
        else:
            with pytest.raises(Tampered):
                symmetric.decrypt(key, iv + ct + tag, aad)
            with pytest.raises(Tampered):
                symmetric.decrypt_into(key, memoryview(iv + ct + tag), aad, memoryview(bytearray(len(ct))))
