"""An administrator puts an old database back: the node is read-only from the next command on, and says why."""

import shutil
from pathlib import Path

import pytest

from comity.app import headlock
from comity.app.homes import SEALED_MARK
from tests.app.conftest import Line


@pytest.fixture
def line(line: Line) -> Line:
    """A new node."""
    line.init()
    return line


def add(line: Line, person: str) -> tuple[int, str, str]:
    return line.run("person", "add", person, "--unit", "it", "--role", "operator", "--as", "security-1")


def test_an_old_database_file_put_back_seals_the_node(line: Line, tmp_path: Path) -> None:
    shutil.copytree(line.home, tmp_path / "old")
    assert add(line, "operator-1")[0] == 0
    for file in line.home.glob("node.db*"):
        file.unlink()
    for file in (tmp_path / "old").glob("node.db*"):
        shutil.copy(file, line.home)
    assert line.fails("person", "add", "x-1", "--unit", "it", "--role", "operator", "--as", "security-1")[1] == (
        "node.read-only"
    )
    found = line.ask("status")
    assert found["read_only"] and "does not extend" in found["read_only_because"]
    assert "READ-ONLY" in line.run("status")[1]
    assert line.ask("log", "verify")["ok"], "what is there can still be proven"
    (line.home / headlock.FILE).unlink()
    assert line.ask("status")["read_only"], "taking the lock away unseals nothing"


def test_a_database_that_goes_on_is_never_sealed(line: Line) -> None:
    for number in range(3):
        assert add(line, f"operator-{number}")[0] == 0
    lock = line.home / headlock.FILE
    size, root, told = lock.read_text(encoding="ascii").split()
    for torn in ("torn", f"{int(size) + 1} {root} {told}", f"{size} {root[::-1]} {told}", f"{size} {root}"):
        lock.write_text(torn, encoding="ascii")
        assert line.ask("status")["read_only"] is False, "half of one write and half of another prove nothing"
    assert add(line, "operator-7")[0] == 0
    (line.home / headlock.FILE).unlink()
    assert add(line, "operator-8")[0] == 0, "a new lock is written"
    assert (line.home / headlock.FILE).exists() and not (line.home / SEALED_MARK).exists()


def test_a_lock_that_lags_behind_is_no_contradiction(line: Line) -> None:
    lock = line.home / headlock.FILE
    before = lock.read_bytes()
    assert add(line, "operator-1")[0] == 0
    lock.write_bytes(before)
    assert add(line, "operator-2")[0] == 0
