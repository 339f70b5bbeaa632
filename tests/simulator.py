"""A partner node to test against: it speaks CX/1 from the protocol's text, with none of the exchange's own code.

It keeps a small log of its own, seals and signs envelopes, and lets a test change anything at each step: the header
before it is sealed, the envelope after it was signed, the proof, the bytes on the wire. It posts over mutual TLS or
hands the bytes over directly, and reads what it is answered.
"""

import hashlib
import hmac
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from comity.base.clock import rfc3339
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.kit.codec import b64, jws
from comity.kit.codec.jcs import canonical
from comity.kit.codec.notes import Checkpoint, sign_note
from comity.kit.codec.tlogproof import Proof, format_proof
from comity.kit.crypto.certificates import client_context
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.sealing import KemPublic, seal
from comity.kit.crypto.signing import VerifyKey
from comity.kit.crypto.symmetric import encrypt, random_bytes, sha256

Change = Callable[[dict[str, Any]], object]


def unchanged(_: dict[str, Any]) -> None:
    """No change."""


@dataclass
class Hostility:
    """What a test changes: `header` before sealing, `envelope` after signing, `proof` and `body` at the end."""

    header: Change = unchanged
    envelope: Change = unchanged
    resign: bool = False
    proof: Change = unchanged
    body: Callable[[bytes], bytes] = bytes


HONEST = Hostility()


@dataclass
class SimulatedLog:
    """An append-only list of entries with the RFC 6962 tree over it, computed the slow and plain way."""

    keys: KeyRing
    entries: list[bytes] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"comity.invalid/{self.keys.node}/log"

    def append(self, payload: JsonObject, now: datetime) -> tuple[int, dict[str, Any]]:
        """A complete entry that commits to `payload`; its index and its proof bundle."""
        values: dict[str, Any] = {"actor": None, "subject": None, "case": None, "payload": payload}
        salts = {name: random_bytes(32) for name in values}
        commits = {
            name: hmac.digest(salts[name], f"comity-log-v1|{name}|".encode() + canonical(value), "sha256").hex()
            for name, value in values.items()
        }
        entry = canonical({
            "v": 1, "id": uuid7(now), "type": "message.sent", "at": rfc3339(now), "node": self.keys.node, "peer": None,
            "legal_basis_code": None, "policy_hash": None, "retention": "P10Y", "commits": dict(commits),
            "auth_hash": None, "peer_head": None,
        })  # fmt: skip
        self.entries.append(entry)
        index = len(self.entries) - 1
        opening = {"payload": {"r": salts["payload"].hex(), "value": payload}}
        return index, {"entry": entry.decode(), "opening": opening, "tlog_proof": self.prove(index)}

    def note(self) -> str:
        """The signed checkpoint over all entries."""
        text = Checkpoint(self.origin, len(self.entries), root(self.entries)).text()
        return sign_note(text, self.origin, self.keys.log)

    def prove(self, index: int) -> str:
        """The C2SP tlog-proof of one entry."""
        return format_proof(Proof(index, tuple(path(index, self.entries)), self.note()))


