"""What one message costs in cryptography and encoding, on one CPU.

    python -m benchmarks.crypto [--repeat N]

One JSON line: microseconds an operation (the best of N rounds), the two libraries beside which our own encoder and JWS
stand, a whole envelope (4 KiB, three recipients: sign, encrypt, seal three times, verify, open, decrypt) and the load.
Where SoftHSM 2 is installed: signatures a second and keys wrapped and unwrapped a second in a token of it, beside the
same by keys in files.
"""

import argparse
import json
import os
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

import rfc8785
from joserfc import jws as joserfc
from joserfc.jwk import OKPKey

from comity.base.clock import system_clock
from comity.base.model import DataKey, Json
from comity.kit.codec import jcs, jws, notes
from comity.kit.crypto import passphrase, sealing, signing, symmetric
from comity.kit.crypto.keyring import KeyRing
from tests.softhsm import SoftHsm, library

BODY = bytes(range(256)) * 16
CONTENT_KEY = bytes(range(32))
ENTRY: dict[str, Json] = {
    "v": 1, "id": "0190c2f4-7b1a-7c3e-8f00-1234567890ab", "type": "search.asked", "at": "2026-03-01T09:30:00.000Z",
    "node": "XA", "peer": "XB", "legal_basis_code": "regional-agreement:art-5", "policy_hash": "a" * 64,
    "retention": "P10Y", "auth_hash": "f" * 64,
    "commits": {"actor": "b" * 64, "subject": "c" * 64, "case": "d" * 64, "payload": "e" * 64},
    "peer_head": {"origin": "comity.invalid/XB/log", "size": 1234, "root": "g" * 44},
}  # fmt: skip


def operations() -> dict[str, Callable[[], object]]:
    """Each operation by name, ready to be called."""
    key, kem = signing.SigningKey.generate(), sealing.KemKey.generate()
    other = OKPKey.import_key(key.to_pem())
    signature, sealed = key.sign(BODY), sealing.seal(kem.public, CONTENT_KEY, b"header")
    detached = jws.sign_detached(key, "k1", BODY)
    text = notes.Checkpoint("comity.invalid/XA/log", 10**6, CONTENT_KEY).text()
    note, verifier = (
        notes.sign_note(text, "comity.invalid/XA/log", key),
        notes.VerifierKey("comity.invalid/XA/log", key.public),
    )
    header = {"alg": "Ed25519", "kid": "k1"}
    return {
        "jcs": lambda: jcs.canonical(ENTRY),
        "jcs by rfc8785": lambda: rfc8785.dumps(ENTRY),
        "sign": lambda: key.sign(BODY),
        "verify": lambda: key.public.verify(signature, BODY),
        "seal": lambda: sealing.seal(kem.public, CONTENT_KEY, b"header"),
        "open": lambda: sealing.open_sealed(kem, sealed, b"header"),
        "encrypt": lambda: symmetric.encrypt(CONTENT_KEY, BODY, b""),
        "jws sign": lambda: jws.sign_detached(key, "k1", BODY),
        "jws sign by joserfc": lambda: joserfc.serialize_compact(header, BODY, other, ["Ed25519"]),
        "jws verify": lambda: jws.verify_detached(detached, BODY, key.public),
        "jws verify by joserfc": lambda: joserfc.deserialize_compact(detached, other, ["Ed25519"], payload=BODY),
        "checkpoint sign": lambda: notes.sign_note(text, "comity.invalid/XA/log", key),
        "checkpoint open": lambda: notes.open_note(note, [verifier]),
        "envelope": lambda: envelope(key, kem),
    }


def envelope(key: signing.SigningKey, kem: sealing.KemKey) -> None:
    """One message to three recipients, and what one of them does with it."""
    signature = key.sign(BODY)
    ciphertext = symmetric.encrypt(CONTENT_KEY, BODY, b"")
    wraps = [sealing.seal(kem.public, CONTENT_KEY, b"header") for _ in range(3)]
    key.public.verify(signature, BODY)
    symmetric.decrypt(sealing.open_sealed(kem, wraps[0], b"header"), ciphertext, b"")


def in_token(repeat: int) -> dict[str, dict[str, int]]:
    """Operations a second by keys in files and in a token of SoftHSM 2; nothing where that is not installed."""
    if library() is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        token = SoftHsm(Path(folder)).make().opened()
        rings = {
            "files": KeyRing.create(Path(folder) / "files", "XA", system_clock),
            "token": KeyRing.create(Path(folder) / "token", "XA", system_clock, token),
        }
        found = {where: _rates(ring, repeat) for where, ring in rings.items()}
        token.close()
    return found


def _rates(ring: KeyRing, repeat: int) -> dict[str, int]:
    key = DataKey("case:1", CONTENT_KEY)
    deeds: dict[str, Callable[[], object]] = {
        "signs": lambda: ring.signing.sign(BODY),
        "wraps and unwraps": lambda: ring.unwrap(key.id, ring.wrap(key)),
    }
    return {name: round(500 / min(timeit.repeat(deed, number=500, repeat=repeat))) for name, deed in deeds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args().repeat
    found = {
        name: round(min(timeit.repeat(call, number=500, repeat=repeat)) / 500 * 1e6, 1)
        for name, call in operations().items()
    }
    found["pass-phrase"] = round(min(timeit.repeat(lambda: passphrase.lock(b"", "p"), number=1, repeat=3)) * 1e6)
    print(json.dumps({
        "microseconds": found, "envelopes a second": round(1e6 / found["envelope"]),
        "bytes a seal adds": sealing.SEAL_OVERHEAD, "a second": in_token(repeat), "load": os.getloadavg()[0],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
