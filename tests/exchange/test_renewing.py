"""A certificate is renewed without a gap: announced, accepted beside the old one, then shown."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from comity.base.clock import system_clock
from comity.base.errors import Conflict
from comity.exchange import service
from comity.kit.crypto.keyring import KeyKind, KeyRing
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.exchange.federation import Federation, Node, federation, send_query

Make = Callable[[str], Database]


@pytest.fixture
def world(make_database: Make, tmp_path: Path) -> Iterator[Federation]:
    """XA and XB with keys of their own: those that tests share must not change."""

    def own(code: str) -> Database:
        database = make_database(code)
        folder = Path(shutil.copytree(database.keys.tls_key.parent, tmp_path / code))
        database.keys = KeyRing.load(folder, code)
        return database

    with federation(own, listening=("XA", "XB")) as made:
        yield made


def act(node: Node, verb: Callable[..., str]) -> str:
    with node.database.unit("test.keys") as unit:
        return verb(unit)


def delivered(sender: Node, to: str) -> str:
    """The state of a fresh message after one round."""
    message = send_query(sender.station, to)
    service.deliver_due(sender.station)
    with sender.database.read("test") as unit:
        return service.sent(unit, message).deliveries[0].state


def taken_up(node: Node) -> None:
    """What a running node does within a second."""
    service.refresh_keys(node.station)


def test_messages_pass_before_during_and_after_a_renewal(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    old = b.database.keys.tls_certificate.read_bytes()
    made = act(b, service.renew)
    assert act(b, service.renew) == made, "one that is there already stays"
    assert delivered(a, "XB") == "accepted"
    world.publish()
    for node in (a, b):
        taken_up(node)
    assert delivered(a, "XB") == "accepted", "announced, and not shown yet"
    before = service.keys_state(b.station)
    assert act(b, service.switch) == made
    assert service.keys_state(b.station) != before
    taken_up(b)
    assert b.database.keys.tls_certificate.read_bytes() != old
    assert delivered(a, "XB") == "accepted", "a partner that knows both"
    assert service.verify_partners(b.station)[0].ok, "and as a caller"
    world.publish()
    for node in (a, b):
        taken_up(node)
    with a.database.read("test") as unit:
        assert service.member(unit, "XB").fingerprints == (made,), "the next directory drops the old one"
    assert delivered(a, "XB") == "accepted"


def test_what_the_directory_does_not_announce_is_not_shown(world: Federation) -> None:
    b = world.nodes["XB"]
    with pytest.raises(Conflict) as caught:
        act(b, service.switch)
    assert caught.value.code == "keys.no-next"
    act(b, service.renew)
    with pytest.raises(Conflict) as caught:
        act(b, service.switch)
    assert caught.value.code == "exchange.next-unlisted"


def test_a_switch_that_was_interrupted_is_finished_at_the_next_start(world: Federation) -> None:
    b = world.nodes["XB"]
    act(b, service.renew)
    keys = b.database.keys
    coming = keys.next_certificate.read_bytes()
    (keys.tls_key.parent / "tls-next-key.pem").replace(keys.tls_key)  # and the process was killed here
    loaded = KeyRing.load(keys.tls_key.parent, "XB")
    assert loaded.tls_certificate.read_bytes() == coming and not loaded.next_certificate.exists()
    (keys.tls_key.parent / "tls-next-key.pem").write_bytes(b"")  # a renewal that was interrupted
    assert loaded.renew(system_clock).exists()


@pytest.mark.parametrize("kind", ["signing", "kem"])
def test_messages_pass_before_during_and_after_a_key_is_replaced(world: Federation, kind: service.Kind) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    made = act(b, partial(service.renew, kind=kind))
    assert (delivered(a, "XB"), delivered(b, "XA")) == ("accepted", "accepted"), "made, and not announced"
    world.publish()
    waiting = send_query(a.station, "XB")  # sealed to the old key, on its way while the key is replaced
    assert act(b, partial(service.switch, kind=kind)) == made
    taken_up(b)
    service.deliver_due(a.station)
    with a.database.read("test") as unit:
        assert service.sent(unit, waiting).deliveries[0].state == "accepted"
    assert (delivered(a, "XB"), delivered(b, "XA")) == ("accepted", "accepted"), "a partner that knows both"
    world.publish()
    assert (delivered(a, "XB"), delivered(b, "XA")) == ("accepted", "accepted"), "and one that knows which is first"
    with a.database.read("test") as unit:
        told = service.member(unit, "XB")
        assert sha256(told.signing if kind == "signing" else told.kem).hex() == made


@pytest.mark.parametrize("kind", ["signing", "kem"])
def test_a_past_key_is_destroyed_when_nothing_can_need_it_any_more(world: Federation, kind: KeyKind) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    act(b, partial(service.renew, kind=kind))
    world.publish()
    act(b, partial(service.switch, kind=kind))
    taken_up(b)
    world.publish()
    past = b.database.keys.slot(kind).past
    assert service.retire(b.station) == [] and past.exists()
    aged = (system_clock() - service.DRAIN - timedelta(minutes=1)).timestamp()
    os.utime(past, (aged, aged))
    other = past.with_name("copy")
    os.link(past, other)
    assert service.retire(b.station) == [kind] and not past.exists()
    assert set(other.read_bytes()) == {0}, "overwritten, not only forgotten"
    other.unlink()
    taken_up(b)
    world.publish()
    assert (delivered(a, "XB"), delivered(b, "XA")) == ("accepted", "accepted")
    with b.database.read("test") as unit:
        assert [entry.type for entry in log.entries(unit, kind="keys.destroyed")] == ["keys.destroyed"]
    act(b, partial(service.renew, kind=kind))


def test_a_signature_under_a_destroyed_key_is_refused(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    stolen = b.database.keys
    act(b, partial(service.renew, kind="signing"))
    world.publish()
    act(b, partial(service.switch, kind="signing"))
    b.database.keys.slot("signing").destroy_past()
    taken_up(b)
    world.publish()
    b.database.keys = replace(stolen, further_signing=())
    assert delivered(b, "XA") == "rejected"
    assert a.database.node == "XA"


@pytest.mark.parametrize("kind", ["signing", "kem"])
def test_a_switch_that_was_interrupted_is_taken_to_its_end(world: Federation, kind: KeyKind) -> None:
    b = world.nodes["XB"]
    made = act(b, partial(service.renew, kind=kind))
    slot = b.database.keys.slot(kind)
    os.link(slot.present, slot.past)  # the machine stops here
    ring = KeyRing.load(slot.folder, "XB")
    assert sha256(ring.public(kind, slot.present)).hex() == made
    assert slot.past.exists() and not slot.next.exists() and not slot.past.samefile(slot.present)
