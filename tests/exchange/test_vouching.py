"""Proofs that leave late carry the cosignatures of witnesses: in messages, in answers given again, in receipts."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.model import Actor, JsonObject
from comity.exchange import service
from comity.exchange.service.members import log_key, witness_key
from comity.exchange.store import inbox, sent
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.codec.notes import open_note
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Record
from tests.clock import FixedClock
from tests.exchange.federation import Federation, Node, certificate, federation, send_query

Make = Callable[[str], Database]
NODES = ("XA", "XB", "XC", "XD")


@pytest.fixture
def world(make_database: Make) -> Iterator[Federation]:
    """Four nodes; XB leaves queries to a person."""
    wiring = {"XB": {"handlers": {"search.query": service.defer}}}
    with federation(make_database, NODES, listening=NODES, wiring=wiring) as made:
        yield made


def cosigners(world: Federation, reader: str, log_of: str, proof: JsonObject) -> set[str]:
    """Who has cosigned the checkpoint of a proof that holds for `log_of`, as `reader` can check it."""
    with world.nodes[reader].database.read("test") as unit:
        members = service.directory(unit).members
    log.check_inclusion(log.parse_inclusion(proof), log_key(members[log_of].log))
    note = str(proof["tlog_proof"]).partition("\n\n")[2]
    keys = [log_key(members[log_of].log), *(witness_key(one.witness) for one in members.values())]
    codes = {witness_key(one.witness).name: code for code, one in members.items()}
    return {codes[name] for name in open_note(note, keys).times if name in codes}


def column(node: Node, wanted: "sa.Column[Any]", **where: str) -> Any:
    with node.database.read("test") as unit:
        table = wanted.table
        return unit.connection.scalar(sa.select(wanted).where(*(table.c[name] == text for name, text in where.items())))


def grow(node: Node) -> None:
    with node.database.unit("test.grow") as unit:
        log.append(unit, Record("test.grown", Actor.system(unit.node), {}, None))


def test_a_message_that_waited_carries_what_witnesses_have_cosigned_meanwhile(
    world: Federation, clock: FixedClock
) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    first = send_query(a.station, "XB", 1)
    service.deliver_due(a.station)
    at_once = parse_object(column(b, inbox.inbox.c.sent_proof, id=first))
    assert cosigners(world, "XB", "XA", at_once) == set(), "what leaves at once, nobody can have cosigned"
    waiting = send_query(a.station, "XB", 2)
    service.gather(a.station)
    grow(a)
    clock.advance(61)
    service.deliver_due(a.station)
    late = parse_object(column(b, inbox.inbox.c.sent_proof, id=waiting))
    assert cosigners(world, "XB", "XA", late) == {"XB", "XC", "XD"}
    assert len(canonical(late)) - len(canonical(at_once)) < 600, "three lines more"


def test_an_answer_that_is_given_again_is_the_same_receipt_better_proven(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    id = send_query(a.station, "XB")
    with a.database.read("test") as unit:
        row = sent.message_row(unit, id)
    assert row is not None
    body = b'{"envelope":%b,"proof":%b}' % (row.envelope, row.proof)
    said = [json.loads(service.receive(b.station, body, certificate(a.database.keys)).body)]
    service.gather(b.station)
    said.append(json.loads(service.receive(b.station, body, certificate(a.database.keys)).body))
    assert said[0]["receipt"] == said[1]["receipt"]
    assert [cosigners(world, "XA", "XB", one["proof"]) for one in said] == [set(), {"XA", "XC", "XD"}]


def test_the_receipt_that_waited_for_a_person_brings_a_cosigned_proof(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    id = send_query(a.station, "XB")
    service.deliver_due(a.station)
    service.handle_pending(b.station)
    service.gather(b.station)
    with b.database.unit("test") as unit:
        service.handled(unit, "XA", id)
    service.deliver_due(b.station)
    kept = column(a, sent.receipt.c.proof, message=id, kind="HANDLED")
    assert cosigners(world, "XA", "XB", parse_object(kept)) == {"XA", "XC", "XD"}


def test_a_receipt_with_a_proof_that_does_not_hold_is_refused(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    first, second = (send_query(a.station, "XB", number) for number in (1, 2))
    service.deliver_due(a.station)
    service.handle_pending(b.station)
    with b.database.unit("test") as unit:
        service.handled(unit, "XA", first)
    body = column(b, sent.outbox.c.body, message=first, what="HANDLED")
    other = parse_object(column(b, inbox.inbox.c.proof, id=second))
    forged = canonical(parse_object(body) | {"proof": other})
    said = service.take_receipt(a.station, forged, certificate(b.database.keys))
    assert said.code == "exchange.proof"
    assert column(a, sent.receipt.c.kind, message=first, kind="HANDLED") is None


def test_without_a_cosigned_checkpoint_over_the_entry_there_is_none(world: Federation) -> None:
    a = world.nodes["XA"]
    grow(a)
    service.gather(a.station)
    grow(a)
    with a.database.read("test") as unit:
        size = log.head(unit).size
        assert service.cosigned_note(unit, size - 1) is None
        note = service.cosigned_note(unit, size - 2)
    assert note is not None and note.count("\n— ") == 4, "the log's own line, and three of witnesses"
