"""What is kept of searches: sealed fields are really sealed, and a blob that was moved does not open."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from comity.base.errors import NotFound, Tampered
from comity.base.ids import uuid7
from comity.base.model import DataKey, JsonObject
from comity.kit.database.unit import Database, Unit
from comity.search import store
from comity.search.model import Candidate, Query, Transition, Verdict

KEY = DataKey("case:1", b"k" * 32)
OTHER = DataKey("case:2", b"o" * 32)
RECORD: JsonObject = {"loci": {"VWA": ["17", "SECRETALLELE"]}}
PERSON: JsonObject = {"name": "SECRETPERSON"}
FOUND = [
    Candidate("XB-2", 1, False, {"note": "SECRETALLELE"}, RECORD),
    Candidate("XB-1", 4, True, {"note": "SECRETALLELE"}, RECORD),
]


def query_of(unit: Unit, **changes: object) -> Query:
    made = Query(
        id=uuid7(unit.now), question=uuid7(unit.now), side="asking", partner="XB", modality="dna", case=uuid7(unit.now),
        ref="P-1", state="searching", status="pending", reason={}, conversation=uuid7(unit.now),
        message=uuid7(unit.now), asked_at=unit.now, deadline=unit.now + timedelta(days=7),
        basis={"instrument": "TRAIN-REG"},
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # changes are fields of Query


def filled(unit: Unit) -> Query:
    """A query with everything that is ever sealed."""
    query = query_of(unit)
    store.insert_query(unit, query, RECORD, KEY)
    store.replace_candidates(unit, query.id, FOUND, KEY)
    store.keep_superseded(unit, query, RECORD, KEY)
    assert store.candidates(unit, query.id, KEY) == []
    store.replace_candidates(unit, query.id, FOUND, KEY)
    store.save_core(unit, {"query": query.id, "number": "XB-2", "decision": "d", "target": "t", "clock": {}})
    store.seal_core(unit, query.id, PERSON, KEY)
    store.seal_account(unit, query.id, "SECRETACCOUNT", KEY)
    return query


def test_what_is_kept_comes_back(database: Database) -> None:
    with database.unit("test") as unit:
        query = filled(unit)
        verdict = Verdict(query.id, query.message, "XB-2", "XA", "examiner-1", "match", "all agree", unit.now)
        store.insert_verdict(unit, verdict)
        step = Transition(query.id, 0, "draft", "submit", "basis_check", "officer-1", "", unit.now, 5)
        store.add_transitions(unit, [step])
    with database.read("test") as unit:
        assert store.find_query(unit, query.id) == query
        assert store.by_message(unit, query.message) == [query]
        assert store.find_by_conversation(unit, query.conversation) == query
        assert store.body(unit, query.id, KEY) == RECORD
        assert store.candidates(unit, query.id, KEY) == FOUND
        assert store.open_core(unit, query.id, KEY) == PERSON
        assert store.open_account(unit, query.id, KEY) == "SECRETACCOUNT"
        (earlier,) = store.superseded(unit, query.id, KEY)
        assert (earlier["record"], earlier["status"], earlier["message"]) == (RECORD, "pending", query.message)
        assert store.verdicts(unit, query, "XB-2") == store.verdicts(unit, query) == [verdict]
        assert store.verdicts(unit, query, "XB-1") == []
        assert store.verdicts(unit, replace(query, message=uuid7(unit.now))) == []
        assert store.transitions(unit, query.id) == [step]
        assert store.known(unit, query.id) and not store.known(unit, uuid7(unit.now))
        with pytest.raises(NotFound):
            store.find_query(unit, uuid7(unit.now))


def test_sealed_fields_are_really_sealed(database: Database) -> None:
    with database.unit("test") as unit:
        filled(unit)
    with database.read("test") as unit:
        for table in (store.query_table, store.candidate_table, store.core_table, store.superseded_table):
            for row in unit.connection.execute(table.select()):
                assert "SECRET" not in str(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row))


def test_another_key_opens_nothing(database: Database) -> None:
    with database.unit("test") as unit:
        query = filled(unit)
        for opens in (store.body, store.candidates, store.open_core, store.open_account, store.superseded):
            with pytest.raises(Tampered):
                opens(unit, query.id, OTHER)


def move(unit: Unit, table: sa.Table, column: str, source: str, to: str) -> None:
    blob = unit.connection.execute(sa.select(table.c[column]).where(table.c.query == source)).scalars().first()
    unit.connection.execute(table.update().where(table.c.query == to).values({column: blob}))


def test_a_blob_moved_to_another_row_or_column_does_not_open(database: Database) -> None:
    with database.unit("test") as unit:
        one, two = filled(unit), filled(unit)
    with database.unit("test") as unit:
        for table, column, opens in (
            (store.candidate_table, "sealed", store.candidates), (store.core_table, "sealed", store.open_core),
            (store.core_table, "account", store.open_account), (store.superseded_table, "sealed", store.superseded),
        ):  # fmt: skip
            move(unit, table, column, one.id, two.id)
            with pytest.raises(Tampered):
                opens(unit, two.id, KEY)
        body = sa.select(store.query_table.c.body).where(store.query_table.c.id == one.id).scalar_subquery()
        unit.connection.execute(store.query_table.update().where(store.query_table.c.id == two.id).values(body=body))
        with pytest.raises(Tampered):
            store.body(unit, two.id, KEY)
        unit.connection.execute(store.core_table.update().values(sealed=store.core_table.c.account))
        with pytest.raises(Tampered):
            store.open_core(unit, one.id, KEY)


def test_candidates_are_replaced_and_can_be_forgotten(database: Database) -> None:
    with database.unit("test") as unit:
        query = filled(unit)
        store.replace_candidates(unit, query.id, FOUND[1:], KEY)
        assert store.candidates(unit, query.id, KEY) == FOUND[1:]
        store.replace_candidates(unit, query.id, [], KEY)
        assert store.candidates(unit, query.id, KEY) == []
        store.replace_body(unit, query.id, {"loci": {}}, KEY)
        assert store.body(unit, query.id, KEY) == {"loci": {}}


def test_lists_are_narrowed_and_in_order(database: Database) -> None:
    with database.unit("test") as unit:
        first = query_of(unit)
        later = query_of(unit, asked_at=unit.now + timedelta(hours=1), deadline=unit.now + timedelta(hours=2))
        theirs = query_of(unit, side="asked", case=None, asked_at=unit.now - timedelta(hours=1), deadline=unit.now)
        for query in (later, first, theirs):
            store.insert_query(unit, query, RECORD, KEY)
        assert store.queries(unit) == [theirs, first, later]
        assert store.queries(unit, side="asked") == [theirs]
        assert store.queries(unit, question=first.question) == [first] == store.queries(unit, case=first.case)
        assert store.due(unit, ("searching",), unit.now + timedelta(hours=2)) == [later]
        assert store.due(unit, ("waiting",), unit.now + timedelta(hours=2)) == []
        assert store.due(unit, ("searching",), unit.now) == []


def test_nothing_released_is_nothing_to_open(database: Database) -> None:
    with database.unit("test") as unit:
        query = query_of(unit)
        store.insert_query(unit, query, RECORD, KEY)
        assert store.open_core(unit, query.id, KEY) is None and store.find_core(unit, query.id) is None
        store.save_core(unit, {"query": query.id, "number": "XB-2", "decision": "d", "target": "t", "clock": {}})
        assert store.open_core(unit, query.id, KEY) is None and store.open_account(unit, query.id, KEY) is None
