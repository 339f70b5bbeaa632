"""Three synthetic agencies on one machine: homes, people, keys, a federation, and a node process each.

What one agency needs of another travels as files that people hand over (invitations, signed entries, the
federation's directory), just as in a real federation; no node reads another's folder.
"""

import contextlib
import http.client
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from comity.app.demo.commands import Commands, interpreter
from comity.base.clock import monotonic
from comity.base.codes import TRAINING_STATES
from comity.base.errors import Unavailable

NODES: Final = tuple(TRAINING_STATES)
PEOPLE: Final = {
    "XA": {"officer-1": ("contact-point", ["officer"]), "examiner-1": ("laboratory", ["examiner", "custodian"])},
    "XB": {
        "examiner-1": ("laboratory", ["examiner"]), "judge-1": ("court", ["judge"]),
        "approver-1": ("contact-point", ["approver"]), "custodian-1": ("evidence-room", ["custodian"]),
        "lawyer-1": ("legal-service", ["lawyer"]),
    },
    "XC": {"examiner-1": ("laboratory", ["examiner"]), "lawyer-1": ("legal-service", ["lawyer"])},
}  # fmt: skip
"""Who works at each training node: person -> (unit, roles). Persons are named by their office; nobody real is meant."""

QUALIFIED_UNTIL: Final = "2099-12-31"
_START_SECONDS: Final = 60.0


@dataclass
class Federation:
    """The folder of a federation, its commands and its running node processes."""

    folder: Path
    commands: Commands
    ports: dict[str, tuple[int, int]] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    root_fingerprint: str = ""

    def home(self, node: str) -> Path:
        """The home of a node; only that node's own commands get it."""
        return self.folder / node.lower()

    @property
    def secretariat(self) -> Path:
        """The folder of the federation's office."""
        return self.folder / "secretariat"

    @property
    def directory(self) -> Path:
        """The federation's signed directory, as its office publishes it."""
        return self.secretariat / "FEDERATION.zip"

    @property
    def post(self) -> Path:
        """Where people of different agencies hand each other files."""
        return self.folder / "exchange"

    def ask(self, node: str, *argv: str, by: str = "", seconds: float = 120) -> Any:
        """One command at a node's home, by a person of it, answered in JSON."""
        person = ("--as", by) if by else ()
        return self.commands.ask(self.home(node), *argv, *person, seconds=seconds)

    def office(self, act: str, *argv: str) -> Any:
        """One act of the federation's office, answered in JSON."""
        return self.commands.ask(self.secretariat, "federation", act, *argv, "--dir", str(self.secretariat))

    def address(self, node: str) -> str:
        """Where officers of a node work."""
        return f"http://{node.lower()}.localhost:{self.ports[node][1]}"

    def start(self, node: str) -> None:
        """Start a node process and wait until it says it is ready."""
        log = (self.folder / f"{node.lower()}.log").open("ab")
        argv = interpreter("--home", str(self.home(node)), "run")
        self.running[node] = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL)  # noqa: S603
        log.close()

    def wait_ready(self, node: str) -> None:
        """Return when the node answers /readyz; Unavailable when it dies or takes too long."""
        end = monotonic() + _START_SECONDS
        while monotonic() < end:
            if self.running[node].poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                address = ("127.0.0.1", self.ports[node][1])
                with contextlib.closing(http.client.HTTPConnection(*address, timeout=2)) as connection:
                    connection.request("GET", "/readyz")
                    if connection.getresponse().status == 200:
                        return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.running[node].wait(0.1)
        raise Unavailable("demo.start", f"Node {node} did not start", where=str(self.folder / f"{node.lower()}.log"),
                          todo="Read that log file; often a port is taken.")  # fmt: skip

    def stop(self, node: str) -> None:
        """Stop a node process the way an operator does."""
        process = self.running.pop(node)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        """Stop every node that runs."""
        for node in list(self.running):
            self.stop(node)


def free_ports(count: int) -> list[int]:
    """Ports that are free now on loopback."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for each in sockets:
        each.close()
    return ports


def found(federation: Federation) -> None:
    """Found the federation, make the three nodes with their people, and have each of them join."""
    federation.post.mkdir(parents=True, exist_ok=True)
    ports = iter(free_ports(2 * len(NODES)))
    federation.ports = {node: (next(ports), next(ports)) for node in NODES}
    with ThreadPoolExecutor() as pool:
        founded = pool.submit(federation.office, "create", "training")
        list(pool.map(lambda node: _make(federation, node), NODES))
        founded.result()
    _publish(federation)


def _make(federation: Federation, node: str) -> None:
    """One agency's node with its people."""
    partner, officer = federation.ports[node]
    federation.ask(
        node, "init", "--code", node, "--name", TRAINING_STATES[node], "--partner-port", str(partner),
        "--officer-port", str(officer), "--training", "--admin", "security-1",
    )  # fmt: skip
    _staff(federation, node)


def _staff(federation: Federation, node: str) -> None:
    for person, (unit, roles) in PEOPLE[node].items():
        argv = ["person", "add", person, "--unit", unit]
        for role in roles:
            argv += ["--role", role]
        if "examiner" in roles:
            argv += ["--qualified-until", QUALIFIED_UNTIL]
        federation.ask(node, *argv, by="security-1")


def _join(federation: Federation, node: str) -> str:
    """One file in, one file out: the office invites the node, the node answers with its signed entry; that file."""
    invitation, entry = (str(federation.post / f"{node}-{what}.json") for what in ("invitation", "entry"))
    said = federation.office("invite", node, "--out", invitation)
    federation.ask(node, "federation", "join", invitation, "--root-key", said["root"], "--out", entry)
    return entry


def _publish(federation: Federation) -> None:
    """The secretariat takes the members' entries in and publishes; every node takes the edition into use.

    XA's node runs beside the office, and keeps its word fresh while it runs; the others are handed the bundle.
    """
    entries = [_join(federation, node) for node in NODES]
    published = federation.office("publish", *entries)
    federation.root_fingerprint = published["root"]
    for node in NODES:
        place = federation.secretariat if node == NODES[0] else federation.directory
        federation.ask(node, "federation", "mirror", "--from", str(place))
