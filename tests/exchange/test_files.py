"""Large files between nodes, in chunks of one piece: whole, hashed and sealed at the other side, or not at all."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import Conflict
from comity.base.model import DataKey
from comity.exchange import jobs, service
from comity.exchange.cli.told import transfer_told
from comity.exchange.model import FileManifest, Received, Transfer
from comity.exchange.rules import PIECE
from comity.exchange.service import Hands, Porter, Station, berths, fetching
from comity.exchange.service.filing import ChunkRoom, seal_chunk
from comity.exchange.store import files as store
from comity.exchange.wire.files import parse_standing
from comity.kit.codec import b64
from comity.kit.codec.jcs import parse_object
from comity.kit.database.unit import Database, Unit
from comity.kit.vault import arriving
from comity.kit.vault.blobs import HEAD_BYTES, Vault
from comity.log import service as log
from tests.clock import FixedClock
from tests.exchange.federation import Federation, Node, certificate, federation, send_query

Make = Callable[[str], Database]
SIZE = 3 * PIECE + 12345


def content(size: int = SIZE) -> bytes:
    """Bytes of which no two pieces are alike."""
    return b"".join(hashlib.sha256(n.to_bytes(8)).digest() for n in range(size // 32 + 1))[:size]


def keep_under(unit: Unit, received: Received) -> DataKey:
    return unit.keys.data_key("test-files")


@contextmanager
def two(
    make_database: Make, tmp_path: Path, keeper: Any = keep_under, **wiring: Any
) -> Iterator[tuple[Federation, list[Received]]]:
    """XA, whose vault is full of things to send, and XB, which takes files with queries."""
    got: list[Received] = []
    a = {"vault": Vault(tmp_path / "XA")}
    b = {
        "vault": Vault(tmp_path / "XB"), "keepers": {"search.query": keeper},
        "handlers": {"search.query": lambda unit, received: got.append(received)},
    } | wiring  # fmt: skip
    with federation(make_database, listening=("XA", "XB"), wiring={"XA": a, "XB": b}) as world:
        yield world, got


def send_file(station: Station, data: bytes, number: int = 1, **changes: Any) -> tuple[str, FileManifest]:
    """A query with one file for XB; its id and the file."""
    key = station.database.keys.data_key("test-files")
    assert station.vault is not None
    with station.database.unit("test.put") as unit:
        ref = station.vault.put(unit, data, key)
    made = service.prepare(station.database, station.vault, ("dump.bin", ref), key, PIECE)
    return send_query(station, "XB", number, files=(made,), **changes), made.manifest


def announce(world: Federation, data: bytes, **changes: Any) -> tuple[str, FileManifest]:
    """The message is there and its keeper has said yes; no chunk is."""
    message, file = send_file(world.nodes["XA"].station, data, **changes)
    service.deliver_due(world.nodes["XA"].station)
    service.handle_pending(world.nodes["XB"].station)
    return message, file


def arrived(node: Node, file: FileManifest) -> bytes:
    """The file in a node's vault."""
    assert node.station.vault is not None
    with node.database.read("test") as unit:
        return node.station.vault.get(unit, file.sha256, node.database.keys.data_key("test-files"))


def state_at(node: Node, message: str) -> tuple[str, str]:
    with node.database.read("test") as unit:
        found = service.sent(unit, message).deliveries[0]
        return found.state, found.reason


def moving(node: Node) -> list[Transfer]:
    with node.database.read("test") as unit:
        return service.transfers(unit)


def put(
    world: Federation, file: FileManifest, number: int, body: bytes | None = None, sender: str = "XA"
) -> tuple[int, str]:
    """Chunk `number` put by hand: HTTP status (0: all is well) and the error's code."""
    chunk = sealed(file, number) if body is None else body
    shown = certificate(world.nodes[sender].database.keys)
    reply = service.put_chunk(world.nodes["XB"].station, file.id(number).hex(), chunk, shown)
    return reply.status, _code(reply.body)


def sealed(file: FileManifest, number: int) -> bytes:
    start, end = file.span(number)
    return bytes(seal_chunk(file, number, content()[start:end], ChunkRoom()))


