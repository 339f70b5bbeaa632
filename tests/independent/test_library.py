"""What the one cryptographic library must get right for this node, by Wycheproof and the library's own vector package.

The node's own modules have such tests of their own (`tests/kit/crypto`); here are the parts below them, and ML-DSA,
which nothing is signed with yet: it is to join Ed25519 in signatures that must outlive it.
"""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.kit.crypto import symmetric


def wycheproof(data: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each case with its group."""
    for group in json.loads((data / "trust" / "wycheproof" / f"{name}_test.json").read_text())["testGroups"]:
        for case in group["tests"]:
            yield group, case


def published(*path: str) -> str:
    return files("cryptography_vectors").joinpath(*path).read_text()


def blocks(text: str) -> Iterator[dict[str, str]]:
    """`name = value` lines, a block at each `count`."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            if name.strip().lower() == "count" and found:
                yield found
                found = {}
            found[name.strip().lower()] = value.strip()
    yield found


# --- key agreement ---------------------------------------------------------------------------------------------------


def test_wycheproof_x25519(data: Path) -> None:
    """Every shared secret; a point of small order, which gives zero, is refused (RFC 7748, 6.1)."""
    seen = 0
    for _, case in wycheproof(data, "x25519"):
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["private"]))
        public = X25519PublicKey.from_public_bytes(bytes.fromhex(case["public"]))
        if set(case["shared"]) == {"0"}:
            with pytest.raises(ValueError, match="shared key"):
                private.exchange(public)
        else:
            assert private.exchange(public).hex() == case["shared"], case["tcId"]
        seen += 1
    assert seen == 518


def test_known_answers_of_ml_kem_768() -> None:
    found = list(blocks(published("asymmetric", "MLKEM", "kat_MLKEM_768.rsp")))
    assert len(found) == 1000
    for one in found:
        private = MLKEM768PrivateKey.from_seed_bytes(bytes.fromhex(one["d"] + one["z"]))
        assert private.public_key().public_bytes_raw().hex() == one["pk"]
        assert private.decapsulate(bytes.fromhex(one["ct"])).hex() == one["ss"]


def test_hpke_base_mode_with_our_key_schedule_and_cipher() -> None:
    """RFC 9180, appendix A: X25519 alone, with the HKDF-SHA256 and AES-256-GCM of our hybrid suite."""
    vectors = json.loads(published("HPKE", "test-vectors.json"))
    (one,) = [v for v in vectors if (v["mode"], v["kem_id"], v["kdf_id"], v["aead_id"]) == (0, 32, 1, 2)]
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    sealed = AESGCM(bytes.fromhex(one["key"])).encrypt(bytes.fromhex(one["base_nonce"]), b"by the book", b"")
    key = X25519PrivateKey.from_private_bytes(bytes.fromhex(one["skRm"]))
    info = bytes.fromhex(one["info"])
    assert suite.decrypt(bytes.fromhex(one["enc"]) + sealed, key, info) == b"by the book"


# --- key derivation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rfc-5869-HKDF-SHA256.txt", "hkdf-generated.txt"])
def test_hkdf(name: str) -> None:
    """The library's, and the node's own `derive` wherever a vector has what that takes: no salt, and words as info."""
    for one in blocks(published("KDF", name)):
        secret, salt, info = (bytes.fromhex(one[part]) for part in ("ikm", "salt", "info"))
        length, expected = int(one["l"]), one["okm"]
        assert HKDF(hashes.SHA256(), length, salt, info).derive(secret).hex() == expected
        if not salt and not info:
            assert symmetric.derive(secret, "", length).hex() == expected


# --- ML-DSA ----------------------------------------------------------------------------------------------------------


def test_known_answers_of_ml_dsa_44() -> None:
    found = list(blocks(published("asymmetric", "MLDSA", "kat_MLDSA_44_det_pure.rsp")))
    assert len(found) == 100
    for one in found:
        message, context = bytes.fromhex(one["msg"]), bytes.fromhex(one.get("ctx", ""))
        signature = bytes.fromhex(one["sm"])[:2420]
        key = MLDSA44PublicKey.from_public_bytes(bytes.fromhex(one["pk"]))
        key.verify(signature, message, context)
        with pytest.raises(InvalidSignature):
            key.verify(signature, message + b"x", context)


def test_wycheproof_ml_dsa_65(data: Path) -> None:
    seen = 0
    for group, case in wycheproof(data, "mldsa_65_verify"):
        context = bytes.fromhex(case.get("ctx", ""))
        given = bytes.fromhex(group["publicKey"]), bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]), context
        assert ml_dsa_65(*given) == (case["result"] == "valid"), case["tcId"]
        seen += 1
    assert seen == 210


def ml_dsa_65(key: bytes, signature: bytes, message: bytes, context: bytes) -> bool:
    try:
        MLDSA65PublicKey.from_public_bytes(key).verify(signature, message, context)
    except (ValueError, InvalidSignature):
        return False
    return True


# --- every file is asked ---------------------------------------------------------------------------------------------


def test_every_file_of_the_trust_suites_is_read_by_some_test(data: Path) -> None:
    """By name, or by its folder where a test walks one; locks and a version number say nothing."""
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))
    silent = {"publish.lock", "treeState.lock", "version"}
    for path in (data / "trust").rglob("*"):
        if path.is_file() and path.name not in silent:
            first, *rest = path.relative_to(data / "trust").parts
            name = rest[0] if first in {"merkle", "wycheproof"} else first
            assert f'"{name.removesuffix("_test.json")}' in tests, path
