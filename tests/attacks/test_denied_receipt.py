"""A partner denies having received: its signed receipt, with the proof that its log told of it, says otherwise."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.base.errors import ComityError, Tampered
from comity.base.model import JsonObject
from comity.evidence.model.flow import Release
from comity.evidence.service.common import find_request, message
from comity.evidence.service.sealing import hand_out, unseal
from comity.evidence.store import find_release
from comity.evidence.wire.messages import KeyBody, parse_package
from comity.evidence.wire.verify import open_package
from comity.exchange import service
from comity.exchange.service import envelope as sealing
from comity.exchange.service.sending import follow_up, types_sent
from comity.exchange.wire.envelope import parse_envelope, parse_header
from comity.kit.codec import jws
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto.signing import VerifyKey
from comity.kit.database.unit import Database
from tests.evidence.service.agencies import World, world
from tests.exchange.federation import certificate, federation, send_query


def test_what_was_received_cannot_be_denied(make_database: Callable[[str], Database]) -> None:
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as nodes:
        a = nodes.nodes["XA"]
        id = send_query(a.station, "XB")
        service.deliver_due(a.station)
        with a.database.read("test.evidence") as unit:
            (receipt,) = service.receipts(unit, id)
            member, sent = service.member(unit, "XB"), service.sent(unit, id)
        said = json.loads(jws.verify_compact(receipt.jws, VerifyKey.from_raw(member.signing)))
        assert (said["kind"], said["message"], said["digest"], said["to"]) == ("ACCEPTED", id, sent.digest, "XA")
        assert said["log"]["origin"] == "comity.invalid/XB/log", "it names its own entry"
        with a.database.read("test.proven") as unit:
            assert [(r.partner, r.sent, r.failures) for r in service.verify_messages(unit)] == [("XB", 1, ())]


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    """Two agencies that hand over evidence."""
    with world(make_database, tmp_path) as made:
        yield made


def released(met: World) -> Release:
    """XB has released a package for XA; it has not left yet."""
    item = met.b.take_in()
    request = met.a.request()
    met.post()
    met.b.offer(request.id, item.item.id)
    return met.b.release(request.id)


def key_messages(met: World, release: Release) -> int:
    with met.b.database.read("test.sent") as unit:
        return types_sent(unit, release.conversation).count("evidence.key")


def test_without_a_receipt_the_package_stays_sealed(met: World) -> None:
    release = released(met)
    with met.b.database.read("test.taken") as unit:
        query = sa.text("SELECT envelope FROM exchange_message WHERE id = :id")
        taken = parse_envelope(parse_object(bytes(unit.connection.scalar(query, {"id": release.message}))))
    met.a.node.hang_up()  # XA has the bytes, opens them with its keys, and signs for nothing
    met.post()
    opened = sealing.open_envelope(met.a.database.keys, taken, parse_header(taken.header)).payload
    (sealed,) = opened.attachments.values()
    assert b"manifest.json" not in sealed
    with pytest.raises(ComityError):
        open_package(sealed)
    body = parse_package(opened.body)
    for guess in (bytes(32), bytes.fromhex(body.commit), bytes.fromhex(body.package.sha256)):
        with pytest.raises(Tampered):
            unseal(body, sealed, guess)
    assert key_messages(met, release) == 0
    with met.b.database.unit("test.clock") as unit:
        assert hand_out(unit) == 0, "and no clock gives it away"


def test_a_receipt_without_its_proof_gets_no_key(met: World) -> None:
    release = released(met)
    met.a.node.hang_up()
    with met.b.database.read("test.sent") as unit:
        digest, key = service.sent(unit, release.message).digest, met.a.database.keys.signing
    named: JsonObject = {"origin": "comity.invalid/XA/log", "index": 0}
    for log in (None, named):
        payload = canonical({
            "typ": "cx1-receipt", "v": 1, "kind": "ACCEPTED", "message": release.message, "digest": digest,
            "from": "XA", "to": "XB", "at": "2026-03-02T09:30:00.000Z", "code": "", "log": log,
        })  # fmt: skip
        body = canonical({"receipt": jws.sign_compact(key, key.public.fingerprint, payload)})
        reply = service.take_receipt(met.b.node.station, body, certificate(met.a.database.keys))
        assert reply.branch == "bad-input"
    met.post()
    assert key_messages(met, release) == 0


def test_the_key_follows_the_signed_receipt_once(met: World) -> None:
    release = released(met)
    met.post()
    assert key_messages(met, release) == 1
    with met.b.database.unit("test.clock") as unit:
        assert service.receipts(unit, release.message)[0].kind == "ACCEPTED"
        assert hand_out(unit) == 0
    met.a.accept(release.id)
    met.post()
    with met.b.database.read("test.moved") as unit:
        assert find_release(unit, release.id).state == "accepted"


def test_a_key_that_could_not_leave_at_once_leaves_later(met: World, monkeypatch: pytest.MonkeyPatch) -> None:
    release = released(met)
    monkeypatch.setitem(met.b.node.station.watchers, "evidence.package", lambda unit, delivery: None)
    met.post()
    assert key_messages(met, release) == 0
    with met.b.database.unit("test.clock") as unit:
        assert hand_out(unit) == 1
    met.post()
    assert key_messages(met, release) == 1
    met.a.accept(release.id)


def test_another_key_opens_nothing_and_is_refused(met: World) -> None:
    release = released(met)
    with met.b.database.unit("test.forge") as unit:
        asked = find_request(unit, release.request)
        body = KeyBody(release.id, release.message, bytes(32)).as_json()
        forged = follow_up(unit, message(asked, "evidence.key", body, ""))
    met.post()
    with met.b.database.read("test.fate") as unit:
        (fate,) = service.sent(unit, forged).deliveries
    assert (fate.state, fate.reason) == ("rejected", "evidence.key")
