"""The federation of the journeys: three states with people, law, databases and cases, made once and copied per test."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from comity.access import service as access
from comity.access.model import NewPerson
from comity.app.demo import population
from comity.app.demo.commands import Commands
from comity.app.demo.federation import PEOPLE, QUALIFIED_UNTIL
from comity.app.settings import load, save
from comity.app.wiring import Node, create_node
from comity.base.codes import TRAINING_STATES
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.dna import service as dna
from comity.exchange import service as exchange
from comity.legal import service as legal
from comity.log import service as log
from tests.exchange.federation import PIN, directory_file
from tests.journeys.nodes import Bell, LiveNode, preload
from tests.journeys.process import Kill
from tests.people import CHEAP, PASSPHRASE, signed_in

CASES: Final = {
    "homicide": ("XA", "XA-2026-0117", "XA-CC-101", "officer-1", ("examiner-1",)),
    "theft": ("XA", "XA-2026-0118", "XA-CC-214", "officer-1", ("examiner-1",)),
    "tax": ("XA", "XA-2026-0119", "XA-TC-12", "officer-1", ("examiner-1",)),
    "exhibits": ("XB", "XB-2026-0007", "XB-PL-1", "custodian-1", ("approver-1",)),
}  # fmt: skip
"""Each case by its node, reference, offence, the person who opens it and those let in."""
BYSTANDERS: Final = 60
"""Profiles in each partner's database besides the planted one."""
Database = Callable[[str], str]


@dataclass(frozen=True)
class Scene:
    """The homes of a federation at the moment before the stain is searched abroad."""

    folder: Path
    case: dict[str, str] = field(default_factory=dict)
    profile: str = ""
    """XA's stain."""

    def home(self, code: str) -> Path:
        return self.folder / code.lower()


# --- making it once ------------------------------------------------------------------------------------------------


def prepare(folder: Path, database: Database | None = None, codes: tuple[str, ...] = ("XA", "XB", "XC")) -> Scene:
    """Homes with people, cases, law and profiles; `database` gives a node's database URL, SQLite by default."""
    scene = Scene(folder)
    commands = Commands(PASSPHRASE)
    preload()
    for code in codes:
        where = ("--database", database(code)) if database else ()
        name = TRAINING_STATES[code]
        commands.ask(
            scene.home(code), "init", "--code", code, "--name", name, "--training", "--admin", "admin-1", *where
        )
        scene = _furnish(scene, code)
    return scene


def _furnish(scene: Scene, code: str) -> Scene:
    node = create_node(load(scene.home(code)))
    staff = _staff(node)
    scene = replace(scene, case=scene.case | _cases(node, staff))
    if code == "XA":
        scene = replace(
            scene, profile=take_in(node, staff["examiner-1"], dna.shipped_file("stain-2800m.xml"), "stain.xml")[0]
        )
    else:
        _fill(node, staff["examiner-1"])
    if code == "XC":
        _legislate(node, staff["lawyer-1"])
    node.close()
    return scene


def _staff(node: Node) -> dict[str, Issuer]:
    """The people of the node, signed in; their keys are cheap to unseal."""
    with node.database.unit("test.people") as unit:
        admin = signed_in(unit, "admin-1")
        for person, (section, roles) in PEOPLE[node.settings.code].items():
            until = date.fromisoformat(QUALIFIED_UNTIL) if "examiner" in roles else None
            access.add_person(unit, NewPerson(person, section, frozenset(roles), PASSPHRASE, until), admin, CHEAP)
        return {person: signed_in(unit, person) for person in PEOPLE[node.settings.code]}


def _cases(node: Node, staff: dict[str, Issuer]) -> dict[str, str]:
    opened = {}
    with node.database.unit("test.cases") as unit:
        for name, (code, reference, offence, opener, members) in CASES.items():
            if code == node.settings.code:
                case = cases.open_case(unit, staff[opener], NewCase(reference, f"A case of {name}", offence))
                for person in members:
                    cases.add_member(unit, staff[opener], case.id, person)
                opened[name] = case.id
    return opened


def take_in(node: Node, examiner: Issuer, data: bytes, name: str) -> tuple[str, ...]:
    """Import a laboratory's file; the new profiles."""
    with node.database.unit("dna.import") as unit:
        acted = dna.sign_import(unit, examiner, data, name)
        return dna.import_file(unit, acted, data, name).profiles


