"""A certificate is renewed without a gap: announced, accepted beside the old one, then shown."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.base.clock import system_clock
from comity.base.errors import Conflict
from comity.exchange import service
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
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
    service.refresh_tls(node.station)


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
    before = service.tls_state(b.station)
    assert act(b, service.switch) == made
    assert service.tls_state(b.station) != before
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
