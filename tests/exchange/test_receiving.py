"""Hostile partners, simulated: everything that is not honest is refused with a signed error and an entry in the log."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange import rules, service
from comity.exchange.model import Allowance
from comity.exchange.service import Station
from comity.kit.codec import b64
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import random_bytes, sha256
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.clock import FixedClock
from tests.exchange.federation import FAST, PIN, Federation, Node, certificate, directory_file, entry, query
from tests.simulator import HONEST, Hostility, Partner, said

Make = Callable[[str], Database]
Rings = Callable[[str], KeyRing]


@dataclass
class Scene:
    """Our node XB, and the partner XA, who is simulated and may be hostile."""

    node: Node
    world: Federation
    partner: Partner
    us: JsonObject

    def hand(self, body: bytes, keys: KeyRing | None = None) -> tuple[str, dict[str, Any]]:
        """The branch and the signed answer to a body that arrived under the certificate of `keys`."""
        reply = service.receive(self.node.station, body, certificate(keys or self.partner.keys))
        return reply.branch, said(reply.body, self.us)

    def types(self) -> list[str]:
        """The types of our log's entries after the directory's."""
        with self.node.database.read("test") as unit:
            return [e.type for e in log.entries(unit, limit=1000) if e.type != "directory.imported"]

    def kinds_of_alarm(self) -> list[str]:
        with self.node.database.read("test") as unit:
            return [a.kind for a in service.alarms(unit)]


@pytest.fixture
def scene(make_database: Make, keyring: Rings, clock: FixedClock) -> Iterator[Scene]:
    database = make_database("XB")
    world = Federation(clock())
    node = Node(Station(database, pace=FAST))
    ghost = Node(Station(_Elsewhere(keyring("XA"))))  # type: ignore[arg-type]  # only its keys are asked for
    world.nodes = {"XB": node, "XA": ghost}
    world.version = 0
    _publish(world, node, ghost)
    yield Scene(node, world, Partner(keyring("XA"), clock), entry(database.keys))
    node.hang_up()


@dataclass
class _Elsewhere:
    """Stands where the partner's database would be: it is on another machine."""

    keys: KeyRing


def _publish(world: Federation, node: Node, *ghosts: Node, **marks: Any) -> None:
    world.version += 1
    entries = [entry(node.database.keys, node.endpoint)]
    entries += [entry(g.database.keys) | marks for g in ghosts]
    with node.database.unit("test.directory") as unit:
        data = directory_file(entries, world.version, world.now)
        service.import_directory(unit, data, PIN)


def test_an_honest_message_gets_a_receipt_with_proof(scene: Scene) -> None:
    branch, receipt = scene.hand(scene.partner.message(scene.us, {"n": 1}))
    assert (branch, receipt["kind"], receipt["to"]) == ("", "ACCEPTED", "XA")
    assert scene.types() == ["message.received"]


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda thing: thing.__setitem__(name, value)


