"""Signed notes and checkpoints: a real one, cosigned ones, and hostile ones."""

from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Tampered
from comity.kit.codec import b64
from comity.kit.codec.notes import MAX_SIGNATURES, Checkpoint, VerifierKey, open_note, sign_note
from comity.kit.crypto.signing import SigningKey


def fixed_key(number: int) -> SigningKey:
    """The same key in every worker, so that the tests' names agree."""
    seed = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return SigningKey.from_pem(seed.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
LOG, WITNESS = fixed_key(1), fixed_key(2)
LOG_KEY = VerifierKey("comity.invalid/XA/log", LOG.public)
WITNESS_KEY = VerifierKey("comity.invalid/XB/witness", WITNESS.public)
TEXT = Checkpoint(LOG_KEY.name, 7, bytes(range(32))).text()
NOTE = sign_note(TEXT, LOG_KEY.name, LOG)
LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


def cosigned() -> str:
    return NOTE + sign_note(TEXT, WITNESS_KEY.name, WITNESS).rpartition("\n\n")[2]


@given(st.lists(LINES, min_size=1, max_size=5).map(lambda lines: "\n".join(lines) + "\n"))
def test_what_was_signed_opens(text: str) -> None:
    note = sign_note(text, LOG_KEY.name, LOG)
    assert open_note(note, [LOG_KEY]).text == text


def test_the_form_of_a_note() -> None:
    expected = b64.encode(LOG_KEY.id + LOG.sign(TEXT.encode()))
    assert f"{TEXT}\n\u2014 comity.invalid/XA/log {expected}\n" == NOTE


def test_known_names_are_reported_and_unknown_ones_passed_over() -> None:
    assert open_note(cosigned(), [LOG_KEY, WITNESS_KEY]).verified_names == (LOG_KEY.name, WITNESS_KEY.name)
    assert open_note(cosigned(), [WITNESS_KEY]).verified_names == (WITNESS_KEY.name,)
    twice = NOTE + NOTE.rpartition("\n\n")[2]
    assert open_note(twice, [LOG_KEY]).verified_names == (LOG_KEY.name,)
    successor = VerifierKey(LOG_KEY.name, WITNESS.public)
    rotated = NOTE + sign_note(TEXT, LOG_KEY.name, WITNESS).rpartition("\n\n")[2]
    assert open_note(rotated, [LOG_KEY, successor]).verified_names == (LOG_KEY.name,)


def test_a_note_without_a_known_key_is_not_opened() -> None:
    renamed = VerifierKey("comity.invalid/XC/log", LOG.public)
    for keys in ([], [WITNESS_KEY], [renamed]):
        with pytest.raises(Tampered) as caught:
            open_note(NOTE, keys)
        assert caught.value.code == "codec.note-unsigned"


def test_a_known_keys_bad_signature_refuses_the_whole_note() -> None:
    changed = cosigned().replace("\n7\n", "\n8\n", 1)
    forged = NOTE + f"\u2014 {WITNESS_KEY.name} {b64.encode(WITNESS_KEY.id + bytes(64))}\n"
    short = NOTE + f"\u2014 {WITNESS_KEY.name} {b64.encode(WITNESS_KEY.id + b'x')}\n"
    for note in (changed, forged, short):
        with pytest.raises(Tampered) as caught:
            open_note(note, [LOG_KEY, WITNESS_KEY])
        assert caught.value.code == "codec.note-signature"


LINE = NOTE.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    "note",
    [
        "", "\n", "\n\n", TEXT, TEXT + "\n", NOTE[:-1], NOTE + "\n", NOTE + "x", NOTE.replace("\u2014", "-"),
        NOTE.replace("\n", "\r\n"), NOTE.replace("\n\n", "\n"), NOTE + "\u2014 name\n", NOTE + "\u2014  QUJDREU=\n",
        NOTE + "\u2014 a+b QUJDREU=\n", NOTE + "\u2014 a\u00a0b QUJDREU=\n", NOTE + "\u2014 name QUJDRA==\n",
        NOTE + "\u2014 name QUJDREV=\n", NOTE + "\u2014 name QUJDREU= \n", "\x00" + NOTE, "\ud800" + NOTE,
        NOTE + LINE * MAX_SIGNATURES, "x" * 1_000_001 + NOTE,
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(BadInput):
        open_note(note, [LOG_KEY])


@given(st.text(max_size=80) | st.text("\u2014 \nA+=", max_size=80))
def test_arbitrary_texts_are_refused(note: str) -> None:
    with pytest.raises((BadInput, Tampered)):
        open_note(note, [LOG_KEY])


def test_many_cosignatures_are_read() -> None:
    note = NOTE
    for number in range(20):
        note += sign_note(TEXT, f"w{number}", SigningKey.generate()).rpartition("\n\n")[2]
    assert open_note(note, [LOG_KEY]).verified_names == (LOG_KEY.name,)


@pytest.mark.parametrize("text", ["", "no line feed", "tab\t\n", "\ud800\n"])
def test_texts_that_are_not_signed(text: str) -> None:
    with pytest.raises(BadInput):
        sign_note(text, LOG_KEY.name, LOG)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_names_that_do_not_sign(name: str) -> None:
    with pytest.raises(BadInput, match="key name"):
        sign_note(TEXT, name, LOG)


def test_verifier_keys_survive_their_line() -> None:
    assert VerifierKey.parse(LOG_KEY.format()) == LOG_KEY
    assert VerifierKey.parse(SUMDB).format() == SUMDB


@pytest.mark.parametrize(
    "line",
    [
        "", "name", SUMDB.replace("033de0ae", "033de0af"), SUMDB.replace("sum.", "sun."), SUMDB[:-4], "+" + SUMDB,
        SUMDB.replace("033de0ae", "033DE0AE"), "x+00000000+" + b64.encode(b"\x04" + LOG.public.raw),
        "x+00000000+" + b64.encode(b"\x01" + bytes(32)),
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_malformed_verifier_keys_are_refused(line: str) -> None:
    with pytest.raises(BadInput):
        VerifierKey.parse(line)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINES.filter(bool), max_size=3))
def test_checkpoints_survive_their_text(size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint("example.org/log", size, root, tuple(extensions))
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


ROOT = b64.encode(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "", "o\n", f"o\n1\n{ROOT}", f"o\n01\n{ROOT}\n", f"o\n-1\n{ROOT}\n", f"o\n+1\n{ROOT}\n", f"o\n1 \n{ROOT}\n",
        f"o\n\u0661\n{ROOT}\n", f"o\n{2**63}\n{ROOT}\n", f"o\n{'9' * 5000}\n{ROOT}\n", f"\n1\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n", f"o\n1\n{ROOT}\n\nx\n", "o\n1\nAAAA\n", f"o\n1\n{ROOT[:-1]}\n", f"o\r\n1\n{ROOT}\n",
    ],
    ids=map(str, count()),
)  # fmt: skip
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Checkpoint.parse(text)


def test_a_real_checkpoint_of_the_go_checksum_database(data: Path) -> None:
    script = (data / "trust" / "sumdb-checkpoint.txt").read_text(encoding="utf-8")
    note = script[script.index("go.sum database tree\n35225469") :].partition("```")[0]
    opened = open_note(note, [LOG_KEY, VerifierKey.parse(SUMDB)])
    assert opened.verified_names == ("sum.golang.org",)
    head = Checkpoint.parse(opened.text)
    assert (head.origin, head.size) == ("go.sum database tree", 35_225_469)
    assert b64.encode(head.root) == "vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ="
    with pytest.raises(Tampered):
        open_note(note.replace("35225469", "35225468"), [VerifierKey.parse(SUMDB)])
