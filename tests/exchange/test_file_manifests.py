"""Manifests of files, and the answer which chunks are missing, as partners may write them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Tampered
from comity.base.model import Json
from comity.exchange.model import FileManifest
from comity.exchange.rules import CHUNK, FILE_BYTES, PIECE
from comity.exchange.service.filing import ChunkRoom, open_chunk, seal_chunk
from comity.exchange.wire.files import manifest_dict, parse_manifests, parse_standing, standing_body

IDS = b"".join(n.to_bytes(32) for n in range(3))
GOOD = FileManifest("dump.bin", 2 * CHUNK + 1, "a" * 64, CHUNK, bytes(32), IDS)


def test_a_manifest_reads_as_it_was_written() -> None:
    assert parse_manifests([manifest_dict(GOOD)]) == (GOOD,)


@pytest.mark.parametrize(
    "lie",
    [
        {"size": 10**15},
        {"size": FILE_BYTES + 1},
        {"size": -1},
        {"size": True},
        {"size": "1"},
        {"size": CHUNK},
        {"size": 3 * CHUNK + 1},
        {"chunk": 0},
        {"chunk": PIECE - 1},
        {"chunk": 2 * CHUNK},
        {"chunk": PIECE},
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 129},
        {"sha256": "a"},
        {"key": "AA=="},
        {"ids": ""},
        {"ids": "!"},
        {"ids": manifest_dict(replace(GOOD, ids=bytes(96)))["ids"]},
    ],
)
def test_a_manifest_that_cannot_be_true_is_refused(lie: dict[str, Json]) -> None:
    with pytest.raises(BadInput) as caught:
        parse_manifests([manifest_dict(GOOD) | lie])
    assert caught.value.code == "exchange.payload"


@pytest.mark.parametrize("files", [[], {}, "x", [1], [manifest_dict(GOOD)] * 2, [manifest_dict(GOOD)] * 17])
def test_files_are_a_short_list_of_different_names(files: Json) -> None:
    with pytest.raises(BadInput):
        parse_manifests(files)


@given(st.lists(st.booleans(), min_size=1, max_size=70))
def test_what_is_missing_is_told_by_bits(held: list[bool]) -> None:
    state, missing = parse_standing(standing_body("open", bytes(held)), len(held))
    assert (state, missing) == ("open", [n for n, there in enumerate(held) if not there])


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"state":"open"}', b'{"have":"","state":"gone"}', b'{"have":"AAA=","state":"open"}']
)
def test_an_answer_that_says_something_else_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        parse_standing(body, 8)


def test_a_chunk_opens_at_its_place_only() -> None:
    data, room = bytes(range(256)) * (CHUNK // 256), ChunkRoom()
    sealed = bytes(seal_chunk(GOOD, 1, data, room))
    assert sealed == seal_chunk(GOOD, 1, data, ChunkRoom())
    assert open_chunk(GOOD, 1, sealed, room) == CHUNK
    assert room.plain == data
    shorter = replace(GOOD, ids=IDS[:64])
    for file, number in (
        (GOOD, 0),
        (GOOD, 2),
        (shorter, 1),
        (replace(GOOD, size=GOOD.size - 1), 1),
        (replace(GOOD, key=b"k" * 32), 1),
    ):
        with pytest.raises(Tampered):
            open_chunk(file, number, sealed, room)
    with pytest.raises(Tampered):
        open_chunk(GOOD, 1, b"", room)
