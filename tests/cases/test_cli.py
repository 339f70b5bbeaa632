"""`comity case` as people and programs meet it."""

from pathlib import Path

import pytest

from comity.app.wiring import check_offence
from comity.cases import cli
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.faces import Line, desk_over
from tests.people import enrol

OPEN = ("case", "open", "XA-2026-0117", "--title", "Harbour", "--offence", "XA-CC-101", "--as", "officer-1")


@pytest.fixture
def case(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
        enrol(unit, "examiner-1", "examiner")
    desk = desk_over(database, tmp_path)
    return Line("case", cli.commands(lambda: desk, check_offence, lambda _desk: lambda _unit, _case: None), capsys)


def test_a_case_is_opened_shown_and_listed(case: Line) -> None:
    opened = case.ask(*OPEN)
    assert case.ask("case", "show", opened["id"], "--as", "officer-1") == opened
    assert case.ask("case", "list", "--as", "officer-1") == {"cases": [opened]}
    code, out, _ = case.run("case", "show", "XA-2026-0117", "--as", "officer-1")
    assert code == 0
    assert out.startswith("XA-2026-0117: Harbour\noffence XA-CC-101, open since 2026-03-02 09:30 UTC")
    assert "XA-2026-0117" in case.run("case", "list", "--as", "officer-1")[1]


def test_an_empty_list_says_what_to_do(case: Line) -> None:
    assert "case open" in case.run("case", "list", "--as", "officer-1")[1]


def test_a_stranger_is_refused_and_the_attempt_logged(case: Line, database: Database) -> None:
    case.ask(*OPEN)
    assert case.fails("case", "show", "XA-2026-0117", "--as", "examiner-1") == (2, "cases.unknown")
    with database.read("probe.log") as unit:
        assert [entry.type for entry in log.entries(unit)][-1] == "act.refused"
    admit = ("case", "admit", "examiner-1", "--case", "XA-2026-0117", "--as", "officer-1")
    assert case.ask(*admit)["members"] == ["officer-1", "examiner-1"]
    assert case.run("case", "show", "XA-2026-0117", "--as", "examiner-1")[0] == 0


def test_errors_have_their_exit_codes(case: Line) -> None:
    case.ask(*OPEN)
    assert case.fails(*OPEN) == (4, "cases.reference")
    assert case.fails("case", "show", "unknown", "--as", "officer-1") == (2, "cases.unknown")
    assert case.fails(*(part.replace("XA-CC-101", "a crime") for part in OPEN)) == (2, "cases.offence-unknown")


@pytest.mark.parametrize("code", ["XB-PL-1", "XA-CC-999", "homicide"])
def test_an_offence_of_no_table_of_the_own_state_is_a_slip(case: Line, code: str) -> None:
    argv = [*OPEN[:6], code, *OPEN[7:]]
    assert case.fails(*argv) == (2, "cases.offence-unknown")
    assert "comity legal offences --state XA" in case.run(*argv)[2]
    assert case.ask("case", "list", "--as", "officer-1") == {"cases": []}
