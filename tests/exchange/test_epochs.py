"""A log goes on in another epoch: what its node commits to, what partners do about it, and that nothing is doubled.

What a loss leaves at a partner is a head of entries that the log's own node does not have: `lose` signs one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from comity.access import service as access
from comity.base.errors import BadInput, Conflict, NotAllowed, Tampered
from comity.base.model import JsonObject
from comity.exchange import service
from comity.exchange.model import HeadReport, Hearing, PartnerStatus
from comity.exchange.service.epochs import Incident
from comity.exchange.service.heads import keep_head
from comity.exchange.service.turning import BEGUN
from comity.exchange.store import inbox, partners, sent, witnesses
from comity.exchange.wire.receipts import answer_body, parse_answer
from comity.kit.codec.notes import Checkpoint, VerifierKey, sign_note
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database, Unit
from comity.kit.web.servers import serve_in_thread
from comity.log import service as log
from comity.log.model import EPOCH, Choice, Head, Record
from tests.exchange.federation import PIN, Federation, Node, certificate, directory_file, entry, federation, send_query
from tests.exchange.test_surrounding import Signed
from tests.exchange.test_witnessing import alarms, grow, size_of, state, thaw
from tests.log.court import examined
from tests.people import enrol, signed_in

Make = Callable[[str], Database]
FIRST, LATER = "comity.invalid/XA/log", "comity.invalid/XA/log/epoch-2"


@pytest.fixture
def world(make_database: Make) -> Iterator[Federation]:
    """XA and XB, whose monitors have met."""
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, listening=("XA", "XB"), wiring=wiring) as made:
        for node in made.nodes.values():
            grow(node, 3)
        for node in made.nodes.values():
            assert service.verify_partners(node.station)[0].ok
            assert service.gather(node.station)[0].ok
        yield made


def lose(owner: Node, holder: Node, more: int = 20, root: bytes = bytes(range(32))) -> str:
    """`holder` keeps a checkpoint of `owner`'s log with so many entries more than `owner` has; the note."""
    with owner.database.read("test") as unit:
        head = log.head(unit)
        text = Checkpoint(head.origin, head.size + more, root).text()
        note = sign_note(text, head.origin, unit.keys.log)
    with holder.database.unit("test.seen") as unit:
        keep_head(unit, owner.database.node, Head(head.origin, head.size + more, root), note)
    return note


def turn(node: Node, *, planned: bool = False, reason: str = "the disk failed", **more: Any) -> int:
    """The node goes on in another epoch, as two of its people say; the index of its first entry."""
    hearing = service.hear(node.station)
    with node.database.unit("test.people") as unit:
        there = {one.id for one in access.people(unit)}
        first, second = (
            signed_in(unit, f"{role}-1") if f"{role}-1" in there else enrol(unit, f"{role}-1", role)
            for role in ("operator", "approver")
        )
    with node.database.unit("test.epoch") as unit:
        number = service.next_number(unit, hearing, None)
        return service.begin_epoch(unit, (first, second), Incident(number, reason, planned, hearing, **more))


def look(node: Node) -> HeadReport:
    (report,) = service.verify_partners(node.station)
    return report


def stand(node: Node) -> PartnerStatus:
    with node.database.read("test") as unit:
        (found,) = service.partners(unit)
    return found


def seen(node: Node) -> list[dict[str, Any]]:
    """What the node logged about others' epochs."""
    with node.database.read("test") as unit:
        rows = log.entries(unit, limit=1000, kind="epoch.seen")
        return [log.read_opening(unit, one.index, "payload").value for one in rows]  # type: ignore[misc]  # objects


def bodies(node: Node) -> int:
    with node.database.read("test") as unit:
        return unit.connection.scalar(sa.select(sa.func.count()).select_from(inbox.inbox)) or 0


# --- the node itself -------------------------------------------------------------------------------------------------


