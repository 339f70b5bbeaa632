"""Delivery over real ports: accepted once, handled once, answered; waiting, retrying, and giving up at the deadline."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.exchange import jobs, service
from comity.exchange.model import Allowance, Delivery, Message, Received
from comity.exchange.store import sent as sent_rows
from comity.kit.database.unit import Database, Unit
from comity.legal import service as legal
from comity.legal.model import Permit, Question
from comity.log import service as log
from tests.clock import FixedClock
from tests.exchange.federation import FACTS, act_hash, certificate, federation, permit_for, query, send_query

Make = Callable[[str], Database]


def state_of(database: Database, message: str) -> Delivery:
    with database.read("test") as unit:
        return service.sent(unit, message).deliveries[0]


def test_a_message_is_accepted_handled_and_receipted(make_database: Make) -> None:
    got: list[Received] = []
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: got.append(received)}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB", attachments={"picture": b"\0\1"})
        assert service.deliver_due(a.station) == 1
        assert state_of(a.database, message).state == "accepted"
        assert service.handle_pending(b.station) == 1
        assert service.deliver_due(b.station) == 1
        assert state_of(a.database, message).state == "handled"
        assert [(r.id, r.body, r.attachments) for r in got] == [(message, {"v": 1, "number": 1}, {"picture": b"\0\1"})]
        assert got[0].legal_basis.startswith("TRAIN-REG:")
        with b.database.read("test") as unit:
            assert service.received(unit, "XA", message) == got[0]
            assert log.verify(unit).ok
        with a.database.read("test") as unit:
            assert [r.kind for r in service.receipts(unit, message)] == ["ACCEPTED", "HANDLED"]
            assert log.verify(unit).ok
        assert [(r.partner, r.ok) for r in service.verify_partners(a.station)] == [("XB", True)]
        assert service.verify_partners(a.station)[0].ok
        assert {"send:before:search.query", "send:after:search.query"} <= set(a.points)
        assert {"response:before:search.query", "response:after:search.query"} <= set(b.points)


def _raise(unit: Unit, received: Received) -> None:
    log_free = received.body["no such field"]
    raise AssertionError(log_free)


def _not_now(unit: Unit, received: Received) -> None:
    raise NotAllowed("test.no", "not now", todo="never")


@pytest.mark.parametrize(("handler", "code"), [(_not_now, "test.no"), (_raise, "node.internal")])
def test_a_handlers_error_becomes_a_signed_rejection(make_database: Make, handler: Any, code: str) -> None:
    told: list[Delivery] = []
    wiring = {
        "XA": {"watchers": {"search.query": lambda unit, delivery: told.append(delivery)}},
        "XB": {"handlers": {"search.query": handler}},
    }
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB")
        service.deliver_due(a.station)
        service.handle_pending(b.station)
        service.deliver_due(b.station)
        assert (state_of(a.database, message).state, state_of(a.database, message).reason) == ("rejected", code)
        assert [d.state for d in told] == ["accepted", "rejected"]


def test_a_message_nobody_handles_is_rejected(make_database: Make) -> None:
    with federation(make_database, listening=("XA", "XB")) as world:
        message = send_query(world.nodes["XA"].station, "XB")
        service.deliver_due(world.nodes["XA"].station)
        service.handle_pending(world.nodes["XB"].station)
        service.deliver_due(world.nodes["XB"].station)
        assert state_of(world.nodes["XA"].database, message).reason == "exchange.no-handler"


def test_a_deferred_message_is_delivered_now_and_handled_later(make_database: Make) -> None:
    wiring = {"XB": {"handlers": {"search.query": service.defer}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB")
        service.deliver_due(a.station)
        service.handle_pending(b.station)
        service.deliver_due(b.station)
        assert state_of(a.database, message).state == "delivered"
        with b.database.unit("test") as unit:
            service.handled(unit, "XA", message)
        service.deliver_due(b.station)
        assert state_of(a.database, message).state == "handled"
        with pytest.raises(Conflict), b.database.unit("test") as unit:
            service.handled(unit, "XA", message)


def test_an_unavailable_partner_makes_messages_wait_until_it_speaks(make_database: Make, clock: FixedClock) -> None:
    told: list[Delivery] = []
    wiring = {"XA": {"watchers": {"search.query": lambda unit, delivery: told.append(delivery)}}}
    with federation(make_database, listening=("XA",), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        first, second = send_query(a.station, "XB", 1), send_query(a.station, "XB", 2)
        service.deliver_due(a.station)
        assert [(d.state, d.reason) for d in told] == [("waiting", "exchange.unreachable")] * 2
        assert told[0].deadline == clock() + service.DEADLINES["normal"]
        third = send_query(a.station, "XB", 3)
        service.deliver_due(a.station)
        assert (told[-1].message, told[-1].state) == (third, "waiting")
        with a.database.read("test") as unit:
            (stand,) = service.partners(unit)
            assert (stand.available, stand.reason, stand.waiting) == (False, "exchange.unreachable", 3)
        b.listen()
        world.publish()
        assert service.deliver_due(a.station) == 0, "its turn has not come"
        assert service.verify_partners(b.station)[0].ok, "XB is back and says so"
        service.deliver_due(a.station)
        assert [state_of(a.database, m).state for m in (first, second, third)] == ["accepted"] * 3
        b.hang_up()


def test_non_delivery_at_the_deadline(make_database: Make, clock: FixedClock) -> None:
    told: list[str] = []
    wiring = {"XA": {"watchers": {"search.query": lambda unit, delivery: told.append(delivery.state)}}}
    with federation(make_database, listening=("XA",), wiring=wiring) as world:
        a = world.nodes["XA"]
        message = send_query(a.station, "XB", urgency="immediate")
        clock.advance(8 * 3600 + 1)
        service.deliver_due(a.station)
        assert state_of(a.database, message).state == "non_delivery"
        assert told == ["non_delivery"]
        with a.database.read("test") as unit:
            (receipt,) = service.receipts(unit, message)
            assert (receipt.kind, receipt.issuer) == ("NON_DELIVERY", "XA")
            assert "message.undelivered" in [e.type for e in log.entries(unit)]


def test_a_lost_answer_costs_nothing(make_database: Make) -> None:
    """The partner took it, the answer never came: the retry gets the stored receipt."""
    with federation(make_database, listening=("XA", "XB")) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB")

        class Cut(Exception):
            pass

        def cut(point: str) -> None:
            if point.startswith("send:after"):
                raise Cut

        with pytest.raises(Cut):
            service.deliver_due(replace(a.station, observe=cut))
        assert state_of(a.database, message).state == "queued"
        service.deliver_due(a.station)
        assert state_of(a.database, message).state == "accepted"
        with b.database.read("test") as unit:
            assert [e.type for e in log.entries(unit)].count("message.received") == 1


def test_a_partner_that_asks_for_more_patience_gets_it(make_database: Make, clock: FixedClock) -> None:
    with federation(make_database) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        b.station = replace(b.station, allowance=Allowance(per_second=1))
        b.listen()
        world.publish()
        try:
            messages = [send_query(a.station, "XB", number) for number in range(4)]
            service.deliver_due(a.station)
            states = [state_of(a.database, message) for message in messages]
            assert {s.state for s in states} == {"accepted", "waiting"}
            waiting = [s for s in states if s.state == "waiting"]
            assert {s.reason for s in waiting} == {"exchange.rate"}
            with a.database.read("test") as unit:
                (partner,) = service.partners(unit)
            assert (partner.available, partner.reason) == (False, "exchange.rate")
        finally:
            b.hang_up()


def test_running_nodes_deliver_what_another_process_committed(make_database: Make) -> None:
    done = threading.Event()

    def watch(unit: Unit, delivery: Delivery) -> None:
        if delivery.state == "handled":
            unit.after_commit(done.set)

    wiring = {
        "XA": {"watchers": {"search.query": watch}},
        "XB": {"handlers": {"search.query": lambda unit, received: None}},
    }
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        with jobs.running(a.station), jobs.running(b.station):
            send_query(a.station, "XB")
            assert done.wait(20)


def test_a_member_that_joins_later_gets_through_the_handshake(make_database: Make) -> None:
    with federation(make_database, listening=("XA", "XB")) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        world.publish(without=("XA",))
        b.hang_up()
        b.listen()
        world.publish()
        assert not service.verify_partners(a.station)[0].ok
        service.refresh_keys(b.station)
        assert service.verify_partners(a.station)[0].ok


# --- what may leave ------------------------------------------------------------------------------------------------


def test_a_permit_binds_act_recipient_and_measure(make_database: Make) -> None:
    with federation(make_database, codes=("XA", "XB", "XC")) as world:
        station = world.nodes["XA"].station
        good = query("XB")
        for broken in (
            query("XB", act_hash=act_hash("another")),
            query("XC", act_hash=good.act_hash),
            query("XB", act_hash=good.act_hash, type="search.core_data"),
            query("XB", act_hash=good.act_hash, type="refusal"),
        ):
            with pytest.raises(NotAllowed), station.database.unit("test") as unit:
                service.send(unit, permit_for(unit, "XB", good.act_hash), broken)
        with station.database.unit("test") as unit:
            permit = permit_for(unit, "XB", good.act_hash)
            forged = Permit(**{**vars(permit), "measure": "core_data"})
            with pytest.raises(NotAllowed):
                service.send(unit, forged, query("XB", act_hash=good.act_hash, type="search.core_data"))


def test_a_permit_sends_one_message_of_a_type(make_database: Make) -> None:
    with federation(make_database) as world:
        unit_of = world.nodes["XA"].database.unit
        good = query("XB")
        with unit_of("test") as unit:
            permit = permit_for(unit, "XB", good.act_hash)
            assert service.send(unit, permit, good)
        with unit_of("test") as unit, pytest.raises(NotAllowed) as caught:
            service.send(unit, permit, query("XB", act_hash=good.act_hash, body={"v": 1, "number": 2}))
        assert caught.value.code == "legal.permit-used"


def test_only_follow_ups_leave_without_a_permit(make_database: Make) -> None:
    with federation(make_database) as world:
        station = world.nodes["XA"].station
        with station.database.unit("test") as unit:
            assert service.follow_up(unit, query("XB", type="search.status"))
            with pytest.raises(NotAllowed):
                service.follow_up(unit, query("XB"))


def test_a_refusal_carries_the_findings(make_database: Make) -> None:
    got: list[Received] = []
    wiring = {"XB": {"handlers": {"refusal": lambda unit, received: got.append(received)}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        with a.database.unit("test") as unit:
            facts = FACTS | {"offence": "XA-CC-214"}
            decision = legal.decide(unit, Question("hit_no_hit", "XA", "XB", "TRAIN-REG", unit.now.date(), facts))
            assert decision.outcome == "deny"
            service.refuse(unit, decision, query("XB", body={"query": "q"}))
        service.deliver_due(a.station)
        service.handle_pending(b.station)
        told = got[0].body["decision"]
        assert isinstance(told, dict)
        assert got[0].body["query"] == "q"
        assert (told["outcome"], told["instrument"]) == ("deny", "TRAIN-REG")
        assert told["findings"]


def test_what_supersedes_goes_to_those_who_got_the_first(make_database: Make) -> None:
    with federation(make_database, codes=("XA", "XB", "XC")) as world:
        station = world.nodes["XA"].station
        first = send_query(station, "XB")
        withdrawal: Callable[[str], Message] = lambda to: query(to, type="search.withdrawal", supersedes=first)  # noqa: E731
        with station.database.unit("test") as unit:
            assert service.sent(unit, service.follow_up(unit, withdrawal("XB"))).supersedes == first
            with pytest.raises(Conflict):
                service.follow_up(unit, withdrawal("XC"))


def test_nothing_goes_to_strangers_revoked_members_or_oneself(make_database: Make) -> None:
    with federation(make_database) as world:
        unit_of = world.nodes["XA"].database
        for to, error in (("XC", NotFound), ("XA", BadInput)):
            with pytest.raises(error), unit_of.unit("test") as unit:
                service.follow_up(unit, query(to, type="search.status"))
        world.publish(revoked=("XB",))
        with pytest.raises(Conflict), unit_of.unit("test") as unit:
            service.follow_up(unit, query("XB", type="search.status"))


def test_a_receipt_that_overtakes_accepted_waits_for_it(make_database: Make) -> None:
    """XA's answer is lost on its way: HANDLED comes first, yet ACCEPTED with its proof is fetched by sending again."""
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB")
        with a.database.read("test") as unit:
            (row,) = sent_rows.due(unit, "XB", 10)
        body = b'{"envelope":%b,"proof":%b}' % (row.envelope, row.proof)
        assert not service.receive(b.station, body, certificate(a.database.keys)).branch
        service.handle_pending(b.station)
        service.deliver_due(b.station)
        assert state_of(a.database, message).state == "queued"
        service.deliver_due(a.station)
        assert state_of(a.database, message).state == "handled"
        with a.database.read("test") as unit:
            assert {r.kind for r in service.receipts(unit, message)} == {"ACCEPTED", "HANDLED"}
