"""`comity relay` and the setting `relay`: what the commands make, tell and refuse, and what the doctor says of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from comity.app.settings import FILE
from tests.app.conftest import Line


def checked(line: Line) -> dict[str, Any]:
    """What the doctor says of the relay."""
    return next(one for one in json.loads(line.run("doctor", "--json")[1])["checks"] if one["check"] == "relay")


def behind(line: Line, relay: str) -> None:
    """The node has that relay from now on."""
    file = line.home / FILE
    before = next(text for text in file.read_text().splitlines() if text.startswith("relay = "))
    file.write_text(file.read_text().replace(before, f'relay = "{relay}"'))


class Region:
    """A federation with its office's folder; entries go there as files, by the commands that operators use."""

    def __init__(self, folder: Path, line: Line) -> None:
        self.office, self.folder, self.root = str(folder / "office"), folder, ""
        line.ask("federation", "create", "training", "--dir", self.office)

    def enter(self, line: Line, code: str) -> Any:
        """Invite the node and take what it hands in; its entry as a member."""
        invitation = str(self.folder / f"{code}-invitation.json")
        told = line.ask("federation", "invite", code, "--dir", self.office, "--out", invitation)
        self.root = told["root"]
        return self.take(line, invitation, "--root-key", self.root)

    def take(self, line: Line, *argv: str) -> Any:
        file = self.folder / "entry.json"
        line.ask("federation", "join", *argv, "--out", str(file))
        line.ask("federation", "publish", str(file), "--dir", self.office)
        return json.loads(json.loads(file.read_text())["entry"])

    def mirror(self, *lines: Line) -> None:
        for line in lines:
            line.ask("federation", "mirror", "--from", self.office, "--root-key", self.root)


@pytest.fixture
def relay(line: Line, tmp_path: Path) -> Line:
    """A relay XR that has joined nothing yet."""
    made = line.at(tmp_path / "relay")
    made.ask("relay", "init", "--code", "XR", "--name", "Relay of Exampleland", "--partner-port", "9555")
    return made


def test_a_relay_joins_and_says_whom_it_serves(line: Line, relay: Line, tmp_path: Path) -> None:
    assert not checked(relay)["ok"] and "federation join" in checked(relay)["todo"]
    region = Region(tmp_path, line)
    assert region.enter(relay, "XR")["services"] == ["relay"]
    region.mirror(relay)
    assert checked(relay) == {"check": "relay", "ok": True, "detail": "keeps messages for nobody yet", "todo": ""}
    assert "No member names this relay" in relay.run("relay", "status")[1]
    line.init()
    behind(line, "XR")
    region.enter(line, "XA")
    region.mirror(relay)
    assert checked(relay)["detail"] == "keeps messages for XA"
    assert relay.ask("relay", "status") == [{"member": "XA", "held": 0, "bytes": 0, "oldest": None}]
    assert "no relay" not in relay.run("doctor")[1] and "none: a relay decides nothing" in relay.run("doctor")[1]


def test_the_entry_of_a_member_names_its_relay_and_the_doctor_sees_what_does_not_fit(
    line: Line, relay: Line, tmp_path: Path
) -> None:
    region = Region(tmp_path, line)
    line.init()
    assert checked(line)["detail"] == "none: partners connect to this node"
    assert "relay" not in region.enter(line, "XA")
    region.enter(relay, "XR")
    region.mirror(line)
    behind(line, "XR")
    assert not checked(line)["ok"] and "open to connections" in checked(line)["detail"]
    assert region.take(line)["relay"] == "XR", "the entry is written anew without an invitation"
    region.mirror(line)
    assert "member, reached through XR" in line.run("federation", "show")[1]
    found = checked(line)
    assert found["ok"] and found["detail"] == "partners leave messages at XR, from where this node fetches them"
    behind(line, "")
    assert not checked(line)["ok"] and "behind XR" in checked(line)["detail"]
    behind(line, "XQ")
    assert not checked(line)["ok"]


def test_a_relay_that_is_not_listed_as_one_is_no_relay(line: Line, tmp_path: Path) -> None:
    region = Region(tmp_path, line)
    line.init()
    behind(line, "XQ")
    region.enter(line, "XA")
    region.mirror(line)
    assert checked(line)["detail"] == "XQ is no relay in the directory"


def test_a_node_is_no_relay_and_a_relay_has_none(line: Line, relay: Line) -> None:
    line.init()
    assert line.fails("relay", "status") == (4, "node.no-relay")
    assert line.run("relay", "run")[0] == 4
    assert relay.fails("relay", "init", "--code", "XR", "--name", "Again")[1] == "node.home-used"
    behind(relay, "XB")
    assert relay.fails("relay", "status")[1] == "node.settings"
    behind(line, "XA")
    assert line.fails("status")[1] == "node.settings", "nor is a node its own relay"
