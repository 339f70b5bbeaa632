"""Sealing to a recipient's public key: HPKE base mode (RFC 9180), hybrid of ML-KEM-768 and X25519.

Suite: KEM MLKEM768-X25519 (draft-ietf-hpke-pq, the X-Wing construction), HKDF-SHA256, AES-256-GCM. An attacker must
break both the lattice and the curve, so what is recorded today stays shut when one of them falls.

Promise: a sealed blob opens only with the private key and exactly the `info` it was sealed with. Base mode says nothing
about the sender; envelopes are signed for that.
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from comity.base.errors import BadInput, Tampered

MLKEM_PUBLIC_BYTES: Final = 1184
PUBLIC_BYTES: Final = MLKEM_PUBLIC_BYTES + 32
SEAL_OVERHEAD: Final = 1088 + 32 + 16
"""Bytes by which a sealed blob exceeds its plaintext: ML-KEM ciphertext, X25519 share and GCM tag."""

_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_PROBE: Final = X25519PrivateKey.from_private_bytes(bytes(32))
"""No secret: any scalar shows a point of small order, because the exchange then gives zero and is refused."""
_END: Final = b"-----END PRIVATE KEY-----\n"


@dataclass(frozen=True)
class KemPublic:
    """A recipient's public key: ML-KEM-768 key (1,184 bytes) followed by X25519 key (32 bytes)."""

    raw: bytes = field(repr=False)
    _key: hpke.MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_raw(cls, raw: bytes) -> "KemPublic":
        """The key encoded in `raw` (1,216 bytes).

        BadInput for another length, an ML-KEM key that fails FIPS 203, 7.2, or an X25519 point of small order
        (RFC 7748, 6.1), to which nothing could be sealed.
        """
        try:
            if len(raw) != PUBLIC_BYTES:
                raise ValueError("length")
            lattice = MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC_BYTES])
            curve = X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC_BYTES:])
            _PROBE.exchange(curve)
        except ValueError as error:
            raise BadInput("crypto.kem-public-key", f"Not a hybrid public key of {PUBLIC_BYTES} bytes",
                           todo="Ask the recipient for a current key.") from error  # fmt: skip
        return cls(raw, hpke.MLKEM768X25519PublicKey(lattice, curve))


@dataclass(frozen=True)
class KemKey:
    """A recipient's private key; its `repr` shows only the public half."""

    public: KemPublic
    _lattice: MLKEM768PrivateKey = field(repr=False, compare=False)
    _curve: X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> "KemKey":
        """A fresh pair of keys from the operating system's randomness."""
        return cls._of(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> "KemKey":
        """The key that `to_pem` wrote: two PKCS #8 blocks, ML-KEM-768 then X25519; BadInput for anything else."""
        head, end, tail = pem.partition(_END)
        try:
            lattice = serialization.load_pem_private_key(head + end, password=None)
            curve = serialization.load_pem_private_key(tail, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _not_a_key() from error
        if not isinstance(lattice, MLKEM768PrivateKey) or not isinstance(curve, X25519PrivateKey):
            raise _not_a_key()
        return cls._of(lattice, curve)

    def to_pem(self) -> bytes:
        """Both keys as unencrypted PKCS #8 PEM blocks (ML-KEM as its 64-byte seed); protect what you write down."""
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return self._lattice.private_bytes(*form) + self._curve.private_bytes(*form)

    @classmethod
    def _of(cls, lattice: MLKEM768PrivateKey, curve: X25519PrivateKey) -> "KemKey":
        lattice_public, curve_public = lattice.public_key(), curve.public_key()
        raw = lattice_public.public_bytes_raw() + curve_public.public_bytes_raw()
        return cls(KemPublic(raw, hpke.MLKEM768X25519PublicKey(lattice_public, curve_public)), lattice, curve)


def seal(public: KemPublic, plaintext: bytes, info: bytes) -> bytes:
    """`plaintext` sealed to `public` and bound to `info`; `SEAL_OVERHEAD` bytes longer, different every time."""
    return _SUITE.encrypt(plaintext, public._key, info)


def open_sealed(key: KemKey, ciphertext: bytes, info: bytes) -> bytes:
    """The plaintext of a blob made by `seal`; Tampered when key, blob and `info` do not belong together."""
    try:
        return _SUITE.decrypt(ciphertext, hpke.MLKEM768X25519PrivateKey(key._lattice, key._curve), info)
    except (InvalidTag, ValueError) as error:
        raise Tampered("crypto.unseal", "A sealed message does not open: wrong recipient key, header or changed bytes",
                       todo="Ask the sender to send it again to your current key.") from error  # fmt: skip


def _not_a_key() -> BadInput:
    return BadInput("crypto.kem-private-key", "Not a hybrid private key: ML-KEM-768 and X25519 PEM blocks expected",
                    todo="Give the PEM file that Comity wrote for this key.")  # fmt: skip