def _code(body: bytes) -> str:
    error = parse_object(body).get("error")
    return str(parse_object(b64.decode_url(error.split(".")[1]))["code"]) if isinstance(error, str) else ""


def missing(world: Federation, message: str, file: FileManifest) -> tuple[str, list[int]]:
    shown = certificate(world.nodes["XA"].database.keys)
    return parse_standing(service.show_file(world.nodes["XB"].station, message, "0", shown).body, file.count)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, SIZE])
def test_a_file_comes_whole_before_its_message_is_handled(make_database: Make, tmp_path: Path, size: int) -> None:
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content(size))
        assert not got
        assert [(t.outgoing, t.size, t.moved, t.state) for t in moving(a)] == [(True, size, 0, "open")]
        assert [(t.outgoing, t.size, t.moved, t.state) for t in moving(b)] == [(False, size, 0, "open")]
        assert service.push_due(a.station) == 1
        assert service.handle_pending(b.station) == 1
        assert [received.files for received in got] == [(file,)]
        assert arrived(b, file) == content(size)
        assert moving(a) == moving(b) == []
        assert list((tmp_path / "XB" / "arriving").iterdir()) == []
        service.deliver_due(b.station)
        assert state_at(a, message) == ("handled", "")
        for node in (a, b):
            with node.database.read("test") as unit:
                assert log.verify(unit).ok


def test_only_what_is_missing_is_sent_after_a_cut(make_database: Make, tmp_path: Path) -> None:
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content())
        assert put(world, file, 2) == (0, "")
        assert put(world, file, 0) == (0, "")
        assert missing(world, message, file) == ("open", [1, 3])
        service.push_due(a.station)
        assert sorted(p for p in a.points if p.startswith("chunk:after")) == ["chunk:after:1", "chunk:after:3"]
        service.handle_pending(b.station)
        assert len(got) == 1


def test_a_node_that_was_killed_finds_its_chunks_on_the_disk(make_database: Make, tmp_path: Path) -> None:
    """What a crash tore does not open, and counts as missing; all that was whole stays."""
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content())
        for number in (0, 1, 3):
            put(world, file, number)
        berths._docks.clear()
        (torn,) = (tmp_path / "XB" / "arriving").iterdir()
        with torn.open("r+b") as damaged:
            damaged.seek(HEAD_BYTES + PIECE + 28 + 4000)
            damaged.write(b"torn")
        assert missing(world, message, file) == ("open", [1, 2])
        service.push_due(a.station)
        service.handle_pending(b.station)
        assert arrived(b, got[0].files[0]) == content()


def test_chunks_that_nobody_announced_or_that_are_wrong_are_refused(make_database: Make, tmp_path: Path) -> None:
    with two(make_database, tmp_path) as (world, got):
        message, file = announce(world, content())
        good = sealed(file, 1)
        assert put(world, file, 1, good[:-1])[1] == "exchange.chunk-length"
        assert put(world, file, 1, good + b"x")[1] == "exchange.chunk-length"
        assert put(world, file, 1, bytes([good[0] ^ 1]) + good[1:])[1] == "exchange.chunk-hash"
        assert put(world, file, 1, sender="XB")[1] == "exchange.chunk-unknown"
        shown = certificate(world.nodes["XA"].database.keys)
        for id in ("", "zz", "0" * 64, "../../etc/passwd"):
            reply = service.put_chunk(world.nodes["XB"].station, id, good, shown)
            assert _code(reply.body) == "exchange.chunk-unknown"
        assert (
            _code(service.put_chunk(world.nodes["XB"].station, file.id(1).hex(), None, shown).body)
            == "exchange.chunk-length"
        )
        assert missing(world, message, file) == ("open", [0, 1, 2, 3])
        for number in (1, 1, 0, 2, 3):
            assert put(world, file, number) == (0, "")
        assert put(world, file, 3)[1] == "exchange.chunk-unknown"
        assert missing(world, message, file) == ("done", [0, 1, 2, 3])
        assert service.handle_pending(world.nodes["XB"].station) == 1
        assert len(got) == 1


