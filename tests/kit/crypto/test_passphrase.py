"""Pass-phrase locks: Argon2id against RFC 9106's numbers, wrong pass-phrases and damaged blobs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import NotAllowed, Tampered
from comity.kit.crypto import passphrase
from comity.kit.crypto.passphrase import Cost, lock, unlock

CHEAP = Cost(memory_kib=8, iterations=1, lanes=1)


def with_header(blob: bytes, **changes: object) -> bytes:
    header, _, body = blob.partition(b"\n")
    return json.dumps(json.loads(header) | changes).encode() + b"\n" + body


def test_the_right_passphrase_opens() -> None:
    blob = lock(b"secret key", "correct horse", CHEAP)
    assert unlock(blob, "correct horse") == b"secret key"
    assert b"secret key" not in blob
    assert blob != lock(b"secret key", "correct horse", CHEAP)


def test_the_default_cost_is_written_in_the_blob() -> None:
    header = json.loads(lock(b"x", "y").partition(b"\n")[0])
    assert (header["memory_kib"], header["iterations"], header["lanes"]) == (65_536, 3, 1)


def test_a_wrong_passphrase_is_not_allowed() -> None:
    with pytest.raises(NotAllowed) as caught:
        unlock(lock(b"secret", "right", CHEAP), "wrong")
    assert caught.value.code == "access.passphrase"


def test_the_same_letters_open_however_they_were_typed() -> None:
    assert unlock(lock(b"secret", "caf\u00e9", CHEAP), "cafe\u0301") == b"secret"


def test_a_lowered_cost_is_noticed() -> None:
    blob = lock(b"secret", "right", Cost(memory_kib=16, iterations=2, lanes=1))
    for change in ({"memory_kib": 8}, {"iterations": 1}, {"salt": "00" * 16}):
        with pytest.raises(NotAllowed):
            unlock(with_header(blob, **change), "right")


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 2**40}, {"memory_kib": 7}, {"memory_kib": 8.0}, {"iterations": 0}, {"iterations": 65},
        {"lanes": 17}, {"lanes": True}, {"salt": "00"}, {"salt": "no"}, {"salt": 5}, {"v": 2}, {"kdf": "scrypt"},
        {"more": "x" * 600},
    ],
)  # fmt: skip
def test_unbearable_or_strange_headers_are_damage(change: dict[str, object]) -> None:
    with pytest.raises(Tampered) as caught:
        unlock(with_header(lock(b"secret", "right", CHEAP), **change), "right")
    assert caught.value.code == "crypto.locked-secret"


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_damage(blob: bytes) -> None:
    with pytest.raises((Tampered, NotAllowed)):
        unlock(blob, "any")


def test_argon2id_published_numbers() -> None:
    key = passphrase._stretch("\x01" * 32, b"\x02" * 16, Cost(memory_kib=32, iterations=3, lanes=4))
    assert key.hex() == "03aab965c12001c9d7d0d2de33192c0494b684bb148196d73c1df1acaf6d0c2e"
