"""A case is erased: nothing of its searches opens any more, here; that there were some stays on record."""

import pytest
import sqlalchemy as sa

from comity.app.wiring import find_key, forget_case
from comity.base.errors import Conflict, NotFound
from comity.cases import service as cases
from comity.exchange import service as exchange
from comity.exchange.store.inbox import inbox
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.search import service, store
from tests.search.test_batch import ask, stains
from tests.search.world import REF, World

WHY = "the time of retention has ended"


def erase(two: World) -> None:
    with two.a.desk.acting("case.erase", two.a.people["officer-1"]) as unit:
        cases.request_erasure(unit, two.a.people["officer-1"], two.a.case, WHY)
    with two.a.desk.acting("case.erase", two.a.people["approver-1"]) as unit:
        cases.erase(unit, two.a.people["approver-1"], two.a.case, WHY, forget_case(two.a.desk))


def payloads(database: Database) -> set[bytes]:
    with database.read("test.inbox") as unit:
        return {bytes(found) for found in unit.connection.execute(sa.select(inbox.c.payload)).scalars()}


def test_nothing_of_an_erased_case_opens_any_more(two: World) -> None:
    hit = two.confirmed()
    batch = ask(two.a, [REF, *stains(two.a, 2)], "XB")
    two.post()
    assert payloads(two.a.database) and b"" not in payloads(two.a.database)
    erase(two)
    assert payloads(two.a.database) == {b""}
    with two.a.database.read("test.look") as unit:
        for query in (hit, *(one.id for one in batch)):
            found = store.find_query(unit, query)
            assert found.ref is None and found.partner == "XB"
            assert unit.connection.execute(
                sa.select(store.candidate_table).where(store.candidate_table.c.query == query)
            ).all() == []  # fmt: skip
            with pytest.raises(NotFound):
                store.body(unit, query, cases.data_key(unit, two.a.case))
        with pytest.raises(NotFound) as gone:
            exchange.conversation(unit, store.find_query(unit, hit).conversation)
        assert gone.value.code == "exchange.erased"
        assert exchange.sent(unit, store.find_query(unit, hit).message).deliveries[0].state == "handled"
        assert log.verify(unit, find_key).ok


def test_another_case_keeps_all_it_has(two: World) -> None:
    other = two.a.open_case("XA-CC-101", "XA-2026-0200")
    query = two.a.ask("XB", case=other)[0].id
    two.post()
    erase(two)
    assert len(two.a.detail(query)["candidates"]) == 1


def test_a_case_whose_answers_are_awaited_is_not_erased(two: World) -> None:
    two.b.node.hang_up()
    query = two.a.ask("XB")[0].id
    with pytest.raises(Conflict) as refused:
        erase(two)
    assert refused.value.code == "search.awaited" and refused.value.where == query
    two.a.does("officer-1", service.withdraw, query, "not needed any more")
    with two.a.desk.acting("case.erase", two.a.people["approver-1"]) as unit:
        cases.erase(unit, two.a.people["approver-1"], two.a.case, WHY, forget_case(two.a.desk))
    with two.a.database.read("test.look") as unit:
        assert store.find_query(unit, query).ref is None and log.verify(unit, find_key).ok
