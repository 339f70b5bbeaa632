"""The daily exchange with partners: every profile asked about once, as far as capacities go, whoever runs it again."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.dna import cli, service
from comity.kit.database.unit import Database
from comity.legal.model import Quota
from comity.search.model import Ask, Query
from tests.clock import FixedClock
from tests.faces import Line
from tests.search.test_batch import stains
from tests.search.test_capacity import declare
from tests.search.world import REF, World, world


@pytest.fixture
def three(make_database: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    """Arvenia, Brevania and Corvia."""
    with world(make_database, clock, tmp_path, ("XA", "XB", "XC")) as made:
        yield made


@pytest.fixture
def dna(three: World, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group at Arvenia."""
    return Line("dna", cli.commands(lambda: three.a.desk), capsys)


def words(three: World, *to: str, person: str = "officer-1") -> tuple[str, ...]:
    return ("dna", "bulk", *(word for state in to for word in ("--to", state)), "--case", three.a.case, "--as", person)


def asked(three: World) -> Counter[str]:
    """Questions by partner; each profile once for each."""
    queries: list[Query] = [query for query in three.a.queries() if query.side == "asking"]
    assert len({(query.ref, query.partner) for query in queries}) == len(queries)
    return Counter(query.partner for query in queries)


def test_every_profile_is_asked_about_once(three: World, dna: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.dna.service.exchanging.PORTION", 3)
    stains(three.a, 5)
    three.a.ask("XB")
    found = dna.ask(*words(three, "XB", "XC"), "--yes")
    assert (found["asked"], found["asked_before"], found["profiles"]) == ({"XB": 5, "XC": 6}, 1, 6)
    three.post()
    assert asked(three) == {"XB": 6, "XC": 6}
    answers = {(query.ref, query.partner): query.status for query in three.a.queries()}
    assert answers[REF, "XB"] == "hit" and "near_match" in answers.values()
    again = dna.ask(*words(three, "XB", "XC"), "--yes")
    assert (again["asked"], again["asked_before"], asked(three)) == ({}, 12, {"XB": 6, "XC": 6})
    since = dna.ask(*words(three, "XB"), "--since", REF, "--yes")
    assert (since["profiles"], since["asked_before"]) == (5, 5)
    three.a.check()


def test_capacities_hold_for_the_day(three: World, dna: Line, clock: FixedClock) -> None:
    stains(three.a, 5)
    declare(three.a, Quota("outgoing", "partner", "XB", "hit_no_hit", 2, "queue"))
    code, out, err = dna.run(*words(three, "XB", "XC"), "--yes")
    assert code == 0 and "XB: 2; XC: 6" in out and "XB: 4 or more" in out and "no name and no number" in err
    assert asked(three) == {"XB": 2, "XC": 6}
    assert not any(query.state == "waiting" for query in three.a.queries())
    assert dna.ask(*words(three, "XB"), "--yes")["asked"] == {}
    clock.advance(24 * 3600)
    assert dna.ask(*words(three, "XB"), "--yes")["asked"] == {"XB": 2}
    assert asked(three) == {"XB": 4, "XC": 6}


def test_nothing_is_sent_unasked_or_by_somebody_else(three: World, dna: Line) -> None:
    assert dna.fails(*words(three, "XB")) == (2, "shell.agree")
    assert dna.fails(*words(three, "XB", person="auditor-1"), "--yes") == (3, "dna.role")
    assert dna.fails(*words(three, "XB", person="examiner-1"), "--yes")[0] == 3
    assert dna.fails(*words(three, "XQ"), "--yes") == (2, "search.unknown-state")
    assert asked(three) == {}


def test_what_cannot_be_asked_is_counted(three: World, dna: Line) -> None:
    three.a.take_in(b'specimen,category,VWA,TH01\nFEW,"Forensic, Unknown",16/17,6\n')
    found = dna.ask(*words(three, "XB"), "--yes")
    assert (found["unfit"], found["asked"]) == (1, {"XB": 1})
    assert service.exhausted(service.Exchanged("", left={"XB": 1}), service.Daily(_ask("XB")))
    assert not service.exhausted(service.Exchanged("", left={"XB": 1}), service.Daily(_ask("XB", "XC")))


def _ask(*to: str) -> Ask:
    return Ask("C-1", "dna", "", to, "criminal_investigation")
