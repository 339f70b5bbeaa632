"""The queue of an examiner: exact where nobody has decided, the latest where somebody has, quick however long it is."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from comity.base.ids import uuid7
from comity.base.model import DataKey
from comity.kit.database.selections import Selection
from comity.kit.database.unit import Database, Unit
from comity.search import store
from comity.search.model import Candidate, Query, Verdict
from comity.search.store import judging
from tests.counting import counted
from tests.search.test_store import query_of

KEY = DataKey("case:1", b"k" * 32)
MINE, OTHER = "019cad00-0000-7000-8000-00000000000a", "019cad00-0000-7000-8000-00000000000b"


def asked(unit: Unit, minute: int, state: str, case: str | None = MINE) -> Query:
    """A query with one candidate, asked in that minute; partners' without a case."""
    at = unit.now + timedelta(minutes=minute)
    made = query_of(
        unit, id=uuid7(at), state=state, case=case, side="asking" if case else "asked", status="hit", asked_at=at
    )
    store.insert_query(unit, made, {}, KEY)
    store.replace_candidates(unit, made.id, [Candidate(f"N-{minute}", 1, False, {}, {})], KEY)
    return made


def judged(unit: Unit, query: Query, person: str) -> None:
    number = store.candidates(unit, query.id, KEY)[0].number
    store.insert_verdict(unit, Verdict(query.id, query.message, number, unit.node, person, "match", "", unit.now))


def queue(unit: Unit, person: str = "examiner-1", most: int = 50, case: str = MINE, *, few: bool = False) -> list[str]:
    """The numbers of what waits for a person who is in one case alone."""
    cases = store.query_table.alias()
    judge = judging.Judge(unit.node, person, Selection(sa.select(cases.c.case).where(cases.c.case == case), few))
    return [one.number for one in judging.to_judge(unit, ("candidate_hit", "clarified"), ("confirmed",), judge, most)]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples of a few rows, so that a few rows are many."""
    monkeypatch.setattr(judging, "SAMPLE", 4)
    monkeypatch.setattr(judging, "SECOND", 3)


@pytest.mark.usefixtures("short")
def test_what_nobody_decided_waits_and_the_latest_of_what_somebody_did(database: Database) -> None:
    with database.unit("test") as unit:
        for minute, case in enumerate((MINE, None, MINE, None)):
            asked(unit, minute, "candidate_hit", case)
        confirmed = [asked(unit, 10 + minute, "confirmed") for minute in range(5)]
        for query in confirmed:
            judged(unit, query, "examiner-2")
        judged(unit, confirmed[3], "examiner-1")
        judged(unit, asked(unit, 20, "confirmed", None), "examiner-2")
        asked(unit, 30, "closed_no_hit")
    with database.read("test") as unit:
        assert queue(unit) == ["N-0", "N-1", "N-2", "N-3", "N-12", "N-14", "N-20"]
        assert queue(unit, most=2) == queue(unit, most=2, few=True) == ["N-0", "N-1"]
        assert queue(unit, "examiner-2") == ["N-0", "N-1", "N-2", "N-3"]


@pytest.mark.usefixtures("short")
def test_of_few_cases_everything_that_waits_is_found_in_at_most_five_statements(database: Database) -> None:
    def cost() -> int:
        with counted() as count:
            assert queue(unit) == ["N-99"]
        return count.number

    with database.unit("test") as unit:
        asked(unit, 99, "candidate_hit")
        once = cost()
        for minute in range(8):
            asked(unit, minute, "candidate_hit", OTHER)
    with database.read("test") as unit:
        assert once < cost() <= 5
        assert queue(unit, case=OTHER, most=8) == queue(unit, case=OTHER, most=8, few=True)
        assert queue(unit, case=OTHER, most=8) == [f"N-{minute}" for minute in range(8)]


def test_an_answer_to_a_corrected_record_waits_again(database: Database) -> None:
    with database.unit("test") as unit:
        query = asked(unit, 0, "candidate_hit")
        judged(unit, query, "examiner-1")
        assert queue(unit) == []
        store.update_query(unit, query.id, message=uuid7(unit.now))
        assert queue(unit) == ["N-0"]