def test_the_epoch_commits_to_what_is_left_and_to_what_was_seen(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    note = lose(a, b)
    with a.database.read("test") as unit:
        before = log.head(unit)
    hearing = service.hear(a.station)
    assert [(one.witness, one.size, one.epoch, bool(one.beyond)) for one in hearing.holdings] == [
        ("XB", before.size + 20, 1, True)
    ]
    start = turn(a)
    with a.database.read("test") as unit:
        present = log.epochs(unit)[-1]
        said: Any = log.told(unit, present)
        assert log.verify(unit).ok and log.head(unit).origin == LATER
    assert present.start == start
    assert said["before"] | {"key": ""} == {
        "number": 1, "origin": FIRST, "size": start, "root": said["before"]["root"], "key": "",
    }  # fmt: skip
    assert said["witnessed"] == [{"witness": "XB", "note": note}] and said["silent"] == []
    assert (said["planned"], said["reason"], said["number"]) == (False, "the disk failed", 2)


def test_who_was_not_heard_is_told(world: Federation) -> None:
    a = world.nodes["XA"]
    world.nodes["XB"].hang_up()
    turn(a)
    with a.database.read("test") as unit:
        assert log.told(unit, log.epochs(unit)[-1])["silent"] == ["XB"]


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        (("operator-1", "operator", "it"), ("operator-2", "operator", "hr"), NotAllowed),
        (("officer-1", "officer", "it"), ("approver-1", "approver", "hr"), NotAllowed),
        (("operator-1", "operator", "it"), ("approver-1", "approver", "it"), Conflict),
    ],
)
def test_it_takes_two_people_of_two_units(
    world: Federation, first: tuple[str, str, str], second: tuple[str, str, str], error: type[Exception]
) -> None:
    a = world.nodes["XA"]
    with a.database.unit("test.people") as unit:
        people = enrol(unit, first[0], first[1], of=first[2]), enrol(unit, second[0], second[1], of=second[2])
    size = size_of(a)
    with pytest.raises(error), a.database.unit("test.epoch") as unit:
        service.begin_epoch(unit, people, Incident(2, "a test", False, Hearing()))
    assert size_of(a) == size


def test_one_person_twice_is_refused(world: Federation) -> None:
    a = world.nodes["XA"]
    with a.database.unit("test.people") as unit:
        both = enrol(unit, "both-1", "auditor", "approver"), enrol(unit, "admin-1")
    for people in (both, (both[1], both[1])):
        with pytest.raises(NotAllowed), a.database.unit("test.epoch") as unit:
            service.begin_epoch(unit, people, Incident(2, "a test", False, Hearing()))


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2001])
def test_a_reason_is_needed(world: Federation, reason: str) -> None:
    with pytest.raises(BadInput):
        turn(world.nodes["XA"], reason=reason)


