"""Alarms that people have seen: kept, logged, once for each person; at the command line and over HTTP."""

from pathlib import Path

import pytest
import typer

from comity.base.errors import BadInput, Conflict, NotFound
from comity.exchange import service
from comity.exchange.api import alarm_routes
from comity.exchange.cli import add_alarms
from comity.exchange.service.heads import raise_alarm
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.counting import counted
from tests.faces import Line, desk_over, serving
from tests.people import enrol


def test_who_has_seen_an_alarm(database: Database) -> None:
    with database.unit("probe.alarm") as unit:
        one, two = enrol(unit, "officer-1", "officer"), enrol(unit, "operator-1", "operator")
        first, second = raise_alarm(unit, "inconsistent-log", "XB", {}), raise_alarm(unit, "lost-message", "XC", {})
        assert service.unseen_alarms(unit) == 2
        service.acknowledge(unit, one, first, "rang XB")
        with pytest.raises(Conflict), unit.act():
            service.acknowledge(unit, one, first, "again")
        with pytest.raises(NotFound), unit.act():
            service.acknowledge(unit, one, "none", "rang nobody")
        for note in ("", " ", "x" * 2001):
            with pytest.raises(BadInput), unit.act():
                service.acknowledge(unit, two, first, note)
        service.acknowledge(unit, two, first, "looked at the notes")
        assert service.unseen_alarms(unit) == 1
        with counted() as count:
            found = service.alarms_seen(unit)
        assert count.number == 2
        assert {alarm.id: [one.person for one in seen] for alarm, seen in found} == {
            first: ["officer-1", "operator-1"], second: [],
        }  # fmt: skip
        assert [alarm.id for alarm, _ in service.alarms_seen(unit, max(first, second))] == [min(first, second)]
    with database.read("probe.log") as unit:
        assert [entry.type for entry in log.entries(unit)].count("alarm.acknowledged") == 2


def test_alarms_at_both_faces(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk, app = desk_over(database, tmp_path), typer.Typer()
    add_alarms(app, lambda: desk)
    duty = Line("duty", app, capsys)
    with database.unit("probe.alarm") as unit:
        enrol(unit, "officer-1", "officer")
        enrol(unit, "officer-2", "officer")
        alarm = raise_alarm(unit, "inconsistent-log", "XB", {})
    assert "nobody" in duty.run("duty", "alarms", "--as", "officer-1")[1]
    assert duty.ask("duty", "acknowledge", alarm, "--note", "rang XB", "--as", "officer-1")["person"] == "officer-1"
    with serving(alarm_routes(lambda: desk)) as ask:
        path = f"/alarms/{alarm}/acknowledgement"
        assert ask("officer-2", "POST", path, json={"note": "so did I"}).status_code == 201
        assert ask("officer-2", "POST", path, json={"note": "so did I"}).json()["code"] == "exchange.alarm-seen"
        (found,) = ask("officer-2", "GET", "/alarms").json()["alarms"]
    assert [one["note"] for one in found["seen"]] == ["rang XB", "so did I"]
    assert duty.ask("duty", "alarms", "--as", "officer-1") == [found]
