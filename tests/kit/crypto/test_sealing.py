"""Hybrid sealing against the HPKE working group's vectors, Wycheproof, and an independent key schedule."""

import hashlib
import hmac
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Tampered
from comity.kit.crypto.sealing import (
    MLKEM_PUBLIC_BYTES,
    SEAL_OVERHEAD,
    KemKey,
    KemPublic,
    open_sealed,
    seal,
)

KEM_ID = 0x647A
"""MLKEM768-X25519 in the IANA registry of HPKE KEMs."""
KEY = KemKey.generate()


def key_of(lattice_seed: bytes, curve_secret: bytes) -> KemKey:
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    lattice = MLKEM768PrivateKey.from_seed_bytes(lattice_seed).private_bytes(*form)
    return KemKey.from_pem(lattice + X25519PrivateKey.from_private_bytes(curve_secret).private_bytes(*form))


def key_schedule(secret: bytes, info: bytes, aead_id: int) -> tuple[bytes, bytes]:
    """Key and base nonce of RFC 9180, 5.1 (base mode, HKDF-SHA256), written from the text."""
    suite = b"HPKE" + KEM_ID.to_bytes(2, "big") + (1).to_bytes(2, "big") + aead_id.to_bytes(2, "big")

    def extract(salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(prk: bytes, label: bytes, context: bytes, length: int) -> bytes:
        block = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(prk, block + b"\x01", "sha256")[:length]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    prk = extract(secret, b"secret", b"")
    return expand(prk, b"key", context, 32), expand(prk, b"base_nonce", context, 12)


def published() -> dict[str, Any]:
    text = files("cryptography_vectors").joinpath("HPKE", "hpke-pq-test-vectors.json").read_text()
    return next(v for v in json.loads(text) if (v["kem_id"], v["kdf_id"]) == (KEM_ID, 1))


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_what_was_sealed_opens(plaintext: bytes, info: bytes) -> None:
    blob = seal(KEY.public, plaintext, info)
    assert open_sealed(KEY, blob, info) == plaintext
    assert len(blob) == len(plaintext) + SEAL_OVERHEAD


def test_sealing_twice_differs() -> None:
    assert seal(KEY.public, b"same", b"") != seal(KEY.public, b"same", b"")


def test_keys_survive_their_written_forms() -> None:
    again = KemKey.from_pem(KEY.to_pem())
    assert again.public == KEY.public == KemPublic.from_raw(KEY.public.raw)
    assert open_sealed(again, seal(KEY.public, b"hello", b"i"), b"i") == b"hello"
    assert repr(KEY) == "KemKey(public=KemPublic())"


@given(st.integers(min_value=0, max_value=8 * (SEAL_OVERHEAD + 5) - 1))
def test_one_changed_bit_is_noticed(bit: int) -> None:
    blob = seal(KEY.public, b"hello", b"info")
    changed = (int.from_bytes(blob, "big") ^ 1 << bit).to_bytes(len(blob), "big")
    with pytest.raises(Tampered):
        open_sealed(KEY, changed, b"info")


def test_another_key_header_or_length_does_not_open() -> None:
    blob = seal(KEY.public, b"hello", b"info")
    for key, data, info in ((KemKey.generate(), blob, b"info"), (KEY, blob, b"other"), (KEY, blob[:-1], b"info"),
                            (KEY, b"", b"info"), (KEY, blob[: SEAL_OVERHEAD - 1], b"info")):  # fmt: skip
        with pytest.raises(Tampered) as caught:
            open_sealed(key, data, info)
        assert caught.value.code == "crypto.unseal"


def test_each_half_of_the_hybrid_is_needed() -> None:
    blob = seal(KEY.public, b"hello", b"")
    other = KemKey.generate()
    blocks, others = KEY.to_pem().split(b"-----\n-----"), other.to_pem().split(b"-----\n-----")
    for pem in (blocks[0] + b"-----\n-----" + others[1], others[0] + b"-----\n-----" + blocks[1]):
        with pytest.raises(Tampered):
            open_sealed(KemKey.from_pem(pem), blob, b"")


def test_malformed_private_keys_are_refused() -> None:
    lattice, curve = KEY.to_pem().split(b"-----\n-----")
    swapped = b"-----" + curve + lattice + b"-----\n"
    for pem in (b"", b"hello", lattice + b"-----\n", swapped, KEY.to_pem()[:-40]):
        with pytest.raises(BadInput, match="Not a hybrid private key"):
            KemKey.from_pem(pem)


def test_malformed_public_keys_are_refused() -> None:
    raw = KEY.public.raw
    for bad in (b"", raw[:-1], raw + b"x", b"\xff" * MLKEM_PUBLIC_BYTES + raw[-32:], raw[:-32] + bytes(32)):
        with pytest.raises(BadInput) as caught:
            KemPublic.from_raw(bad)
        assert caught.value.code == "crypto.kem-public-key"


def test_published_hybrid_vector() -> None:
    vector = published()
    expanded = hashlib.shake_256(bytes.fromhex(vector["skRm"])).digest(96)
    key = key_of(expanded[:64], expanded[64:])
    assert key.public.raw.hex() == vector["pkRm"]
    info, secret = bytes.fromhex(vector["info"]), bytes.fromhex(vector["shared_secret"])
    their_key, their_nonce = key_schedule(secret, info, vector["aead_id"])
    assert (their_key.hex(), their_nonce.hex()) == (vector["key"], vector["base_nonce"])
    ours, nonce = key_schedule(secret, info, 2)  # the vector uses ChaCha20-Poly1305; our suite is AES-256-GCM
    blob = bytes.fromhex(vector["enc"]) + AESGCM(ours).encrypt(nonce, b"sealed by the book", b"")
    assert open_sealed(key, blob, info) == b"sealed by the book"


def test_wycheproof_ml_kem_768(data: Path) -> None:
    groups = json.loads((data / "trust" / "wycheproof" / "mlkem_768_test.json").read_text())["testGroups"]
    cases = [case for group in groups for case in group["tests"]]
    assert len(cases) == 193
    for case in cases:
        seed, ciphertext = bytes.fromhex(case["seed"]), bytes.fromhex(case["c"])
        if case["result"] == "valid":
            assert MLKEM768PrivateKey.from_seed_bytes(seed).decapsulate(ciphertext).hex() == case["K"]
            assert key_of(seed, bytes(32)).public.raw[:MLKEM_PUBLIC_BYTES].hex() == case["ek"]
        else:
            with pytest.raises(ValueError, match=r"seed|ciphertext"):
                MLKEM768PrivateKey.from_seed_bytes(seed).decapsulate(ciphertext)


def test_wycheproof_x25519_points_of_small_order(data: Path) -> None:
    cases = json.loads((data / "trust" / "wycheproof" / "x25519_test.json").read_text())["testGroups"][0]["tests"]
    for case in cases:
        raw = KEY.public.raw[:-32] + bytes.fromhex(case["public"])
        assert _is_refused(raw) == ("LowOrderPublic" in case["flags"]), case["tcId"]


def _is_refused(raw: bytes) -> bool:
    try:
        KemPublic.from_raw(raw)
    except BadInput:
        return True
    return False
