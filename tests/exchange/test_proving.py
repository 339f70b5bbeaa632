"""Proving exchanged messages again: both logs, on both sides, from stored proofs alone."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from comity.exchange import service
from comity.exchange.model import MessageReport
from comity.exchange.store import inbox, sent
from comity.kit.database.unit import Database
from tests.exchange.federation import Federation, federation, send_query

Make = Callable[[str], Database]


@pytest.fixture
def world(make_database: Make) -> Iterator[Federation]:
    """XA has sent two messages to XB, accepted and handled."""
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as made:
        for number in (1, 2):
            send_query(made.nodes["XA"].station, "XB", number)
        service.deliver_due(made.nodes["XA"].station)
        service.handle_pending(made.nodes["XB"].station)
        yield made


def _report(world: Federation, node: str) -> MessageReport:
    with world.nodes[node].database.read("test") as unit:
        (report,) = [r for r in service.verify_messages(unit) if r.partner in ("XA", "XB")]
    return report


def test_every_message_is_proven_on_both_sides(world: Federation) -> None:
    assert _report(world, "XA") == MessageReport("XB", 0, 2, ())
    assert _report(world, "XB") == MessageReport("XA", 2, 0, ())


@pytest.mark.parametrize(
    ("node", "column"),
    [
        ("XA", sent.message.c.proof), ("XA", sent.receipt.c.proof),
        ("XB", inbox.inbox.c.proof), ("XB", inbox.inbox.c.sent_proof),
    ],
)  # fmt: skip
def test_a_proof_of_another_entry_is_named(world: Federation, node: str, column: sa.Column[bytes]) -> None:
    with world.nodes[node].database.unit("test") as unit:
        first, second = unit.connection.execute(sa.select(column).order_by(column)).scalars().all()[:2]
        unit.connection.execute(sa.update(column.table).where(column == second).values({column.name: first}))
    report = _report(world, node)
    assert len(report.failures) == 1
    assert "not shown as" in report.failures[0]
