"""Nodes as witnesses: what they cosign, what they refuse, and what a log that contradicts itself brings about."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from comity.base.errors import NotAllowed
from comity.base.model import Actor
from comity.exchange import service
from comity.exchange.model import Submission
from comity.exchange.service import Reply
from comity.exchange.service.members import witness_key
from comity.exchange.service.witnessing import ADD_CHECKPOINT
from comity.exchange.store import partners
from comity.exchange.store import witnesses as store
from comity.exchange.wire import witness as wire
from comity.kit.codec.notes import open_note
from comity.kit.database.unit import Database
from comity.kit.web.servers import serve_in_thread
from comity.log import service as log
from comity.log.model import Record
from tests.clock import FixedClock
from tests.exchange.federation import PIN, Federation, Node, certificate, federation, send_query
from tests.people import enrol

Make = Callable[[str], Database]


@pytest.fixture
def world(make_database: Make) -> Iterator[Federation]:
    with federation(make_database, listening=("XA", "XB")) as made:
        yield made


def grow(node: Node, entries: int = 1) -> None:
    """Log something."""
    with node.database.unit("test.grow") as unit:
        for number in range(entries):
            log.append(unit, Record("test.grown", Actor.system(unit.node), {"number": number}, None))


def submission(node: Node, old: int) -> Submission:
    """The node's present checkpoint with the proof that it extends its log of `old` entries."""
    with node.database.read("test") as unit:
        size = log.head(unit).size
        return Submission(old, tuple(log.consistency(unit, old, size)), log.checkpoint(unit))


def hand(witness: Node, owner: Node, made: Submission | bytes) -> Reply:
    """What the witness answers when `owner` hands this in."""
    body = made if isinstance(made, bytes) else wire.submission_body(made)
    return service.add_checkpoint(witness.station, body, certificate(owner.database.keys))


def size_of(node: Node) -> int:
    with node.database.read("test") as unit:
        return log.head(unit).size


def alarms(node: Node) -> list[str]:
    with node.database.read("test") as unit:
        return [alarm.kind for alarm in service.alarms(unit)]


# --- an honest log ---------------------------------------------------------------------------------------------------


def test_partners_cosign_what_extends_and_only_once(world: Federation, clock: FixedClock) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    for _ in range(3):
        (said,) = service.gather(a.station)
        assert (said.partner, said.ok, said.size, said.detail) == ("XB", True, size_of(a), "cosigned")
        (again,) = service.gather(a.station)
        assert (again.ok, again.detail) == (True, "cosigned already")
        grow(a, 5)
    with a.database.read("test") as unit:
        rows = store.cosigned(unit, 0)
        keys = [log.verifier(unit), witness_key(service.member(unit, "XB").witness)]
        (stand,) = service.partners(unit)
    assert len(rows) == 3 and stand.cosigned_size == rows[-1].size
    for row in rows:
        assert open_note(row.note, keys).times["comity.invalid/XB/witness"] == int(clock().timestamp())
    assert alarms(a) == alarms(b) == []


def test_cosigning_grows_nobodys_log(world: Federation) -> None:
    before = [size_of(node) for node in world.nodes.values()]
    for node in world.nodes.values():
        assert service.gather(node.station)[0].ok
        assert service.verify_partners(node.station)[0].ok
    assert [size_of(node) for node in world.nodes.values()] == before


def test_a_log_that_forgot_what_was_cosigned_is_told_and_tries_again(world: Federation) -> None:
    a = world.nodes["XA"]
    service.gather(a.station)
    grow(a)
    with a.database.unit("test.forget") as unit:
        unit.connection.execute(store.cosignature.delete())
    assert service.gather(a.station)[0].ok


def test_a_witness_that_is_away_is_reported(world: Federation) -> None:
    world.nodes["XB"].hang_up()
    (said,) = service.gather(world.nodes["XA"].station)
    assert (said.ok, said.size) == (False, 0) and "unavailable" in said.detail


