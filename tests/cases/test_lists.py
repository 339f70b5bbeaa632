"""Lists of cases on both databases: page by page, by text, in a constant number of statements."""

from comity.base.model import Issuer
from comity.cases import service
from comity.cases.model import NewCase, Order, Wanted
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.model import Record
from tests.counting import counted
from tests.people import enrol

TITLES = ("Müller und Söhne", "harbour", "Hafen MULLER", "Île d'Yeu", "zebra")


def opened(unit: Unit, officer: Issuer, count: int) -> list[str]:
    """Cases R-00, R-01 ...; their ids in that order."""
    new = [NewCase(f"R-{n:02}", TITLES[n % len(TITLES)], "homicide") for n in range(count)]
    return [service.open_case(unit, officer, one).id for one in new]


def paged(unit: Unit, officer: Issuer, order: Order, text: str = "") -> list[str]:
    """The references of every page, one after the other."""
    found, after = [], ""
    while True:
        page, after = service.mine(unit, officer.actor, Wanted(text, "", order, after, 3))
        assert len(page) == 3 or not after
        found += [case.reference for case in page]
        if not after:
            return found


def test_pages_hold_every_case_once_in_order(database: Database) -> None:
    with database.unit("probe.cases") as unit:
        officer = enrol(unit, "officer-1", "officer")
        stranger = enrol(unit, "officer-2", "officer")
        opened(unit, officer, 8)
        service.open_case(unit, stranger, NewCase("S-1", "harbour", "homicide"))
        references = [f"R-{n:02}" for n in range(8)]
        ids = [case.id for case in service.list_cases(unit, officer.actor)]
        assert ids == sorted(ids)
        assert sorted(paged(unit, officer, "newest")) == sorted(paged(unit, officer, "oldest")) == references
        assert paged(unit, officer, "newest") == paged(unit, officer, "oldest")[::-1]
        assert paged(unit, officer, "reference") == references
        assert sorted(paged(unit, officer, "newest", "muller")) == ["R-00", "R-02", "R-05", "R-07"]
        assert paged(unit, officer, "reference", "ILE  D'yeu") == ["R-03"]
        assert paged(unit, officer, "oldest", "r-04") == ["R-04"]
        assert paged(unit, officer, "oldest", "S-1") == []
        theirs = service.list_cases(unit, stranger.actor)[0].id
        assert service.among(unit, officer.actor, [*ids, theirs, "unknown"]) == frozenset(ids)
        assert service.among(unit, officer.actor, []) == frozenset()
        assert service.mine(unit, officer.actor, Wanted(state="erasure_asked")) == ([], "")


def test_a_list_takes_as_many_statements_as_ever(database: Database) -> None:
    numbers: list[int] = []
    for _ in range(2):
        with database.unit("probe.cases") as unit:
            officer = enrol(unit, f"officer-{len(numbers)}", "officer")
            for n in range(2 + 10 * len(numbers)):
                service.open_case(unit, officer, NewCase(f"{len(numbers)}-{n}", "harbour", "homicide"))
        with database.read("probe.list") as unit, counted() as count:
            service.mine(unit, officer.actor, Wanted("harbour"))
            service.list_cases(unit, officer.actor)
            service.among(unit, officer.actor, ["unknown"])
            numbers.append(count.number)
    assert numbers == [5, 5]


def test_an_approver_of_another_unit_sees_what_waits(database: Database) -> None:
    with database.unit("probe.cases") as unit:
        officer = enrol(unit, "officer-1", "officer", of="squad")
        here = enrol(unit, "approver-1", "approver", of="squad").actor
        there = enrol(unit, "approver-2", "approver", of="court").actor
        first, _ = opened(unit, officer, 2)
        assert service.erasures(unit, there) == []
        service.request_erasure(unit, officer, first, "retention")
        (found,) = service.erasures(unit, there)
        assert (found.case, found.person, found.person_unit) == (first, "officer-1", "squad")
        assert service.erasures(unit, here) == service.erasures(unit, officer.actor) == []


def test_the_story_of_a_case(database: Database) -> None:
    with database.unit("probe.story") as unit:
        officer = enrol(unit, "officer-1", "officer")
        case, other = opened(unit, officer, 2)
        key = service.data_key(unit, case)
        for n in range(4):
            log.append(unit, Record("search.asked", officer.actor, {"query": f"q-{n}"}, None, case, "XB", key=key))
    with database.read("probe.story") as unit:
        key = service.data_key(unit, case)
        with counted() as count:
            lines = log.story(unit, key, most=3)
        assert count.number == 1
        assert [(line.subject, line.person, line.peer) for line in lines] == [
            ({"query": f"q-{n}"}, "officer-1", "XB") for n in (3, 2, 1)
        ]
        rest = log.story(unit, key, lines[-1].index)
        assert [line.type for line in rest] == ["search.asked", "case.opened"]
        assert [line.type for line in log.story(unit, service.data_key(unit, other))] == ["case.opened"]


def test_a_story_is_read_by_its_index(database: Database) -> None:
    with database.unit("probe.plan") as unit:
        if unit.dialect.name != "sqlite":
            return
        (case,) = opened(unit, enrol(unit, "officer-1", "officer"), 1)
        with counted() as count:
            log.story(unit, service.data_key(unit, case))
        driver = unit.connection.connection.dbapi_connection
        assert driver is not None
        explained = f"EXPLAIN QUERY PLAN {count.texts[-1]}"
        plan = driver.cursor().execute(explained, [case, 1, 1, 0]).fetchall()
        assert any("log_opening_case" in str(step) for step in plan), plan
