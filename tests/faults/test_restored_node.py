"""A node is lost and restored from an old backup: sealed, then in another epoch of its log, with nothing doubled."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.exchange import service as exchange
from comity.log import service as log
from tests.faults.test_two_histories import alarms, take_in
from tests.faults.world import COMMANDS, World, check_operator, told
from tests.journeys.nodes import LiveNode
from tests.journeys.story import look, query
from tests.log.court import examined

pytestmark = pytest.mark.journey

EPOCH = ("log", "epoch", "--reason", "the disk failed, backup of yesterday", "--as", "admin-1", "--with", "approver-1")


def received(node: LiveNode, items: bool = False) -> list[tuple[str, str, str]]:
    """Type, state and code of each message that the node received about searches, or about versioned state."""
    wanted = sa.text(f"SELECT type, state, code FROM exchange_inbox WHERE type {'' if items else 'NOT '}LIKE 'items.%'")
    return look(node, lambda unit: [tuple(row) for row in unit.connection.execute(wanted)])  # type: ignore[no-any-return]  # look is untyped


def restored(made: World, folder: Path) -> LiveNode:
    """XB from its backup; the disk with what it did since is gone."""
    made["XB"].stop()
    made["XB"].close()
    home = folder / "restored"
    COMMANDS.ask(home, "restore", str(folder / "xb.data"), "--keys", str(folder / "xb.keys"))
    return opened(made, home)


def opened(made: World, home: Path) -> LiveNode:
    """XB with that home, from now on."""
    made.federation.nodes["XB"] = LiveNode(home, made.federation.bell, patience=1.0)
    return made["XB"]


def size(node: LiveNode) -> int:
    return int(look(node, lambda unit: log.head(unit).size))


def test_a_restored_node_goes_on_in_another_epoch_and_nothing_is_doubled(
    world: Callable[..., World], tmp_path: Path
) -> None:
    made = world("XA", "XB", patience=1.0)
    before, lost = history(made, tmp_path)
    at_most = size(made["XB"])
    waiting, left = sealed(made, tmp_path)
    assert left < at_most
    goes_on(made, left, at_most)
    agreed(made)
    made.until(lambda: made.status(waiting) == "hit", "what waited is answered")
    (after,) = made.ask("XB")
    assert made.answered(after, "hit") == "hit"
    made.rest()
    assert [query(made["XA"], one).status for one in (before, lost, waiting, after)] == ["hit"] * 4
    check(made)
    check_court(made["XB"], left, tmp_path)


def history(made: World, folder: Path) -> list[str]:
    """What both did: a query before the backup of XB, and one after it; both were answered."""
    (before,) = made.ask("XB")
    assert made.answered(before, "hit") == "hit"
    made.rest()
    b = made["XB"]
    COMMANDS.ask(b.home, "backup", "--out", str(folder / "xb.data"), "--keys-out", str(folder / "xb.keys"))
    for number in range(5):
        take_in(b, made.federation.scene.case["exhibits"], f"XB-{number}")
    (lost,) = made.ask("XB")
    assert made.answered(lost, "hit") == "hit"
    made.rest()
    return [before, lost]


def sealed(made: World, folder: Path) -> tuple[str, int]:
    """The restored node starts sealed, and says why; what is asked of it waits: that query, and its log's size."""
    b = restored(made, folder)
    b.start()
    found = COMMANDS.ask(b.home, "status")
    assert (found["read_only"], found["read_only_because"]) == (True, "restored from a backup")
    assert COMMANDS.run(b.home, "partners").exit_code == 0 and COMMANDS.ask(b.home, "log", "verify")["ok"]
    (waiting,) = made.ask("XB")
    assert made.answered(waiting, "unavailable"), "nobody answers for it"
    b.stop()
    left = size(b)
    b.close()
    return waiting, left


def goes_on(made: World, left: int, at_most: int) -> None:
    """XB begins another epoch; XA puts off what it proves, and stops when the directory lists it."""
    done = COMMANDS.ask(made["XB"].home, *EPOCH)
    assert (done["epoch"], done["first_entry"]) == (2, left) and 0 < done["lost"] <= at_most - left
    assert [one["witness"] for one in done["holdings"]] == ["XA"]
    opened(made, made["XB"].home).start()
    made.until(lambda: made.stand("XA", "XB").reason == "exchange.epoch", "XA cannot judge what XB proves")
    made.federation.publish()
    a = made["XA"]
    assert COMMANDS.run(a.home, "log", "monitor").exit_code in (0, 1)
    made.until(lambda: ("new-epoch", "XB") in alarms(a), "XA has looked")
    assert ("two-histories", "XB") not in alarms(a)
    assert "FROZEN" in told(a, "status")
    check_operator(a, "XB", "another epoch")


def agreed(made: World) -> None:
    """XA's operator agrees, and what XB lost of its messages is sent again."""
    a = made["XA"]
    thawed = COMMANDS.run(a.home, "partners", "--thaw", "XB", "--reason", "both operators spoke", "--as", "admin-1")
    assert thawed.exit_code == 0, thawed.err


def check(made: World) -> None:
    """Nothing lost, nothing doubled: XB has every query again, and its second answer to one changed nothing at XA."""
    a, b = made["XA"], made["XB"]
    assert sorted(received(b)) == [("search.query", "handled", "")] * 4
    assert sorted(received(a)) == [
        *[("search.answer", "handled", "")] * 4, ("search.answer", "rejected", "legal.transition"),
    ]  # fmt: skip
    assert ("items.listed", "handled", "") in received(b, items=True), "what partners tell was compared at once"
    for node in (a, b):
        assert COMMANDS.ask(node.home, "log", "verify")["ok"]
        assert COMMANDS.run(node.home, "partners", "--verify").exit_code == 0
        assert COMMANDS.run(node.home, "log", "monitor").exit_code == 0
        assert all(not one.failures for one in look(node, exchange.verify_messages))


def check_court(node: LiveNode, left: int, folder: Path) -> None:
    """An export says what was lost, and why."""
    COMMANDS.run(node.home, "person", "add", "auditor-1", "--unit", "audit", "--role", "auditor", "--as", "admin-1")
    out = folder / "court.zip"
    key = COMMANDS.ask(
        node.home, "log", "export", "--out", str(out), "--entry", "0", "--entry", str(left + 1), "--as", "auditor-1",
        "--reason", "court order 7",
    )["key"]  # fmt: skip
    code, said = examined(folder / "court", out.read_bytes(), "--key", key)
    assert (code, said["false"]) == (0, [])
    assert any("are LOST, they are not in the log any more" in line for line in said["proven"])
    assert any("backup of yesterday" in line for line in said["only_claimed"])
