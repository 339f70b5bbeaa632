"""Private files: their mode from the first moment, and never half a file."""

from pathlib import Path

import pytest

from comity.kit.crypto.durable import PUBLIC, private, replace, write_new


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_file_is_its_owners_alone_and_never_takes_anothers_place(tmp_path: Path) -> None:
    write_new(tmp_path / "key", b"one")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"two")
    assert (tmp_path / "key").read_bytes() == b"one" and mode(tmp_path / "key") == 0o600


def test_a_stream_may_be_private_too(tmp_path: Path) -> None:
    with open(tmp_path / "log", "ab", opener=private) as file:
        file.write(b"x")
    assert mode(tmp_path / "log") == 0o600


def test_replaced_at_once_with_the_mode_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "settings"
    replace(path, b"one")
    assert path.read_bytes() == b"one" and mode(path) == 0o600
    with path.open("rb") as reading:  # whoever has it open goes on reading the old one
        replace(path, b"longer than before", PUBLIC)
        assert reading.read() == b"one"
    assert path.read_bytes() == b"longer than before" and mode(path) == PUBLIC
    assert [each.name for each in tmp_path.iterdir()] == ["settings"]


def test_what_an_interrupted_replacement_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "settings.new").write_bytes(b"half of a longer one")
    replace(tmp_path / "settings", b"whole")
    assert (tmp_path / "settings").read_bytes() == b"whole"
