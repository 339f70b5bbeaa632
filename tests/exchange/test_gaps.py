"""Which numbers have not come: kept message by message, or found by the upgrade, what grouping all messages shows."""

from collections.abc import Callable, Iterable
from importlib import import_module

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.exchange import service
from comity.exchange.store import gaps, inbox
from comity.kit.database.unit import Database, Unit
from tests.counting import counted

Come = list[tuple[str, str, int]]
"""Sender, conversation and number of messages, as they come; a number may come twice, under another id."""

COME = st.lists(
    st.tuples(st.sampled_from(["XB", "XC"]), st.sampled_from(["one", "two"]), st.integers(1, 9)), max_size=20
)
LATEST = 2**31 - 1


def take(unit: Unit, come: Come) -> None:
    for id, (sender, conversation, seq) in enumerate(come):
        inbox.add(unit, {
            "sender": sender, "id": str(id), "digest": "", "type": "search.query", "conversation": conversation,
            "seq": seq, "signed": b"", "signature": "", "payload": b"", "entry": id, "receipt": "", "proof": None,
            "sent_proof": b"", "state": "handled", "code": "", "received_at": unit.now, "settled_at": None,
        })  # fmt: skip


def missing(come: Come) -> set[tuple[str, str, int]]:
    """The plain grouping: every number below the highest of a sender's conversation that is not there."""
    highest: dict[tuple[str, str], int] = {}
    for sender, conversation, seq in come:
        highest[sender, conversation] = max(seq, highest.get((sender, conversation), 0))
    return {(*key, n) for key, top in highest.items() for n in range(1, top)} - set(come)


def told(runs: Iterable[tuple[str, str, int, int]]) -> list[tuple[str, str, int]]:
    return [(sender, conversation, n) for sender, conversation, first, last in runs for n in range(first, last + 1)]


@pytest.fixture
def examined(database: Database) -> Callable[[Callable[[Unit], None]], None]:
    """Runs one example in a transaction that leaves nothing."""

    def run(example: Callable[[Unit], None]) -> None:
        with database.unit("test.gaps") as unit, pytest.raises(KeyError), unit.act():
            example(unit)
            raise KeyError

    return run


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(come=COME)
def test_kept_as_they_come_gaps_are_what_all_messages_show(
    examined: Callable[[Callable[[Unit], None]], None], come: Come
) -> None:
    def example(unit: Unit) -> None:
        take(unit, come)
        found = told((one.sender, one.conversation, one.first, one.last) for one in service.gaps(unit))
        assert len(found) == len(set(found)) and set(found) == missing(come)
        assert gaps.counts(unit) == {
            sender: len({c for s, c, _ in found if s == sender}) for sender in {s for s, _, _ in found}
        }

    examined(example)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(come=COME)
def test_the_upgrade_finds_the_gaps_of_what_came_before_it(
    examined: Callable[[Callable[[Unit], None]], None], come: Come
) -> None:
    step = import_module("comity.app.migrations.versions.0018_gaps")

    def example(unit: Unit) -> None:
        take(unit, come)
        unit.connection.execute(sa.schema.DropTable(gaps.gap))
        with Operations.context(MigrationContext.configure(unit.connection)):
            step.upgrade()
        found = told(tuple(row) for row in unit.connection.execute(sa.select(*gaps.gap.c)))
        assert len(found) == len(set(found)) and set(found) == missing(come)

    examined(example)


def test_a_number_of_any_size_is_one_run(database: Database) -> None:
    with database.unit("test.gaps") as unit:
        take(unit, [("XB", "one", 5), ("XB", "one", LATEST), ("XC", "two", LATEST)])
        runs = [(one.sender, one.first, one.last) for one in service.gaps(unit)]
        with counted() as count:
            assert gaps.counts(unit) == {"XB": 1, "XC": 1}
        assert count.number == 1
        assert (
            [one.sender for one in service.gaps(unit, "XC")]
            == ["XC"]
            == [one.sender for one in service.gaps(unit, "XC", 1)]
        )
    assert runs == [("XB", 1, 4), ("XB", 6, LATEST - 1), ("XC", 1, LATEST - 1)]
