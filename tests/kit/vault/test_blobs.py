"""The vault: what goes in comes out, nothing else does, and nothing on disk tells what it is."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput, NotFound, Tampered, Unavailable
from comity.base.model import DataKey
from comity.kit.database.unit import Database
from comity.kit.vault.blobs import CHUNK_BYTES, BlobRef, Vault
from tests.clock import FixedClock

KEY = DataKey("case-1", bytes(range(32)))
OTHER = DataKey("case-2", bytes(32))
LARGE = bytes(range(256)) * (2 * CHUNK_BYTES // 256) + b"the end"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def put(database: Database, vault: Vault, data: bytes, key: DataKey = KEY) -> BlobRef:
    with database.unit("probe.put") as unit:
        return vault.put(unit, data, key)


def get(database: Database, vault: Vault, blob_id: str, key: DataKey = KEY) -> bytes:
    with database.read("probe.get") as unit:
        return vault.get(unit, blob_id, key)


def files(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "vault").rglob("*") if path.is_file())


@pytest.mark.parametrize("data", [b"", b"a", LARGE[:CHUNK_BYTES], LARGE[: CHUNK_BYTES + 1], LARGE])
def test_a_content_comes_back_under_its_hash(database: Database, vault: Vault, data: bytes) -> None:
    ref = put(database, vault, data)
    assert ref == BlobRef(hashlib.sha256(data).hexdigest(), len(data))
    assert get(database, vault, ref.id) == data


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, CHUNK_BYTES + 9), max_size=4))
def test_a_content_may_come_in_pieces_of_any_size(database: Database, vault: Vault, sizes: list[int]) -> None:
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    with database.unit("probe.put") as unit:
        ref = vault.put(unit, iter(pieces), KEY)
        assert b"".join(vault.chunks(unit, ref.id, KEY)) == b"".join(pieces)


def test_the_same_content_is_stored_once_per_key(database: Database, vault: Vault, tmp_path: Path) -> None:
    refs = {put(database, vault, b"same", key) for key in (KEY, KEY, OTHER)}
    assert (len(refs), len(files(tmp_path))) == (1, 2)


def test_a_content_is_found_only_under_its_key(database: Database, vault: Vault) -> None:
    ref = put(database, vault, b"secret")
    with pytest.raises(NotFound):
        get(database, vault, ref.id, OTHER)
    with pytest.raises(Tampered):
        get(database, vault, ref.id, DataKey(KEY.id, OTHER.secret))


def test_disk_and_rows_reveal_neither_content_nor_hash(database: Database, vault: Vault, tmp_path: Path) -> None:
    ref = put(database, vault, b"the planted name")
    with database.read("probe.rows") as unit:
        rows = str(unit.connection.exec_driver_sql("SELECT * FROM vault_blob").all())
    everything = rows.encode() + b"".join(str(path).encode() + path.read_bytes() for path in files(tmp_path))
    for planted in (b"planted", ref.id.encode(), bytes.fromhex(ref.id)):
        assert planted not in everything
    assert all(path.stat().st_mode & 0o077 == 0 for path in files(tmp_path))


@pytest.mark.parametrize("at", [0, 9, 45, 105, 200, CHUNK_BYTES + 200, -1])
def test_a_flipped_bit_anywhere_is_noticed(database: Database, vault: Vault, tmp_path: Path, at: int) -> None:
    ref = put(database, vault, LARGE)
    (path,) = files(tmp_path)
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(stored)
    with pytest.raises(Tampered):
        get(database, vault, ref.id)


def test_a_cut_lengthened_reordered_swapped_or_lost_file_is_noticed(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    ref = put(database, vault, LARGE)
    (path,) = files(tmp_path)
    put(database, vault, b"another")
    (another,) = (other for other in files(tmp_path) if other != path)
    good, head, chunk = path.read_bytes(), 100 + 32, CHUNK_BYTES + 28
    first, second, rest = good[head : head + chunk], good[head + chunk : head + 2 * chunk], good[head + 2 * chunk :]
    forms = [
        b"", good[:50], good[:head], good[: head + chunk], good[: head + 2 * chunk], good + b"x", good + rest,
        good[:head] + second + first + rest, another.read_bytes(),
    ]  # fmt: skip
    for form in forms:
        path.write_bytes(form)
        with pytest.raises(Tampered):
            get(database, vault, ref.id)
    path.write_bytes(good)
    assert get(database, vault, ref.id) == LARGE
    path.unlink()
    with pytest.raises(Tampered):
        get(database, vault, ref.id)


def test_a_swapped_file_gives_out_not_one_chunk(database: Database, vault: Vault, tmp_path: Path) -> None:
    ref = put(database, vault, b"right")
    (path,) = files(tmp_path)
    put(database, vault, b"wrong")
    (wrong,) = (other for other in files(tmp_path) if other != path)
    path.write_bytes(wrong.read_bytes())
    with database.read("probe.get") as unit, pytest.raises(Tampered):
        next(vault.chunks(unit, ref.id, KEY))


def test_a_unit_that_rolls_back_leaves_no_row(database: Database, vault: Vault) -> None:
    with pytest.raises(BadInput), database.unit("probe.put") as unit:
        ref = vault.put(unit, b"never", KEY)
        raise BadInput("probe.bad", "not like this", todo="Do it otherwise")
    with pytest.raises(NotFound):
        get(database, vault, ref.id)
    assert get(database, vault, put(database, vault, b"never").id) == b"never"


def test_a_source_that_fails_leaves_no_file(vault: Vault, tmp_path: Path) -> None:
    def source() -> Iterator[bytes]:
        yield b"half"
        raise BadInput("probe.bad", "the upload stopped", todo="Send it again")

    with pytest.raises(BadInput):
        vault.stage(source(), KEY)
    assert files(tmp_path) == []


def test_a_staged_content_needs_the_unit_only_to_be_kept(database: Database, vault: Vault) -> None:
    staged = vault.stage(iter([b"large ", b"evidence"]), KEY)
    with database.unit("probe.keep") as unit:
        ref = vault.keep(unit, staged)
    assert get(database, vault, ref.id) == b"large evidence"


def test_a_sweep_removes_what_no_act_has_kept_and_nothing_else(
    database: Database, vault: Vault, tmp_path: Path, clock: FixedClock
) -> None:
    live = put(database, vault, b"live")
    with pytest.raises(BadInput), database.unit("probe.put") as unit:
        vault.put(unit, b"stray", KEY)
        raise BadInput("probe.bad", "not like this", todo="Do it otherwise")
    with database.read("probe.sweep") as unit:
        assert vault.sweep(unit) == 0
    clock.advance(24 * 3600 + 1)
    young = put(database, vault, b"young")
    with database.read("probe.sweep") as unit:
        assert (vault.sweep(unit), vault.sweep(unit)) == (1, 0)
    assert get(database, vault, live.id) + get(database, vault, young.id) == b"liveyoung"
    assert len(files(tmp_path)) == 2


def test_all_that_is_under_one_key_is_dropped_and_nothing_else(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    mine = [put(database, vault, data) for data in (b"one", b"two")]
    theirs = put(database, vault, b"one", OTHER)
    with pytest.raises(BadInput), database.unit("probe.drop") as unit:
        vault.drop_under(unit, KEY.id)
        raise BadInput("probe.bad", "not like this", todo="Do it otherwise")
    assert get(database, vault, mine[0].id) == b"one"
    with database.unit("probe.drop") as unit:
        assert vault.drop_under(unit, KEY.id) == 2
    assert get(database, vault, theirs.id, OTHER) == b"one" and len(files(tmp_path)) == 1
    with pytest.raises(NotFound):
        get(database, vault, mine[1].id)
    with database.unit("probe.put") as unit:
        vault.put(unit, b"two", KEY)
    assert get(database, vault, mine[1].id) == b"two"


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"not a folder")
    with pytest.raises(Unavailable) as caught:
        Vault(tmp_path / "file" / "vault").stage(b"data", KEY)
    assert caught.value.code == "node.storage"
