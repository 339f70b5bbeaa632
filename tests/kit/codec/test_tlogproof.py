"""Log proofs: the standard's form, and forms that must be refused."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.codec import b64
from comity.kit.codec.notes import Checkpoint, sign_note
from comity.kit.codec.tlogproof import MAX_HASHES, Proof, format_proof, parse_proof
from comity.kit.crypto.signing import SigningKey

NOTE = sign_note(Checkpoint("o", 9, bytes(32)).text(), "o", SigningKey.generate())
"""Its signature differs at every run, so the cases below are named by their number."""
HASH = b64.encode(bytes(32))
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_HASHES).map(tuple)
HEADER = "c2sp.org/tlog-proof@v1\n"


@given(st.integers(0, 2**63 - 1), HASHES, st.none() | st.binary(max_size=50))
def test_proofs_survive_their_text(index: int, hashes: tuple[bytes, ...], extra: bytes | None) -> None:
    proof = Proof(index, hashes, NOTE, extra)
    text = format_proof(proof)
    assert parse_proof(text) == proof
    assert format_proof(parse_proof(text)) == text


def test_the_form_of_a_proof() -> None:
    assert format_proof(Proof(5, (bytes(32),), NOTE)) == f"{HEADER}index 5\n{HASH}\n\n{NOTE}"
    assert format_proof(Proof(0, (), NOTE, b"hi")) == f"{HEADER}extra aGk=\nindex 0\n\n{NOTE}"


@pytest.mark.parametrize(
    "text",
    [
        "", HEADER, NOTE, f"c2sp.org/tlog-proof@v2\nindex 5\n\n{NOTE}", f"{HEADER}index 5\n\n",
        f"{HEADER}{HASH}\n\n{NOTE}",
        f"{HEADER}\n{NOTE}", f"{HEADER}index 05\n\n{NOTE}", f"{HEADER}index -1\n\n{NOTE}",
        f"{HEADER}index  5\n\n{NOTE}",
        f"{HEADER}index {2**63}\n\n{NOTE}", f"{HEADER}index {'9' * 5000}\n\n{NOTE}", f"{HEADER}index five\n\n{NOTE}",
        f"{HEADER}index 5\nextra aGk=\n\n{NOTE}", f"{HEADER}extra aGk=\nextra aGk=\nindex 5\n\n{NOTE}",
        f"{HEADER}extra aGk\nindex 5\n\n{NOTE}", f"{HEADER}extra aGl=\nindex 5\n\n{NOTE}",
        f"{HEADER}index 5\n{HASH}x\n\n{NOTE}",
        f"{HEADER}index 5\n{HASH[:-2]}B=\n\n{NOTE}", f"{HEADER}index 5\n{b64.encode(bytes(31))}\n\n{NOTE}",
        f"{HEADER}index 5\n{b64.encode(bytes(33))}\n\n{NOTE}", f"{HEADER}index 5\r\n{HASH}\r\n\r\n{NOTE}",
        f"{HEADER}index 5\n{HASH}\n" + f"{HASH}\n" * MAX_HASHES + f"\n{NOTE}", f" {HEADER}index 5\n\n{NOTE}",
        f"{HEADER}extra {'A' * 65_536}\nindex 5\n\n{NOTE}", f"{HEADER}index 5\n\n" + "x" * 1_100_000,
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_malformed_proofs_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_proof(text)


@pytest.mark.parametrize(
    "proof",
    [
        Proof(-1, (), NOTE), Proof(2**63, (), NOTE), Proof(0, (b"short",), NOTE), Proof(0, (bytes(32),) * 64, NOTE),
        Proof(0, (), ""), Proof(True, (), NOTE),
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_what_would_not_be_read_is_not_written(proof: Proof) -> None:
    with pytest.raises(BadInput):
        format_proof(proof)


@given(st.text(max_size=60), st.text("index 0123456789\nextra A=", max_size=40))
def test_arbitrary_texts_are_read_back_or_refused(text: str, middle: str) -> None:
    for candidate in (text, HEADER + middle + "\n" + NOTE):
        try:
            proof = parse_proof(candidate)
        except BadInput:
            continue
        assert format_proof(proof) == candidate
