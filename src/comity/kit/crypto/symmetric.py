"""Symmetric tools: AES-256-GCM (NIST SP 800-38D), HKDF-SHA256 (RFC 5869), HMAC commitments and SHA-256.

Promise: every encryption but `seal_once` draws a fresh 96-bit nonce from the operating system; a blob that does not
open is `Tampered` and gives nothing away. One key seals at most 2**32 blobs (SP 800-38D, 8.3), so callers keep a key
per case or file.
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

Bytes = bytes | bytearray | memoryview

_NO_NONCE: Final = bytes(NONCE_BYTES)


def encrypt(key: bytes, plaintext: Bytes, aad: bytes) -> bytes:
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
    raise _unopened()


def encrypt_into(key: bytes, plaintext: Bytes, aad: bytes, out: memoryview) -> None:
    """As `encrypt`, into memory that is there: `out` has the plaintext's length and that of nonce and tag."""
    out[:NONCE_BYTES] = secrets.token_bytes(NONCE_BYTES)
    _cipher(key).encrypt_into(out[:NONCE_BYTES], plaintext, aad, out[NONCE_BYTES:])


def decrypt_into(key: bytes, blob: memoryview, aad: bytes, out: memoryview) -> None:
    """As `decrypt`, into memory that is there: `out` has the plaintext's length. Tampered leaves in it what it may."""
    if len(blob) < NONCE_BYTES + TAG_BYTES:
        raise _unopened()
    try:
        _cipher(key).decrypt_into(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad, out)
    except InvalidTag as error:
        raise _unopened() from error


def seal_once(key: bytes, plaintext: Bytes, aad: bytes, out: memoryview) -> None:
    """AES-256-GCM under a `key` that never seals anything else: no nonce travels, and the same gives the same bytes.

    For a part of a file whose key is derived for that part alone; a second plaintext under one key would undo both.
    `out` has the plaintext's length and that of the tag.
    """
    _cipher(key).encrypt_into(_NO_NONCE, plaintext, aad, out)


def open_once(key: bytes, sealed: Bytes, aad: bytes, out: memoryview) -> None:
    """The plaintext of what `seal_once` made, into `out`; Tampered when key, bytes and `aad` do not belong together."""
    try:
        _cipher(key).decrypt_into(_NO_NONCE, sealed, aad, out)
    except (InvalidTag, ValueError) as error:  # the latter for bytes shorter than a tag
        raise _unopened() from error


def derive(secret: bytes, label: str, length: int = KEY_BYTES) -> bytes:
    """`length` bytes for the purpose `label` from a uniformly random `secret` (HKDF-SHA256, no salt, info = label)."""
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=label.encode()).derive(secret)


def commit(r: bytes, message: bytes) -> bytes:
    """A hiding, binding commitment to `message`: HMAC-SHA256 under the fresh random 32 bytes `r`."""
    if len(r) != KEY_BYTES:
        raise ValueError(f"a commitment needs {KEY_BYTES} random bytes, got {len(r)}")
    return hmac.digest(r, message, "sha256")


def sha256(data: Bytes) -> bytes:
    """The 32-byte SHA-256 digest of `data` (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def random_bytes(count: int) -> bytes:
    """`count` bytes from the operating system's cryptographic source."""
    return secrets.token_bytes(count)


def constant_equal(left: bytes, right: bytes) -> bool:
    """Whether two byte strings are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(left, right)


def _unopened() -> Tampered:
    return Tampered("crypto.decrypt", "Encrypted data does not open with its key: it was changed or moved",
                    todo="Restore the record from a backup and report the incident.")  # fmt: skip


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"AES-256-GCM needs {KEY_BYTES} key bytes, got {len(key)}")
    return AESGCM(key)