def test_after_the_turn_the_old_epochs_end_is_no_contradiction(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    lose(a, b)
    reasons: list[str] = []
    station = replace(a.station, seal=reasons.append)
    assert not service.check_standing(station)[0].ok and len(reasons) == 1
    turn(a)
    world.publish()
    (report,) = service.check_standing(station)
    assert report.ok and len(reasons) == 1


def test_a_lost_epoch_seals_the_node_and_the_next_one_is_above_it(world: Federation) -> None:
    """XB has met XA's second epoch; XA's database is that of before it."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    with a.database.read("test") as unit:
        note = sign_note(Checkpoint(LATER, 9, bytes(32)).text(), LATER, unit.keys.log)
    with b.database.unit("test.seen") as unit:
        keep_head(unit, "XA", Head(LATER, 9, bytes(32)), note)
    reasons: list[str] = []
    assert not service.check_standing(replace(a.station, seal=reasons.append))[0].ok
    assert "epoch 2" in reasons[0]
    turn(a)
    with a.database.read("test") as unit:
        assert log.head(unit).origin == "comity.invalid/XA/log/epoch-3"


# --- a partner -------------------------------------------------------------------------------------------------------


def test_a_partner_stays_frozen_until_its_operator_agrees_and_nothing_is_doubled(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    lost = lose(a, b)
    got = send_query(a.station, "XB", 1)
    service.deliver_due(a.station)
    with a.database.unit("test.forget") as unit:  # the answer was lost with the disk: XA owes it still
        unit.connection.execute(sa.update(sent.outbox).values(state="queued"))
    waiting = send_query(a.station, "XB", 2)
    start = turn(a)
    service.deliver_due(a.station)
    assert state(a, waiting) == ("waiting", "exchange.epoch"), "XB's directory knows nothing of it yet"
    world.publish()
    assert (stand(b).frozen_why, stand(b).epoch) == ("its log began another epoch", 2)
    retry(a)
    assert state(a, waiting) == ("waiting", "exchange.frozen")
    assert not service.gather(a.station)[0].ok
    assert look(b).ok
    assert "new-epoch" in alarms(b) and "two-histories" not in alarms(b)
    (told,) = seen(b)
    assert (told["epoch"], told["start"], told["planned"], told["reason"]) == (2, start, False, "the disk failed")
    assert told["before"] == lost and told["note"].startswith(LATER) and told["lost"] == told["seen"] - start > 0
    for _ in range(2):
        assert look(b).ok
    assert alarms(b).count("new-epoch") == len(seen(b)) == 1, "once"
    assert stand(b).frozen is not None
    thaw(b, "XA")
    retry(a)
    assert state(a, got)[0] == state(a, waiting)[0] == "accepted"
    assert bodies(b) == 2, "each message once"
    service.handle_pending(b.station)
    service.deliver_due(b.station)
    assert state(a, waiting)[0] == "handled"
    assert look(b).ok and look(a).ok and service.gather(a.station)[0].ok
    for node in (a, b):
        with node.database.read("test") as unit:
            assert all(not one.failures for one in service.verify_messages(unit)), "proofs of both epochs hold"
            assert log.verify(unit).ok
    assert stand(b).head_size == size_of(a), "of the present epoch"


def retry(node: Node) -> None:
    with node.database.unit("test.retry") as unit:
        service.retry(unit, "XB")
    service.deliver_due(node.station)


def test_what_the_loss_took_of_our_messages_is_sent_again(world: Federation) -> None:
    """XA took two messages of XB's; the second, and all that is later, is lost with its disk."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    kept, late, gone = (send_query(b.station, "XA", number, urgency=urgency) for number, urgency in (
        (1, "normal"), (2, "immediate"), (3, "normal"),
    ))  # fmt: skip
    service.deliver_due(b.station)
    with b.database.unit("test.lost") as unit:
        index = next(one.index for one in (*service.receipts(unit, late), *service.receipts(unit, gone)) if one.index)
        unit.connection.execute(sa.update(sent.outbox).where(sent.outbox.c.message == late).values(deadline=unit.now))
    with a.database.unit("test.lost") as unit:  # what a restore would leave of it
        unit.connection.execute(sa.delete(inbox.inbox).where(inbox.inbox.c.id.in_([late, gone])))
    turn(a)
    world.publish()
    assert look(b).ok
    with b.database.unit("test.lost") as unit:
        unit.connection.execute(sa.update(partners.log_key).where(partners.log_key.c.epoch == 2).values(start=index))
        witnesses.add_freeze(unit, "XA", "", witnesses.EPOCH)
    thaw(b, "XA")
    assert [state(b, one)[0] for one in (kept, late, gone)] == ["accepted", "accepted", "queued"]
    with b.database.read("test") as unit:
        (row,) = log.entries(unit, limit=10, kind="exchange.thawed")
        said: Any = log.read_opening(unit, row.index, "payload").value
        assert (said["sent_again"], said["over"]) == (1, 1)
    service.deliver_due(b.station)
    assert state(b, gone)[0] == "accepted" and bodies(a) == 2
    with b.database.read("test") as unit:
        assert [one.failures for one in service.verify_messages(unit)] == [()]
    with b.database.unit("test.again") as unit:
        witnesses.add_freeze(unit, "XA", "", witnesses.EPOCH)
        admin = signed_in(unit, "admin-2")
    with b.database.unit("test.again") as unit:
        assert service.thaw(unit, admin, "XA", "once more").sent == 0, "once for each epoch"