@pytest.mark.parametrize(
    "answer", [b"", b"\xff\xfe", b"\xe2\x80\x94 comity.invalid/XB/witness AAAAAAAA\n", b"[]", b"x" * 100_000]
)
def test_a_witness_that_answers_nonsense_is_reported_and_asked_again(make_database: Make, answer: bytes) -> None:
    with federation(make_database, listening=("XA",)) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        app = Starlette(routes=[Route(ADD_CHECKPOINT, lambda _: Response(answer), methods=["POST"])])
        b.server = serve_in_thread(app, "127.0.0.1", 0, service.server_tls(b.station))
        try:
            world.publish()
            (said,) = service.gather(a.station)
            assert (said.ok, said.size) == (False, 0) and "not cosigned" in said.detail
        finally:
            b.hang_up()
        b.listen()
        try:
            world.publish()
            assert service.gather(a.station)[0].ok
        finally:
            b.hang_up()


# --- the rules of a witness ------------------------------------------------------------------------------------------


def test_another_old_size_is_answered_with_ours(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    first = submission(a, 0)
    assert hand(b, a, first).status == 0
    grow(a)
    reply = hand(b, a, submission(a, 0))
    assert (reply.status, reply.media, reply.body) == (409, "text/x.tlog.size", f"{size_of(a) - 1}\n".encode())


def test_the_same_checkpoint_is_cosigned_again(world: Federation, clock: FixedClock) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    first = hand(b, a, submission(a, 0))
    clock.advance(60)
    second = hand(b, a, submission(a, size_of(a)))
    assert second.branch == "" and first.body != second.body


@pytest.mark.parametrize(
    ("body", "branch"),
    [
        (b"", "bad-input"), (b"old 0\n\n", "not-found"), (b"old x\n\nnote\n", "bad-input"),
        (b"old 1\nAAAA\n\nnote\n", "bad-input"), (b"\xff\n\n", "bad-input"), (b"old 01\n\nnote\n", "bad-input"),
        (b"old 1\n" + b"A" * 70_000, "bad-input"), (b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\nnote\n", "bad-input"),
    ],
)  # fmt: skip
def test_misshapen_submissions_are_refused(world: Federation, body: bytes, branch: str) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    assert hand(b, a, body).branch == branch
    assert alarms(b) == []


def test_nobody_hands_in_anothers_log_and_no_stranger_any(make_database: Make) -> None:
    with federation(make_database, ("XA", "XB", "XC")) as world:
        a, b, c = world.nodes.values()
        assert hand(b, c, submission(a, 0)).branch == "not-found"
        made = submission(a, 0)
        forged = replace(made, note=made.note.replace("comity.invalid/XA/log", "comity.invalid/XC/log"))
        assert hand(b, c, forged).branch == "not-allowed"
        assert hand(b, a, replace(made, old=size_of(a) + 1)).branch == "bad-input"
        world.publish(without=("XC",))
        assert hand(b, c, submission(c, 0)).branch == "not-allowed"
        assert alarms(b) == []


# --- two histories ---------------------------------------------------------------------------------------------------


@pytest.fixture
def forked(world: Federation, database_url: Callable[[str], str]) -> Iterator[Federation]:
    """XB has cosigned XA's log; now XA runs on another database of the same size, with another history."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    assert service.gather(a.station)[0].ok
    grow(a, 4)
    hand(b, a, submission(a, size_of(a) - 4))
    old = a.database
    other = Database(database_url("XA-forked"), node="XA", keys=old.keys, clock=old.clock)
    with ExitStack() as stack:
        stack.callback(other.dispose)
        with other.unit("test.fork") as unit:
            service.import_directory(unit, world.publish(), PIN)
        a.station = replace(a.station, database=other)
        grow(a, 12)
        yield world


def test_two_heads_are_refused_with_422_an_alarm_and_a_freeze(forked: Federation) -> None:
    a, b = forked.nodes["XA"], forked.nodes["XB"]
    with b.database.read("test") as unit:
        last = store.last_witnessed(unit, "comity.invalid/XA/log")
    assert last is not None
    reply = hand(b, a, submission(a, last.size))
    assert (reply.branch, alarms(b)) == ("tampered", ["two-histories"])
    with b.database.read("test") as unit:
        (alarm,) = service.alarms(unit)
        (stand,) = service.partners(unit)
    assert alarm.detail["note"] == submission(a, 0).note and alarm.detail["kept"], "both signed notes are kept"
    assert stand.frozen is not None
    assert json.loads(reply.body)["error"], "the error is signed"
    hand(b, a, submission(a, last.size))
    assert alarms(b) == ["two-histories"], "what is known adds no further alarm"


def test_nothing_is_exchanged_while_frozen_and_all_that_waited_leaves_when_thawed(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    with a.database.unit("test.freeze") as unit:
        store.add_freeze(unit, "XB", "alarm-1")
    message = send_query(a.station, "XB")
    service.deliver_due(a.station)
    assert state(a, message) == ("waiting", "exchange.frozen")
    with b.database.unit("test.freeze") as unit:
        store.add_freeze(unit, "XA", "alarm-1")
    thaw(a, "XB")
    service.deliver_due(a.station)
    assert state(a, message) == ("waiting", "exchange.frozen"), "now it is the partner who takes nothing"
    thaw(b, "XA")
    with a.database.unit("test.retry") as unit:
        service.retry(unit, "XB")
    service.deliver_due(a.station)
    assert state(a, message)[0] == "accepted"


def state(node: Node, message: str) -> tuple[str, str]:
    with node.database.read("test") as unit:
        (delivery,) = service.sent(unit, message).deliveries
    return delivery.state, delivery.reason


def thaw(node: Node, partner: str) -> None:
    """Only a security administrator may."""
    with node.database.unit("test.people") as unit:
        officer = enrol(unit, "officer-1", "officer")
    with pytest.raises(NotAllowed), node.database.unit("test.thaw") as unit:
        service.thaw(unit, officer, partner, "both operators compared their logs")
    with node.database.unit("test.people") as unit:
        admin = enrol(unit, "admin-2", "security_admin")
    with node.database.unit("test.thaw") as unit:
        service.thaw(unit, admin, partner, "both operators compared their logs")
    with node.database.read("test") as unit:
        assert "exchange.thawed" in [entry.type for entry in log.entries(unit, limit=1000)]


# --- a database that went back in time -------------------------------------------------------------------------------


def test_a_log_that_goes_on_stands(world: Federation) -> None:
    a = world.nodes["XA"]
    assert [(r.ok, r.size) for r in service.check_standing(a.station)] == [(True, 0)], "nothing was shown yet"
    service.gather(a.station)
    grow(a)
    assert [(r.ok, r.size) for r in service.check_standing(a.station)] == [(True, size_of(a) - 1)]


def test_a_partner_that_holds_what_our_log_does_not_extend_seals_the_node(forked: Federation) -> None:
    reasons: list[str] = []
    a = forked.nodes["XA"]
    (report,) = service.check_standing(replace(a.station, seal=reasons.append))
    assert not report.ok and len(reasons) == 1 and "does not extend" in reasons[0]


def test_a_partner_cannot_seal_us_with_what_we_never_signed(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    with b.database.unit("test.lie") as unit:
        partners.add_head(unit, {
            "node": "XA", "size": 10**6, "origin": "comity.invalid/XA/log", "root": bytes(32), "at": unit.now,
            "note": submission(a, 0).note.replace(f"\n{size_of(a)}\n", "\n1000000\n"), "verified": False,
        })  # fmt: skip
    reasons: list[str] = []
    (report,) = service.check_standing(replace(a.station, seal=reasons.append))
    assert (report.ok, reasons) == (False, [])
