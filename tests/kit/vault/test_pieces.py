"""Contents by pieces: any order, torn by a crash, read alone; whole they are the vault's like any other."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.base.errors import Tampered, Unavailable
from comity.base.model import DataKey
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database
from comity.kit.vault import arriving
from comity.kit.vault.arriving import Arriving
from comity.kit.vault.blobs import CHUNK_BYTES, HEAD_BYTES, Vault
from comity.kit.vault.pieces import Pieces, Room

KEY = DataKey("case:1", b"k" * 32)
CONTENT = b"".join(bytes([n]) * CHUNK_BYTES for n in range(3)) + b"end"


def write(content: Arriving, data: bytes, numbers: list[int]) -> None:
    for n in numbers:
        put(content, n, data[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES])


def put(content: Arriving, number: int, piece: bytes) -> bool:
    room = Room(CHUNK_BYTES)
    room.plain[: len(piece)] = piece
    return content.write(number * CHUNK_BYTES, room, len(piece))


def test_a_content_that_came_in_pieces_is_the_vaults(database: Database, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    content = Arriving.begin(vault.arriving / "one", len(CONTENT), KEY)
    write(content, CONTENT, [3, 1, 0, 2])
    assert content.whole
    staged = content.finish(sha256(CONTENT).hex())
    with database.unit("test") as unit:
        assert not vault.holds(unit, staged.ref.id, KEY)
        ref = vault.keep(unit, staged)
        assert vault.holds(unit, ref.id, KEY)
    content.remove()
    content.close()
    content.close()
    with database.read("test") as unit:
        assert vault.get(unit, ref.id, KEY) == CONTENT
        read = Pieces(vault.place(unit, ref.id, KEY), ref.size, KEY)
    room = Room(2 * CHUNK_BYTES)
    assert read.read(CHUNK_BYTES, 3 * CHUNK_BYTES, room) == CONTENT[CHUNK_BYTES : 3 * CHUNK_BYTES]
    assert read.read(2 * CHUNK_BYTES, len(CONTENT), room) == CONTENT[2 * CHUNK_BYTES :]
    with database.unit("test") as unit:
        assert vault.sweep(unit) == 0
        vault.drop(unit, ref.id, KEY)
    with database.read("test") as unit:
        assert not vault.holds(unit, ref.id, KEY)
    assert not [path for path in tmp_path.glob("vault/*/*") if path.parent.name not in {"aside", "arriving"}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.permutations(range(4)), st.integers(0, 4), st.booleans())
def test_after_a_crash_what_is_whole_counts(tmp_path: Path, order: list[int], kept: int, torn: bool) -> None:
    place = tmp_path / "arriving" / "one"
    place.unlink(missing_ok=True)
    before = Arriving.begin(place, len(CONTENT), KEY)
    write(before, CONTENT, order[:kept])
    before.close()
    there = set(order[:kept])
    if torn and there:
        last = order[kept - 1]
        with place.open("r+b") as file:
            at = file.seek(HEAD_BYTES + last * (CHUNK_BYTES + 28) + 14)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))
        there.remove(last)
    after = Arriving.begin(place, len(CONTENT), KEY)
    after.look()
    assert {n for n in range(4) if after.present[n]} == there
    write(after, CONTENT, order)
    after.finish(sha256(CONTENT).hex())
    after.close()


def test_another_content_than_was_promised_is_not_kept(tmp_path: Path) -> None:
    content = Arriving.begin(tmp_path / "arriving" / "one", len(CONTENT), KEY)
    write(content, CONTENT, [0, 1, 2])
    with pytest.raises(Tampered):
        content.finish(sha256(CONTENT).hex())
    write(content, CONTENT[:-1] + b"x", [3])
    with pytest.raises(Tampered):
        content.finish(sha256(CONTENT).hex())
    with pytest.raises(Tampered):
        Pieces(tmp_path / "arriving" / "one", len(CONTENT), DataKey("case:2", b"o" * 32)).read(
            0, CHUNK_BYTES, Room(CHUNK_BYTES)
        )


def test_a_full_disk_is_unavailable_and_the_piece_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = Arriving.begin(tmp_path / "arriving" / "one", len(CONTENT), KEY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "_write_all", full)
        with pytest.raises(Unavailable):
            put(content, 0, CONTENT[:CHUNK_BYTES])
    assert not content.has(0, CHUNK_BYTES)
    assert put(content, 0, CONTENT[:CHUNK_BYTES])
    assert not put(content, 0, CONTENT[:CHUNK_BYTES])
