"""JSON Web Signatures, compact form (RFC 7515), by Ed25519 (RFC 9864 ``Ed25519``; RFC 8037 ``EdDSA`` is read too).

A detached signature is the compact form with an empty middle part (RFC 7515, appendix F). Promise: what verifies here,
any conforming library verifies; but base64 must be canonical, the header may hold nothing but alg, kid and typ, and
the key and its one verification rule come from `kit.crypto.signing`, never from the header.
"""

from functools import lru_cache
from typing import Final

from comity.base.errors import BadInput, Tampered
from comity.base.model import JsonObject
from comity.kit.codec import b64, jcs
from comity.kit.crypto.signing import Signer, VerifyKey

_MAX_HEADER: Final = 1024
_ALGORITHMS: Final = ("Ed25519", "EdDSA")
_MEMBERS: Final = frozenset({"alg", "kid", "typ"})


def sign_detached(key: Signer, kid: str, payload: bytes) -> str:
    """A signature over `payload`, which travels elsewhere: ``header..signature``. `kid` names the key to the reader."""
    header, _, signature = sign_compact(key, kid, payload).split(".")
    return f"{header}..{signature}"


def verify_detached(jws: str, payload: bytes, key: VerifyKey) -> None:
    """Returns when `jws` is `key`'s detached signature over `payload`; BadInput for its form, Tampered otherwise."""
    header, middle, signature = _parts(jws)
    if middle:
        raise _refused("it is not detached")
    _verify(header, b64.encode_url(payload), signature, key)


def sign_compact(key: Signer, kid: str, payload: bytes) -> str:
    """A signature that carries its payload: ``header.payload.signature``."""
    header = _header_of(kid)
    signed = f"{header}.{b64.encode_url(payload)}"
    return f"{signed}.{b64.encode_url(key.sign(signed.encode()))}"


def verify_compact(jws: str, key: VerifyKey) -> bytes:
    """The payload that `key` signed in `jws`; BadInput for its form, Tampered when the signature does not hold."""
    header, middle, signature = _parts(jws)
    payload = b64.decode_url(middle)
    _verify(header, middle, signature, key)
    return payload


def key_id(jws: str) -> str:
    """The kid that the header claims, to find the key by; nothing is verified. BadInput when there is none."""
    kid = _header(_parts(jws)[0]).get("kid")
    if not isinstance(kid, str) or not kid:
        raise _refused("it names no key")
    return kid


@lru_cache(maxsize=256)
def _header_of(kid: str) -> str:
    """The header that `kid` signs with: always the same, so written once."""
    return b64.encode_url(jcs.canonical({"alg": "Ed25519", "kid": kid}))


def _verify(header: str, payload: str, signature: str, key: VerifyKey) -> None:
    _check_header(header)
    if not key.verify(b64.decode_url(signature), f"{header}.{payload}".encode()):
        raise Tampered("codec.jws-signature", "A signature does not hold over what it came with",
                       todo="Do not use the data; ask its sender to send it again.")  # fmt: skip


def _parts(jws: str) -> list[str]:
    parts = jws.split(".")
    if len(parts) != 3 or len(parts[0]) > _MAX_HEADER or not jws.isascii():
        raise _refused("it does not have three parts")
    return parts


@lru_cache(maxsize=256)
def _check_header(part: str) -> None:
    """As `_header`. A key signs every message under the same one: what was in order is remembered."""
    _header(part)


def _header(part: str) -> JsonObject:
    header = jcs.parse_object(b64.decode_url(part), where="JWS header")
    if header.get("alg") not in _ALGORITHMS:
        raise _refused("its algorithm is not Ed25519")
    if not header.keys() <= _MEMBERS:
        raise _refused("its header holds more than alg, kid and typ")
    return header


def _refused(reason: str) -> BadInput:
    return BadInput("codec.jws", f"Not a signature that Comity accepts: {reason}",
                    todo="Ask its maker for a correct one.")  # fmt: skip