def _fill(node: Node, examiner: Issuer) -> None:
    """Bystanders, and what is planted: the stain's source in XB, a profile one allele off in XC."""
    specimens, _ = dna.read_file(dna.shipped_file("stain-2800m.xml"), "cmf")
    made = population.derivatives(specimens[0])
    planted = made.source if node.settings.code == "XB" else made.near
    take_in(node, examiner, population.generate(7, BYSTANDERS).encode(), "database.csv")
    take_in(node, examiner, planted.encode(), "planted.csv")


def _legislate(node: Node, lawyer: Issuer) -> None:
    """Corvia's newer declaration, which Arvenia has not imported."""
    data, name = legal.shipped_file("training/declaration-xc-2026.csv"), "declaration-xc-2026.csv"
    with node.database.unit("legal.import") as unit:
        legal.import_table(unit, lawyer, data, name)


# --- a copy of it, alive -------------------------------------------------------------------------------------------


class _Ports:
    """Ports of this test worker alone, outside the range from which the kernel serves outgoing connections."""

    def __init__(self) -> None:
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        self._next = 12_000 + 1_000 * (worker % 20)
        self._first = self._next

    def take(self) -> int:
        for _ in range(1_000):
            port, self._next = self._next, self._first + (self._next + 1 - self._first) % 1_000
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                continue
            return port
        raise AssertionError("no free port")


_ports = _Ports()


def take_port() -> int:
    """A free port that no other test takes."""
    return _ports.take()


@dataclass
class Federation:
    """Running or stopped nodes with a directory of their own."""

    scene: Scene
    bell: Bell = field(default_factory=Bell)
    nodes: dict[str, LiveNode] = field(default_factory=dict)
    endpoints: dict[str, str] = field(default_factory=dict)
    version: int = 0

    def __getitem__(self, code: str) -> LiveNode:
        return self.nodes[code]

    def join(self, code: str, home: Path) -> None:
        """Give the node of `home` ports of its own and make it a member of the next directory."""
        settings = replace(load(home), partner_port=_ports.take(), officer_port=_ports.take())
        save(settings)
        self.nodes[code] = LiveNode(home, self.bell)
        self.endpoints[code] = settings.partner_endpoint

    def publish(self, revoked: tuple[str, ...] = (), without: tuple[str, ...] = (), at: tuple[str, ...] = ()) -> None:
        """Sign the next directory and import it at the nodes `at`, by default at all."""
        self.version += 1
        now = next(iter(self.nodes.values())).eyes.database.clock()
        entries = [
            exchange.member_entry(self.nodes[code].eyes.keys, code, endpoint, role=self._role(code))
            | {"revoked": code in revoked, "log": self._log_key(code)}
            for code, endpoint in self.endpoints.items()
            if code not in without
        ]  # fmt: skip
        data = directory_file(entries, self.version, now)
        for code in at or tuple(self.nodes):
            with self.nodes[code].eyes.database.unit("directory.import") as unit:
                exchange.import_directory(unit, data, PIN)

    def _log_key(self, code: str) -> str:
        with self.nodes[code].eyes.database.read("test.key") as unit:
            return log.verifier(unit).format()

    def _role(self, code: str) -> exchange.Role:
        settings = self.nodes[code].settings
        return exchange.Role(("relay",) if settings.is_relay else (), settings.relay)

    def start(self, plans: dict[str, Kill] | None = None) -> None:
        """Start every node, the last one first: so it is the first one that finds the others up and greets them."""
        for code in reversed(self.nodes):
            self.nodes[code].start((plans or {}).get(code))

    def close(self) -> None:
        for node in self.nodes.values():
            node.close()


@contextmanager
def copied(scene: Scene, folder: Path, codes: tuple[str, ...] = ("XA", "XB", "XC")) -> Iterator[Federation]:
    """A federation of copies of the scene's homes in `folder`, not yet started, with its directory imported."""
    for code in codes:
        shutil.copytree(scene.home(code), folder / code.lower())
    with joined(replace(scene, folder=folder), codes) as made:
        yield made


@contextmanager
def joined(scene: Scene, codes: tuple[str, ...]) -> Iterator[Federation]:
    """A federation of the scene's own homes, not yet started, with its directory imported."""
    made = Federation(scene)
    with ExitStack() as stack:
        stack.callback(made.close)
        for code in codes:
            made.join(code, scene.home(code))
        made.publish()
        yield made
