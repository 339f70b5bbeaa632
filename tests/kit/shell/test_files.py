"""Files that a person names: read, written, and what is said where that is not possible."""

from pathlib import Path

import pytest

from comity.base.errors import BadInput
from comity.kit import shell


def test_what_was_written_is_read(tmp_path: Path) -> None:
    shell.write_file(tmp_path / "new", b"one")
    shell.write_file(tmp_path / "new", b"two")
    assert shell.read_file(tmp_path / "new") == b"two"


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    for file in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput) as caught:
            shell.read_file(file)
        assert (caught.value.code, caught.value.where) == ("shell.file", str(file))
    (tmp_path / "large").write_bytes(b"\xff" * 11)
    for read in (lambda: shell.read_file(tmp_path / "large", 10), lambda: shell.read_text(tmp_path / "large")):
        with pytest.raises(BadInput) as caught:
            read()
        assert caught.value.code == "shell.file"
    assert len(shell.read_file(tmp_path / "large", 11)) == 11
    with pytest.raises(BadInput) as caught:
        shell.write_file(tmp_path / "no" / "file", b"")
    assert caught.value.code == "shell.out"
