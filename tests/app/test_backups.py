"""Backups: back from either database into either, read-only; any damage is found and leaves nothing behind."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from comity.app.backups import container, making, restoring, rows
from comity.app.migrations import upgrading
from comity.app.operating import founding
from comity.app.settings import Settings, load
from comity.app.tables import metadata
from comity.app.wiring import Node, create_node
from comity.base.clock import system_clock
from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed, NotFound, Tampered
from comity.base.ids import uuid7
from comity.base.model import Actor, DataKey
from comity.cases import service as cases
from comity.cases import store
from comity.cases.model import NewCase
from comity.kit.crypto.keyring import KeyRing
from comity.log import service as log
from comity.log.model import Record
from tests.app.conftest import Line
from tests.people import CHEAP, enrol

SECRET = "a passphrase for the backup"
PLANTED = "planted-name-of-nobody"
KEY = DataKey("planted", b"k" * 32)
BLOB = (PLANTED * 200_000).encode()
ENTRIES = 602
Empty = Callable[[str], str]


def untold(_: int) -> None:
    """No progress is shown."""


def node_over(home: Path, url: str) -> Node:
    """A node with a person, a content of several chunks in the vault, and log entries that name somebody."""
    settings = Settings(home, "XA", f"Agency of {PLANTED}", url)
    home.mkdir(mode=0o700)
    KeyRing.create(settings.keys_folder, "XA", system_clock)
    with founding(settings) as node, node.database.unit("test.furnish") as unit:
        upgrading.upgrade(unit.connection)
        enrol(unit, "officer-1", "officer", of=PLANTED)
        node.vault.put(unit, BLOB, KEY)
        node.vault.put(unit, b"", KEY)
        actor = Actor("XA", PLANTED, "unit", frozenset())
        for number in range(600):
            log.append(unit, Record("test.note", actor, {"about": PLANTED, "n": number}, {"\u0000": None}))
    return node


@pytest.fixture
def made(tmp_path: Path, empty_url: Empty) -> Iterator[Node]:
    """A furnished node on either engine."""
    node = node_over(tmp_path / "made", empty_url("made"))
    yield node
    node.close()


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A furnished node on SQLite, for tests that only read."""
    node = node_over(tmp_path_factory.mktemp("light") / "home", "sqlite:///node.db")
    yield node
    node.close()


@pytest.fixture(scope="module")
def files(light: Node, tmp_path_factory: pytest.TempPathFactory) -> restoring.Files:
    """A backup of the light node."""
    return backup_of(light, tmp_path_factory.mktemp("files"))


def backup_of(node: Node, folder: Path) -> restoring.Files:
    data, keys = folder / "xa.data", folder / "xa.keys"
    making.backup(node, (data, keys), SECRET, untold, CHEAP)
    return restoring.Files(data, keys, SECRET)


def folder(under: Path, name: str) -> Path:
    made = under / name
    made.mkdir()
    return made


def contents(node: Node) -> dict[str, list[Any]]:
    with node.database.read("test.read") as unit:
        tables = sa.inspect(unit.connection).get_table_names()
        return {
            t: sorted(map(repr, unit.connection.exec_driver_sql(f'SELECT * FROM "{t}"')))  # our tables
            for t in tables
        }


# --- there and back ------------------------------------------------------------------------------------------------


def test_back_on_the_same_engine(made: Node, empty_url: Empty, tmp_path: Path) -> None:
    home = tmp_path / "back"
    restoring.restore(home, backup_of(made, tmp_path), empty_url("back"), untold)
    back = create_node(load(home))
    assert contents(back) == contents(made)
    for folder in ("keys", "vault"):
        theirs, ours = made.settings.home / folder, home / folder
        names = sorted(p.relative_to(theirs) for p in theirs.rglob("*") if p.is_file())
        assert names == sorted(p.relative_to(ours) for p in ours.rglob("*") if p.is_file())
        assert all((theirs / n).read_bytes() == (ours / n).read_bytes() for n in names)
        assert all((ours / n).stat().st_mode & 0o077 == 0 for n in names)
    with back.database.read("test.read") as unit:
        assert back.vault.get(unit, hashlib.sha256(BLOB).hexdigest(), KEY) == BLOB
    back.close()


def test_to_sqlite_from_either(made: Node, tmp_path: Path, line: Line) -> None:
    restoring.restore(tmp_path / "back", backup_of(made, tmp_path), "sqlite:///other.db", untold)
    check_restored(line.at(tmp_path / "back"))


