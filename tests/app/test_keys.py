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


def certificates(line: Line) -> dict[str, str]:
    return {one["which"]: one["fingerprint"] for one in line.ask("keys", "show") if one["key"] == "tls"}


@pytest.mark.parametrize(("key", "announcing"), [("signing", "signing_also"), ("kem", "kem_next")])
def test_a_key_is_announced_then_used_and_the_old_one_kept(
    line: Line, tmp_path: Path, key: str, announcing: str
) -> None:
    line.init()
    joined(line, tmp_path)
    made = line.ask("keys", "renew", "--key", key)
    assert line.ask("keys", "renew", "--key", key) == made
    assert announcing in announced(line)
    assert line.fails("keys", "switch", "--key", key) == (4, "exchange.next-unlisted")
    published(line, tmp_path)
    assert line.ask("keys", "switch", "--key", key)["fingerprint"] == made["fingerprint"]
    shown = {one["which"]: one["fingerprint"] for one in line.ask("keys", "show") if one["key"] == key}
    assert shown["present"] == made["fingerprint"] and list(shown) == ["present", "past"]
    published(line, tmp_path)
    assert line.fails("keys", "renew", "--key", key) == (4, "keys.draining")
    assert line.fails("keys", "switch", "--key", key) == (4, "keys.no-next")
    assert line.ask("log", "verify")["ok"]


def test_a_kind_that_is_no_key(line: Line) -> None:
    line.init()
    assert line.fails("keys", "renew", "--key", "log") == (2, "keys.kind")


def test_from_the_warning_to_the_new_certificate(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line.init()
    joined(line, tmp_path)
    present = certificates(line)["present"]
    monkeypatch.setattr(doctor, "LOW_CERTIFICATE", doctor.LOW_CERTIFICATE * 100)
    assert "keys renew" in line.run("doctor")[1]
    made = line.ask("keys", "renew")
    assert line.ask("keys", "renew") == made
    assert (made["entry"], "tls_next" in announced(line)) == (str(line.home / "entry.json"), True)
    assert "keys switch" in line.run("doctor")[1]
    assert line.fails("keys", "switch") == (4, "exchange.next-unlisted")
    published(line, tmp_path)
    assert list(certificates(line)) == ["present", "next"]
    assert line.ask("keys", "switch")["fingerprint"] == made["fingerprint"]
    assert certificates(line) == {"present": made["fingerprint"]} != {"present": present}
    assert "tls_next" not in announced(line)
    assert line.fails("keys", "switch") == (4, "keys.no-next")
    types = [entry["type"] for entry in line.ask("log", "show")]
    assert [type for type in types if type.startswith("keys.")] == ["keys.renewed", "keys.switched"]


def test_an_entry_that_cannot_be_written(line: Line, tmp_path: Path) -> None:
    line.init()
    assert line.fails("keys", "renew") == (7, "exchange.no-federation")
    joined(line, tmp_path)
    assert line.fails("keys", "renew", "--out", str(tmp_path / "no" / "entry.json")) == (2, "shell.out")
    assert line.ask("keys", "renew")["fingerprint"], "done again, it goes on where it was"
