"""The registry of clocks: kept, told of once at each level, shown to those who need to know, on both faces."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.kit.database.unit import Database, Unit
from comity.legal import api, cli, jobs, service
from comity.legal.model import Alarm, Watch
from comity.legal.service import registry
from tests.clock import FixedClock
from tests.faces import Line, desk_over, serving
from tests.legal.matters import Office

HOUR = 3600
H = timedelta(hours=1)


def clock_of(unit: Unit, holder: str = "test:1", hours: int = 48, **fields: object) -> Watch:
    start = unit.now
    made = Watch(
        holder, "c", "a test", "1(2)", "running", start, start + hours * H, "breach", "it is late", "XA",
        (Alarm(start + 12 * H, 1, ("officer",), "hurry"), Alarm(start + hours * H, 2)),
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]  # a test's own fields


def kept(database: Database, **fields: object) -> None:
    with database.unit("test.watch") as unit:
        service.watch(unit, clock_of(unit, **fields))  # type: ignore[arg-type]


def one(database: Database) -> Watch:
    with database.read("test.read") as unit:
        (found,) = service.clocks_of(unit, "test:1")
    return found


def escalate(database: Database) -> int:
    with database.unit("test.escalate") as unit:
        return service.escalate(unit)


def test_each_alarm_is_told_once_and_a_breach_stays_on_the_list(database: Database, clock: FixedClock) -> None:
    kept(database)
    assert escalate(database) == 0
    for hours, told, state in ((12, 1, "running"), (1, 0, "running"), (36, 1, "breached"), (99, 0, "breached")):
        clock.advance(hours * HOUR)
        assert escalate(database) == told
        assert (one(database).state, one(database).ended_at) == (state, None)
    office = Office(database)
    reminded, overdue = office.entries("legal.reminded", "legal.overdue")
    assert (reminded.type, overdue.type) == ("legal.reminded", "legal.overdue")


def test_what_is_missed_altogether_is_told_at_once(database: Database, clock: FixedClock) -> None:
    kept(database)
    clock.advance(500 * HOUR)
    assert (escalate(database), escalate(database)) == (2, 0)


def test_an_unchanged_run_stays_told_and_a_new_one_begins_anew(database: Database, clock: FixedClock) -> None:
    kept(database)
    first = one(database)
    clock.advance(12 * HOUR)
    escalate(database)
    with database.unit("test.again") as unit:
        service.watch(unit, replace(first, consequence="still late"))
    assert one(database).level == 1 and escalate(database) == 0
    kept(database)
    assert one(database).level == 0


@pytest.mark.parametrize(
    ("hours", "state", "shown"), [(1, "kept", "kept"), (49, "kept", "breached"), (49, "stopped", "stopped")]
)
def test_a_clock_that_stops(database: Database, clock: FixedClock, hours: int, state: str, shown: str) -> None:
    kept(database)
    clock.advance(hours * HOUR)
    with database.unit("test.stop") as unit:
        for holder in ("test:1", "test:2"):
            service.unwatch(unit, holder, "c", state)
    stopped = one(database)
    assert (stopped.state, stopped.ended_at) == (shown, clock.now)
    clock.advance(HOUR)
    with database.unit("test.stop") as unit:
        service.unwatch(unit, "test:1", "c", "stopped")
    assert one(database) == stopped and escalate(database) == 0


def test_while_nobody_can_say_when_it_ends_nothing_rings(database: Database, clock: FixedClock) -> None:
    kept(database, state="extended")
    clock.advance(900 * HOUR)
    assert escalate(database) == 0


def test_one_clock_that_cannot_be_told_of_silences_no_other(
    database: Database, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    kept(database)
    kept(database, holder="test:2", case="0" * 36)
    kept(database, holder="proceeding:gone", effect="ends")
    clock.advance(13 * HOUR)

    def fails(_unit: Unit, _clock: Watch) -> None:
        raise RuntimeError("a fault")

    with database.unit("test.tell") as unit:
        assert registry.tell(unit, fails) == 3
    clock.advance(40 * HOUR)
    with database.unit("test.tell") as unit:
        assert registry.tell(unit, fails) == 2
    assert "could not be told of" in caplog.text
    assert escalate(database) == 1


def test_the_list_is_for_those_who_need_to_know(database: Database, clock: FixedClock) -> None:
    office = Office(database, "officer-1", "officer-2", "operator-1", "auditor-1")
    with database.unit("test.case") as unit:
        case = cases.open_case(unit, office.people["officer-1"], NewCase("XA-1", "A case", "XA-CC-101")).id
    kept(database, holder="test:1", case=case)
    kept(database, holder="test:2", hours=24)
    kept(database, holder="test:3", due=None, alarms=())
    with database.unit("test.stop") as unit:
        service.unwatch(unit, "test:3", "c", "kept")
        seen = {
            name: [c.holder for c in service.deadlines_of(unit, person.actor, ended=name == "auditor-1")]
            for name, person in office.people.items()
        }
        everybody = service.deadlines_of(unit, None)
    assert seen == {
        "officer-1": ["test:2", "test:1"], "officer-2": ["test:2"], "operator-1": [],
        "auditor-1": ["test:2", "test:1", "test:3"],
    }  # fmt: skip
    assert [(c.holder, c.case) for c in everybody] == [("test:2", None), ("test:1", None)]


# --- faces ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, "officer-1", "lawyer-1", "judge-1", "operator-1")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    desk = desk_over(office.database, tmp_path)
    group = cli.commands(lambda: desk)
    group.add_typer(cli.deadlines_command(lambda: desk))
    line = Line("legal", group, capsys)
    return lambda *argv: line.run("legal", *argv)


BEGIN = (
    "begin",
    "extradition",
    "--about",
    "paper:XB-77",
    "--side",
    "asked",
    "--partner",
    "XB",
    "--fact",
    "instrument=ETS24",
)


def begun(run: Run) -> str:
    code, out, _ = run(*BEGIN, "--as", "lawyer-1", "--json")
    assert code == 0
    return str(json.loads(out)["proceeding"])


def test_an_empty_list_says_what_starts_a_clock(run: Run) -> None:
    code, out, _ = run("deadlines")
    assert code == 0 and "comity search ask" in out and "comity legal begin" in out
    assert json.loads(run("deadlines", "--json")[1]) == []


def test_a_matter_by_commands(run: Run, clock: FixedClock) -> None:
    id = begun(run)
    assert run("step", id, "request_arrest", "--reason", "by telephone", "--as", "lawyer-1")[0] == 0
    assert "is now provisionally_arrested" in run("step", id, "arrested", "--as", "judge-1")[1]
    clock.advance(41 * 24 * HOUR)
    assert run("step", id, "release", "--as", "lawyer-1", "--reason", "r")[0] == 3
    assert run("step", id, "arrested", "--as", "judge-1")[0] == 4
    code, out, _ = run("deadlines", "--as", "lawyer-1")
    assert code == 0 and id in out and "the person is released" in out and "XB" in out
    (due,) = json.loads(run("deadlines", "--json")[1])
    assert (due["clock"], due["turn"], due["matter"]) == ("provisional_arrest", "XB", f"proceeding:{id}")
    code, out, _ = run("matter", id, "--as", "judge-1")
    assert code == 0 and "by telephone" in out and "you could: release, end_early" in out
    code, _, told = run("matter", id, "--as", "operator-1")
    assert code == 2 and told == run("matter", id.replace(id[-4:], "0000"), "--as", "operator-1")[2].replace(
        "0000", id[-4:]
    )
    shown = json.loads(run("matter", id, "--as", "lawyer-1", "--json")[1])
    assert [step["event"] for step in shown["steps"]] == ["request_arrest", "arrested"]


def test_a_matter_counts_by_the_calendar_once_a_lawyer_has_signed_it(run: Run, tmp_path: Path) -> None:
    """A month from Monday 2 March 2026 ends on Thursday 2 April; the calendar has four days off from then on."""
    table = tmp_path / "calendar.csv"
    rows = ("--04-02,2020-01-01,,spring day", "2026-04-03,2026-01-01,,bridge day", "saturday,2020-01-01,,weekly rest",
            "sunday,2020-01-01,,weekly rest")  # fmt: skip
    table.write_text("state,day,from,until,name,source\n" + "".join(f"XA,{row},Holidays Act 2\n" for row in rows))
    words = ("begin", "data_subject_request", "--about", "paper:DS-3", "--fact", "regime=sis", "--as", "lawyer-1")

    def due() -> list[str]:
        assert run(*words)[0] == 0
        return [str(clock["due"]) for clock in json.loads(run("deadlines", "--json")[1])]

    assert due() == ["2026-04-03T00:00:00.000Z"]
    assert run("import", str(table), "--as", "operator-1")[0] == 0
    assert due() == ["2026-04-03T00:00:00.000Z"] * 2
    assert run("sign", "--as", "lawyer-1")[0] == 0
    assert due() == [*["2026-04-03T00:00:00.000Z"] * 2, "2026-04-07T00:00:00.000Z"]


@pytest.mark.parametrize("wrong", [("--side", "ours"), ("--fact", "nothing"), ("--fact", "return_by=soon")])
def test_wrong_words(run: Run, wrong: tuple[str, str]) -> None:
    assert run(*BEGIN, *wrong, "--as", "lawyer-1")[0] == 2
    assert run("step", "x", "arrested", "--as", "judge-1", "--basis", "01940000-0000-7000-8000-000000000000")[0] == 2


def test_the_officer_api(office: Office, tmp_path: Path, clock: FixedClock) -> None:
    desk = desk_over(office.database, tmp_path)
    id = office.open("officer-1", "extradition", side="asked", partner="XB", facts={"instrument": "ETS24"})
    with serving(api.matter_routes(lambda: desk)) as ask:
        body = {"event": "request_arrest", "reason": "by telephone"}
        assert ask("judge-1", "POST", f"/legal/matters/{id}/steps", json=body).status_code == 403
        assert ask("lawyer-1", "POST", f"/legal/matters/{id}/steps", json=body).json()["state"] == "arrest_requested"
        assert ask("lawyer-1", "POST", f"/legal/matters/{id}/steps", json=body).status_code == 409
        office.step("judge-1", id, "arrested")
        assert [c["clock"] for c in ask("judge-1", "GET", "/legal/deadlines").json()] == ["provisional_arrest"]
        assert ask("judge-1", "GET", f"/legal/matters/{id}").json()["possible"] == ["release", "end_early"]
    assert len(office.entries("act.refused")) == 2


def test_the_job_rings_and_survives_a_fault(
    database: Database, tmp_path: Path, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    desk = desk_over(database, tmp_path)
    kept(database)
    clock.advance(13 * HOUR)
    database.sealed = True
    with jobs.running(desk, every=0.01):
        for _ in range(50):
            if "legal-clock" in caplog.text:
                break
            database.wait_for_change(0.1)
        assert "legal-clock" in caplog.text
        database.sealed = False
        for _ in range(50):
            if one(database).level:
                break
            database.wait_for_change(0.2)
    assert one(database).level == 1
