"""Secrets locked under a person's pass-phrase: Argon2id (RFC 9106) makes the key, AES-256-GCM holds the secret.

Blob: one line of JSON (the parameters and the salt), a line feed, then nonce, ciphertext and tag. The line is the
additional data, so nobody can lower the cost of a stored blob unnoticed.
"""

import binascii
import json
import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from comity.base.errors import NotAllowed, Tampered
from comity.kit.crypto.symmetric import KEY_BYTES, decrypt, encrypt, random_bytes

_SALT_BYTES: Final = 16
_MAX_MEMORY_KIB: Final = 1024 * 1024
_MAX_ITERATIONS: Final = 64
_MAX_LANES: Final = 16
_MAX_HEADER: Final = 512


@dataclass(frozen=True)
class Cost:
    """What one guess costs: memory in KiB, passes over it, and lanes. The default is 64 MiB, 3 passes, 1 lane."""

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 1


def lock(secret: bytes, passphrase: str, cost: Cost = Cost()) -> bytes:
    """`secret` locked under `passphrase`, with a fresh salt."""
    salt = random_bytes(_SALT_BYTES)
    header = json.dumps({"v": 1, "kdf": "argon2id", "memory_kib": cost.memory_kib, "iterations": cost.iterations,
                         "lanes": cost.lanes, "salt": salt.hex()}).encode()  # fmt: skip
    return header + b"\n" + encrypt(_stretch(passphrase, salt, cost), secret, header)


def unlock(blob: bytes, passphrase: str) -> bytes:
    """The secret in a blob made by `lock`.

    NotAllowed (``access.passphrase``) when it does not open, which a wrong pass-phrase and a changed blob share;
    Tampered when the blob is not one at all, or asks for more than 1 GiB, 64 passes or 16 lanes.
    """
    header, found, body = blob.partition(b"\n")
    salt, cost = _read_header(header if found else b"")
    try:
        return decrypt(_stretch(passphrase, salt, cost), body, header)
    except Tampered as error:
        raise NotAllowed("access.passphrase", "The pass-phrase does not open this key",
                         todo="Check the person and type the pass-phrase again.") from error  # fmt: skip


def _read_header(header: bytes) -> tuple[bytes, Cost]:
    try:
        if len(header) > _MAX_HEADER:
            raise ValueError("header too long")
        fields = json.loads(header)
        salt = binascii.unhexlify(fields["salt"])
        cost = Cost(fields["memory_kib"], fields["iterations"], fields["lanes"])
        sound = (fields["v"], fields["kdf"], len(salt)) == (1, "argon2id", _SALT_BYTES) and _bearable(cost)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_a_blob() from error
    if not sound:
        raise _not_a_blob()
    return salt, cost


def _bearable(cost: Cost) -> bool:
    """Whether the cost is valid (RFC 9106, 3.1) and cannot be used to exhaust the machine."""
    limits = ((cost.memory_kib, _MAX_MEMORY_KIB), (cost.iterations, _MAX_ITERATIONS), (cost.lanes, _MAX_LANES))
    return all(type(n) is int and 1 <= n <= most for n, most in limits) and cost.memory_kib >= 8 * cost.lanes


def _stretch(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    return Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.iterations, lanes=cost.lanes,
                    memory_cost=cost.memory_kib).derive(_bytes(passphrase))  # fmt: skip


def _bytes(passphrase: str) -> bytes:
    """One spelling for what looks alike, whatever keyboard typed it (NFC, as RFC 8265, 4.2 prepares passwords)."""
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")


def _not_a_blob() -> Tampered:
    return Tampered("crypto.locked-secret", "A locked key is damaged: its header cannot be read",
                    todo="Restore the key from a backup and report the incident.")  # fmt: skip
