"""A partner denies having received: its signed receipt, with the proof that its log told of it, says otherwise."""

import json
from collections.abc import Callable

from comity.exchange import service
from comity.kit.codec import jws
from comity.kit.crypto.signing import VerifyKey
from comity.kit.database.unit import Database
from tests.exchange.federation import federation, send_query


def test_what_was_received_cannot_be_denied(make_database: Callable[[str], Database]) -> None:
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as world:
        a = world.nodes["XA"]
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
