"""`comity keys` as an operator meets it: from the warning to the certificate that partners see."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity.app import doctor
from tests.app.conftest import Line, joined


def published(line: Line, folder: Path) -> None:
    """The office takes the node's new file in; a running node would look by itself."""
    line.ask("federation", "publish", str(line.home / "entry.json"), "--dir", str(folder / "office"))
    line.ask("federation", "mirror", "--from", str(folder / "office"))


def announced(line: Line) -> Any:
    """What the file for the office says of this node."""
    return json.loads(json.loads((line.home / "entry.json").read_text())["entry"])


def test_from_the_warning_to_the_new_certificate(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line.init()
    joined(line, tmp_path)
    (present,) = line.ask("keys", "show")
    monkeypatch.setattr(doctor, "LOW_CERTIFICATE", doctor.LOW_CERTIFICATE * 100)
    assert "keys renew" in line.run("doctor")[1]
    made = line.ask("keys", "renew")
    assert line.ask("keys", "renew") == made
    assert (made["entry"], "tls_next" in announced(line)) == (str(line.home / "entry.json"), True)
    assert "keys switch" in line.run("doctor")[1]
    assert line.fails("keys", "switch") == (4, "exchange.next-unlisted")
    published(line, tmp_path)
    assert [one["which"] for one in line.ask("keys", "show")] == ["present", "next"]
    assert line.ask("keys", "switch")["certificate"] == made["certificate"]
    (shown,) = line.ask("keys", "show")
    assert shown["certificate"] == made["certificate"] != present["certificate"]
    assert "tls_next" not in announced(line)
    assert line.fails("keys", "switch") == (4, "keys.no-next")
    types = [entry["type"] for entry in line.ask("log", "show")]
    assert [type for type in types if type.startswith("keys.")] == ["keys.renewed", "keys.switched"]


def test_an_entry_that_cannot_be_written(line: Line, tmp_path: Path) -> None:
    line.init()
    assert line.fails("keys", "renew") == (7, "exchange.no-federation")
    joined(line, tmp_path)
    assert line.fails("keys", "renew", "--out", str(tmp_path / "no" / "entry.json")) == (2, "shell.out")
    assert line.ask("keys", "renew")["certificate"], "done again, it goes on where it was"