def test_from_sqlite_to_either(files: restoring.Files, tmp_path: Path, empty_url: Empty, line: Line) -> None:
    restoring.restore(tmp_path / "back", files, empty_url("back"), untold)
    check_restored(line.at(tmp_path / "back"))


def check_restored(there: Line) -> None:
    """It reads and proves, and writes nothing."""
    report = there.ask("log", "verify")
    assert (report["ok"], report["entries"]) == (True, ENTRIES)
    assert there.ask("status")["read_only"]
    assert there.ask("log", "show", "--limit", "1")
    assert there.run("person", "list")[0] == 0
    for words in (
        ("person", "add", "officer-2", "--unit", "u", "--role", "officer", "--as", "admin-1"),
        ("case", "open", "R-1", "--offence", "XA-CC-101", "--title", "t", "--as", "officer-1"),
        ("log", "show", "--entry", "1", "--open", "subject", "--as", "officer-1", "--reason", "r"),
        ("person", "passphrase", "--as", "officer-1"),
    ):
        code, out, err = there.run(*words, "--json")
        assert (code, json.loads(err)["error"]["code"]) == (4, "node.read-only"), (words, out, err)


def test_numbering_goes_on_after_restoring(tmp_path: Path, empty_url: Empty, line: Line) -> None:
    """PostgreSQL's counters stand behind the highest number, for the day the node may write again."""
    node = node_over(tmp_path / "made", empty_url("made"))
    with node.database.unit("test.write") as unit:
        for _ in range(3):
            unit.connection.execute(outbox.insert().values(**filled(outbox)))
    files = backup_of(node, tmp_path)
    node.close()
    restoring.restore(tmp_path / "back", files, empty_url("back"), untold)
    back = create_node(load(tmp_path / "back"))
    back.database.sealed = False
    with back.database.unit("test.write") as unit:
        added = unit.connection.execute(outbox.insert().values(**filled(outbox)))
        assert added.inserted_primary_key == (4,)
    back.close()


outbox = metadata.tables["exchange_outbox"]


def filled(table: sa.Table) -> dict[str, Any]:
    """Some value for each column that needs one; a different one for each text."""
    made = {"BigInteger": 1, "Integer": 1, "String": uuid7(system_clock())[-16:], "LargeBinary": b"",
            "UtcTime": system_clock()}  # fmt: skip
    return {c.name: made[type(c.type).__name__] for c in table.columns if not c.nullable and not c.primary_key}


# --- what the files show -------------------------------------------------------------------------------------------


def test_no_name_can_be_found_in_the_files(files: restoring.Files) -> None:
    for path in (files.data, files.keys):
        data = path.read_bytes()
        for word in (PLANTED, "officer-1", "PRIVATE KEY", "test.note", "access_person"):
            assert word.encode() not in data
        assert path.stat().st_mode & 0o777 == 0o600


def test_memory_stays_bounded(light: Node) -> None:
    """No record is larger than a chunk or some rows, however large the database."""
    with light.database.read("test.read") as unit:
        sizes = [len(json.dumps(r)) for r in making.records(unit, light.settings, 0)]
    assert len(sizes) > 10
    assert max(sizes) < 2 << 20


def test_progress_is_told(light: Node, tmp_path: Path) -> None:
    steps: list[int] = []
    making.backup(light, (tmp_path / "d", tmp_path / "k"), SECRET, steps.append, CHEAP)
    assert sum(steps) == making.volume(light) + 1  # the head is a step too
    steps.clear()
    restoring.restore(
        tmp_path / "back", restoring.Files(tmp_path / "d", tmp_path / "k", SECRET), "sqlite:///n.db", steps.append
    )
    assert 0.9 * (tmp_path / "d").stat().st_size < sum(steps) <= (tmp_path / "d").stat().st_size


# --- damage and mistakes -------------------------------------------------------------------------------------------


def refuse(tmp_path: Path, files: restoring.Files, url: str = "sqlite:///node.db") -> ComityError:
    """Restoring fails, and neither the home nor the database holds anything afterwards."""
    home = tmp_path / "refused"
    with pytest.raises(ComityError) as caught:
        restoring.restore(home, files, url, untold)
    assert not home.exists()
    return caught.value


def changed(files: restoring.Files, which: str, change: Callable[[bytes], bytes]) -> restoring.Files:
    """The same backup with one of its files changed."""
    path: Path = getattr(files, which)
    copy = path.with_suffix(".changed")
    copy.write_bytes(change(path.read_bytes()))
    return restoring.Files(**{**vars(files), which: copy})


