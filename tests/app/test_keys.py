"""`comity keys` as an operator meets it: from the warning to the certificate that partners see."""

import json
from pathlib import Path

import pytest

from comity.app import doctor
from tests.app.conftest import Line


def signed(line: Line, folder: Path) -> None:
    """The office signs the member's entry, and the node imports the directory."""
    out = folder / "FEDERATION.json"
    member = str(line.home / "member.json")
    made = line.ask("directory", "sign", member, "--key", str(folder / "root.pem"), "--out", str(out))
    line.ask("directory", "import", str(out), "--root-key", made["root"])


def test_from_the_warning_to_the_new_certificate(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line.init()
    signed(line, tmp_path)
    (present,) = line.ask("keys", "show")
    monkeypatch.setattr(doctor, "LOW_CERTIFICATE", doctor.LOW_CERTIFICATE * 100)
    assert "keys renew" in line.run("doctor")[1]
    made = line.ask("keys", "renew")
    assert line.ask("keys", "renew") == made
    entry = json.loads((line.home / "member.json").read_text())
    assert (made["member"], "tls_next" in entry) == (str(line.home / "member.json"), True)
    assert "keys switch" in line.run("doctor")[1]
    assert line.fails("keys", "switch") == (4, "exchange.next-unlisted")
    signed(line, tmp_path)
    assert [one["which"] for one in line.ask("keys", "show")] == ["present", "next"]
    assert line.ask("keys", "switch")["certificate"] == made["certificate"]
    (shown,) = line.ask("keys", "show")
    assert shown["certificate"] == made["certificate"] != present["certificate"]
    entry = json.loads((line.home / "member.json").read_text())
    assert "tls_next" not in entry
    assert line.fails("keys", "switch") == (4, "keys.no-next")
    types = [entry["type"] for entry in line.ask("log", "show")]
    assert [type for type in types if type.startswith("keys.")] == ["keys.renewed", "keys.switched"]


def test_an_entry_that_cannot_be_written(line: Line, tmp_path: Path) -> None:
    line.init()
    assert line.fails("keys", "renew", "--member", str(tmp_path / "no" / "member.json")) == (2, "shell.out")
    assert line.ask("keys", "renew")["certificate"], "done again, it goes on where it was"
