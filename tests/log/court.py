"""What surrounds an export in the tests: a federation's root, a partner's log, a witness, a time-stamping authority.

Each is the other side's part, made by the standards' own words and not by the code under test.
"""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from comity.base.model import JsonObject
from comity.kit.codec.jcs import canonical
from comity.kit.codec.notes import Checkpoint, VerifierKey, sign_note
from comity.kit.codec.zips import read_stored_zip, write_stored_zip
from comity.kit.crypto.signing import SigningKey
from comity.log.service.shipped import load_verifier

PARTNER = "comity.invalid/XB/log"
WITNESS = "witness.invalid/w1"
VERIFY: ModuleType = load_verifier()


@dataclass(frozen=True)
class World:
    """The keys of everybody but the node."""

    root: SigningKey = field(default_factory=SigningKey.generate)
    partner: SigningKey = field(default_factory=SigningKey.generate)
    witness: SigningKey = field(default_factory=SigningKey.generate)

    def directory(self, own: VerifierKey, version: int = 1) -> bytes:
        """A repository by TUF 1.0 of two members, reduced to what a checker of exports reads; the root signs all."""
        logs = {"XA": own.format(), "XB": VerifierKey(PARTNER, self.partner.public).format()}
        files = {f"members/{code}.json": canonical({"code": code, "log": key}) for code, key in logs.items()}
        files["revocations.json"] = canonical({"v": 1, "revoked": []})
        parts = {path.rpartition("/")[2]: self._signed({"targets": {path: _hashed(data)}, "version": 1})
                 for path, data in files.items()}  # fmt: skip
        roles = [{"name": name.removesuffix(".json"), **self._alone} for name in parts]
        snapshot = self._signed({"version": version, "meta": {name: _hashed(data) for name, data in parts.items()}})
        return write_stored_zip({
            "metadata/1.root.json": self.root_file, "metadata/snapshot.json": snapshot,
            "metadata/timestamp.json": self._signed({
                "issued": "2026-01-01T00:00:00.000Z", "meta": {"snapshot.json": {"version": version}},
            }),
            "metadata/targets.json": self._signed({
                "comity": {"federation": "test"}, "delegations": {"keys": self._keys, "roles": roles},
            }),
            **{f"metadata/{name}": data for name, data in parts.items()},
            **{f"targets/{path}": data for path, data in files.items()},
        })  # fmt: skip

    @property
    def root_file(self) -> bytes:
        """The root's metadata: one key for everything."""
        roles = dict.fromkeys(("root", "timestamp", "snapshot", "targets"), self._alone)
        return self._signed({"version": 1, "keys": self._keys, "roles": roles})

    @property
    def pin(self) -> str:
        """By what people compare the root."""
        return hashlib.sha256(self.root_file).hexdigest()

    @property
    def _alone(self) -> dict[str, Any]:
        return {"keyids": [self.root.public.fingerprint], "threshold": 1}

    @property
    def _keys(self) -> dict[str, Any]:
        return {self.root.public.fingerprint: {"keyval": {"public": self.root.public.raw.hex()}}}

    def _signed(self, body: dict[str, Any]) -> bytes:
        signature: JsonObject = {"keyid": self.root.public.fingerprint, "sig": self.root.sign(canonical(body)).hex()}
        return canonical({"signed": body, "signatures": [signature]})

    def partner_note(self, size: int, root: bytes) -> str:
        """The partner's signed checkpoint."""
        return sign_note(Checkpoint(PARTNER, size, root).text(), PARTNER, self.partner)

    @property
    def witness_key(self) -> str:
        """The witness's key in C2SP form: kind 4."""
        raw = b"\x04" + self.witness.public.raw
        hashed = hashlib.sha256(WITNESS.encode() + b"\n" + raw).hexdigest()[:8]
        return f"{WITNESS}+{hashed}+{base64.b64encode(raw).decode()}"

    def cosigned(self, note: str, at: int = 1_772_000_000) -> str:
        """`note` with a line by the witness (C2SP tlog-cosignature, Ed25519)."""
        text = note.partition("\n\n")[0] + "\n"
        signature = self.witness.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        key_id = bytes.fromhex(self.witness_key.split("+")[1])
        blob = base64.b64encode(key_id + at.to_bytes(8, "big") + signature).decode()
        return f"{note}\u2014 {WITNESS} {blob}\n"

    def policy(self, own: VerifierKey) -> str:
        """A policy that asks for the witness."""
        return f"log {own.format()}\n\nwitness w1 {self.witness_key}\ngroup all-of-them all w1\nquorum all-of-them\n"


def _hashed(data: bytes) -> dict[str, Any]:
    return {"hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "version": 1}


def der(tag: int, *parts: bytes) -> bytes:
    """One DER value."""
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def time_stamp(data: bytes, when: str = "20260302093000Z", status: int = 0) -> bytes:
    """A TimeStampResp (RFC 3161) over `data`, without an authority's signature: only `openssl ts` looks at that."""
    algorithm = der(0x30, der(0x06, bytes.fromhex("608648016503040201")), der(0x05))
    imprint = der(0x30, algorithm, der(0x04, hashlib.sha256(data).digest()))
    info = der(0x30, der(0x02, b"\x01"), der(0x06, b"\x2a\x03"), imprint, der(0x02, b"\x07"), der(0x18, when.encode()))
    content = der(0x30, der(0x06, bytes.fromhex("2a864886f70d0109100104")), der(0xA0, der(0x04, info)))
    signed = der(0x30, der(0x02, b"\x03"), der(0x31, algorithm), content, der(0x31))
    token = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")), der(0xA0, signed))
    return der(0x30, der(0x30, der(0x02, bytes([status]))), token)


def remade(data: bytes, change: Callable[[dict[str, bytes]], Mapping[str, bytes]]) -> bytes:
    """The archive with its files changed."""
    return write_stored_zip(change(dict(read_stored_zip(data))))


def examined(folder: Path, data: bytes, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of the export's own checker, run as an expert runs it: alone, in a folder of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "export.zip").write_bytes(data)
    (folder / "verify.py").write_bytes(Path(str(VERIFY.__file__)).read_bytes())
    command = [sys.executable, "-I", "-S", "verify.py", "export.zip", "--json", *options]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={})
    assert not ended.stderr, ended.stderr
    return ended.returncode, json.loads(ended.stdout)
