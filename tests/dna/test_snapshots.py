"""The index on disk: what is kept is what was made, and what is damaged or of another state is never used."""

import errno
import fcntl
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from comity.app.demo import population
from comity.dna import kernel, service
from comity.dna.kernel.index import segment, whole
from comity.dna.service import held, snapshots
from comity.kit.database.unit import Database
from tests.dna.kernel import databases
from tests.dna.laboratory import people, take_in
from tests.dna.profiles import PRUEM
from tests.people import enrol

ROWS = databases.database(41, 400)
STATE = snapshots.State(3, 399, "an-id")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the index of two segments."""
    parts = [segment.build(ROWS[:300], np.arange(300)), segment.build(ROWS[300:], np.arange(300, 400))]
    snapshots.save(tmp_path / "index", parts, STATE)
    return tmp_path / "index"


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("segment-*.bin"), key=lambda path: path.stat().st_size)


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    found = snapshots.load(folder)
    assert (found.state, len(found.segments)) == (STATE, 2)
    for name, value in vars(segment.build(ROWS[:300], np.arange(300))).items():
        assert np.array_equal(value, getattr(found.segments[0], name)), name
    index = whole.Index(tuple(whole.Part.of(one) for one in found.segments))
    assert set(index.search(ROWS[350], 6).keys.tolist()) == set(databases.scanned(ROWS, ROWS[350], 6))
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_lean_segment_is_read_with_all_its_orders(tmp_path: Path) -> None:
    kept = segment.build(databases.database(42, 1500), np.arange(1500), lean=True)
    snapshots.save(tmp_path / "index", [kept], STATE)
    found = snapshots.load(tmp_path / "index").segments[0]
    assert found.copies.size > 10 * found.copied.size > 0
    for name, value in vars(kept).items():
        assert np.array_equal(value, getattr(found, name)), name


def test_a_later_index_replaces_the_files_of_an_earlier_one(folder: Path) -> None:
    kept = snapshots.load(folder).segments[0]
    before = files(folder)
    snapshots.save(folder, [kept], STATE)
    assert files(folder) == before[1:]
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_what_a_killed_process_had_begun_is_removed_and_nothing_else(folder: Path) -> None:
    left, busy = folder / ".begun-left", folder / ".begun-busy"
    left.write_bytes(b"half a segment")
    with busy.open("wb") as written:
        fcntl.flock(written, fcntl.LOCK_EX)
        snapshots.save(folder, snapshots.load(folder).segments, STATE)
        assert busy.exists() and not left.exists()


def test_a_full_disk_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, before = snapshots.load(folder), {path.name for path in folder.iterdir()}

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        snapshots.save(folder, [segment.build(ROWS, np.arange(400))], STATE)
    assert {path.name for path in folder.iterdir()} == before
    assert len(snapshots.load(folder).segments) == len(kept.segments)


@pytest.mark.parametrize("what", ["cut", "altered", "missing", "version", "list", "layout"])
def test_a_damaged_index_is_not_used(folder: Path, what: str) -> None:
    path = files(folder)[0]
    data = bytearray(path.read_bytes())
    about = json.loads((folder / snapshots.LIST).read_text())
    if what == "cut":
        path.write_bytes(data[:-1])
    elif what == "altered":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif what == "missing":
        path.unlink()
    elif what == "list":
        (folder / snapshots.LIST).write_text("{")
    else:
        about["format" if what == "version" else "layout"] = "comity-dna-index-0"
        (folder / snapshots.LIST).write_text(json.dumps(about))
    with pytest.raises(snapshots.Unusable):
        snapshots.load(folder)


@pytest.fixture
def node(make_database: Callable[[str], Database]) -> Database:
    """A node of sixty profiles."""
    made = make_database("XB")
    examiner, _ = people(made)
    take_in(made, examiner, population.generate(31, 60).encode())
    return made


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every node is large."""
    monkeypatch.setattr(held, "LEAST", 1)


def search(node: Database, index: held.Held) -> list[int]:
    specimen = service.read_file(population.generate(31, 60).encode())[0][7]
    with node.read("test.search") as unit:
        return index.search(unit, kernel.pack(specimen.loci, PRUEM.loci), 6)


@pytest.mark.usefixtures("large")
def test_a_node_starts_with_what_it_kept(node: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = held.Held(tmp_path / "index")
    assert search(node, first) == [8]
    first.settled()
    monkeypatch.setattr(segment, "build", None)  # nothing is made anew
    with node.unit("test.people") as unit:
        examiner = enrol(unit, "examiner-2", "examiner")
    head, *rows = population.generate(31, 60).splitlines(keepends=True)
    take_in(node, examiner, (head + rows[7].replace("REF-31-", "REF-32-")).encode())
    assert sorted(search(node, held.Held(tmp_path / "index"))) == [8, 61]


@pytest.mark.usefixtures("large")
def test_a_damaged_index_is_made_anew_and_said_so(
    node: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = held.Held(tmp_path / "index")
    search(node, first)
    first.settled()
    path = files(tmp_path / "index")[0]
    path.write_bytes(path.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING):
        again = held.Held(tmp_path / "index")
        assert search(node, again) == [8]
    again.settled()
    assert "made anew: a file of it was cut short" in caplog.text
    assert len(snapshots.load(tmp_path / "index").segments) == 1


@pytest.mark.usefixtures("large")
def test_an_index_of_another_database_is_not_used(
    node: Database, make_database: Callable[[str], Database], tmp_path: Path
) -> None:
    first = held.Held(tmp_path / "index")
    search(node, first)
    first.settled()
    other = make_database("XC")
    examiner, _ = people(other)
    take_in(other, examiner, population.generate(77, 60).encode())
    assert search(other, held.Held(tmp_path / "index")) == []


def test_the_status_tells_and_rebuilding_makes_it_whole(node: Database, tmp_path: Path) -> None:
    from comity.kit.shell import Progress  # noqa: PLC0415

    folder = tmp_path / "index"
    with node.read("test.index") as unit:
        before = service.index_status(unit, folder)
        assert (before["profiles"], before["usable"], before["problem"]) == (60, False, "there is none yet")
        made = service.rebuild_index(unit, folder, Progress)
        assert (made["usable"], made["rows"], made["segments"], made["problem"]) == (True, 60, 1, None)
        path = files(folder)[0]
        path.write_bytes(path.read_bytes()[:-1])
        assert service.index_status(unit, folder)["usable"] is False


def test_looking_for_an_index_where_none_is_loads_no_compiler(tmp_path: Path) -> None:
    """A small node looks at its first search, and never needs more."""
    program = """if True:
        import sys, pathlib
        from comity.dna.service import snapshots
        try:
            snapshots.load(pathlib.Path(sys.argv[1]))
        except snapshots.Unusable:
            print("none", "numba" in sys.modules)
    """
    ran = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["none", "False"]
