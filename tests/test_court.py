"""The page on exports stays true: its own lines are run, on a node made for it and then without one."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.log.court import time_stamp
from tests.test_documentation import ROOT, SHELL, _comity


def test_the_lines_of_the_page_on_exports(tmp_path: Path) -> None:
    """In order, with their placeholders filled in; the time-stamping authority is this test."""
    for words in (
        ["--home", "home", "init", "--code", "XY", "--name", "Agency"],
        ["--home", "home", "person", "add", "auditor-1", "--unit", "audit", "--role", "auditor", "--as", "security-1"],
    ):
        _comity(tmp_path, words)
    page, key, said = (ROOT / "docs" / "court.md").read_text(encoding="utf-8"), "", []
    for line in "".join(SHELL.findall(page)).splitlines():
        words = [{"HOME": "home", "KEY": key}.get(word, word) for word in shlex.split(line, comments=True)]
        if words[:1] == ["comity"]:
            out = _comity(tmp_path, words[1:])
            key = found[1] if (found := re.search(r"--key (\S+)", out)) else key
        elif words[:1] == ["python3"]:
            said.append(_run(tmp_path, [sys.executable, *words[1:]]))
        elif words[:1] == ["openssl"]:
            (tmp_path / "timestamp.tsr").write_bytes(time_stamp((tmp_path / "TILES/checkpoint").read_bytes()))
    assert len(said) == 3
    assert "Entry 1 committed, when it was written, to the subject" in said[1]
    assert "An authority stamped exactly the checkpoint over" in said[2]
    assert all("All of it holds" in text for text in said[1:])


def _run(folder: Path, command: list[str]) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COMITY_", "PYTHON"))}
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