def test_a_room_refuses_files_before_they_are_sent(make_database: Make, tmp_path: Path) -> None:
    def no(unit: Unit, received: Received) -> DataKey:
        raise Conflict("test.unasked", "nobody asked", todo="Ask.")

    with two(make_database, tmp_path, keeper=no) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content())
        assert missing(world, message, file)[0] == "ended"
        service.push_due(a.station)
        assert moving(a) == [] and not got
        service.deliver_due(b.station)
        assert state_at(a, message) == ("rejected", "test.unasked")


def test_a_node_without_a_keeper_takes_no_files(make_database: Make, tmp_path: Path) -> None:
    with two(make_database, tmp_path, keepers={}) as (world, _):
        message, _file = announce(world, content())
        service.deliver_due(world.nodes["XB"].station)
        assert state_at(world.nodes["XA"], message) == ("rejected", "exchange.no-files")


def test_a_partner_has_no_more_on_its_way_than_its_quota(
    make_database: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PARTNER_BYTES", 2 * SIZE - 1)
    with two(make_database, tmp_path) as (world, _):
        first, _file = announce(world, content())
        second, _file = announce(world, content(), number=2)
        service.deliver_due(world.nodes["XB"].station)
        assert state_at(world.nodes["XA"], first) == ("accepted", "")
        assert state_at(world.nodes["XA"], second) == ("rejected", "exchange.files-quota")


def test_files_that_never_come_end_at_the_deadline_on_both_sides(
    make_database: Make, tmp_path: Path, clock: FixedClock
) -> None:
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content(), urgency="immediate")
        put(world, file, 0)
        clock.advance(8 * 3600 + 1)
        service.push_due(a.station)
        assert state_at(a, message) == ("non_delivery", "exchange.deadline")
        service.tidy(b.station)
        assert moving(a) == moving(b) == [] and not got
        assert list((tmp_path / "XB" / "arriving").iterdir()) == []
        assert put(world, file, 1)[1] == "exchange.chunk-unknown"
        service.deliver_due(b.station)
        assert state_at(a, message) == ("rejected", "exchange.files-missing")


def test_a_withdrawal_in_the_middle_stops_both_sides(make_database: Make, tmp_path: Path) -> None:
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content())
        put(world, file, 0)
        send_query(a.station, "XB", 7, supersedes=message)
        assert moving(a) == []
        service.deliver_due(a.station)
        service.handle_pending(b.station)
        assert moving(b) == [] and [received.supersedes for received in got] == [message]
        assert put(world, file, 1)[1] == "exchange.chunk-unknown"
        service.tidy(b.station)
        assert list((tmp_path / "XB" / "arriving").iterdir()) == []


def test_two_files_at_once_and_a_partner_that_comes_back(
    make_database: Make, tmp_path: Path, clock: FixedClock
) -> None:
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        announce(world, content())
        announce(world, content(SIZE - 5), number=2)
        port = b.server.port if b.server else 0
        b.hang_up()
        with closing(Porter(a.station, "XB")) as porter:
            porter.push()
            assert {t.reason for t in moving(a)} == {"exchange.unreachable"}
            clock.advance(1)
            b.listen(port)
            porter.push()
        assert service.handle_pending(b.station) == 2
        assert sorted(received.files[0].size for received in got) == [SIZE - 5, SIZE]


def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(
    make_database: Make, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: bytes, place: int) -> None:
        raise OSError(28, "No space left on device")

    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        message, file = announce(world, content())
        put(world, file, 0)
        with monkeypatch.context() as patched:
            patched.setattr(arriving, "_write_all", full)
            service.push_due(a.station)
        assert [(t.state, t.reason) for t in moving(a)] == [("open", "node.storage")]
        assert missing(world, message, file) == ("open", [1, 2, 3])
        clock.advance(1)
        service.push_due(a.station)
        service.handle_pending(b.station)
        assert arrived(b, got[0].files[0]) == content()


