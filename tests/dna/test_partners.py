"""Terms with partners: set by an approver, logged, refused where no search could meet them."""

from pathlib import Path

import pytest

from comity.dna import api, cli
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import people
from tests.faces import Line, desk_over, serving
from tests.people import enrol

SOURCE = "its notice of 2 March 2026"
SET = ("dna", "partners", "set", "XB", "--source", SOURCE)


def test_terms_are_an_approvers(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people(database)
    with database.unit("test.people") as unit:
        enrol(unit, "approver-1", "approver")
    desk = desk_over(database, tmp_path)
    dna = Line("dna", cli.commands(lambda: desk), capsys)
    assert "comity dna partners set" in dna.run("dna", "partners", "list")[1]
    assert dna.fails(*SET, "--as", "examiner-1") == (3, "access.role")
    for wrong in (("--least-loci", "-1"), ("--least-loci", "99"), ("--profiles", "0"), ("--bound", "0"),
                  ("--bound", "nan")):  # fmt: skip
        assert dna.fails(*SET, *wrong, "--as", "approver-1") == (2, "dna.partner-terms"), wrong
    dna.ask(*SET, "--as", "approver-1")
    made = dna.ask(*SET, "--least-loci", "8", "--profiles", "2500000", "--bound", "0.02", "--as", "approver-1")
    assert dna.ask("dna", "partners", "list") == {"partners": [made], "told": []}
    assert made == {"partner": "XB", "least_loci": 8, "profiles": 2_500_000, "bound": "0.02", "source": SOURCE}
    assert "2500000" in dna.run("dna", "partners", "list")[1]
    with serving(api.routes(lambda: desk)) as ask:
        body = {"source": SOURCE, "least_loci": 9}
        assert ask("approver-1", "PUT", "/dna/partners/XC", json=body).json()["bound"] == "0.1"
        assert ask("examiner-1", "PUT", "/dna/partners/XC", json=body).status_code == 403
        assert ask("approver-1", "PUT", "/dna/partners/nobody", json=body).json()["code"] == "dna.partner-terms"
        assert [one["partner"] for one in ask("auditor-1", "GET", "/dna/partners").json()["partners"]] == ["XB", "XC"]
    with database.read("test.log") as unit:
        assert [entry.type for entry in log.entries(unit)].count("dna.partner-set") == 3
