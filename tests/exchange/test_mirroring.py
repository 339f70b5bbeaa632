"""Mirrors: nodes hear of newer editions from files, folders and each other, and never from who is none of them."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import BadInput, Conflict, Unavailable
from comity.exchange import service
from comity.exchange.service import mirroring
from comity.exchange.service.federation import folder, joining
from comity.exchange.service.federation.folder import Folder
from comity.exchange.service.federation.founding import Charter
from comity.exchange.store import partners as kept
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.clock import FixedClock
from tests.exchange.federation import Federation, Node, certificate, federation, send_query
from tests.exchange.federation import entry as entry_of

Make = Callable[[str], Database]


@pytest.fixture
def world(make_database: Make, tmp_path: Path, clock: FixedClock) -> Iterator["World"]:
    """Three nodes with open ports that have joined an office's federation by files."""
    with federation(make_database, ("XA", "XB", "XC"), listening=("XA", "XB", "XC"), joined=False) as made:
        yield World(made, folder.create(tmp_path / "office", Charter("training"), clock()), clock)


class World:
    """An office on disk and its members' nodes."""

    def __init__(self, nodes: Federation, office: Folder, clock: FixedClock) -> None:
        self.nodes, self.path, self.clock = nodes.nodes, office.path, clock
        for code in self.nodes:
            self.join(code)
        self.publish()
        for node in self.nodes.values():
            self.take(node)

    def join(self, code: str) -> None:
        node = self.nodes[code]
        with folder.working(self.path) as office:
            invited = office.invite(code, self.clock())
            with node.database.unit("test.join") as unit:
                said = entry_of(unit.keys, node.endpoint)
                data = service.join(unit, said, joining.invitation_file(invited), invited.fingerprint)
            office.admit(joining.read_entry_file(data), self.clock())

    def publish(self, *revoked: str) -> None:
        with folder.working(self.path) as office:
            if revoked:
                office.office.revoke(revoked, self.clock())
            office.office.refresh(self.clock())

    def take(self, node: Node) -> None:
        data = service.read_place(str(self.path))
        with node.database.unit("test.take") as unit:
            service.import_directory(unit, data)
        service.refresh_keys(node.station)


def version(node: Node) -> int:
    with node.database.read("test") as unit:
        return service.directory(unit).version


def freshness(node: Node) -> str:
    with node.database.read("test") as unit:
        return service.freshness(unit)


def types(node: Node) -> list[str]:
    with node.database.read("test") as unit:
        return [entry.type for entry in log.entries(unit)]


def test_a_revocation_spreads_from_partner_to_partner(world: World) -> None:
    xa, xb = world.nodes["XA"], world.nodes["XB"]
    world.clock.advance(60)
    world.publish("XC")
    world.take(xa)
    for _ in range(20):  # XB asks one partner at a time, by chance; XC's answer is older
        looked = service.refresh(xb.station)
        assert all(one.ok for one in looked), looked
        if version(xb) == version(xa):
            break
    with xb.database.read("test") as unit, pytest.raises(Conflict) as caught:
        service.member(unit, "XC")
    assert caught.value.code == "exchange.revoked"


def test_a_refresh_spreads_and_leaves_no_entry(world: World) -> None:
    xa = world.nodes["XA"]
    before = types(xa)
    assert before == ["federation.joined", "directory.imported"]
    world.clock.advance(2 * 3600)
    assert "revocations late" in freshness(xa)
    world.publish()
    world.take(xa)
    assert freshness(xa) == "fresh"
    assert types(xa) == before


def test_searches_wait_while_the_office_is_silent_and_go_on_after_a_refresh(world: World) -> None:
    xa, xb = world.nodes["XA"], world.nodes["XB"]
    waiting = send_query(xa.station, "XB", 1)
    world.clock.advance(25 * 3600)
    with pytest.raises(Conflict) as caught:
        send_query(xa.station, "XB", 2)
    assert caught.value.code == "exchange.directory-stale"
    service.deliver_due(xa.station)
    assert state(xa, waiting) == ("waiting", "exchange.directory-stale"), "sent before; XB takes it when it may"
    assert service.verify_partners(xb.station)[0].ok, "logs are watched as ever"
    world.publish()
    for node in (xa, xb):
        world.take(node)
    with xa.database.unit("test.retry") as unit:
        service.retry(unit, "XB")
    service.deliver_due(xa.station)
    assert state(xa, waiting) == ("accepted", "")


def test_what_was_accepted_waits_for_its_handler_until_the_directory_is_fresh(world: World) -> None:
    """Handled while its answer could not leave, it would end as refused."""
    xa, xb = world.nodes["XA"], world.nodes["XB"]
    query = send_query(xa.station, "XB", 1)
    service.deliver_due(xa.station)
    world.clock.advance(25 * 3600)
    assert not service.has_pending(xb.station) and service.handle_pending(xb.station) == 0
    world.publish()
    for node in (xa, xb):
        world.take(node)
    assert service.handle_pending(xb.station) == 1
    service.deliver_due(xb.station)
    assert state(xa, query) == ("rejected", "exchange.no-handler"), "this station has none: it was handled"


