"""The clocks of queries in the registry of deadlines: whose turn, until when, and what stops them."""

from comity.legal import service as legal
from comity.legal.model import Watch
from comity.search import service
from comity.search.service.timing import holder
from tests.search.world import Agency, World

HOUR = 3600


def clocks(agency: Agency, query: str) -> dict[str, Watch]:
    with agency.database.read("test.clocks") as unit:
        return {c.clock: c for c in legal.clocks_of(unit, holder(service.find(unit, query)))}


def test_an_answer_is_awaited_until_it_comes(two: World) -> None:
    query = two.a.ask("XB")[0]
    awaited = clocks(two.a, query.id)["answer"]
    assert (awaited.state, awaited.turn, awaited.due, awaited.case) == ("running", "XB", query.deadline, two.a.case)
    two.post()
    assert clocks(two.a, query.id)["answer"].state == "kept" and clocks(two.b, query.id) == {}


def test_a_query_that_expires_ends_its_clock(two: World) -> None:
    query = two.a.ask("XB")[0].id
    two.clock.advance(7 * 24 * HOUR)
    with two.a.database.unit("test.expire") as unit:
        service.expire(unit)
    ended = clocks(two.a, query)["answer"]
    assert (ended.state, ended.ended_at) == ("ended", two.clock.now)


def test_a_lawyers_review_is_our_turn(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    assert clocks(two.a, query)["answer"].turn == "XA"
    two.a.review(query, {"neutrality_review": "cleared"})
    two.post()
    assert (clocks(two.a, query)["answer"].turn, clocks(two.b, query)["answer"].turn) == ("XB", "XB")
    two.clock.advance(7 * 24 * HOUR)
    with two.b.database.unit("test.escalate") as unit:
        assert legal.escalate(unit) == 1
    assert clocks(two.b, query)["answer"].state == "breached"


def test_core_data_are_due_but_for_the_judges_time(two: World) -> None:
    query = two.requested()
    judged = clocks(two.b, query)["core_data"]
    assert (judged.state, judged.due, judged.turn) == ("extended", None, "XB")
    two.clock.advance(100 * HOUR)
    two.b.does("judge-1", service.authorise, query, service.Ruling(True, "BJ 2026/41", "proportionate"))
    two.post()
    for agency in (two.a, two.b):
        running = clocks(agency, query)["core_data"]
        assert running.state == "running" and running.due is not None and running.due > two.clock.now
    two.clock.advance(40 * HOUR)
    with two.b.database.unit("test.escalate") as unit:
        assert legal.escalate(unit) == 1
    two.b.release(query)
    two.post()
    assert {clocks(agency, query)["core_data"].state for agency in (two.a, two.b)} == {"kept"}


def test_a_withdrawn_query_stops_its_clocks(two: World) -> None:
    query = two.authorised()
    two.a.does("officer-1", service.withdraw, query, "no longer needed")
    two.post()
    assert clocks(two.a, query)["core_data"].ended_at == clocks(two.b, query)["core_data"].ended_at == two.clock.now


CALENDAR = """state,day,from,until,name,source
XB,wednesday,2020-01-01,,weekly rest,Labour Act 12
XB,saturday,2020-01-01,,weekly rest,Labour Act 12
XB,sunday,2020-01-01,,weekly rest,Labour Act 12
"""


def test_a_term_in_working_days_counts_by_the_signed_calendar_of_the_asked_state(two: World) -> None:
    """From Monday three working days, of which Wednesday is none: the whole of Friday, wherever it is counted."""
    table = legal.shipped_file("instruments/TRAIN-REG.yaml")
    in_days = table.replace(b'"8(1)", hours: 48,', b'"8(1)", days: 3,').replace(
        b"working_days: false", b"working_days: true"
    )
    assert in_days.count(b"working_days: true") == table.count(b"working_days: false") > 0
    for agency in (two.a, two.b):
        lawyer = agency.people["lawyer-1"]
        with agency.database.unit("test.law") as unit:
            legal.import_table(unit, lawyer, CALENDAR.encode(), "calendar.csv")
            legal.import_table(unit, lawyer, in_days, "TRAIN-REG.yaml")
            legal.review(unit, lawyer, "TRAIN-REG", "", "terms in working days")
    query = two.authorised()
    for agency in (two.a, two.b):
        due = clocks(agency, query)["core_data"]
        assert (due.state, str(due.due)) == ("running", "2026-03-07 00:00:00+00:00")
        assert agency.detail(query)["core_data"]["clock"]["due"] == "2026-03-07T00:00:00.000Z"
