"""A fourth agency joins three that are at work: one file in, one file out, and they exchange with it (public commands).

XY runs beside the federation's office; XC knows neither it nor the office's folder and hears from a partner.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from comity.app.demo.commands import Commands
from comity.app.demo.federation import QUALIFIED_UNTIL, Federation, free_ports
from comity.base.clock import monotonic
from comity.dna import service as dna
from tests.people import PASSPHRASE

pytestmark = pytest.mark.journey
AT_WORK: Final = ("XA", "XC", "XY")
NEWCOMER: Final = "XB"
SECONDS: Final = 60


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Federation]:
    """Three nodes that run, members of a federation whose office's folder lies beside them."""
    made = Federation(tmp_path, Commands(PASSPHRASE))
    made.post.mkdir()
    ports = iter(free_ports(8))
    made.ports = {node: (next(ports), next(ports)) for node in (*AT_WORK, NEWCOMER)}
    made.office("create", "training")
    for node in AT_WORK:
        init(made, node)
    made.office("publish", *(join(made, node) for node in AT_WORK))
    for node in AT_WORK:
        copy = made.post / f"{node}-FEDERATION.zip"
        copy.write_bytes(made.directory.read_bytes())
        made.ask(node, "federation", "mirror", "--from", str(made.secretariat if node == "XY" else copy))
    for node in AT_WORK:
        made.start(node)
    for node in AT_WORK:
        made.wait_ready(node)
    try:
        yield made
    finally:
        made.stop_all()


def init(world: Federation, node: str) -> None:
    partner, officer = world.ports[node]
    where = ("--partner-port", str(partner), "--officer-port", str(officer))
    world.ask(node, "init", "--code", node, "--name", f"Agency of {node}", "--training", *where)


def join(world: Federation, node: str) -> str:
    """The office's file goes to the node, the node's file comes back; the fingerprint was told by telephone."""
    invitation, entry = (str(world.post / f"{node}-{what}.json") for what in ("invitation", "entry"))
    told = world.office("invite", node, "--out", invitation)
    world.ask(node, "federation", "join", invitation, "--root-key", told["root"], "--out", entry)
    return entry


def person(world: Federation, node: str, name: str, *roles: str) -> None:
    words = [word for role in roles for word in ("--role", role)]
    more = ("--qualified-until", QUALIFIED_UNTIL) if "examiner" in roles else ()
    world.ask(node, "person", "add", name, "--unit", f"unit-{name}", *words, *more, by="security-1")


def heard(world: Federation, node: str) -> None:
    """The running node's own minute may come first; this looks at once, as an operator would."""
    end = monotonic() + SECONDS
    while NEWCOMER not in {m["code"] for m in world.ask(node, "federation", "show")["members"]}:
        assert monotonic() < end, f"{node} has not heard of {NEWCOMER}"
        world.commands.run(world.home(node), "federation", "mirror")


def searched(world: Federation) -> dict[str, Any]:
    """XA's officer asks the newcomer about a stain; the answer."""
    person(world, "XA", "officer-1", "officer")
    person(world, "XA", "examiner-1", "examiner", "custodian")
    case = world.ask(
        "XA", "case", "open", "XA-2026-0117", "--title", "Homicide", "--offence", "XA-CC-101", by="officer-1"
    )["id"]
    world.ask("XA", "case", "admit", "examiner-1", "--case", case, by="officer-1")
    stain = world.post / "stain.xml"
    stain.write_bytes(dna.shipped_file("stain-2800m.xml"))
    (profile,) = world.ask("XA", "dna", "import", str(stain), by="examiner-1")["profiles"]
    asked = ("search", "ask", "--case", case, "--profile", profile, "--to", NEWCOMER, "--yes")
    (query,) = world.ask("XA", *asked, by="officer-1")["queries"]
    shown = ("search", "show", query["query"], "--until-answered", "--wait", str(SECONDS))
    found: dict[str, Any] = world.ask("XA", *shown, by="officer-1", seconds=2 * SECONDS)
    return found


def test_a_fourth_node_is_taken_in_while_the_others_work(world: Federation) -> None:
    init(world, NEWCOMER)
    person(world, NEWCOMER, "examiner-1", "examiner")
    control = world.post / "control.csv"
    control.write_bytes(dna.shipped_file("control-9947a.csv"))
    world.ask(NEWCOMER, "dna", "import", str(control), by="examiner-1")
    entry = join(world, NEWCOMER)
    published = world.office("publish", entry)
    assert sorted(m["code"] for m in published["members"]) == ["XA", "XB", "XC", "XY"]
    world.ask(NEWCOMER, "federation", "mirror", "--from", str(world.directory))
    world.start(NEWCOMER)
    world.wait_ready(NEWCOMER)
    for node in ("XY", "XC", "XA"):
        heard(world, node)
    assert searched(world)["status"] == "no_hit"
    checked = {one["partner"]: one for one in world.ask("XA", "partners", "--verify")}
    assert checked[NEWCOMER]["ok"] and checked[NEWCOMER]["messages"] > 0
    assert "directory: fresh" in world.commands.run(world.home("XA"), "status").out
    types = [one["type"] for one in world.ask("XA", "log", "show")]
    assert types.count("directory.imported") == 2, "an edition is one act"