@pytest.mark.parametrize("which", ["data", "keys"])
def test_another_passphrase(files: restoring.Files, tmp_path: Path, which: str) -> None:
    error = refuse(tmp_path, restoring.Files(files.data, files.keys, "another"))
    assert isinstance(error, NotAllowed)
    assert error.code == "backup.wrong-passphrase" and "backup" in error.what and "no person's" in error.todo


@pytest.mark.parametrize("which", ["data", "keys"])
@pytest.mark.parametrize("kept", [0.0, 0.2, 0.5, 0.9, 0.9999])
def test_cut(files: restoring.Files, tmp_path: Path, which: str, kept: float) -> None:
    error = refuse(tmp_path, changed(files, which, lambda data: data[: int(kept * len(data))]))
    assert isinstance(error, BadInput if kept == 0 else Tampered)


@pytest.mark.parametrize("which", ["data", "keys"])
def test_cut_between_records(files: restoring.Files, tmp_path: Path, which: str) -> None:
    error = refuse(tmp_path, changed(files, which, without_last_record))
    assert isinstance(error, Tampered)


def pieces(data: bytes) -> list[bytes]:
    """A backup's magic, then each of its pieces with its length."""
    found, at = [data[:8]], 8
    while at < len(data):
        size = 4 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at : at + size])
        at += size
    return found


def without_last_record(data: bytes) -> bytes:
    return b"".join(pieces(data)[:-1])


def swapped(data: bytes) -> bytes:
    parts = pieces(data)
    parts[-2], parts[-3] = parts[-3], parts[-2]
    return b"".join(parts)


def dropped(data: bytes) -> bytes:
    parts = pieces(data)
    return b"".join(parts[:-2] + parts[-1:])