def test_a_manifest_that_lies_about_its_contents_is_rejected(make_database: Make, tmp_path: Path) -> None:
    with two(make_database, tmp_path) as (world, got):
        a, b = world.nodes["XA"], world.nodes["XB"]
        key = a.database.keys.data_key("test-files")
        assert a.station.vault is not None
        with a.database.unit("test.put") as unit:
            ref = a.station.vault.put(unit, content(), key)
        made = service.prepare(a.database, a.station.vault, ("dump.bin", ref), key, PIECE)
        other = replace(made, manifest=replace(made.manifest, sha256="0" * 64))
        message = send_query(a.station, "XB", files=(other,))
        service.deliver_due(a.station)
        service.handle_pending(b.station)
        codes = [put(world, made.manifest, number)[1] for number in range(4)]
        assert codes == ["", "", "", "exchange.file-hash"]
        service.tidy(b.station)
        service.deliver_due(b.station)
        assert state_at(a, message) == ("rejected", "exchange.file-hash")
        assert list((tmp_path / "XB" / "arriving").iterdir()) == [] and not got
        swapped = made.manifest.ids[32:64] + made.manifest.ids[:32] + made.manifest.ids[64:]
        crossed = replace(made, manifest=replace(made.manifest, ids=swapped))
        message = send_query(a.station, "XB", 2, files=(crossed,))
        service.deliver_due(a.station)
        service.handle_pending(b.station)
        assert put(world, crossed.manifest, 0, sealed(made.manifest, 1))[1] == "exchange.chunk-seal"
        service.deliver_due(b.station)
        assert state_at(a, message) == ("rejected", "exchange.chunk-seal")


def test_the_operator_sees_how_far_a_file_is(make_database: Make, tmp_path: Path, clock: FixedClock) -> None:
    moved = Transfer("XB", "m", True, 4_000_000_000, 1_000_000_000, "open", "", clock.now, clock.now)
    later = clock.advance(60)
    assert moved.as_dict(later)["seconds_left"] == 180
    assert transfer_told(moved.as_dict(later)) == (
        "file to XB: 1,000.0 of 4,000.0 MB, about 3 min left, until 2026-03-02T09:30:00.000Z"
    )
    held = replace(moved, outgoing=False, moved=0, since=None, reason="exchange.unreachable")
    assert transfer_told(held.as_dict(later)).startswith("file from XB: 0.0 of 4,000.0 MB, exchange.unreachable, until")
    with two(make_database, tmp_path) as (world, _):
        announce(world, content())
        (found,) = moving(world.nodes["XB"])
        assert found.as_dict(later) | {"message": "", "deadline": ""} == {
            "partner": "XA", "message": "", "direction": "in", "size": SIZE, "moved": 0, "seconds_left": None,
            "state": "open", "reason": "", "deadline": "",
        }  # fmt: skip


def test_a_small_file_need_not_wait_for_a_large_one(make_database: Make, tmp_path: Path) -> None:
    passed, done = threading.Event(), threading.Event()

    def held_up(point: str) -> None:
        if point == "chunk:before:1":  # the large file's second chunk: it waits until the small one is through
            passed.set()
            assert done.wait(20)
        if point == "file:done":
            done.set()

    with two(make_database, tmp_path) as (world, got):
        a, b = (replace(world.nodes[code].station, observe=held_up) for code in ("XA", "XB"))
        large, _ = send_file(a, content(), 1)
        with jobs.running(a), jobs.running(b):
            assert passed.wait(20)
            small, _ = send_file(a, content(100), 2)
            assert done.wait(20)
            while len(got) < 2:
                b.database.wait_for_change(0.5)
    assert [received.id for received in got] == [small, large]


def test_two_porters_never_carry_the_same_file(make_database: Make, tmp_path: Path) -> None:
    with two(make_database, tmp_path) as (world, _):
        a = world.nodes["XA"]
        message, _ = announce(world, content())
        with a.database.read("test") as unit:
            rows = list(store.due_pushes(unit, "XB"))
        hands = Hands()
        taken = hands.take(rows)
        assert taken is not None and taken.message == message
        with closing(Porter(a.station, "XB", hands)) as second:
            second.push()
        assert [t.moved for t in moving(a)] == [0], "it is in other hands"
        hands.lay_down(taken)
        with closing(Porter(a.station, "XB", hands)) as second:
            second.push()
        assert not moving(a)
