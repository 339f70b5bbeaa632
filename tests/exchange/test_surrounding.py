"""What partners say about a log, in an export: their directories and the heads that entries rely on, whole and lost."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.base.model import Actor
from comity.exchange import service
from comity.exchange.store import partners
from comity.kit.codec.zips import read_stored_zip
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Choice
from tests.exchange.federation import PIN, Federation, federation, send_query
from tests.log.court import examined

Make = Callable[[str], Database]


class Signed:
    """An act of an auditor, as access hands it in."""

    actor = Actor("XB", "auditor-1", "unit-b", frozenset({"auditor"}))
    auth_hash = "ab" * 32


@pytest.fixture
def world(make_database: Make) -> Iterator[Federation]:
    """XB has accepted a message of XA, and so holds XA's signed head."""
    with federation(make_database, listening=("XA", "XB")) as made:
        send_query(made.nodes["XA"].station, "XB")
        service.deliver_due(made.nodes["XA"].station)
        yield made


def exported(database: Database) -> tuple[int, bytes]:
    """The index of the entry about the message, and its export."""
    above = log.Upstairs(around=service.surroundings)
    with database.read("test.gather") as unit:
        (received,) = log.entries(unit, kind="message.received")
        choice = Choice("why", entries=(received.id,))
        draft = log.gather(unit, choice, above)
    with database.unit("test.export") as unit:
        act = log.export(unit, Signed(), choice, draft)
    with database.read("test.export") as unit:
        return received.index, log.complete(unit, draft, act)


def test_real_directories_and_heads_of_partners_hold(world: Federation, tmp_path: Path) -> None:
    index, data = exported(world.nodes["XB"].database)
    code, told = examined(tmp_path, data, "--root", PIN)
    assert (code, told["false"]) == (0, [])
    proven = "\n".join(told["proven"])
    assert "It is the key of this log by directory 1 of training" in proven
    assert f"Entry {index} was written after comity.invalid/XA/log had signed" in proven


def test_a_head_that_was_not_kept_is_left_out(world: Federation, tmp_path: Path) -> None:
    database = world.nodes["XB"].database
    with database.unit("test.forget") as unit:
        unit.connection.execute(sa.delete(partners.head))
    code, told = examined(tmp_path, exported(database)[1], "--root", PIN)
    assert code == 0
    assert not any("was written after" in line for line in told["proven"])


def test_what_partners_cosigned_holds_under_the_policy_of_an_expert(world: Federation, tmp_path: Path) -> None:
    """XA cosigns XB's log; an expert who takes the policy for granted sees who vouches for how much."""
    node = world.nodes["XB"]
    assert any(report.ok for report in service.gather(node.station))
    _, data = exported(node.database)
    policy = tmp_path / "policy"
    policy.write_bytes(read_stored_zip(data)["policy"])
    assert b"quorum partners" in policy.read_bytes()
    code, told = examined(tmp_path / "empty", data, "--policy", str(policy))
    assert (code, told["false"], told["cannot_be_judged"]) == (0, [], [])
    assert any(line.startswith("XA cosigned the checkpoint over") for line in told["proven"])
    assert any(line.startswith("The quorum of your policy vouches for the first") for line in told["proven"])
