"""A backup is stolen, or the disk: no planted name is in it, in any spelling."""

import base64
from pathlib import Path

import pytest

from tests.app.conftest import Line

NAMES = ("A case of homicide", "XA-2026-0117", "2800M", "officer-1", "Agency", "laboratory")
"""Title and reference of a case, a specimen, a person, a unit: all of it is in the node."""
SEALED = ("A case of homicide", "A case of theft", "Synthetic person")
"""What not even the running database has in the clear."""
SECRET = "a passphrase for the backup"


def spellings(name: str) -> set[bytes]:
    """The name as it may lie in a file."""
    plain = name.encode()
    inner = {base64.b64encode(plain[cut:])[4:-4] for cut in range(3)}
    return {plain, plain.lower(), plain.upper(), name.encode("utf-16-le"), plain.hex().encode(), *filter(None, inner)}


def finds(data: bytes, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if any(spelling in data for spelling in spellings(name))]


@pytest.fixture
def stolen(furnished: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Both files of a backup of XA."""
    data, keys = tmp_path / "xa.data", tmp_path / "xa.keys"
    monkeypatch.setenv("COMITY_PASSPHRASE", SECRET)
    furnished.ask("backup", "--out", str(data), "--keys-out", str(keys))
    return data, keys


def test_no_planted_name_is_in_a_stolen_backup(furnished: Line, stolen: tuple[Path, Path]) -> None:
    there = b"".join(file.read_bytes() for file in furnished.home.rglob("*") if file.is_file())
    assert "officer-1" in finds(there, NAMES), "the search finds what lies open"
    for file in stolen:
        assert file.stat().st_size > 1_000
        assert finds(file.read_bytes(), NAMES + SEALED) == []


def test_no_sealed_name_is_on_a_stolen_disk(furnished: Line) -> None:
    for file in furnished.home.rglob("*"):
        if file.is_file():
            assert finds(file.read_bytes(), SEALED) == [], file.name


@pytest.mark.parametrize("lost", ["passphrase", "keys"])
def test_without_passphrase_or_keys_it_is_never_restored(
    furnished: Line, stolen: tuple[Path, Path], lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, keys = stolen
    if lost == "passphrase":
        monkeypatch.setenv("COMITY_PASSPHRASE", "another passphrase")
    else:
        keys = data
    there = furnished.at(tmp_path / "thief")
    assert there.run("restore", str(data), "--keys", str(keys))[0] != 0
    assert not (tmp_path / "thief" / "node.db").exists()
