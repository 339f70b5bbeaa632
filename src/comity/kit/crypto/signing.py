"""Ed25519 signatures (RFC 8032) under one verification rule, the same wherever Comity verifies.

Libraries disagree about odd Ed25519 inputs; a court must get one answer. The rule kept here:

1. a public key is 32 bytes, the canonical encoding of a curve point (RFC 8032, 5.1.3), and not of small order;
2. a signature is 64 bytes with S below the group order (RFC 8032, 5.1.7);
3. the cofactorless equation holds, with R compared byte by byte (so a non-canonical R never verifies).

`VerifyKey.from_raw` keeps point 1, the `cryptography` package points 2 and 3; the CCTV and Wycheproof vectors show it.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.base.errors import BadInput

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ORDER_8_Y: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y: Final = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})
"""The y coordinates of the eight points whose order divides the cofactor."""


@dataclass(frozen=True)
class VerifyKey:
    """An Ed25519 public key that passed point 1 of the rule; make it with `from_raw`."""

    raw: bytes
    """The 32 bytes of RFC 8032."""
    _key: Ed25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_raw(cls, raw: bytes) -> "VerifyKey":
        """The key encoded in `raw` (32 bytes); BadInput when the rule refuses it."""
        reason = _refusal(raw)
        if reason:
            raise BadInput("crypto.public-key", f"Not an acceptable Ed25519 public key: {reason}",
                           todo="Ask the key's owner for a freshly made key.")  # fmt: skip
        return cls(raw, Ed25519PublicKey.from_public_bytes(raw))

    @property
    def fingerprint(self) -> str:
        """Lower-case hex SHA-256 of `raw`, the key's name in lists and envelopes."""
        return hashlib.sha256(self.raw).hexdigest()

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` over `data` holds under the rule; never raises for bad bytes."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """A private Ed25519 key, wherever it lies: a `SigningKey` in memory, or a `tokens.TokenSigner`.

    What it signs verifies under `public`, or `sign` raises.
    """

    @property
    def public(self) -> VerifyKey:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over `data`."""


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 private key; its `repr` shows only the public half."""

    public: VerifyKey
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A fresh key from the operating system's randomness."""
        return cls._of(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of these 32 bytes (RFC 8032, 5.1.5), which were derived from a secret and are kept nowhere."""
        return cls._of(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes) -> "SigningKey":
        """The key in an unencrypted PKCS #8 PEM (RFC 8410); BadInput for anything else."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _not_a_key() from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _not_a_key()
        return cls._of(key)

    def to_pem(self) -> bytes:
        """The key as an unencrypted PKCS #8 PEM; whoever writes it down protects it."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over `data` (deterministic, RFC 8032, 5.1.6)."""
        return self._key.sign(data)

    @classmethod
    def _of(cls, key: Ed25519PrivateKey) -> "SigningKey":
        public = key.public_key()
        return cls(VerifyKey(public.public_bytes_raw(), public), key)


@lru_cache(maxsize=4096)
def _refusal(raw: bytes) -> str:
    """Why point 1 of the rule refuses `raw`; empty when it does not. Remembered: it costs more than a verification."""
    if len(raw) != 32:
        return f"{len(raw)} bytes instead of 32"
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        return "its encoding is not canonical"
    if y in _SMALL_ORDER_Y:
        return "it has small order"
    # x^2 = (y^2 - 1) / (d y^2 + 1): a point exists when numerator times denominator is a square (Euler's criterion).
    square = y * y % _P
    if pow((square - 1) * (_D * square + 1), (_P - 1) // 2, _P) != 1:
        return "it is not a point of the curve"
    return ""


def _not_a_key() -> BadInput:
    return BadInput("crypto.private-key", "Not an Ed25519 private key in PKCS #8 PEM form",
                    todo="Give the PEM file that Comity wrote for this key.")  # fmt: skip