def test_words_about_a_message_that_the_loss_took_are_told(world: Federation) -> None:
    """XA sent it, XB has it; XA does not know of it any more."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    message = send_query(a.station, "XB")
    service.deliver_due(a.station)
    with a.database.unit("test.lost") as unit:
        for table in (sent.outbox, sent.message, sent.receipt):
            unit.connection.execute(sa.delete(table))
    turn(a)
    world.publish()
    assert look(b).ok
    service.handle_pending(b.station)
    service.deliver_due(b.station)
    with a.database.read("test") as unit:
        (alarm,) = service.alarms(unit)
        assert (alarm.kind, alarm.partner, alarm.detail["message"]) == ("message-lost", "XB", message)
    with b.database.read("test") as unit:
        found = unit.connection.execute(sa.select(sent.outbox.c.state, sent.outbox.c.reason)).all()
    assert [tuple(row) for row in found] == [("rejected", "exchange.receipt-unknown")], "it is not said for days"


def test_receipts_that_wait_are_proven_anew(world: Federation) -> None:
    """As a member behind a relay owes them: ACCEPTED with its proof, HANDLED perhaps with one."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    send_query(a.station, "XB")
    service.deliver_due(a.station)
    service.handle_pending(b.station)
    with b.database.unit("test.owed") as unit:
        row = unit.connection.execute(sa.select(inbox.inbox)).one()
        handled = unit.connection.execute(sa.select(sent.outbox)).one()
        _, text, _ = parse_answer(handled.body)
        unit.connection.execute(sa.update(sent.outbox).values(body=answer_body(text, row.proof)))
        sent.owe(unit, [{
            "recipient": "XA", "message": row.id, "what": "ACCEPTED", "type": "receipt", "state": "queued",
            "conversation": row.conversation, "attempts": 0, "next_at": unit.now, "deadline": handled.deadline,
            "reason": "", "body": answer_body(row.receipt, row.proof),
        }])  # fmt: skip
    turn(b)
    with b.database.read("test") as unit:
        bodies = {one.what: one.body for one in unit.connection.execute(sa.select(sent.outbox))}
        proof: Any = parse_answer(bodies["ACCEPTED"])[2]
        assert parse_answer(bodies["HANDLED"])[2] is None, "it does without"
        head = log.check_inclusion(log.parse_inclusion(proof), log.verifier(unit))
    assert head.origin == "comity.invalid/XB/log/epoch-2"
    world.publish()
    assert look(a).ok
    service.deliver_due(b.station)
    with b.database.read("test") as unit:
        assert set(unit.connection.scalars(sa.select(sent.outbox.c.state))) == {"handled"}


