"""`comity run` as a process of its own: it starts, works beside commands and backups, and stops when told."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from comity.app.settings import load
from tests.app.conftest import Line
from tests.people import PASSPHRASE

pytestmark = pytest.mark.journey

Start = Callable[[Path], "subprocess.Popen[str]"]


def free_ports() -> list[int]:
    """Two ports that are free now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def home(line: Line) -> Path:
    """A new training node."""
    partner, officer = free_ports()
    line.init("--training", "--partner-port", str(partner), "--officer-port", str(officer))
    return line.home


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(home)`: its process; ended by force if the test has not ended it."""
    with ExitStack() as stack:

        def begin(home: Path) -> "subprocess.Popen[str]":
            argv = [sys.executable, "-m", "comity", "--home", str(home), "run"]
            environment = os.environ | {"COMITY_PASSPHRASE": PASSPHRASE}
            process = stack.enter_context(
                subprocess.Popen(argv, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environment)
            )
            stack.callback(process.kill)
            return process

        yield begin


def until_ready(process: "subprocess.Popen[str]") -> str:
    """The line that says where it answers."""
    assert process.stderr
    return next((line for line in process.stderr if " is ready: " in line), "it never was ready")


def stop(process: "subprocess.Popen[str]", number: int) -> int:
    process.send_signal(number)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_and_stops(home: Path, start: Start, number: int) -> None:
    process = start(home)
    settings = load(home)
    assert until_ready(process) == (
        f"XA is ready: officers http://xa.localhost:{settings.officer_port}, "
        f"partners https://127.0.0.1:{settings.partner_port}. Stop with Ctrl-C.\n"
    )
    answer = httpx.get(f"http://127.0.0.1:{settings.officer_port}/readyz", trust_env=False)
    assert answer.json() == {"status": "ready"}
    assert stop(process, number) == 0


def test_commands_and_backups_beside_it(home: Path, start: Start, line: Line, tmp_path: Path) -> None:
    process = start(home)
    until_ready(process)
    line.ask("person", "add", "officer-1", "--unit", "unit-1", "--role", "officer", "--as", "security-1")
    address = f"http://127.0.0.1:{load(home).officer_port}/api/v1/people"
    people = httpx.get(address, auth=("officer-1", PASSPHRASE), trust_env=False).json()["people"]
    assert [person["id"] for person in people] == ["officer-1", "security-1"]
    data, keys = str(tmp_path / "d"), str(tmp_path / "k")
    line.ask("backup", "--out", data, "--keys-out", keys)
    there = line.at(tmp_path / "there")
    there.ask("restore", data, "--keys", keys)
    assert there.ask("log", "verify")["ok"]
    assert stop(process, signal.SIGTERM) == 0


def test_a_port_that_is_taken(home: Path, start: Start) -> None:
    first = start(home)
    until_ready(first)
    second = start(home)
    _, told = second.communicate(timeout=60)
    assert second.returncode == 6
    assert "Stop the program that uses this port" in told
    assert stop(first, signal.SIGTERM) == 0


def test_a_restored_node_serves_its_officers(home: Path, start: Start, line: Line, tmp_path: Path) -> None:
    data, keys = str(tmp_path / "d"), str(tmp_path / "k")
    line.ask("backup", "--out", data, "--keys-out", keys)
    line.at(tmp_path / "there").ask("restore", data, "--keys", keys)
    process = start(tmp_path / "there")
    assert "READ-ONLY" in until_ready(process)
    settings = load(tmp_path / "there")
    page = httpx.get(f"http://127.0.0.1:{settings.officer_port}/status", trust_env=False).text
    assert "Read-only: restored from a backup" in page
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", settings.partner_port))
    assert stop(process, signal.SIGTERM) == 0