def root(entries: list[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    if not entries:
        return hashlib.sha256(b"").digest()
    k = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(entries[:k]) + root(entries[k:])).digest()


def path(index: int, entries: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(entries) == 1:
        return []
    k = 1 << (len(entries) - 1).bit_length() - 1
    if index < k:
        return [*path(index, entries[:k]), root(entries[k:])]
    return [*path(index - k, entries[k:]), root(entries[:k])]


class Partner:
    """The simulated node; `now` is its clock."""

    def __init__(self, keys: KeyRing, now: Callable[[], datetime]) -> None:
        self.keys = keys
        self.now = now
        self.log = SimulatedLog(keys)

    def header(self, to: str, **changes: Any) -> dict[str, Any]:
        """An honest header, but for `changes`."""
        now = self.now()
        return {
            "v": 1, "crit": [], "suite": "CX1-HYBRID", "type": "search.query", "id": uuid7(now),
            "conversation": uuid7(now), "seq": 1, "prev": None, "from": self.keys.node, "to": [to],
            "iat": rfc3339(now), "exp": rfc3339(now + timedelta(days=7)), "purpose": "criminal_investigation",
            "legal_basis": "TRAIN-REG:art.5",
            "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
            "urgency": "normal", "payload_hash": "", "cek_commit": "", "directory_version": 1,
        } | changes  # fmt: skip

    def message(
        self, to: JsonObject, body: JsonObject, hostility: Hostility = HONEST, header: dict[str, Any] | None = None
    ) -> bytes:
        """The bytes of POST /cx/1/messages to the member whose directory entry is `to`."""
        clear = header if header is not None else self.header(str(to["code"]))
        salted = random_bytes(32) + canonical({"v": 1, "body": body, "attachments": {}, "supersedes": None})
        cek = random_bytes(32)
        clear["payload_hash"] = clear["payload_hash"] or sha256(b"cx1-payload\0" + salted).hex()
        clear["cek_commit"] = clear["cek_commit"] or hmac.digest(cek, b"cx1-cek\0", "sha256").hex()
        hostility.header(clear)
        bound = canonical(clear)
        kem = cast(dict[str, str], to["kem"])
        sealed = seal(KemPublic.from_raw(b64.decode(kem["key"])), cek, b"cx1-wrap\0" + bound)
        wraps = [{"to": to["code"], "kid": kem["kid"], "sealed": b64.encode(sealed)}]
        ciphertext = b64.encode(encrypt(cek, salted, bound))
        envelope: dict[str, Any] = {"header": clear, "wraps": wraps, "ciphertext": ciphertext}
        envelope["signature"] = self.sign(envelope)
        hostility.envelope(envelope)
        if hostility.resign:
            envelope["signature"] = self.sign(envelope)
        digest = hashlib.sha256(canonical(envelope)).hexdigest()
        _, proof = self.log.append({"digest": digest, "kind": "sent"}, self.now())
        hostility.proof(proof)
        return hostility.body(canonical({"envelope": envelope, "proof": proof}))

    def sign(self, envelope: dict[str, Any]) -> str:
        """The detached JWS over header, wraps and the ciphertext's hash."""
        hashed = sha256(b64.decode(envelope["ciphertext"])).hex()
        signed = canonical({"header": envelope["header"], "wraps": envelope["wraps"], "ciphertext": hashed})
        return jws.sign_detached(self.keys.signing, self.keys.signing.public.fingerprint, signed)

    def post(self, to: JsonObject, body: bytes, path: str = "/cx/1/messages") -> tuple[int, dict[str, Any]]:
        """Status and answer over mutual TLS; the TLS error of a refused handshake passes through."""
        listed = [str(to["tls_certificate"]).encode()]
        context = client_context(self.keys.tls_certificate, self.keys.tls_key, listed)
        host, port = str(to["endpoint"]).removeprefix("https://").split(":")
        connection = http.client.HTTPSConnection(host, int(port), timeout=10, context=context)
        try:
            connection.request("POST", path, body=body)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def receipt(
        self, message: str, digest: str, to: str, kind: str = "HANDLED", proof: JsonObject | None = None, **changes: Any
    ) -> bytes:
        """The body of POST /cx/1/receipts."""
        payload: dict[str, Any] = {
            "typ": "cx1-receipt", "v": 1, "kind": kind, "message": message, "digest": digest, "from": self.keys.node,
            "to": to, "at": rfc3339(self.now()), "code": "", "log": None,
        } | changes  # fmt: skip
        signed: JsonObject = {"receipt": jws.sign_compact(self.keys.signing, "k", canonical(payload))}
        return canonical(signed | ({"proof": proof} if proof else {}))


def said(answer: bytes | dict[str, Any], entry: JsonObject) -> dict[str, Any]:
    """What a node said in its answer, under the signature of the member whose directory entry is `entry`."""
    parts = json.loads(answer) if isinstance(answer, bytes) else answer
    key = VerifyKey.from_raw(b64.decode(str(entry["signing"])))
    return cast(dict[str, Any], json.loads(jws.verify_compact(parts.get("receipt") or parts["error"], key)))
