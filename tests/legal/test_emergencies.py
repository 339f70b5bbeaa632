"""Threats to life outside searches: decided and explained like anything else, then on record until reviewed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.errors import NotAllowed
from comity.base.languages import LANGUAGES
from comity.kit.database.unit import Database
from comity.legal import api, cli, service
from comity.legal.model import Instrument, Row
from comity.legal.rules import engine
from tests.faces import Line, desk_over, serving
from tests.legal.matters import Office
from tests.legal.rules.test_instruments import ROWS, question, satisfying, world

Run = Callable[..., tuple[int, str, str]]
ALERTS = [(i, row) for i, row in ROWS if row.measure.startswith("alert_") or row.measure in ("notice", "diffusion")]
DISCLOSURES = [(i, row) for i, row in ROWS if row.measure in ("emergency_data", "subscriber_data", "core_data")]
SUBJECT = "alert:XB-17"


@pytest.mark.parametrize(("i", "row"), [*ALERTS, *DISCLOSURES])
def test_alerts_and_disclosures_are_explained_and_nothing_is_waived(i: Instrument, row: Row) -> None:
    plain = engine.decide(world(), question(i, row, **satisfying(row)), "asking")
    urgent = engine.decide(world(), question(i, row, **satisfying(row), emergency="threat_to_life"), "asking")
    (found,) = (f for f in urgent.findings if f.condition == "emergency")
    assert (found.result, found.article, found.values["review_within_hours"]) == ("pass", row.article, 24)
    assert [f for f in urgent.findings if f != found] == list(plain.findings) and urgent.outcome == plain.outcome
    for language in LANGUAGES:
        told = service.words(language)
        text = service.explain(urgent, language)
        assert told.texts["term"]["emergency"] in text and told.texts["fact_value"]["threat_to_life"] in text


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, "officer-1", "approver-1", "lawyer-1", "operator-1")


def test_an_alert_given_alone_stays_open_until_others_have_looked(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = desk_over(office.database, tmp_path)
    run: Run = Line("legal", cli.commands(lambda: desk), capsys).run
    words = ("legal", "emergency", "--about", SUBJECT, "--partner", "XB", "--oral", "--deferred")
    assert run(*words, "--as", "operator-1")[0] == 3
    code, out, _ = run(*words, "--as", "officer-1", "--json")
    opened = {matter["machine"]: matter for matter in json.loads(out)}
    assert code == 0 and set(opened) == {"emergency_review", "written_confirmation", "deferred_approval"}
    assert {matter["subject"] for matter in opened.values()} == {SUBJECT}
    review, approval = opened["emergency_review"]["proceeding"], opened["deferred_approval"]["proceeding"]
    with pytest.raises(NotAllowed):
        office.step("officer-1", review, "confirm", reason="it was I")
    assert office.clock(approval, "second_approval").state == "running"
    assert office.step("approver-1", approval, "approve").state == "approved"
    assert office.step("lawyer-1", review, "object", reason="no life was in danger").state == "not_justified"
    assert [entry.type for entry in office.entries("legal.opened")] == ["legal.opened"] * 3


def test_the_same_over_http(office: Office, tmp_path: Path) -> None:
    desk = desk_over(office.database, tmp_path)
    with serving(api.matter_routes(lambda: desk)) as send:
        body = {"about": "disclosure:2026-7", "partner": "XC"}
        assert send("operator-1", "POST", "/legal/emergencies", json=body).status_code == 403
        assert send("officer-1", "POST", "/legal/emergencies", json={"about": ""}).status_code == 400
        (opened,) = send("officer-1", "POST", "/legal/emergencies", json=body).json()
        assert (opened["machine"], opened["partner"], opened["opened_by"]) == ("emergency_review", "XC", "officer-1")
        due = send("lawyer-1", "GET", "/legal/deadlines").json()
        assert [(clock["clock"], clock["matter"]) for clock in due] == [
            ("review", f"proceeding:{opened['proceeding']}")
        ]  # fmt: skip