HOSTILE = {
    "truncated": (Hostility(body=lambda b: b[:-20]), "exchange.body"),
    "not JSON": (Hostility(body=lambda b: b"\xff\xfe"), "exchange.body"),
    "empty": (Hostility(body=lambda b: b""), "exchange.body"),
    "a key twice": (Hostility(body=lambda b: b.replace(b'{"envelope"', b'{"envelope":1,"envelope"')), "exchange.body"),
    "unknown version": (Hostility(header=_set("v", 2)), "exchange.version"),
    "version true": (Hostility(header=_set("v", "1")), "exchange.version"),
    "critical member": (Hostility(header=_set("crit", ["quota"])), "exchange.critical"),
    "critical number": (Hostility(header=_set("crit", [1])), "exchange.critical"),
    "unknown suite": (Hostility(header=_set("suite", "CX1-CLASSIC")), "exchange.suite"),
    "no id": (Hostility(header=_set("id", "1")), "exchange.header"),
    "urgency": (Hostility(header=_set("urgency", "soon")), "exchange.header"),
    "named twice": (Hostility(header=_set("to", ["XB", "XB"])), "exchange.header"),
    "another sender": (Hostility(header=_set("from", "XC")), "exchange.sender"),
    "another recipient": (Hostility(header=_set("to", ["XC"])), "exchange.recipient"),
    "expired": (Hostility(header=_set("exp", "2026-03-02T09:29:59.000Z")), "exchange.expired"),
    "a time outside the calendar": (Hostility(header=_set("iat", "0001-01-01T00:00:00+23:59")), "exchange.header"),
    "a number no column holds": (Hostility(header=_set("seq", 2**31)), "exchange.header"),
    "from the future": (Hostility(header=_set("iat", "2026-03-02T10:30:00.000Z")), "exchange.future"),
    "header changed": (Hostility(envelope=lambda e: e["header"].__setitem__("purpose", "x")), "exchange.signature"),
    "ciphertext changed": (Hostility(envelope=_set("ciphertext", b64.encode(random_bytes(64)))), "exchange.signature"),
    "wraps dropped": (Hostility(envelope=_set("wraps", [])), "exchange.signature"),
    "header changed, re-signed": (
        Hostility(envelope=lambda e: e["header"].__setitem__("purpose", "x"), resign=True), "exchange.seal",
    ),
    "ciphertext changed, re-signed": (
        Hostility(envelope=_set("ciphertext", b64.encode(random_bytes(64))), resign=True), "exchange.seal",
    ),
    "wraps dropped, re-signed": (Hostility(envelope=_set("wraps", []), resign=True), "exchange.seal"),
    "wrong payload hash": (Hostility(header=_set("payload_hash", "00" * 32)), "exchange.seal"),
    "wrong key commitment": (Hostility(header=_set("cek_commit", "00" * 32)), "exchange.seal"),
    "no proof": (Hostility(proof=lambda p: p.clear()), "exchange.proof"),
    "proof of another entry": (Hostility(proof=_set("entry", "{}")), "exchange.proof"),
    "opening of another value": (
        Hostility(proof=lambda p: p["opening"]["payload"].__setitem__("value", {})), "exchange.proof",
    ),
    "signature of nobody": (Hostility(envelope=_set("signature", "a.b.c")), "exchange.signature"),
    "an extra member": (Hostility(envelope=_set("more", 1)), "exchange.body"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_envelopes_are_refused_logged_and_answered(scene: Scene, name: str) -> None:
    hostility, code = HOSTILE[name]
    branch, error = scene.hand(scene.partner.message(scene.us, {"n": 1}, hostility))
    assert (error["typ"], error["code"]) == ("cx1-error", code)
    assert branch
    assert scene.types() == ["request.refused"]


def test_a_replay_gets_the_stored_receipt_and_one_entry(scene: Scene) -> None:
    body = scene.partner.message(scene.us, {"n": 1})
    first = service.receive(scene.node.station, body, certificate(scene.partner.keys))
    again = service.receive(scene.node.station, body, certificate(scene.partner.keys))
    assert first == again
    assert scene.types() == ["message.received"]


def test_other_bytes_under_a_known_id_are_a_conflict_and_an_alarm(scene: Scene) -> None:
    header = scene.partner.header("XB")
    scene.hand(scene.partner.message(scene.us, {"n": 1}, header=dict(header)))
    branch, error = scene.hand(scene.partner.message(scene.us, {"n": 2}, header=dict(header)))
    assert (branch, error["code"]) == ("conflict", "exchange.digest")
    assert scene.kinds_of_alarm() == ["same-id-other-digest"]
    assert scene.types() == ["message.received", "alarm.raised", "request.refused"]


def test_a_second_history_is_refused_with_an_alarm(scene: Scene, keyring: Rings, clock: FixedClock) -> None:
    scene.hand(scene.partner.message(scene.us, {"n": 1}))
    forked = Partner(keyring("XA"), clock)
    branch, error = scene.hand(forked.message(scene.us, {"n": 2}))
    assert (branch, error["code"]) == ("tampered", "exchange.head")
    assert scene.kinds_of_alarm() == ["two-histories"]


def test_an_unlisted_peer_is_refused(scene: Scene, keyring: Rings, clock: FixedClock) -> None:
    stranger = Partner(keyring("XC"), clock)
    branch, error = scene.hand(stranger.message(scene.us, {}), stranger.keys)
    assert (branch, error["code"]) == ("not-allowed", "exchange.unlisted")
    assert scene.types() == ["request.refused"]


def test_a_mismatched_certificate_is_refused(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory, clock: FixedClock
) -> None:
    other = KeyRing.create(tmp_path_factory.mktemp("other"), "XA", clock)
    branch, error = scene.hand(scene.partner.message(scene.us, {}), other)
    assert (branch, error["code"]) == ("not-allowed", "exchange.mismatch")


def test_a_revoked_peer_is_refused_at_the_next_request(scene: Scene) -> None:
    assert scene.hand(scene.partner.message(scene.us, {}))[0] == ""
    _publish(scene.world, scene.node, scene.world.nodes["XA"], revoked=True)
    branch, error = scene.hand(scene.partner.message(scene.us, {}))
    assert (branch, error["code"]) == ("not-allowed", "exchange.revoked")


def test_nothing_is_taken_on_the_word_of_an_expired_directory(scene: Scene, clock: FixedClock) -> None:
    clock.advance(366 * 86_400)
    _, error = scene.hand(scene.partner.message(scene.us, {"n": 1}))
    assert error["code"] == "exchange.directory-expired"


def test_an_oversized_body_is_refused(scene: Scene) -> None:
    body = b"x" * (32 * 1024 * 1024 + 1)
    branch, error = scene.hand(body)
    assert (branch, error["code"]) == ("bad-input", "exchange.too-large")


def test_gaps_are_visible_and_block_nothing(scene: Scene) -> None:
    header = scene.partner.header("XB")
    scene.hand(scene.partner.message(scene.us, {"n": 1}, header=dict(header)))
    later = header | {"id": uuid7(scene.world.now), "seq": 4, "prev": "ab" * 32}
    assert scene.hand(scene.partner.message(scene.us, {"n": 4}, header=later))[0] == ""
    with scene.node.database.read("test") as unit:
        assert [(g.first, g.last) for g in service.gaps(unit)] == [(2, 3)]
        assert [(p.gaps, p.available, p.reason) for p in service.partners(unit)] == [(1, True, "")]


def test_a_forked_conversation_raises_an_alarm(scene: Scene) -> None:
    header = scene.partner.header("XB")
    scene.hand(scene.partner.message(scene.us, {"n": 1}, header=dict(header)))
    later = header | {"id": uuid7(scene.world.now), "seq": 2, "prev": "ab" * 32}
    scene.hand(scene.partner.message(scene.us, {"n": 2}, header=later))
    assert scene.kinds_of_alarm() == ["conversation-fork"]


def test_a_receipt_about_nothing_of_ours_is_refused(scene: Scene) -> None:
    body = scene.partner.receipt(uuid7(scene.world.now), "00" * 32, "XB")
    reply = service.take_receipt(scene.node.station, body, certificate(scene.partner.keys))
    assert said(reply.body, scene.us)["code"] == "exchange.receipt-unknown"


def test_accepted_counts_with_its_proof_only_however_it_comes(scene: Scene) -> None:
    station, partner = scene.node.station, scene.partner
    with station.database.unit("test") as unit:
        id = service.follow_up(unit, query("XA", type="search.status"))
        digest = service.sent(unit, id).digest
    index, proof = partner.log.append({"digest": digest, "kind": "received"}, partner.now())
    _, other = partner.log.append({"digest": "00" * 32, "kind": "received"}, partner.now())
    told: JsonObject = {"origin": partner.log.origin, "index": index}
    for beside, names, why in ((None, told, "receipt-proof"), (proof, None, "receipt-proof"), (other, told, "proof")):
        body = partner.receipt(id, digest, "XB", "ACCEPTED", beside, log=names)
        reply = service.take_receipt(station, body, certificate(partner.keys))
        assert said(reply.body, scene.us)["code"] == f"exchange.{why}"
    with station.database.read("test") as unit:
        assert service.sent(unit, id).deliveries[0].state == "queued" and not service.receipts(unit, id)
    body = partner.receipt(id, digest, "XB", "ACCEPTED", proof, log=told)
    for _ in range(2):
        assert not service.take_receipt(station, body, certificate(partner.keys)).branch
    with station.database.read("test") as unit:
        assert service.sent(unit, id).deliveries[0].state == "accepted"
        assert [r.kind for r in service.receipts(unit, id)] == ["ACCEPTED"]
        assert service.verify_messages(unit)[0].failures == ()


def test_a_late_receipt_ends_a_non_delivery_and_a_repeated_one_changes_nothing(scene: Scene, clock: FixedClock) -> None:
    station = scene.node.station
    with station.database.unit("test") as unit:
        id = service.follow_up(unit, query("XA", type="search.status", urgency="immediate"))
    clock.advance(9 * 3600)
    service.deliver_due(station)
    with station.database.read("test") as unit:
        sent = service.sent(unit, id)
    assert sent.deliveries[0].state == "non_delivery"
    clock.advance(1)
    late = scene.partner.receipt(id, sent.digest, "XB")
    for _ in range(2):
        reply = service.take_receipt(station, late, certificate(scene.partner.keys))
        assert reply.branch == ""
    for changes in ({"digest": "00" * 32}, {"to": "XC"}, {"kind": "NON_DELIVERY"}, {"typ": "cx1-error"}):
        honest: dict[str, Any] = {"message": id, "digest": sent.digest, "to": "XB", "kind": "REJECTED"}
        hostile = scene.partner.receipt(**(honest | changes))
        assert service.take_receipt(station, hostile, certificate(scene.partner.keys)).branch
    with station.database.read("test") as unit:
        assert service.sent(unit, id).deliveries[0].state == "handled"
        assert [r.kind for r in service.receipts(unit, id)] == ["NON_DELIVERY", "HANDLED"]


@pytest.fixture
def port(scene: Scene) -> JsonObject:
    """Our entry while the partner port is open."""
    scene.node.listen()
    return entry(scene.node.database.keys, scene.node.endpoint)


def test_over_the_wire_an_honest_message_is_accepted(scene: Scene, port: JsonObject) -> None:
    status, answer = scene.partner.post(port, scene.partner.message(port, {"n": 1}, HONEST))
    assert (status, said(answer, port)["kind"]) == (202, "ACCEPTED")


def test_over_the_wire_a_conflict_is_a_signed_409(scene: Scene, port: JsonObject) -> None:
    header = scene.partner.header("XB")
    scene.partner.post(port, scene.partner.message(port, {"n": 1}, header=dict(header)))
    status, answer = scene.partner.post(port, scene.partner.message(port, {"n": 2}, header=dict(header)))
    assert (status, said(answer, port)["code"]) == (409, "exchange.digest")


def test_over_the_wire_what_is_too_large_for_its_endpoint_is_refused_under_a_signature(
    scene: Scene, port: JsonObject
) -> None:
    status, answer = scene.partner.post(port, b" " * (rules.SMALL_BYTES + 1), "/cx/1/receipts")
    assert (status, said(answer, port)["code"]) == (400, "exchange.too-large")


def test_over_the_wire_a_flood_is_put_off_under_a_signature(scene: Scene) -> None:
    scene.node.station = replace(scene.node.station, allowance=Allowance(per_second=2))
    scene.node.listen()
    port = entry(scene.node.database.keys, scene.node.endpoint)
    message = scene.partner.message(port, {"n": 1})
    answers = [scene.partner.post(port, message) for _ in range(12)]
    put_off = [said(answer, port) for status, answer in answers if status == 429]
    assert put_off
    assert put_off[0]["code"] == "exchange.rate"
    assert put_off[0]["request"] == sha256(message).hex()
    assert [status for status, _ in answers[:4]] == [202] * 4
    assert "request.refused" in scene.types()


def test_a_stranger_fails_in_the_handshake_and_leaves_no_entry(
    scene: Scene, port: JsonObject, keyring: Rings, clock: FixedClock
) -> None:
    stranger = Partner(keyring("XC"), clock)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        stranger.post(port, stranger.message(port, {}))
    assert scene.types() == []
    assert scene.node.server is not None
    assert scene.node.server.handshakes.refused == 1


def test_a_spate_of_refusals_cannot_fill_the_log(scene: Scene, clock: FixedClock) -> None:
    assert {scene.hand(b"x")[1]["code"] for _ in range(100)} == {"exchange.body"}, "each gets its signed error"
    assert len(scene.types()) == 32
    clock.advance(60)
    scene.hand(b"x")
    with scene.node.database.read("test") as unit:
        entries = log.entries(unit, limit=1000, kind="request.refused")
        told = [log.read_opening(unit, e.index, "payload").value for e in entries]
    missed = [value.get("missed", 0) for value in told if isinstance(value, dict)]
    assert missed == [0] * 30 + [1, 31, 36], "every refusal is counted by some entry"
