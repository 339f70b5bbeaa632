"""Signed payloads with several signers: DSSE v1 (secure-systems-lab, protocol.md and envelope.md of release 1.0).

Signed is PAE(type, payload), never the JSON around it, so that the envelope needs no canonical form. Promise: a
threshold counts different keys, not signatures, and a payload is returned only when it is reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput, Tampered
from comity.base.model import Json, JsonObject
from comity.kit.codec import b64, jcs
from comity.kit.crypto.signing import Signer, VerifyKey

_MAX_SIGNATURES: Final = 64


@dataclass(frozen=True)
class Dsse:
    """A verified envelope: its payload and the ids of the known keys that signed it, sorted."""

    payload: bytes
    keyids: tuple[str, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes that are signed (protocol.md, "Signature definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, keys: Sequence[Signer]) -> bytes:
    """An envelope of `payload` signed by each of `keys`; a keyid is the key's fingerprint. JCS bytes."""
    message = pae(payload_type, payload)
    signatures: list[Json] = [{"keyid": key.public.fingerprint, "sig": b64.encode(key.sign(message))} for key in keys]
    return jcs.canonical({"payload": b64.encode(payload), "payloadType": payload_type, "signatures": signatures})


def verify(blob: bytes, payload_type: str, keys: Mapping[str, VerifyKey], threshold: int = 1) -> Dsse:
    """The envelope in `blob`, once at least `threshold` different keys of `keys` (by keyid) signed it.

    Signatures by other keys are passed over. BadInput for a malformed envelope or another payload type; Tampered when
    too few signatures hold.
    """
    if threshold < 1:
        raise ValueError("a threshold is at least one")
    envelope = jcs.parse_object(blob, where="DSSE envelope")
    if envelope.get("payloadType") != payload_type:
        raise BadInput("codec.dsse-type", f"A signed payload is not of the expected type {payload_type}",
                       todo="Ask the sender for the right document.")  # fmt: skip
    payload = _bytes(envelope.get("payload"))
    message = pae(payload_type, payload)
    holding = {keyid for keyid, signature in _signatures(envelope)
               if keyid in keys and keys[keyid].verify(signature, message)}  # fmt: skip
    if len({keys[keyid].raw for keyid in holding}) < threshold:
        raise Tampered("codec.dsse-signature", f"Fewer than {threshold} of the known keys signed this payload",
                       todo="Do not use it; ask its sender for a signed copy.")  # fmt: skip
    return Dsse(payload, tuple(sorted(holding)))


def _signatures(envelope: JsonObject) -> list[tuple[str, bytes]]:
    """Each signature with its keyid, empty where the optional hint is missing."""
    items = envelope.get("signatures")
    if not isinstance(items, list) or not 0 < len(items) <= _MAX_SIGNATURES:
        raise _refused()
    pairs = []
    for item in items:
        keyid = item.get("keyid", "") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(keyid, str):
            raise _refused()
        pairs.append((keyid, _bytes(item.get("sig"))))
    return pairs


def _bytes(value: Json) -> bytes:
    """Base64 in either alphabet, as envelope.md demands of verifiers."""
    if not isinstance(value, str):
        raise _refused()
    return b64.decode(value.replace("-", "+").replace("_", "/"))


def _refused() -> BadInput:
    return BadInput("codec.dsse", "Not a DSSE envelope: payload, payloadType and signatures are needed",
                    todo="Ask the sender for a complete copy.")  # fmt: skip
