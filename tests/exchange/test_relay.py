"""A member that opens no port: its relay holds what partners send, can read none of it, and gives it to nobody else."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import Tampered
from comity.base.model import JsonObject
from comity.exchange import rules, service
from comity.exchange.model import Received
from comity.exchange.service import envelope as sealing
from comity.exchange.service import relaying
from comity.exchange.service.members import kem_id
from comity.exchange.store import held
from comity.exchange.store import sent as rows
from comity.exchange.wire.envelope import parse_header, parse_message_body
from comity.exchange.wire.relay import Taken, taken_body, taken_payload
from comity.kit.codec import b64, jws
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.clock import FixedClock
from tests.exchange.federation import Federation, Node, certificate, federation, query, send_query

Make = Callable[[str], Database]
PLANTED = "a planted word that only XB may read"
TOLD: dict[str, JsonObject] = {
    "XR": {"services": ["relay"], "capabilities": []}, "XB": {"relay": "XR", "capabilities": ["batch"]},
}  # fmt: skip


@contextmanager
def relayed(make_database: Make, got: list[Received]) -> Iterator[Federation]:
    """XA and XR listen; XB opens no port and has XR as its relay."""
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: got.append(received)}}}
    with federation(make_database, ("XA", "XR", "XB", "XC"), listening=("XA", "XR"), wiring=wiring) as world:
        world.publish(told=TOLD)
        yield world


def state(node: Node, message: str) -> tuple[str, str]:
    with node.database.read("test") as unit:
        found = service.sent(unit, message).deliveries[0]
    return found.state, found.reason


def kept(node: Node) -> list[Any]:
    with node.database.read("test") as unit:
        return list(unit.connection.execute(sa.select(held.held)).all())


def again(node: Node) -> None:
    """What waits for XB is due now."""
    with node.database.unit("test") as unit:
        service.retry(unit, "XB")
    service.deliver_due(node.station)


def posted(node: Node, to: str) -> bytes:
    """The body that a node would post next."""
    with node.database.read("test") as unit:
        row = rows.due(unit, to, 10)[0]
    return b'{"envelope":%b,"proof":%b}' % (row.envelope, row.proof)


def code_of(body: bytes) -> str:
    return str(json.loads(b64.decode_url(json.loads(body)["error"].split(".")[1]))["code"])


def acknowledged(node: Node, by: str, *ids: str) -> bytes:
    key = node.database.keys.signing
    payload = taken_payload(Taken(by, "XR", ids), node.database.clock())
    return taken_body(jws.sign_compact(key, key.public.fingerprint, payload))


def test_a_message_waits_at_the_relay_is_fetched_once_and_answered(make_database: Make) -> None:
    got: list[Received] = []
    with relayed(make_database, got) as world:
        a, b, r = (world.nodes[code] for code in ("XA", "XB", "XR"))
        message = send_query(a.station, "XB", attachments={"note": PLANTED.encode()})
        service.deliver_due(a.station)
        assert state(a, message) == ("held", "held by XR")
        with a.database.read("test") as unit:
            assert not service.receipts(unit, message), "the relay's word is no receipt"
            assert next(p for p in service.partners(unit) if p.code == "XB").reason == "held by XR"
        with r.database.read("test") as unit:
            (box,) = service.boxes(unit)
        assert (box["member"], box["held"]) == ("XB", 1)
        service.collect(b.station)
        service.collect(b.station)
        service.handle_pending(b.station)
        service.deliver_due(b.station)
        assert [received.attachments["note"] for received in got] == [PLANTED.encode()]
        assert state(a, message) == ("handled", "") and not kept(r)
        with a.database.read("test") as unit:
            assert [one.kind for one in service.receipts(unit, message)] == ["ACCEPTED", "HANDLED"]
            assert log.verify(unit).ok


def test_receipts_travel_through_the_relay_too(make_database: Make) -> None:
    with relayed(make_database, []) as world:
        a, b, r = (world.nodes[code] for code in ("XA", "XB", "XR"))
        with b.database.unit("test") as unit:
            message = service.follow_up(unit, query("XA", type="search.status"))
        service.deliver_due(b.station)
        assert state(b, message)[0] == "accepted", "XB connects by itself"
        service.handle_pending(a.station)
        service.deliver_due(a.station)
        assert [row.what for row in kept(r)] == ["receipts"]
        service.collect(b.station)
        assert state(b, message)[0] == "rejected" and not kept(r), "XA has no handler for it"


def test_the_relay_can_read_nothing(make_database: Make) -> None:
    with relayed(make_database, []) as world:
        a, r = world.nodes["XA"], world.nodes["XR"]
        send_query(a.station, "XB", attachments={"note": PLANTED.encode()})
        service.deliver_due(a.station)
        (row,) = kept(r)
        envelope, _ = parse_message_body(bytes(row.body), 1 << 20)
        ours = tuple(replace(wrap, to="XR", kid=kem_id(r.database.keys)) for wrap in envelope.wraps)
        header = replace(parse_header(envelope.header), to=("XR",))
        with pytest.raises(Tampered, match=r"seal|open|key"):
            sealing.open_envelope(r.database.keys, replace(envelope, wraps=ours), header)
        with r.database.read("test") as unit:
            tables = sa.inspect(unit.connection).get_table_names()
            everything = [str(list(unit.connection.execute(sa.text(f'SELECT * FROM "{one}"')))) for one in tables]
        assert not any(PLANTED in text or b64.encode(PLANTED.encode()) in text for text in everything)


def test_a_replay_is_held_once_and_has_one_effect(make_database: Make) -> None:
    got: list[Received] = []
    with relayed(make_database, got) as world:
        a, b, r = (world.nodes[code] for code in ("XA", "XB", "XR"))
        send_query(a.station, "XB")
        body, shown = posted(a, "XB"), certificate(a.database.keys)
        for _ in range(2):
            assert not service.hold(r.station, ("XB", "messages"), body, shown).branch
        assert len(kept(r)) == 1
        service.collect(b.station)
        assert not service.hold(r.station, ("XB", "messages"), body, shown).branch
        service.collect(b.station)
        assert service.handle_pending(b.station) == 1 and len(got) == 1 and not kept(r)


def test_nobody_without_a_box_is_held_for_and_nobody_looks_into_anothers(make_database: Make) -> None:
    with relayed(make_database, []) as world:
        a, b, r, c = (world.nodes[code] for code in ("XA", "XB", "XR", "XC"))
        send_query(a.station, "XB")
        body, shown = posted(a, "XB"), certificate(a.database.keys)
        for address, who, why in (
            ("XC", shown, "exchange.relay-box"), ("XZ", shown, "exchange.unlisted"),
            ("XB", certificate(c.database.keys), "exchange.sender"),
        ):  # fmt: skip
            assert code_of(service.hold(r.station, (address, "messages"), body, who).body) == why
        assert not service.hold(r.station, ("XB", "messages"), body, shown).branch
        id = sha256(body).hex()
        for thief in (shown, certificate(c.database.keys)):
            for reply in (
                service.show_held(r.station, "XB", thief), service.give_held(r.station, "XB", id, thief),
                service.let_go(r.station, "XB", acknowledged(c, "XB", id), thief),
            ):  # fmt: skip
                assert code_of(reply.body) == "exchange.relay-other"
        mine = certificate(b.database.keys)
        assert service.let_go(r.station, "XB", acknowledged(c, "XB", id), mine).branch, "signed by another"
        assert service.let_go(r.station, "XB", acknowledged(b, "XC", id), mine).branch, "about another's"
        assert len(kept(r)) == 1
        assert not service.let_go(r.station, "XB", acknowledged(b, "XB", id), mine).branch
        assert not kept(r)


def test_a_full_box_puts_senders_off_and_loses_nothing(make_database: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with relayed(make_database, []) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        message = send_query(a.station, "XB")
        monkeypatch.setattr(relaying, "BOX_BYTES", 1000)
        service.deliver_due(a.station)
        assert state(a, message) == ("waiting", "exchange.relay-full")
        monkeypatch.setattr(relaying, "BOX_BYTES", rules.BOX_BYTES)
        again(a)
        service.collect(b.station)
        assert service.handle_pending(b.station) == 1


def test_what_nobody_takes_expires_at_the_relay_and_is_undelivered_at_the_sender(
    make_database: Make, clock: FixedClock
) -> None:
    with relayed(make_database, []) as world:
        a, r = world.nodes["XA"], world.nodes["XR"]
        message = send_query(a.station, "XB", urgency="immediate")
        service.deliver_due(a.station)
        clock.advance(9 * 3600)
        service.deliver_due(a.station)
        assert state(a, message)[0] == "non_delivery"
        send_query(a.station, "XB", 2)
        service.deliver_due(a.station)
        assert len(kept(r)) == 1, "the expired one is gone"


def test_a_relay_that_is_away_or_gone_makes_messages_wait(make_database: Make) -> None:
    got: list[Received] = []
    with relayed(make_database, got) as world:
        a, b, r = (world.nodes[code] for code in ("XA", "XB", "XR"))
        message = send_query(a.station, "XB")
        world.publish(told=TOLD | {"XR": {"services": []}})
        service.deliver_due(a.station)
        assert state(a, message) == ("waiting", "exchange.relay")
        world.publish(told=TOLD)
        assert r.server is not None
        port = r.server.port
        r.hang_up()
        again(a)
        assert state(a, message) == ("waiting", "exchange.unreachable")
        service.collect(b.station)
        r.listen(port)
        again(a)
        service.collect(b.station)
        assert service.handle_pending(b.station) == 1 and len(got) == 1