def state(node: Node, message: str) -> tuple[str, str]:
    with node.database.read("test") as unit:
        (found,) = service.sent(unit, message).deliveries
    return found.state, found.reason


def test_a_place_is_remembered_and_kept_fresh_by_the_node_beside_the_office(world: World) -> None:
    xa = world.nodes["XA"]
    with xa.database.unit("test.mirror") as unit:
        service.mirror(unit, str(world.path), service.read_place(str(world.path)))
    world.clock.advance(600)
    assert not folder.keep_fresh(world.path, world.clock())
    world.clock.advance(3600)
    looked = service.refresh(xa.station)
    assert looked[0].ok and looked[0].detail == "taken into use"
    assert freshness(xa) == "fresh"
    with xa.database.read("test") as unit:
        assert kept.source(unit) == str(world.path)
    for name in ("office.json", "FEDERATION.zip"):
        (world.path / name).unlink()
    assert not service.refresh(xa.station)[0].ok


def test_what_a_node_shows_its_partners(world: World) -> None:
    xa, xb = world.nodes["XA"], world.nodes["XB"]
    me = certificate(xb.database.keys)
    whole = service.show_directory(xa.station, me, "")
    assert whole.media == "application/zip" and service.open_directory(whole.body, None).version == version(xa)
    with xa.database.read("test") as unit:
        newest = kept.newest_directory(unit)
    assert newest is not None
    assert service.show_directory(xa.station, me, newest[1]).body == b""
    part = service.show_directory(xa.station, me, "", "metadata/timestamp.json")
    assert json.loads(part.body)["signed"]["_type"] == "timestamp"
    assert service.show_directory(xa.station, me, "", "keys/root.pem").branch == "not-found"
    assert service.show_directory(xa.station, b"", "").branch == "not-allowed", "partners only"


@pytest.mark.parametrize("place", ["missing.zip", "http://127.0.0.1/x", "ftp://x"])
def test_places_that_are_none(place: str) -> None:
    with pytest.raises(BadInput) as caught:
        service.read_place(place)
    assert caught.value.code == "exchange.mirror"


def test_an_address_that_does_not_answer() -> None:
    with pytest.raises(Unavailable) as caught:
        service.read_place("https://127.0.0.1:9/federation")
    assert caught.value.code == "exchange.mirror-away"


def test_an_address_is_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an https server would send, without one: the opener is the standard library's own seam."""
    asked = []

    class Answer:
        def __enter__(self) -> "Answer":
            return self

        def __exit__(self, *_: object) -> None: ...

        def read(self, most: int) -> bytes:
            return b"x" * most

    def opened(self: Any, address: str, timeout: float) -> Answer:
        asked.append((address, timeout))
        return Answer()

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", opened)
    data = service.read_place("https://office.invalid/federation/")
    assert asked == [("https://office.invalid/federation/FEDERATION.zip", 30.0)]
    with pytest.raises(BadInput):
        service.open_directory(data, None)
    assert len(data) == mirroring._MOST + 1


def test_a_node_of_another_federation_takes_nothing(world: World, tmp_path: Path) -> None:
    other = folder.create(tmp_path / "other", Charter("another"), world.clock())
    with world.nodes["XA"].database.unit("test") as unit, pytest.raises(Conflict):
        service.pin(unit, "another", other.office.fingerprint)
    with pytest.raises(Exception, match="root") as caught, world.nodes["XA"].database.unit("test") as unit:
        service.import_directory(unit, other.office.bundle)
    assert getattr(caught.value, "code", "") == "exchange.root"


def test_the_invitation_counts_once_and_for_its_code(world: World) -> None:
    with folder.working(world.path) as office:
        invited = office.invite("XB", world.clock())
        node = world.nodes["XB"]
        said = entry_of(node.database.keys, node.endpoint)
        world.clock.advance(1)
        again = joining.entry_file(node.database.keys, said, ("training", invited.id), world.clock())
        office.admit(joining.read_entry_file(again), world.clock())
        assert office.invited == {invited.id: "XB"}, "the same key needs none"
        other = world.nodes["XA"].database.keys
        with pytest.raises(BadInput):
            joining.read_entry_file(joining.entry_file(other, said, ("training", invited.id), world.clock()))
        office.office.refresh(world.clock())


def test_refreshing_costs_nobody_an_answer_when_nothing_changed(world: World) -> None:
    world.clock.advance(timedelta(minutes=1).total_seconds())
    assert [one.detail for one in service.refresh(world.nodes["XA"].station)] == ["the same"]
