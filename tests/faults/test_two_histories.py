"""A partner that was put back in time and went on: a real second history, and nothing is exchanged from then on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.proxy import honest, swallow
from tests.faults.world import COMMANDS, World, status, told
from tests.journeys.nodes import LiveNode
from tests.journeys.story import REPORT, Story, look, queries, query

pytestmark = pytest.mark.journey


def alarms(node: LiveNode) -> list[tuple[str, str]]:
    """Kind and partner of each alarm."""
    query = sa.text("SELECT kind, partner FROM exchange_alarm")
    return look(node, lambda unit: [tuple(row) for row in unit.connection.execute(query)])  # type: ignore[no-any-return]  # look is untyped


def take_in(node: LiveNode, case: str, exhibit: str) -> None:
    """Something that the node's log tells."""
    path = f"/evidence/items?case={case}&kind=laboratory_report&source=laboratory&exhibit={exhibit}"
    node.post("custodian-1", path, REPORT + exhibit.encode())


def yesterdays(world: World, folder: Path) -> LiveNode:
    """XB, which ran meanwhile and met XA, from the disk of yesterday: lock, database and all."""
    b = world["XB"]
    b.stop()
    shutil.copytree(b.home, folder / "yesterday")
    b.start()
    Story(world.federation).ask()
    b.stop()
    b.close()
    made = LiveNode(folder / "yesterday", world.federation.bell, patience=1.0)
    world.federation.nodes["XB"] = made
    return made


def test_a_partner_that_shows_two_histories_is_frozen_and_the_operator_sees_why(
    world: Callable[..., World], tmp_path: Path
) -> None:
    made = world("XA", "XB", patience=1.0)
    a = made["XA"]
    made.rest()
    again = yesterdays(made, tmp_path)
    for line in made.lines.values():
        line.becomes(swallow)
    again.start()  # nobody can tell it how far its log was
    case = made.federation.scene.case["exhibits"]
    for number in range(12):
        take_in(again, case, f"XB-{number}")
    for line in made.lines.values():
        line.becomes(honest)
    looked = COMMANDS.run(a.home, "log", "monitor")  # as the running node does every minute
    assert looked.exit_code == 1
    (id,) = made.ask("XB")
    made.answered(id, "unavailable")
    assert ("two-histories", "XB") in alarms(a)
    assert status(a, "XB")["frozen"]
    assert "FROZEN" in told(a, "status")
    assert "frozen" in told(a, "partners")
    assert query(a, id).reason["reason"] == "exchange.frozen"
    assert queries(again) == [], "nothing leaves for a frozen partner"
    again.stop()
    check_way_out(again)


def check_way_out(node: LiveNode) -> None:
    """The partner shows what it found: the node is sealed, signs not even a refusal, and goes on in another epoch."""
    before = COMMANDS.ask(node.home, "log", "verify")
    epoch = ("log", "epoch", "--reason", "a copy was started beside the node", "--as", "admin-1", "--with")
    assert COMMANDS.run(node.home, *epoch, "custodian-1").exit_code == 3
    assert COMMANDS.ask(node.home, "log", "verify") == before
    assert "XA holds" in COMMANDS.ask(node.home, "status")["read_only_because"]
    done = COMMANDS.ask(node.home, *epoch, "approver-1")
    assert (done["epoch"], done["first_entry"]) == (2, before["size"])
    assert COMMANDS.ask(node.home, "log", "verify")["ok"]