def test_where_nothing_was_lost_the_exchange_goes_on_by_itself(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    key = SigningKey.generate()
    send_query(a.station, "XB")
    turn(a, planned=True, reason="a new key", signer=key)
    a.database.keys = replace(a.database.keys, log=key)
    world.publish()
    assert stand(b).frozen is not None, "not before it was looked at"
    assert look(b).ok
    assert (stand(b).frozen, alarms(b)) == (None, [])
    (told,) = seen(b)
    assert (told["lost"], told["planned"]) == (0, True)
    retry(a)
    assert bodies(b) == 1 and service.gather(a.station)[0].ok and look(b).ok
    with a.database.read("test") as unit:
        assert log.verify(unit).ok


def test_an_epoch_that_does_not_keep_what_was_seen_is_a_second_history(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    grow(a, 5)
    lose(a, b, -2)  # XB saw another root at a size that XA says is left
    turn(a)
    world.publish()
    report = look(b)
    assert not report.ok and alarms(b) == ["two-histories"] and seen(b) == []
    assert stand(b).frozen_why == "its log showed two histories"
    assert not look(b).ok and alarms(b) == ["two-histories"]


def test_a_partner_that_is_frozen_for_two_histories_is_told_of_the_epoch_too(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    lose(a, b)
    assert not look(b).ok and stand(b).frozen_why == "its log showed two histories"
    turn(a)
    world.publish()
    assert look(b).ok
    assert sorted(alarms(b)) == ["new-epoch", "two-histories"] and stand(b).frozen is not None
    thaw(b, "XA")
    assert look(b).ok and service.gather(a.station)[0].ok


def test_a_log_with_two_histories_is_shown_both(world: Federation) -> None:
    """The largest checkpoint that XB holds is of the second one: the first alone tells that there are two."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    lose(a, b, 2)
    grow(a, 5)
    with a.database.read("test") as unit:
        head, note = log.head(unit), log.checkpoint(unit)
    with b.database.unit("test.seen") as unit:
        keep_head(unit, "XA", head, note)
    assert service.hear(a.station).beyond == (), "XB has not compared them yet"
    assert not look(b).ok and alarms(b) == ["two-histories"]
    (held,) = service.hear(a.station).beyond
    assert held.size < head.size
    assert not service.check_standing(replace(a.station, seal=lambda _: None))[0].ok
    turn(a)
    assert service.hear(a.station).beyond == ()


def test_who_never_saw_the_log_needs_no_look(make_database: Make) -> None:
    with federation(make_database, listening=("XA", "XB")) as made:
        turn(made.nodes["XA"])
        made.publish()
        b = made.nodes["XB"]
        assert stand(b).frozen is None
        assert look(b).ok and seen(b) == []


def test_an_operator_may_agree_before_the_look(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    turn(a)
    world.publish()
    thaw(b, "XA")
    assert look(b).ok and seen(b) == [] and stand(b).frozen is None


def test_a_log_that_shows_an_epoch_before_the_directory_does_is_waited_for(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    turn(a)
    report = look(b)
    assert not report.ok and "epoch 2" in report.detail and alarms(b) == []
    message = send_query(b.station, "XA")
    service.deliver_due(b.station)
    assert state(b, message) == ("waiting", "exchange.epoch"), "XA's receipt proves by what XB's directory lacks"
    world.publish()
    assert look(b).ok
    with b.database.unit("test.retry") as unit:
        service.retry(unit, "XA")
    service.deliver_due(b.station)
    assert state(b, message)[0] == "accepted"
    assert bodies(a) == 1


def test_a_stored_answer_is_proven_anew(world: Federation) -> None:
    """XB took a message, and its answer was lost; then XB's log went on in another epoch."""
    a, b = world.nodes["XA"], world.nodes["XB"]
    message = send_query(a.station, "XB")
    service.deliver_due(a.station)
    with a.database.unit("test.forget") as unit:
        unit.connection.execute(sa.update(sent.outbox).values(state="queued"))
        unit.connection.execute(sa.delete(sent.receipt))
    turn(b)
    world.publish()
    assert look(a).ok
    service.deliver_due(a.station)
    assert state(a, message)[0] == "accepted" and bodies(b) == 1
    with a.database.read("test") as unit:
        assert [one.failures for one in service.verify_messages(unit)] == [()]


def test_what_a_relay_held_goes_to_it_again(world: Federation) -> None:
    a = world.nodes["XA"]
    message = send_query(a.station, "XB")
    with a.database.unit("test.held") as unit:
        unit.connection.execute(sa.update(sent.outbox).values(state="held"))
    turn(a)
    assert state(a, message)[0] == "queued"


# --- a court ---------------------------------------------------------------------------------------------------------


def exported(node: Node, entries: tuple[str, ...] = ("0",)) -> bytes:
    with node.database.read("test.gather") as unit:
        draft = log.gather(unit, Choice("court order 7", entries), log.Upstairs(around=service.surroundings))
    with node.database.unit("test.export") as unit:
        act = log.export(unit, Signed(), Choice("court order 7", entries), draft)
    with node.database.read("test.export") as unit:
        return log.complete(unit, draft, act)


def test_an_export_says_what_was_lost_and_why(world: Federation, tmp_path: Path) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    lose(a, b)
    seen = size_of(a) + 20
    start = turn(a)
    world.publish()
    grow(a, 2)
    code, told = examined(tmp_path / "court", exported(a, ("0", str(start), str(start + 1))), "--key", a.log_key)
    assert (code, told["false"], told["cannot_be_judged"]) == (0, [], []), told
    proven, claimed = "\n".join(told["proven"]), "\n".join(told["only_claimed"])
    for words in (
        f"With entry {start} the log went on as its epoch 2, {LATER}", f"which it had signed as {FIRST}.",
        f"signed {seen} entries in its epoch 1, which XB had seen: the last {seen - start} of them are LOST",
        f"The log extends its checkpoint over {start} entries, signed as {FIRST}",
        "Two different keys signed exactly what the entry about epoch 2 says.", "Entry 0 (",
    ):  # fmt: skip
        assert words in proven, words
    for words in (
        'in the agency\'s words: "the disk failed"', "operator-1 (unit-of-operator-1) and approver-1",
        f"no more than {seen - start} signed entries were lost",
    ):  # fmt: skip
        assert words in claimed, words
    key = a.database.keys.log.public
    for name, expected in ((FIRST, 0), (f"{FIRST}/epoch-7", 0), (FIRST.replace("XA", "XB"), 1)):
        known = VerifierKey(name, key).format()
        assert examined(tmp_path / "old", exported(a), "--key", known)[0] == expected, "the key says whose log it is"
    other = VerifierKey(FIRST, SigningKey.generate().public).format()
    assert examined(tmp_path / "old", exported(a), "--key", other)[0] == 1


def test_an_export_over_three_epochs_and_another_key(world: Federation, tmp_path: Path) -> None:
    a, key = world.nodes["XA"], SigningKey.generate()
    world.nodes["XB"].hang_up()
    grow(a, 2)
    turn(a, planned=True, reason="another name")
    grow(a, 2)
    turn(a, planned=True, reason="another key", signer=key)
    a.database.keys = replace(a.database.keys, log=key)
    grow(a, 2)
    code, told = examined(tmp_path / "court", exported(a), "--key", a.log_key)
    assert (code, told["false"]) == (0, []), told
    assert sum("the log went on as its epoch" in line for line in told["proven"]) == 2
    assert any("XB was not heard before epoch 3" in line for line in told["only_claimed"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda said: {"subject": {"signed": []}}, "two people"),
        (lambda said: {"subject": {"signed": said["signed"][:1] * 2}}, "two people"),
        (lambda said: {"payload": said["payload"] | {"reason": "something else"}}, "signed something else"),
        (lambda said: {"payload": said["payload"] | {"witnessed": [{"witness": "XB", "note": "no note"}]}}, "signed"),
    ],
)
def test_a_node_that_lies_about_its_epoch_is_found_out(
    world: Federation, change: Callable[[dict[str, Any]], dict[str, Any]], why: str
) -> None:
    """An honest node would not even hand out such an export; what its checker says of it is what a court would read."""
    a, said = world.nodes["XA"], dict[str, Any]()
    hearing = service.hear(a.station)
    with a.database.unit("test.people") as unit:
        people = enrol(unit, "operator-1", "operator"), enrol(unit, "approver-1", "approver")

    def remember(index: int, unit: Unit) -> None:
        """What an honest entry would have said, which is then not written."""
        opened: Any = {name: log.read_opening(unit, index, name).value for name in ("payload", "subject")}
        said.update(payload=opened["payload"], signed=opened["subject"]["signed"])
        raise RuntimeError

    with pytest.raises(RuntimeError), a.database.unit("test.epoch") as unit:
        index = service.begin_epoch(unit, people, Incident(2, "the disk failed", False, hearing))
        unit.before_commit("test", partial(remember, index))
    with a.database.unit("test.epoch") as unit:
        honest = Record(EPOCH, people[0].actor, {"signed": said["signed"]}, said["payload"])
        log.begin(unit, replace(honest, **change(said)), unit.keys.log)
    with pytest.raises(Tampered, match=why):
        exported(a)


# --- the directory ---------------------------------------------------------------------------------------------------


def test_a_log_never_goes_back(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    before = a.log_key
    turn(a)
    world.publish()
    entries = [entry(n.database.keys, n.endpoint) | {"log": n.log_key} for n in (a, b)]
    data = directory_file([entries[0] | {"log": before}, entries[1]], world.version + 1, world.now)
    with pytest.raises(Conflict) as caught, b.database.unit("test.directory") as unit:
        service.import_directory(unit, data, PIN)
    assert caught.value.code == "exchange.epoch-back"


def test_any_epoch_of_its_own_log_may_be_listed_and_none_of_anothers(world: Federation) -> None:
    a = world.nodes["XA"]
    key = a.database.keys.log.public
    others = LATER.replace("XA", "XB")
    for name, right in ((f"{FIRST}/epoch-9", True), (f"{FIRST}/epoch-1", False), (others, False)):
        told: Mapping[str, JsonObject] = {"XA": {"log": VerifierKey(name, key).format()}}
        if right:
            world.publish(told=told)
        else:
            with pytest.raises(BadInput):
                world.publish(told=told)


# --- a partner that lies ---------------------------------------------------------------------------------------------


def _bundle(node: Node, index: int) -> Any:
    with node.database.read("test") as unit:
        return log.prove(unit, index, ("payload", "subject")).as_dict()


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"", lambda _: b"[]", lambda _: b'{"epoch":null}', lambda _: b'{"epoch":7}',
        lambda _: b'{"epoch":{}}',
        lambda node: json.dumps({"epoch": _bundle(node, 0)}).encode(),
        lambda node: json.dumps({"epoch": _bundle(node, size_of(node) - 1) | {"opening": {}}}).encode(),
    ],
    ids=["empty", "a list", "null", "a number", "nothing", "another entry", "unopened"],
)  # fmt: skip
def test_an_answer_that_shows_no_epoch_leaves_everything_frozen(
    world: Federation, answer: Callable[[Node], bytes]
) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    turn(a)
    world.publish()
    said = answer(a)
    a.hang_up()
    with a.database.read("test") as unit:
        note = json.dumps({"checkpoint": log.checkpoint(unit)}).encode()
    app = Starlette(routes=[
        Route("/cx/1/log/checkpoint", lambda _: Response(note)), Route(BEGUN, lambda _: Response(said)),
    ])  # fmt: skip
    a.server = serve_in_thread(app, "127.0.0.1", 0, service.server_tls(a.station))
    try:
        world.publish()
        assert not look(b).ok
        assert stand(b).frozen is not None and seen(b) == []
    finally:
        a.hang_up()
        a.server = None


def test_an_epoch_is_shown_to_members_only(world: Federation) -> None:
    a, b = world.nodes["XA"], world.nodes["XB"]
    assert json.loads(service.show_epoch(a.station, certificate(b.database.keys)).body) == {"epoch": None}
    turn(a)
    shown = json.loads(service.show_epoch(a.station, certificate(b.database.keys)).body)["epoch"]
    assert f'"type":"{EPOCH}"' in shown["entry"] and set(shown["opening"]) == {"payload", "subject"}
    assert "error" in json.loads(service.show_epoch(a.station, b"nobody").body)
