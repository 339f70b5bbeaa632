"""An authenticator in software: answers as a browser does, with real CBOR, COSE and signatures (WebAuthn, level 3)."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from comity.base.model import JsonObject
from comity.kit.crypto.symmetric import random_bytes, sha256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey at most, once `create` has made it."""

    origin: str
    verifies: bool = True
    """Whether it verifies its user, as it must."""
    credential: bytes = b""
    count: int = 0
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: Any) -> bytes:
        """The browser's JSON after `navigator.credentials.create`."""
        self.credential = random_bytes(16)
        numbers = self._key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + cose
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(made)})

    def get(self, options: Any) -> bytes:
        """The browser's JSON after `navigator.credentials.get`."""
        self.count += 1
        data = self._data(options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"])
        signature = self._key.sign(data + sha256(client), ec.ECDSA(hashes.SHA256()))
        told: JsonObject = {
            "clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature),
        }  # fmt: skip
        return self._answer(told)

    def _data(self, rp_id: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(rp_id.encode()) + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: JsonObject) -> bytes:
        id = text(self.credential)
        whole = {"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response}
        return json.dumps(whole).encode()


def text(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