@pytest.mark.parametrize("change", [swapped, dropped, lambda data: data + b"\x00", lambda data: data + data])
def test_moved_dropped_or_added(files: restoring.Files, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    assert isinstance(refuse(tmp_path, changed(files, "data", change)), Tampered)
    assert isinstance(refuse(tmp_path, changed(files, "keys", change)), Tampered)


def test_a_damaged_backup_leaves_the_database_empty(files: restoring.Files, tmp_path: Path, empty_url: Empty) -> None:
    url = empty_url("refused")
    refuse(tmp_path, changed(files, "data", without_last_record), url)
    engine = sa.create_engine(url)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    restoring.restore(tmp_path / "back", files, url, untold)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of two records."""
    path = tmp_path_factory.mktemp("small") / "file"
    container.write(path, [{"kind": "head", "a": 1}, {"kind": "x", "b": "\u00e9"}], SECRET, CHEAP)
    return path


def test_every_flipped_byte_is_found(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    assert len(list(container.read(small, SECRET))) == 2
    copy = tmp_path / "copy"
    for at in range(len(whole)):
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
        with pytest.raises((Tampered, BadInput, NotAllowed)):
            list(container.read(copy, SECRET))


@given(st.binary(max_size=400))
def test_any_other_file_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("other") / "file"
    for content in (data, container.MAGIC + data):
        path.write_bytes(content)
        with pytest.raises((Tampered, BadInput)):
            list(container.read(path, SECRET))


def test_mixed_up_files(files: restoring.Files, tmp_path: Path) -> None:
    error = refuse(tmp_path, restoring.Files(files.keys, files.data, SECRET))
    assert error.code == "backup.kind"
    assert refuse(tmp_path, restoring.Files(tmp_path / "none", files.keys, SECRET)).code == "backup.file"
    assert refuse(tmp_path, restoring.Files(tmp_path, files.keys, SECRET)).code == "backup.file"


def test_keys_of_another_node(files: restoring.Files, tmp_path: Path) -> None:
    container.write(tmp_path / "xb.keys", [next(container.read(files.keys, SECRET)) | {"code": "XB"}], SECRET, CHEAP)
    error = refuse(tmp_path, restoring.Files(files.data, tmp_path / "xb.keys", SECRET))
    assert error.code == "backup.keys"


def test_an_erased_case_stays_erased_when_older_data_is_restored(made: Node, tmp_path: Path) -> None:
    with made.database.unit("test.open") as unit:
        issuer = enrol(unit, "officer-2", "officer")
        erased = cases.open_case(unit, issuer, NewCase("R-1", PLANTED, "XA-CC-101"))
    older = backup_of(made, folder(tmp_path, "older"))
    with made.database.unit("test.erase") as unit:
        store.destroy(unit, erased.id)
        later = cases.open_case(unit, issuer, NewCase("R-2", PLANTED, "XA-CC-101"))
    newer = backup_of(made, folder(tmp_path, "newer"))
    assert refuse(tmp_path, restoring.Files(newer.data, older.keys, SECRET)).code == "backup.keys-older"

    restoring.restore(tmp_path / "back", restoring.Files(older.data, newer.keys, SECRET), "sqlite:///n.db", untold)
    back = create_node(load(tmp_path / "back"))
    with back.database.read("test.read") as unit:
        for gone in (erased, later):
            with pytest.raises(NotFound, match="no data key"):
                cases.data_key(unit, gone.id)
        assert cases.list_cases(unit, issuer.actor) == []
        assert unit.connection.execute(sa.select(sa.func.count()).select_from(store.case_key)).scalar_one() == 0
    back.close()


def test_a_backup_of_another_release(files: restoring.Files, tmp_path: Path) -> None:
    head = next(container.read(files.data, SECRET))
    container.write(tmp_path / "newer", [head | {"revision": "9999"}], SECRET, CHEAP)
    assert refuse(tmp_path, restoring.Files(tmp_path / "newer", files.keys, SECRET)).code == "backup.revision"
    container.write(tmp_path / "later", [head | {"format": 3}], SECRET, CHEAP)
    assert refuse(tmp_path, restoring.Files(tmp_path / "later", files.keys, SECRET)).code == "backup.format"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "aa/../x", "", ".hidden", "aa/" + "x" * 200, "x\n"])
def test_a_file_that_would_leave_its_folder(files: restoring.Files, tmp_path: Path, name: str) -> None:
    head = next(container.read(files.keys, SECRET))
    container.write(tmp_path / "bad", [head, {"kind": "file", "name": name, "data": ""}], SECRET, CHEAP)
    assert refuse(tmp_path, restoring.Files(files.data, tmp_path / "bad", SECRET)).code == "backup.path"


def test_a_used_home_or_database(files: restoring.Files, light: Node, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="home is not empty"):
        restoring.restore(light.settings.home, files, "sqlite:///n.db", untold)
    assert refuse(tmp_path, files, light.settings.database_url).code == "node.database-used"


def test_nothing_is_overwritten_or_left(light: Node, tmp_path: Path) -> None:
    taken, free = tmp_path / "taken", tmp_path / "free"
    taken.write_text("mine")
    for pair in ((taken, free), (free, taken)):
        with pytest.raises(Conflict):
            making.backup(light, pair, SECRET, untold, CHEAP)
        assert taken.read_text() == "mine"
        assert not free.exists()
    with pytest.raises(BadInput):
        making.backup(light, (free, free), SECRET, untold, CHEAP)
    with pytest.raises(BadInput):
        making.backup(light, (tmp_path / "no" / "folder", free), SECRET, untold, CHEAP)
    assert not free.exists()


# --- values --------------------------------------------------------------------------------------------------------

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(
    st.text(), x), max_leaves=8)  # fmt: skip
VALUES = JSON | st.binary() | st.dates() | st.datetimes(timezones=st.just(UTC))


@given(st.dictionaries(st.text(), VALUES))
def test_values_come_back(row: dict[str, Any]) -> None:
    packed = json.loads(json.dumps({name: rows.plain(value) for name, value in row.items()}))
    assert rows.unpacked([packed]) == [row]


# --- the commands --------------------------------------------------------------------------------------------------


def test_by_command(line: Line, tmp_path: Path) -> None:
    line.init()
    data, keys = str(tmp_path / "d"), str(tmp_path / "k")
    told = line.ask("backup", "--out", data, "--keys-out", keys)
    assert told["log_size"] == 1
    assert line.fails("backup", "--out", data, "--keys-out", keys) == (4, "backup.exists")
    there = line.at(tmp_path / "there")
    restored = there.ask("restore", data, "--keys", keys)
    assert (restored["code"], restored["log_size"]) == ("XA", 1)
    assert there.fails("restore", data, "--keys", keys) == (4, "node.home-used")
    code, out, _ = there.run("doctor")
    assert code == 1
    assert "restored from a backup" in out
    assert there.ask("upgrade")["changed"] is False
    assert there.ask("status")["read_only"], "an upgrade does not unseal"


def test_the_passphrase_is_asked_for(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line.init()
    monkeypatch.delenv("COMITY_PASSPHRASE")
    assert (
        line.fails("backup", "--out", str(tmp_path / "d"), "--keys-out", str(tmp_path / "k"))[1] == "shell.passphrase"
    )
    monkeypatch.setenv("COMITY_PASSPHRASE", "")
    words = ("backup", "--out", str(tmp_path / "d"), "--keys-out", str(tmp_path / "k"))
    assert line.fails(*words) == (2, "shell.passphrase")
    monkeypatch.setenv("COMITY_PASSPHRASE", "")
    assert line.fails(*words)[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
