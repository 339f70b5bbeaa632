"""How a run of the tests treats a missing data folder: it says so, or fails; it never skips in silence."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
TESTS = """
from pathlib import Path

def test_with(data: Path) -> None:
    assert (data / "README.md").exists()

def test_without() -> None:
    assert True
"""


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of a run of two tests, one of which needs the data folder."""
    (folder / "test_two.py").write_text(TESTS, encoding="utf-8")
    plain = ["-c", str(REPOSITORY / "pyproject.toml"), "-p", "tests.conftest", "--databases=sqlite"]
    command = [sys.executable, "-m", "pytest", *plain, "-p", "no:cacheprovider", *options, str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["-n0", "-n1"])
def test_tests_without_their_data_are_counted_as_deselected(tmp_path: Path, workers: str) -> None:
    code, said = run(tmp_path, workers, f"--data={tmp_path / 'nowhere'}")
    assert code == 0, said
    assert said.splitlines()[-1].startswith("1 passed, 1 deselected in ")
    assert f"1 deselected: they need the data folder, and there is no {tmp_path / 'nowhere'} " in said


def test_required_data_must_be_there(tmp_path: Path) -> None:
    code, said = run(tmp_path, "--require-data", f"--data={tmp_path / 'nowhere'}")
    assert code == pytest.ExitCode.USAGE_ERROR
    assert f"--require-data: there is no folder {tmp_path / 'nowhere'}" in said


def test_with_its_data_every_test_runs(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").touch()
    code, said = run(tmp_path, "--require-data", f"--data={tmp_path / 'data'}")
    assert code == 0, said
    assert said.splitlines()[-1].startswith("2 passed in ")
