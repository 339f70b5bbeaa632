"""Many questions in one envelope: each keeps its decision, its entries and its life, and is answered by itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from comity.app.demo import population
from comity.base.ids import uuid7
from comity.base.model import Json, JsonObject
from comity.exchange import service as exchange
from comity.exchange.model import Message
from comity.exchange.store.inbox import inbox
from comity.exchange.store.sent import message, outbox
from comity.kit.database.unit import Unit
from comity.legal.model import Permit, Quota
from comity.search import service, wire
from comity.search.model import Query
from comity.search.service import batching
from tests.search.test_answers import POLITICAL
from tests.search.test_capacity import declare, resume
from tests.search.world import REF, Agency, World

SEED = 11


def stains(agency: Agency, count: int) -> list[str]:
    """So many stains of the agency, none of whose source anybody holds; their specimen numbers."""
    text = population.generate(SEED, count).replace(",Reference,", ',"Forensic, Unknown",')
    rows = [line.split(",") for line in text.splitlines()]
    assert rows[0][3].startswith("core_")
    agency.take_in(text.encode())
    return [row[0] for row in rows[1:]]


def ask(agency: Agency, refs: list[str], *to: str, **changes: Any) -> list[Query]:
    first, *further = refs
    return agency.ask(*to, ref=first, further=tuple(further), **changes)


def types(agency: Agency) -> Counter[str]:
    """The messages that an agency sent, by type."""
    with agency.database.read("test.messages") as unit:
        return Counter(unit.connection.execute(sa.select(message.c.type)).scalars())


def test_questions_travel_together_and_are_answered_together(three: World) -> None:
    refs = [REF, *stains(three.a, 4)]
    queries = ask(three.a, refs, "XB", "XC")
    three.post()
    assert types(three.a) == {"search.batch": 2} and types(three.b) == types(three.c) == {"search.answers": 1}
    by_ref = {(query.ref, query.partner): three.a.where(query.id) for query in queries}
    assert by_ref.pop((REF, "XB")) == ("candidate_hit", "hit")
    assert by_ref.pop((REF, "XC")) == ("both_laboratories", "near_match")
    assert set(by_ref.values()) == {("closed_no_hit", "no_hit")} and len(by_ref) == 8
    assert len({query.question for query in queries}) == 5
    assert len({query.conversation for query in queries}) == 10


def test_every_question_has_its_own_entries_on_both_sides(two: World) -> None:
    asked, answered = Counter(two.a.logged()), Counter(two.b.logged())
    ask(two.a, [REF, *stains(two.a, 6)], "XB")
    two.post()
    mine, theirs = Counter(two.a.logged()) - asked, Counter(two.b.logged()) - answered
    assert (mine["search.asked"], mine["search.answered"], mine["message.sent"]) == (7, 7, 1)
    assert (theirs["search.received"], theirs["search.answered"], theirs["message.received"]) == (7, 7, 1)


def test_what_follows_goes_on_in_each_conversation(two: World) -> None:
    queries = ask(two.a, [*stains(two.a, 2), REF], "XB")
    two.post()
    hit = next(query.id for query in queries if query.ref == REF)
    two.a.confirm(hit)
    two.post()
    assert two.a.where(hit)[0] == two.b.where(hit)[0] == "confirmed"
    two.a.request(hit)
    two.post()
    two.b.does("judge-1", service.authorise, hit, service.Ruling(True, "BJ 2026/41", "proportionate"))
    two.post()
    two.b.release(hit)
    two.post()
    assert two.a.where(hit)[0] == "core_released"
    other = next(query.id for query in queries if query.ref != REF)
    assert two.a.where(other) == ("closed_no_hit", "no_hit")


def test_one_question_alone_is_no_batch(two: World) -> None:
    ask(two.a, [REF, REF], "XB")
    two.post()
    assert types(two.a) == {"search.query": 1} and types(two.b) == {"search.answer": 1}


def test_a_partner_that_takes_no_batches_gets_single_questions_and_is_answered_alone(two: World) -> None:
    two.federation.publish(told={"XB": {"capabilities": ["files"]}})
    queries = ask(two.a, [REF, *stains(two.a, 2)], "XB")
    two.post()
    assert types(two.a) == {"search.query": 3} and types(two.b) == {"search.answer": 3}
    assert sorted(two.a.where(query.id)[1] for query in queries) == ["hit", "no_hit", "no_hit"]


def test_an_asker_that_takes_no_batches_gets_single_answers(two: World) -> None:
    two.federation.publish(told={"XA": {"capabilities": []}})
    queries = ask(two.a, [REF, *stains(two.a, 2)], "XB")
    two.post()
    assert types(two.a) == {"search.batch": 1} and types(two.b) == {"search.answer": 3}
    assert sorted(two.a.where(query.id)[1] for query in queries) == ["hit", "no_hit", "no_hit"]


def test_no_envelope_holds_more_than_sixty_four(two: World) -> None:
    ask(two.a, stains(two.a, 66), "XB")
    two.post()
    assert types(two.a) == {"search.batch": 2} and types(two.b) == {"search.answers": 2}
    assert {two.a.where(query.id)[1] for query in two.a.queries()} == {"no_hit"}


def test_what_is_long_is_divided(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "BATCH_BYTES", 5000)
    ask(two.a, stains(two.a, 6), "XB")
    two.post()
    assert sum(types(two.a).values()) > 1 and {two.a.where(q.id)[1] for q in two.a.queries()} == {"no_hit"}


def test_an_emergency_that_is_not_ordinary_does_not_travel_with_what_is(two: World) -> None:
    refs = stains(two.a, 2)
    ask(two.a, refs, "XB", urgency="urgent")
    ask(two.a, refs, "XB")
    two.post()
    assert types(two.a) == {"search.batch": 2}


def test_beyond_the_partners_quota_some_wait_and_the_message_with_them(two: World) -> None:
    declare(two.b, Quota("incoming", "partner", "XA", "hit_no_hit", 2, "queue"))
    queries = ask(two.a, [REF, *stains(two.a, 3)], "XB")
    two.post()
    assert Counter(two.a.where(query.id)[1] for query in queries) == {"hit": 1, "no_hit": 1, "unavailable": 2}
    assert two.a.fate(queries[0].message).state == "delivered"
    two.clock.advance(24 * 3600)
    assert resume(two.b) == 2
    two.post()
    assert Counter(two.a.where(query.id)[1] for query in queries) == {"hit": 1, "no_hit": 3}
    assert two.a.fate(queries[0].message).state == "handled"


def test_withdrawing_one_question_leaves_the_others(two: World) -> None:
    queries = ask(two.a, [REF, *stains(two.a, 2)], "XB")
    two.post()
    hit = next(query.id for query in queries if query.ref == REF)
    two.a.does("officer-1", service.withdraw, hit, "the case was solved")
    two.post()
    assert two.a.where(hit)[0] == two.b.where(hit)[0] == "withdrawn"
    assert two.b.detail(hit)["candidates"] == []
    assert {two.b.where(q.id)[0] for q in queries if q.id != hit} == {"closed_no_hit"}


def test_an_unreachable_partner_makes_every_question_unavailable(two: World) -> None:
    two.b.node.hang_up()
    queries = ask(two.a, [REF, *stains(two.a, 2)], "XB")
    exchange.deliver_due(two.a.node.station)
    assert {two.a.where(query.id) for query in queries} == {("waiting", "unavailable")}


def forged(two: World, change: Callable[[JsonObject], JsonObject]) -> tuple[list[Query], str]:
    """A batch of three questions, of which `change` made something else; the queries and the message."""
    send = exchange.send_batch

    def changed(unit: Unit, covered: Sequence[tuple[Permit, str]], made: Message) -> str:
        return send(unit, covered, replace(made, body=change(made.body)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "send_batch", changed)
        queries = ask(two.a, [REF, *stains(two.a, 2)], "XB")
    two.post()
    return queries, queries[0].message


def parts_of(body: JsonObject) -> list[Any]:
    listed = body["parts"]
    assert isinstance(listed, list)
    return listed


def test_a_question_that_cannot_be_searched_is_turned_back_alone(two: World) -> None:
    def spoil(body: JsonObject) -> JsonObject:
        first, *rest = parts_of(body)
        return body | {"parts": [first | {"body": first["body"] | {"record": {"format": "none"}}}, *rest]}

    queries, sent = forged(two, spoil)
    first, *rest = queries
    assert two.a.where(first.id) == ("expired", "unavailable")
    assert two.a.query(first.id).reason["reason"] == "dna.json"
    assert {two.a.where(query.id)[1] for query in rest} == {"no_hit"}
    assert two.a.fate(sent).state == "handled"
    assert len(two.b.queries()) == 2


def test_a_lawyer_decides_each_referred_question_and_the_message_is_handled_at_the_last(two: World) -> None:
    def grave(body: JsonObject) -> JsonObject:
        first, *rest = parts_of(body)
        for part in rest:
            part["body"]["legal"]["facts"]["offence"] = {"state": "XA", "code": "XA-CC-390"}
        return body | {"parts": [first, *rest]}

    (plain, *referred), sent = forged(two, grave)
    assert two.a.where(plain.id)[1] == "hit"
    assert {two.b.where(query.id)[0] for query in referred} == {"legal_review"}
    for query, fate in zip(referred, ("delivered", "handled"), strict=True):
        assert two.a.fate(sent).state == "delivered"
        assert two.b.review(query.id, POLITICAL) == "allow"
        two.post()
        assert (two.a.where(query.id)[1], two.a.fate(sent).state) == ("no_hit", fate)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body | {"parts": []},
        lambda body: body | {"parts": parts_of(body) * 30},
        lambda body: body | {"parts": [parts_of(body)[0]] * 2},
        lambda body: body | {"parts": [parts_of(body)[0] | {"conversation": "x"}]},
        lambda body: body | {"parts": [parts_of(body)[0] | {"body": []}]},
        lambda body: body | {"parts": ["x"]},
        lambda body: body | {"parts": {}},
        lambda body: body | {"v": 2},
    ],
)
def test_what_is_no_batch_is_rejected_whole(two: World, change: Any) -> None:
    queries, sent = forged(two, change)
    assert two.a.fate(sent).state == "rejected" and two.a.fate(sent).reason == "search.body"
    assert two.b.queries() == []
    assert {two.a.where(query.id) for query in queries} == {("expired", "unavailable")}


def answers(two: World, parts: list[Json]) -> str:
    """XB answers what it was not asked, or not so."""
    (query, *_) = two.b.queries()
    return two.b.forge(query, wire.ANSWERS, {"v": 1, "parts": parts}, purpose="criminal_investigation")


def test_answers_to_another_nodes_question_are_not_taken(two: World) -> None:
    queries = ask(two.a, [REF, *stains(two.a, 1)], "XB")
    two.post()
    before = {query.id: two.a.where(query.id) for query in queries}
    body: JsonObject = {"v": 1, "query": queries[1].id, "status": "no_hit", "candidates": [], "legal": {}}
    sent = answers(two, [{"conversation": uuid7(two.clock()), "body": body}])
    two.post()
    assert two.b.fate(sent).state == "rejected"
    assert {query.id: two.a.where(query.id) for query in queries} == before


def test_one_answer_that_cannot_be_taken_holds_no_other_up(two: World) -> None:
    declare(two.b, Quota("incoming", "partner", "XA", "hit_no_hit", 0, "queue"))
    queries = ask(two.a, stains(two.a, 2), "XB")
    two.post()
    parts: list[Json] = [
        {"conversation": query.conversation, "body": {"v": 1, "query": query.id, "status": status, "candidates": [],
                                                      "legal": {}}}
        for query, status in zip(queries, ("no_hit", "hit"), strict=True)
    ]  # fmt: skip
    sent = answers(two, parts)
    two.post()
    assert two.b.fate(sent).state == "handled"
    assert sorted(two.a.where(query.id)[1] for query in queries) == ["no_hit", "unavailable"]
    assert "search.answers-refused" in two.a.logged()


def test_the_inbox_holds_one_row_a_batch(two: World) -> None:
    ask(two.a, [REF, *stains(two.a, 5)], "XB")
    two.post()
    with two.b.database.read("test.inbox") as unit:
        assert unit.connection.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one() == 1
    with two.a.database.read("test.outbox") as unit:
        states = unit.connection.execute(sa.select(outbox.c.state).where(outbox.c.what == "message")).scalars().all()
        assert states == ["handled"]
