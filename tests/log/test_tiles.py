"""Tiles follow from the entries, lie where the standard says, and are a cache: thrown away, they come back the same."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import Tampered
from comity.kit import shell
from comity.kit.database.unit import Database
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.log import cli, rules, service, store
from comity.log.model import Frontier, Record
from comity.log.service.tiles import _Edge
from tests.log.test_proving import OFFICER, fill

Run = Callable[..., int]


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    """`run("tiles", "--out", folder)`."""

    def never(*_given: object) -> None:
        raise AssertionError

    desk = Desk("XA", tmp_path, database, Vault(tmp_path / "vault"), never, never)  # type: ignore[arg-type]
    return lambda *arguments: shell.run(cli.commands(lambda: desk, never, service.Upstairs()), arguments)  # type: ignore[arg-type]


def made(database: Database) -> dict[str, bytes]:
    with database.read("test.tiles") as unit:
        return dict(service.tiles(unit))


@pytest.mark.parametrize(
    ("kind", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"), (0, 999, 256, "tile/0/999"), (3, 1_234_067, 256, "tile/3/x001/x234/067"),
        ("entries", 1000, 7, "tile/entries/x001/000.p/7"), (63, 12, 255, "tile/63/012.p/255"),
    ],
)  # fmt: skip
def test_where_tiles_lie(kind: int | str, index: int, width: int, path: str) -> None:
    assert rules.tile_path(kind, index, width) == path


def test_the_tiles_of_a_log_by_others(data: Path) -> None:
    """Tessera's own tiles of its test log, byte for byte."""
    folder = data / "trust" / "tessera-log"
    for size in range(1, 16):
        bundle, entries = (folder / f"tile/entries/000.p/{size}").read_bytes(), []
        while bundle:
            length = 2 + int.from_bytes(bundle[:2], "big")
            entries.append(bundle[2:length])
            bundle = bundle[length:]
        edge = _Edge()
        assert list(edge.add(entries)) == []
        assert dict(edge.partial()) == {f"tile/0/000.p/{size}": (folder / f"tile/0/000.p/{size}").read_bytes()}


@given(st.integers(0, 1200) | st.sampled_from([65_535, 65_536, 65_537, 70_000]))
def test_the_edge_of_any_log_has_its_root(size: int) -> None:
    entries = [b"%d" % number for number in range(size)]
    edge = _Edge()
    found = [path for at in range(0, size, 256) for path, _ in edge.add(entries[at : at + 256])]
    leaves = [rules.leaf_hash(entry) for entry in entries]
    assert rules.tile_root(edge.levels) == rules.root(rules.append(Frontier(), leaves).frontier)
    partial = [path for path, _ in edge.partial()]
    if size == 70_000:
        assert len(found) == 273 + 1
        assert partial == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]


def test_a_reader_of_tiles_finds_every_entry_and_the_root(database: Database) -> None:
    fill(database, 300)
    fill(database, 300)
    files = made(database)
    assert list(files)[-1] == "checkpoint"
    assert set(files) - {"checkpoint"} == {
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88", "tile/0/000", "tile/0/001", "tile/0/002.p/88",
        "tile/1/000.p/2",
    }  # fmt: skip
    with database.read("test.read") as unit:
        head = service.check_checkpoint(files["checkpoint"].decode(), service.verifier(unit))
        data = [entry.data for entry in service.entries(unit, limit=1000)]
        assert service.verify_tree(unit) == head
    bundles = b"".join(files[f"tile/entries/{name}"] for name in ("000", "001", "002.p/88"))
    assert bundles == b"".join(len(one).to_bytes(2, "big") + one for one in data)
    assert b"".join(files[f"tile/0/{n}"] for n in ("000", "001", "002.p/88")) == b"".join(map(rules.leaf_hash, data))
    assert made(database) == files


def test_an_empty_log_has_a_checkpoint_and_no_tile(database: Database) -> None:
    assert list(made(database)) == ["checkpoint"]


@pytest.mark.parametrize("harm", ["change", "remove", "add", "swap"])
def test_nothing_is_written_of_a_log_that_was_changed(
    database: Database, run: Run, tmp_path: Path, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(database, 300)
    table = store.entry_table
    with database.unit("test.tamper") as unit:
        rows = {row.seq: row for row in unit.connection.execute(sa.select(table).where(table.c.seq.in_((7, 8, 299))))}
        if harm == "change":
            changed = rows[7].bytes.replace(b"XB", b"XC")
            unit.connection.execute(sa.update(table).where(table.c.seq == 7).values(bytes=changed))
        elif harm == "remove":
            unit.connection.execute(sa.delete(table).where(table.c.seq == 299))
        elif harm == "add":
            unit.connection.execute(sa.insert(table), {**rows[299]._mapping, "seq": 300, "id": "x"})
        else:
            for seq, other in ((7, 8), (8, 7)):
                unit.connection.execute(sa.update(table).where(table.c.seq == seq).values(bytes=rows[other].bytes))
    with pytest.raises(Tampered) as caught:
        made(database)
    assert caught.value.code == "log.tree"
    assert run("tiles", "--out", str(tmp_path / "tiles"), "--json") == 1
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "log.tree"
    assert not (tmp_path / "tiles").exists()
    assert run("verify", "--tree") == 1


def test_the_command_brings_a_cache_up_to_date(
    database: Database, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(database, 250)
    out = tmp_path / "tiles"

    def written() -> int:
        assert run("tiles", "--out", str(out), "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()} == (
            made(database)
        )
        return int(told["written"])

    assert written() == 3
    assert written() == 0
    (out / "tile/0/000.p/250").write_bytes(b"damaged")
    assert written() == 1
    with database.unit("test.more") as unit:
        for number in range(10):
            service.append(unit, Record("message.sent", OFFICER, {"n": number}, None))
    assert written() == 6
    assert not list(out.rglob("*.p/250"))
    (tmp_path / "file").write_text("kept")
    assert run("tiles", "--out", str(tmp_path / "file"), "--json") == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "shell.out"
    assert run("verify", "--tree") == 0
    assert "Proven: no entry was changed" in capsys.readouterr().out
