"""One Ed25519 rule everywhere: notes, cosignatures, JWS, DSSE, the directory and the court's checker judge alike.

Libraries differ on odd keys and signatures. Where the message is given, CCTV's 914 vectors are asked; where the format
makes the message, signatures with the same oddities are made for it. Refused are keys of small order
(`low_order_A`), keys and R in a non-canonical encoding (`non_canonical_A`, `non_canonical_R`), and signatures that
hold only when a residue of small order is overlooked (`low_order_residue`); the other flags are no reason.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Signature

from comity.base.errors import ComityError, Tampered
from comity.exchange.service.federation.metadata import house_key, tuf_key
from comity.kit.codec import b64, dsse, jcs, jws, notes
from comity.kit.crypto.signing import VerifyKey
from tests.conftest import REPOSITORY
from tests.log.court import VERIFY

REFUSED = {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue"}
NO_REASON = {"low_order_R", "low_order_component_A", "low_order_component_R", "reencoded_k"}
ORDER_8 = VERIFY.decode_point(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))
TEXT = notes.Checkpoint("o", 7, bytes(32)).text()
TIMED = f"cosignature/v1\ntime 9\n{TEXT}".encode()
SIGNED = f"{b64.encode_url(jcs.canonical({'alg': 'Ed25519', 'kid': 'k'}))}.{b64.encode_url(b'payload')}"
Ways = dict[str, Callable[[bytes, bytes, bytes], bool]]
Sign = Callable[[bytes], bytes]


# --- the vectors -----------------------------------------------------------------------------------------------------


def plain(key: bytes, signature: bytes, message: bytes) -> bool:
    return VerifyKey.from_raw(key).verify(signature, message)


def note_line(key: bytes, signature: bytes, message: bytes) -> bool:
    return notes.VerifierKey("o", VerifyKey.from_raw(key)).time_of(signature, message.decode()) is not None


def directory(key: bytes, signature: bytes, message: bytes) -> bool:
    """As python-tuf verifies, with keys that the house took: a key is refused when the metadata is read."""
    taken = tuf_key(VerifyKey.from_raw(key))
    house_key(taken)
    taken.verify_signature(Signature(taken.keyid, signature.hex()), message)
    return True


GIVEN: Ways = {"plain": plain, "note": note_line, "directory": directory, "checker": VERIFY.is_signed}


def holds(call: Callable[..., object], *given: object) -> bool:
    """Whether it is let through."""
    try:
        return bool(call(*given))
    except (ComityError, UnverifiedSignatureError):
        return False


@pytest.mark.parametrize("way", GIVEN)
def test_cctv_vectors_get_the_same_answer_everywhere(data: Path, way: str) -> None:
    vectors = json.loads((data / "trust" / "cctv-ed25519.json").read_text())
    assert len(vectors) == 914
    assert {flag for vector in vectors for flag in vector["flags"] or ()} == REFUSED | NO_REASON
    for vector in vectors:
        key, signature, message = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"]), vector["msg"].encode()
        assert holds(GIVEN[way], key, signature, message) == (not REFUSED & set(vector["flags"] or ())), vector


# --- signatures with the same oddities over messages of our formats --------------------------------------------------


def times(scalar: int, point: object) -> object:
    found = VERIFY.NEUTRAL
    for bit in bin(scalar)[2:]:
        found = VERIFY.add(found, found)
        found = VERIFY.add(found, point) if bit == "1" else found
    return found


def odd_signers() -> Iterator[tuple[bytes, Sign]]:
    """Keys A = aB + iT and signers with R = rB + jT, T of order 8: whoever multiplies by 8 accepts each of them."""
    for i, j, seed in product(range(8), range(8), range(2)):
        a = int.from_bytes(hashlib.sha512(b"key %d" % seed).digest(), "little") % VERIFY.ORDER if seed else 0
        key = VERIFY.encode_point(VERIFY.add(times(a, VERIFY.BASE), times(i, ORDER_8)))

        def sign(message: bytes, j: int = j, a: int = a, key: bytes = key) -> bytes:
            r = int.from_bytes(hashlib.sha512(key + message).digest(), "little") % VERIFY.ORDER
            start = VERIFY.encode_point(VERIFY.add(times(r, VERIFY.BASE), times(j, ORDER_8)))
            k = int.from_bytes(hashlib.sha512(start + key + message).digest(), "little") % VERIFY.ORDER
            return bytes(start + ((r + k * a) % VERIFY.ORDER).to_bytes(32, "little"))

        yield key, sign


def as_note(key: bytes, sign: Sign) -> bool:
    verifier = notes.VerifierKey("o", VerifyKey.from_raw(key))
    line = b64.encode(verifier.id + sign(TEXT.encode()))
    return notes.open_note(f"{TEXT}\n\u2014 o {line}\n", [verifier]).text == TEXT


def as_cosignature(key: bytes, sign: Sign) -> bool:
    witness = notes.VerifierKey("w", VerifyKey.from_raw(key), cosigns=True)
    line = b64.encode(witness.id + (9).to_bytes(8, "big") + sign(TIMED))
    return notes.open_note(f"{TEXT}\n\u2014 w {line}\n", [witness]).times == {"w": 9}


def as_jws(key: bytes, sign: Sign) -> bool:
    compact = f"{SIGNED}.{b64.encode_url(sign(SIGNED.encode()))}"
    return jws.verify_compact(compact, VerifyKey.from_raw(key)) == b"payload"


def as_dsse(key: bytes, sign: Sign) -> bool:
    signature = b64.encode(sign(dsse.pae("t", b"payload")))
    envelope = {"payload": b64.encode(b"payload"), "payloadType": "t", "signatures": [{"keyid": "k", "sig": signature}]}
    return dsse.verify(jcs.canonical(envelope), "t", {"k": VerifyKey.from_raw(key)}).keyids == ("k",)  # type: ignore[arg-type]


def in_court(key: bytes, sign: Sign) -> bool:
    """The checker's notes; its keys are read with the house's own ids."""
    raw = b"\x01" + key
    hashed = hashlib.sha256(b"o\n" + raw).digest()[:4]
    line = b64.encode(hashed + sign(TEXT.encode()))
    note = VERIFY.read_note(f"{TEXT}\n\u2014 o {line}\n".encode())
    return VERIFY.signed_at(note, VERIFY.read_key(f"o+{hashed.hex()}+{b64.encode(raw)}")) is not None


FORMED = {"note": as_note, "cosignature": as_cosignature, "jws": as_jws, "dsse": as_dsse, "court": in_court}
MESSAGES = {
    "note": TEXT.encode(), "court": TEXT.encode(), "cosignature": TIMED, "jws": SIGNED.encode(),
    "dsse": dsse.pae("t", b"payload"),
}  # fmt: skip


@pytest.mark.parametrize("way", FORMED)
def test_odd_signatures_get_the_same_answer_in_every_format(way: str) -> None:
    answers = []
    for key, sign in odd_signers():
        expected = VERIFY.is_signed(key, sign(MESSAGES[way]), MESSAGES[way])
        assert tried(FORMED[way], key, sign) == expected
        answers.append(expected)
    assert answers[64:].count(True) >= 1
    assert 0 < answers.count(True) < len(answers) / 2


def tried(way: Callable[[bytes, Sign], bool], key: bytes, sign: Sign) -> bool:
    try:
        return way(key, sign)
    except (ComityError, VERIFY.Wrong, *VERIFY.MALFORMED):
        return False


def test_nothing_else_verifies_ed25519() -> None:
    """Only the house's own module knows the library's verification; whoever needs one asks it."""
    for path in (REPOSITORY / "src" / "comity").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any("ed25519" in str(part.module) for part in ast.walk(tree) if isinstance(part, ast.ImportFrom)):
            assert path.name == "signing.py", path


def test_a_residue_of_small_order_is_refused() -> None:
    """The clearest of them: R lacks the part of order 8, and only a verifier that multiplies by 8 overlooks it."""
    key, sign = next((key, sign) for number, (key, sign) in enumerate(odd_signers()) if number == 3)
    with pytest.raises(Tampered):
        as_note(key, sign)
