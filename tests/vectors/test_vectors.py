"""What once travelled is read for ever: by the node's own code, and by a reader who knows only the protocol's pages.

The plain reader uses the standard library and `cryptography` alone, but for HPKE, whose own vectors are tested in
`kit/crypto/test_sealing.py`.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.evidence import service as evidence
from comity.exchange.service.directory import open_directory
from comity.exchange.service.envelope import check_signature, digest_of
from comity.exchange.service.members import signing_key
from comity.exchange.service.receipts import check_proof, verify_acceptance, verify_receipt
from comity.exchange.wire.envelope import parse_header, parse_message_body, parse_payload
from comity.exchange.wire.receipts import parse_answer
from comity.kit.crypto.sealing import KemKey, open_sealed
from tests.vectors import make


@pytest.fixture(scope="module")
def vector() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make.MESSAGE.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def members(vector: dict[str, Any]) -> Any:
    return open_directory(make.DIRECTORY.read_bytes(), vector["root_key"]).members


def canonical(value: object) -> bytes:
    """JCS of what the vectors hold: texts in ASCII keys, whole numbers, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def content_key(vector: dict[str, Any], header: bytes) -> bytes:
    """The content key, unwrapped with the recipient's key."""
    wraps = json.loads(vector["request"])["envelope"]["wraps"]
    (mine,) = [w for w in wraps if w["to"] == vector["recipient"]]
    key = KemKey.from_pem(vector["recipient_kem_key"].encode())
    return open_sealed(key, base64.b64decode(mine["sealed"]), b"cx1-wrap\0" + header)


def root_of(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2: the root that an inclusion proof leads to."""
    position, last, found = index, size - 1, leaf
    for one in hashes:
        if position & 1 or position == last:
            found = hashlib.sha256(b"\x01" + one + found).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + one).digest()
        position, last = position >> 1, last >> 1
    return found


def test_the_node_reads_the_message_and_its_answer(vector: dict[str, Any], members: Any) -> None:
    envelope, proof = parse_message_body(vector["request"].encode())
    assert digest_of(envelope) == vector["digest"]
    check_signature(envelope, members["XA"])
    check_proof(proof, members["XA"], {"digest": vector["digest"], "kind": "sent"})
    assert parse_header(envelope.header).type == "search.query"
    kind, text, received = parse_answer(vector["answer"].encode())
    receipt = verify_receipt(text, members["XB"], "XA")
    assert (kind, receipt.kind, receipt.digest) == ("receipt", "ACCEPTED", vector["digest"])
    verify_acceptance(receipt, received, members["XB"])


def test_a_plain_reader_opens_it_by_the_page(vector: dict[str, Any]) -> None:
    envelope = json.loads(vector["request"])["envelope"]
    header, ciphertext = canonical(envelope["header"]), base64.b64decode(envelope["ciphertext"])
    assert hashlib.sha256(canonical(envelope)).hexdigest() == vector["digest"]
    cek = content_key(vector, header)
    assert hmac.digest(cek, b"cx1-cek\0", "sha256").hex() == envelope["header"]["cek_commit"]
    salted = AESGCM(cek).decrypt(ciphertext[:12], ciphertext[12:], header)
    assert hashlib.sha256(b"cx1-payload\0" + salted).hexdigest() == envelope["header"]["payload_hash"]
    assert json.loads(salted[32:])["v"] == 1
    assert parse_payload(salted[32:]).body["modality"] == "dna"


def test_a_plain_reader_checks_the_signature_by_the_page(vector: dict[str, Any], members: Any) -> None:
    envelope = json.loads(vector["request"])["envelope"]
    digest = hashlib.sha256(base64.b64decode(envelope["ciphertext"])).hexdigest()
    signed = canonical({"ciphertext": digest, "header": envelope["header"], "wraps": envelope["wraps"]})
    protected, middle, signature = envelope["signature"].split(".")
    assert middle == ""
    payload = base64.urlsafe_b64encode(signed).rstrip(b"=")
    key = Ed25519PublicKey.from_public_bytes(members["XA"].signing)
    key.verify(unpadded(signature), protected.encode() + b"." + payload)
    assert json.loads(unpadded(protected))["kid"] == signing_key(members["XA"].signing).fingerprint


def test_a_plain_reader_finds_the_message_in_the_senders_log(vector: dict[str, Any]) -> None:
    proof = json.loads(vector["request"])["proof"]
    entry, shown = json.loads(proof["entry"]), proof["opening"]["payload"]
    assert shown["value"] == {"digest": vector["digest"], "kind": "sent"}
    committed = b"comity-log-v1|payload|" + canonical(shown["value"])
    assert hmac.digest(bytes.fromhex(shown["r"]), committed, "sha256").hex() == entry["commits"]["payload"]
    head, _, note = proof["tlog_proof"].partition("\n\n")
    version, index, *hashes = head.split("\n")
    origin, size, root = note.split("\n")[:3]
    assert (version, origin) == ("c2sp.org/tlog-proof@v1", "comity.invalid/XA/log")
    leaf = hashlib.sha256(b"\x00" + proof["entry"].encode()).digest()
    path = [base64.b64decode(one) for one in hashes]
    assert root_of(leaf, int(index.removeprefix("index ")), int(size), path) == base64.b64decode(root)


def test_the_package_verifies_offline(vector: dict[str, Any]) -> None:
    verification = evidence.verify(
        make.PACKAGE.read_bytes(), make.DIRECTORY.read_bytes(), vector["root_key"], [make.RECEIPT.read_bytes()]
    )
    assert verification.authenticated
    assert all(check.ok for check in verification.checks), [c for c in verification.checks if not c.ok]
