"""Time stamps as an operator meets them: off at first, set in the settings, shown, and put into an export."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity.app import settings
from comity.base.clock import system_clock
from comity.base.errors import Misconfigured
from comity.kit.codec.zips import read_stored_zip
from tests.app.conftest import Line
from tests.exchange.authority import Authority, authority


def checked(line: Line) -> Any:
    _, out, _ = line.run("doctor", "--json")
    return next(one for one in json.loads(out)["checks"] if one["check"] == "timestamps")


def set_up(line: Line, made: Authority) -> None:
    (line.home / "tsa.pem").write_bytes(made.root.pem)
    path = line.home / settings.FILE
    text = path.read_text().replace('timestamp_url = ""', f'timestamp_url = "{made.url}"')
    path.write_text(text.replace('timestamp_trust = ""', 'timestamp_trust = "tsa.pem"'))


def test_off_then_set_then_in_an_export(line: Line, tmp_path: Path) -> None:
    line.init()
    line.ask("person", "add", "auditor-1", "--unit", "audit", "--role", "auditor", "--as", "security-1")
    assert "time stamps: off" in line.run("status")[1]
    assert checked(line)["ok"] and "off" in checked(line)["detail"]
    assert line.fails("log", "timestamps", "--now") == (7, "exchange.stamp-off")
    with authority(system_clock) as made:
        set_up(line, made)
        assert "time stamps: none yet" in line.run("status")[1]
        assert len(line.ask("log", "timestamps", "--now")["timestamps"]) == 1
        assert checked(line)["ok"]
        told = export(line, tmp_path / "one.zip")
        assert told["timestamp"] and not told["no_timestamp"]
        names = read_stored_zip((tmp_path / "one.zip").read_bytes())
        assert {"heads/1/timestamp.tsr", "timestamp.tsr"} <= set(names)
        assert len(line.ask("log", "timestamps")["timestamps"]) == 2
    told = export(line, tmp_path / "two.zip")
    assert told["timestamp"] is None and "No answer" in told["no_timestamp"]
    assert line.run("log", "timestamps", "--now")[0] == 6
    assert not checked(line)["ok"]
    assert "NO ANSWER THAT COUNTS in 1 tries" in line.run("status")[1]


def export(line: Line, out: Path) -> Any:
    return line.ask("log", "export", "--out", str(out), "--entry", "0", "--reason", "order", "--as", "auditor-1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timestamp_url", "ftp://tsa.example/"), ("timestamp_url", "https://user@tsa.example/"),
        ("timestamp_url", "https://tsa.example/"), ("timestamp_policy", "1"), ("timestamp_policy", "one"),
    ],
)  # fmt: skip
def test_settings_with_which_no_token_could_be_had(line: Line, name: str, value: str) -> None:
    """The third lacks the certificates."""
    line.init()
    path = line.home / settings.FILE
    path.write_text(path.read_text().replace(f'{name} = ""', f'{name} = "{value}"'))
    with pytest.raises(Misconfigured, match="timestamp_"):
        settings.load(line.home)
