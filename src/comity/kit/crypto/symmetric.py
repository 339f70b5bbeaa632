"""Symmetric tools: AES-256-GCM (NIST SP 800-38D), HKDF-SHA256 (RFC 5869), HMAC commitments and SHA-256.

Promise: every encryption draws a fresh 96-bit nonce from the operating system; a blob that does not open is `Tampered`
and gives nothing away. One key seals at most 2**32 blobs (SP 800-38D, 8.3), so callers keep a key per case or file.
"""

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.base.errors import Tampered

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


def encrypt(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """AES-256-GCM of `plaintext` under the 32-byte `key`, bound to `aad`: nonce (12 bytes), ciphertext, tag (16)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plaintext, aad)


def decrypt(key: bytes, blob: bytes, aad: bytes) -> bytes:
    """The plaintext of a blob made by `encrypt`; Tampered when key, blob and `aad` do not belong together."""
    if len(blob) >= NONCE_BYTES + TAG_BYTES:
        try:
            return _cipher(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
        except InvalidTag:
            pass  # the one answer below serves every way of not opening
    raise Tampered("crypto.decrypt", "Encrypted data does not open with its key: it was changed or moved",
                   todo="Restore the record from a backup and report the incident.")  # fmt: skip


def derive(secret: bytes, label: str, length: int = KEY_BYTES) -> bytes:
    """`length` bytes for the purpose `label` from a uniformly random `secret` (HKDF-SHA256, no salt, info = label)."""
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=label.encode()).derive(secret)


def commit(r: bytes, message: bytes) -> bytes:
    """A hiding, binding commitment to `message`: HMAC-SHA256 under the fresh random 32 bytes `r`."""
    if len(r) != KEY_BYTES:
        raise ValueError(f"a commitment needs {KEY_BYTES} random bytes, got {len(r)}")
    return hmac.digest(r, message, "sha256")


def sha256(data: bytes) -> bytes:
    """The 32-byte SHA-256 digest of `data` (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def random_bytes(count: int) -> bytes:
    """`count` bytes from the operating system's cryptographic source."""
    return secrets.token_bytes(count)


def constant_equal(left: bytes, right: bytes) -> bool:
    """Whether two byte strings are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(left, right)


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"AES-256-GCM needs {KEY_BYTES} key bytes, got {len(key)}")
    return AESGCM(key)
