"""The duty desk on both databases, at the command line and over HTTP: shifts stay on record, notes are taken once."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.access import api, cli, service
from comity.access.model import NewShift
from comity.access.store.duty import access_hand_over
from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed, NotFound
from comity.base.model import Issuer
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from tests.clock import FixedClock
from tests.counting import counted
from tests.faces import Line, desk_over, serving
from tests.people import enrol

HOUR = timedelta(hours=1)


def desk_of(unit: Unit) -> tuple[Issuer, Issuer, Issuer]:
    """Two of one unit, and one of another."""
    return (
        enrol(unit, "officer-1", "officer", of="desk"), enrol(unit, "officer-2", "officer", of="desk"),
        enrol(unit, "officer-3", "officer", of="elsewhere"),
    )  # fmt: skip


def shift(unit: Unit, person: str, begins: float = 0, hours: float = 8) -> NewShift:
    start = unit.now + begins * HOUR
    return NewShift(person, start, start + hours * HOUR)


def refused(code: str, error: type[ComityError]) -> "pytest.RaisesExc[ComityError]":
    return pytest.raises(error, check=lambda found: found.code == code)


def test_a_rota_is_its_units_own(database: Database, clock: FixedClock) -> None:
    with database.unit("probe.duty") as unit:
        one, two, other = desk_of(unit)
        first = service.plan_shift(unit, one, shift(unit, "officer-1"))
        second = service.plan_shift(unit, one, shift(unit, "officer-2", 8))
        assert service.rota(unit, two.actor) == [first, second] and service.rota(unit, other.actor) == []
        assert service.on_duty(service.rota(unit, two.actor), unit.now) == [first]
        with refused("access.shift-overlaps", Conflict), unit.act():
            service.plan_shift(unit, two, shift(unit, "officer-1", 7))
        with refused("access.shift-person", BadInput), unit.act():
            service.plan_shift(unit, one, shift(unit, "officer-3"))
        with refused("access.no-shift", NotFound), unit.act():
            service.cancel_shift(unit, other, second.id)
        with refused("access.shift-fixed", Conflict), unit.act():
            service.cancel_shift(unit, two, first.id)
        service.cancel_shift(unit, two, second.id)
        with refused("access.shift-fixed", Conflict), unit.act():
            service.cancel_shift(unit, two, second.id)
        service.plan_shift(unit, one, shift(unit, "officer-2", 8))
        assert sorted(found.cancelled_by for found in service.rota(unit, one.actor)) == ["", "", "officer-2"]
    clock.advance(9 * 3600)
    with database.read("probe.past") as unit:
        assert [found.person for found in service.past_shifts(unit, one.actor)] == ["officer-1"]
        assert service.past_shifts(unit, one.actor, first) == service.past_shifts(unit, other.actor) == []
        assert service.find_shift(unit, other.actor, first.id) is None


@pytest.mark.parametrize(("begins", "hours"), [(0, 0), (0, -1), (0, 25), (-2, 8), (24 * 367, 8)])
def test_times_that_cannot_be(database: Database, begins: float, hours: float) -> None:
    with database.unit("probe.duty") as unit:
        one, _, _ = desk_of(unit)
        with refused("access.shift", BadInput):
            service.plan_shift(unit, one, shift(unit, "officer-1", begins, hours))


def test_who_runs_the_node_is_not_on_duty(database: Database) -> None:
    with database.unit("probe.duty") as unit:
        operator = enrol(unit, "operator-1", "operator", of="desk")
        with pytest.raises(NotAllowed), unit.act():
            service.plan_shift(unit, operator, shift(unit, "operator-1"))
        one, _, _ = desk_of(unit)
        with refused("access.shift-person", BadInput), unit.act():
            service.plan_shift(unit, one, shift(unit, "operator-1"))
        assert not service.hand_overs(unit, operator.actor) and not service.waiting_hand_overs(unit, operator.actor)


def test_a_note_is_sealed_written_once_and_taken_once(database: Database, clock: FixedClock) -> None:
    with database.unit("probe.duty") as unit:
        one, two, other = desk_of(unit)
        with refused("access.not-on-duty", Conflict), unit.act():
            service.hand_over(unit, one, "nothing open")
        service.plan_shift(unit, one, shift(unit, "officer-1"))
    clock.advance(19 * 3600)
    with database.unit("probe.note") as unit:
        made = service.hand_over(unit, one, "planted words")
        with refused("access.handed-over", Conflict), unit.act():
            service.hand_over(unit, one, "again", made.id)
        for text in ("", " ", "x" * 4001):
            with refused("access.note", BadInput), unit.act():
                service.hand_over(unit, one, text)
        assert [id for id, _, _ in service.waiting_hand_overs(unit, two.actor)] == [made.id]
        assert service.waiting_hand_overs(unit, one.actor) == service.waiting_hand_overs(unit, other.actor) == []
        with refused("access.no-note", NotFound), unit.act():
            service.take_over(unit, other, made.id)
        with refused("access.taken-over", Conflict), unit.act():
            service.take_over(unit, one, made.id)
        taken = service.take_over(unit, two, made.id)
        with refused("access.taken-over", Conflict), unit.act():
            service.take_over(unit, two, made.id)
        assert service.hand_overs(unit, one.actor) == [taken] and service.hand_overs(unit, one.actor, made.id) == []
        assert not service.waiting_hand_overs(unit, two.actor) and not service.hand_overs(unit, other.actor)
        assert b"planted" not in unit.connection.execute(sa.select(access_hand_over.c.sealed)).scalar_one()
    with database.read("probe.log") as unit:
        assert [entry.type for entry in log.entries(unit)][-2:] == ["duty.handed-over", "duty.taken-over"]
    clock.advance(2 * 3600)
    with refused("access.not-on-duty", Conflict), database.unit("probe.late") as unit:
        service.hand_over(unit, one, "too late")


def test_the_desk_takes_as_many_statements_as_ever(database: Database) -> None:
    numbers: list[int] = []
    with database.unit("probe.duty") as unit:
        one, _, _ = desk_of(unit)
    for _ in range(2):
        with database.unit("probe.duty") as unit:
            for n in range(5):
                service.plan_shift(unit, one, shift(unit, "officer-1", len(numbers) * 5 + n, 1))
                service.hand_over(unit, one, f"note {n}") if not numbers else None
        with database.read("probe.list") as unit, counted() as count:
            service.rota(unit, one.actor)
            service.past_shifts(unit, one.actor)
            service.hand_overs(unit, one.actor)
            service.waiting_hand_overs(unit, one.actor)
            numbers.append(count.number)
    assert numbers == [4, 4]


def test_the_desk_at_the_command_line(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = desk_over(database, tmp_path)
    duty = Line("duty", cli.duty_commands(lambda: desk), capsys)
    with database.unit("probe.duty") as unit:
        desk_of(unit)
    assert "Nobody is on duty" in duty.run("duty", "list", "--as", "officer-1")[1]
    times = ("--from", "2026-03-02T09:30:00Z", "--until", "2026-03-02T20:00:00Z")
    planned = duty.ask("duty", "plan", "officer-1", *times, "--as", "officer-2")
    later = ("--from", "2026-03-03T09:30:00Z", "--until", "2026-03-03T20:00:00Z")
    coming = duty.ask("duty", "plan", "officer-2", *later, "--as", "officer-2")
    assert duty.fails("duty", "plan", "officer-1", *times, "--as", "officer-2") == (4, "access.shift-overlaps")
    assert duty.ask("duty", "cancel", coming["shift"], "--as", "officer-1")["cancelled_by"] == "officer-1"
    note = duty.ask("duty", "hand-over", "XB answers at ten", "--as", "officer-1")
    taken = duty.ask("duty", "take-over", note["note"], "--as", "officer-2")
    assert taken["taken_by"] == "officer-2"
    told = duty.ask("duty", "list", "--as", "officer-2")
    assert [one["shift"] for one in told["shifts"]] == [planned["shift"], coming["shift"]]
    _, out, _ = duty.run("duty", "list", "--as", "officer-2")
    assert "called off by officer-1" in out and "taken over by officer-2" in out and "XB answers at ten" in out
    assert duty.ask("duty", "list", "--past", "--as", "officer-2")["shifts"] == []


def test_the_desk_over_http(database: Database, tmp_path: Path) -> None:
    desk = desk_over(database, tmp_path)
    with database.unit("probe.duty") as unit:
        desk_of(unit)
    new = {"person": "officer-1", "begins": "2026-03-02T09:30:00Z", "ends": "2026-03-02T20:00:00+02:00"}
    with serving(api.duty_routes(lambda: desk)) as ask:
        planned = ask("officer-1", "POST", "/duty/shifts", json=new)
        assert planned.status_code == 201 and planned.json()["ends"] == "2026-03-02T18:00:00.000Z"
        assert ask("officer-1", "POST", "/duty/shifts", json=new | {"ends": "2026-03-02T20:00:00"}).status_code == 400
        path = f"/duty/shifts/{planned.json()['shift']}/cancellation"
        assert ask("officer-1", "POST", path).json()["code"] == "access.shift-fixed"
        note = ask("officer-1", "POST", "/duty/notes", json={"text": "all quiet"}).json()["note"]
        assert ask("officer-2", "POST", f"/duty/notes/{note}/taking-over").json()["taken_by"] == "officer-2"
        assert ask("officer-2", "GET", "/duty").json()["notes"][0]["text"] == "all quiet"
        assert ask("officer-3", "GET", "/duty").json() == {"shifts": [], "notes": []}
        assert ask("officer-2", "GET", "/duty/past").json() == {"shifts": []}
