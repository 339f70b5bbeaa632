"""Delivery over real ports: accepted once, handled once, answered; waiting, retrying, and giving up at the deadline."""

from collections.abc import Callable

from comity.exchange import service
from comity.exchange.model import Delivery, Received
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.exchange.federation import federation, send_query

Make = Callable[[str], Database]


def state_of(database: Database, message: str) -> Delivery:
    with database.read("test") as unit:
        return service.sent(unit, message).deliveries[0]


def test_a_message_is_accepted_handled_and_receipted(make_database: Make) -> None:
    got: list[Received] = []
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: got.append(received)}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB")
        assert service.deliver_due(a.station) == 1
        assert state_of(a.database, message).state == "accepted"
        assert service.handle_pending(b.station) == 1
        assert service.deliver_due(b.station) == 1
        assert state_of(a.database, message).state == "handled"
        assert [r.id for r in got] == [message]
        assert got[0].body == {"v": 1, "number": 1}
        assert got[0].legal_basis.startswith("TRAIN-REG:")
        with a.database.read("test") as unit:
            assert [r.kind for r in service.receipts(unit, message)] == ["ACCEPTED", "HANDLED"]
            assert log.verify(unit).ok
        with b.database.read("test") as unit:
            assert log.verify(unit).ok
        reports = service.verify_partners(a.station)
        assert [(r.partner, r.ok) for r in reports] == [("XB", True)]
