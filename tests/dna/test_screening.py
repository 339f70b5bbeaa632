"""Screening: staff are ruled out first, doubles are flagged, and nothing is lost whatever is decided."""

import csv
import io
from pathlib import Path

import pytest

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.model import Issuer
from comity.dna import api, cli, kernel, service, store
from comity.dna.model import ImportReport
from comity.dna.service.held import Held
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Entry
from tests.dna.laboratory import take_in
from tests.faces import Line, desk_over, serving
from tests.people import enrol

HEAD = "specimen,category,core_name,VWA,TH01,D21S11,FGA,D8S1179,D3S1358,D18S51\n"
STAFF = "14/15,6/7,29/30,20/21,12/13,15/16,12/14\n"
STAIN = "16/17,6/9.3,28/30,22/23,13/14,14/17,13/15\n"
WORKER = (HEAD + "Technician 7,Staff,Somebody Employed," + STAFF).encode()
NEAR = STAFF.replace("12/14", "12/15")
FILE = (
    HEAD
    + "S-1,Forensic Unknown,,"
    + NEAR
    + "S-2,Forensic Unknown,,"
    + STAIN
    + "R-1,Convicted Offender,P. Erson,"
    + STAFF
).encode()


def people(database: Database) -> tuple[Issuer, Issuer, Issuer]:
    """Two examiners and an approver."""
    with database.unit("test.people") as unit:
        one, two = (enrol(unit, f"examiner-{number}", "examiner") for number in (1, 2))
        enrol(unit, "auditor-1", "auditor")
        return one, two, enrol(unit, "approver-1", "approver")


def rule_out(database: Database, examiner: Issuer, data: bytes = WORKER) -> ImportReport:
    with database.unit("dna.import") as unit:
        return service.eliminate(unit, examiner, data, "staff.csv")


def why_not(report: ImportReport, specimen: str) -> str:
    return next(refused.reason for refused in report.refused if refused.specimen == specimen)


def logged(database: Database) -> list[Entry]:
    with database.read("test.log") as unit:
        return list(log.entries(unit))


def test_a_stain_of_staff_is_held_back_and_comes_in_when_it_is_cleared(database: Database) -> None:
    examiner, second, _ = people(database)
    number = rule_out(database, examiner).profiles[0]
    report = take_in(database, examiner, FILE)
    (held,) = report.held
    assert (report.accepted, report.specimens, held.specimen, held.other) == (2, ("S-2", "R-1"), "S-1", number)
    assert report.as_dict()["held_back"] == [held.as_dict()]
    rows = list(csv.reader(io.StringIO(service.as_table(report).decode())))
    assert ["held back", "2", "S-1"] in [row[:3] for row in rows]
    with database.unit("test.look") as unit:
        assert service.count_profiles(unit) == 2, "nobody's colleague is counted"
        with pytest.raises(NotFound):
            service.find(unit, "S-1")
        (flag,) = service.flags(unit, examiner)
        assert flag.fits == [{"number": number, "compared": 7, "equal": 6, "near": True}]
        assert "examiner other than" in str(flag.told["to_be_checked_by"])
    again = take_in(database, examiner, FILE)
    assert "held back: it looks like contamination" in why_not(again, "S-1")
    with pytest.raises(NotAllowed, match="Who imported a stain"), database.unit("dna.decide") as unit:
        service.decide_flag(unit, examiner, held.flag, "cleared", "another source is shown")
    with pytest.raises(BadInput, match="no finding about contamination"), database.unit("dna.decide") as unit:
        service.decide_flag(unit, second, held.flag, "twins", "another source is shown")
    with database.unit("dna.decide") as unit:
        made = service.decide_flag(unit, second, held.flag, "cleared", "another source is shown")
        assert service.find(unit, "S-1").id == made.result and service.count_profiles(unit) == 3
        assert service.DnaMatcher().prepare(unit, "S-1")["kind"] == "stain", "what was cleared is searched with"
        assert [one.finding for one in service.flags_of(unit, service.find(unit, "S-1"))] == ["cleared"]
    with pytest.raises(Conflict, match="was decided by examiner-2"), database.unit("dna.decide") as unit:
        service.decide_flag(unit, second, held.flag, "contamination", "changed my mind")
    assert "already held as" in why_not(take_in(database, examiner, FILE), "S-1")
    types = [entry.type for entry in logged(database)]
    assert (types.count("dna.import-elimination"), types.count("dna.flag-decided")) == (1, 1)


def test_contamination_stays_out_and_is_kept(database: Database) -> None:
    examiner, second, _ = people(database)
    rule_out(database, examiner)
    held = take_in(database, examiner, FILE).held[0]
    with database.unit("dna.decide") as unit:
        service.decide_flag(unit, second, held.flag, "contamination", "the technician sampled it")
        kept = store.screening.held_back(unit, held.flag)
        assert kept and kept.loci["D18S51"] == ("12", "15")
        assert service.flags(unit, examiner) == [] and len(service.flags(unit, examiner, decided=True)) == 1
    again = take_in(database, examiner, FILE)
    assert "found to be contamination by examiner-2" in why_not(again, "S-1")
    corrected = FILE.replace(b"S-1,Forensic Unknown,,14/15", b"S-1,Forensic Unknown,,16/17")
    assert take_in(database, examiner, corrected).specimens == ("S-1",), "with other alleles it is looked at anew"


def test_staff_that_come_later_stop_the_stains_that_are_held(database: Database) -> None:
    examiner, second, _ = people(database)
    assert take_in(database, examiner, FILE).accepted == 3
    matcher, held = service.DnaMatcher(), Held()
    with database.unit("test.search") as unit:
        query = kernel.pack(service.find(unit, "S-1").loci)
        assert len(held.search(unit, query, 6)) == 2
        question = matcher.prepare(unit, "S-1")
    report = rule_out(database, examiner)
    assert [one.specimen for one in report.held] == ["S-1"], "a reference is no stain"
    with database.unit("test.search") as unit:
        assert len(held.search(unit, query, 6)) == 1
        stopped = store.by_seq(unit, [1])[1]
        with pytest.raises(Conflict, match="looks like contamination"):
            matcher.prepare(unit, stopped.id)
    with database.unit("dna.decide") as unit:
        made = service.decide_flag(unit, second, report.held[0].flag, "cleared", "typed before that person came")
        assert service.find(unit, "S-1").version == 2
        assert len(held.search(unit, query, 6)) == 2
        assert matcher.prepare(unit, made.result) == question


def test_whose_a_profile_is_an_approver_alone_opens(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people(database)
    desk = desk_over(database, tmp_path)
    dna = Line("dna", cli.commands(lambda: desk), capsys)
    (tmp_path / "staff.csv").write_bytes(WORKER)
    (tmp_path / "file.csv").write_bytes(FILE)
    staff = ("dna", "import", str(tmp_path / "staff.csv"), "--elimination", "--as")
    assert "comity dna import FILE --elimination" in dna.run("dna", "elimination", "list", "--as", "examiner-1")[1]
    assert dna.fails(*staff, "approver-1") == (3, "access.role")
    (number,) = dna.ask(*staff, "examiner-1")["profiles"]
    listed = dna.ask("dna", "elimination", "list", "--as", "examiner-1")
    assert [(one["number"], one["loci"]) for one in listed["profiles"]] == [(number, 7)]
    assert "Employed" not in str(listed) and "Technician" not in str(listed)
    opening = ("dna", "elimination", "open", number, "--reason", "to ask who sampled it")
    assert dna.fails(*opening, "--as", "examiner-1") == (3, "access.role")
    assert dna.ask(*opening, "--as", "approver-1")["name"] == "Somebody Employed"
    assert dna.fails(*opening[:4], "--reason", " ", "--as", "approver-1") == (2, "dna.reason")
    code, out, _ = dna.run("dna", "import", str(tmp_path / "file.csv"), "--as", "examiner-1")
    assert code == 0 and f"HELD BACK: S-1 looks like contamination by {number}" in out
    (flag,) = dna.ask("dna", "flags", "list", "--as", "examiner-2")["flags"]
    assert dna.fails("dna", "flags", "list", "--as", "auditor-1") == (3, "dna.role")
    deciding = ("dna", "flags", "decide", "none", "--finding", "cleared", "--reason", "x")
    assert dna.fails(*deciding, "--as", "examiner-2") == (2, "dna.flag")
    with serving(api.screening_routes(lambda: desk)) as ask:
        assert ask("examiner-1", "GET", "/dna/flags").json()["flags"] == [flag]
        assert ask("examiner-1", "GET", "/dna/elimination").json() == listed
        asked = {"reason": "to ask who sampled it"}
        assert ask("examiner-1", "POST", f"/dna/elimination/{number}/identity", json=asked).status_code == 403
        told = ask("approver-1", "POST", f"/dna/elimination/{number}/identity", json=asked).json()
        assert told["specimen"] == "Technician 7"
        found = {"finding": "contamination", "reason": "the technician sampled it"}
        assert (
            ask("examiner-2", "POST", f"/dna/flags/{flag['flag']}/finding", json=found).json()["person"] == "examiner-2"
        )
        assert ask("examiner-1", "POST", f"/dna/elimination/{number}/removal", json=asked).json() == {"removed": number}
        assert ask("examiner-1", "GET", "/dna/elimination").json() == {"profiles": []}
    assert dna.fails(*opening, "--as", "approver-1") == (2, "dna.elimination")
    types = [entry.type for entry in logged(database)]
    assert (types.count("dna.elimination-opened"), types.count("dna.elimination-dropped")) == (2, 1)


def test_the_same_alleles_under_another_name_are_flagged(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examiner, _, _ = people(database)
    first = take_in(database, examiner, (HEAD + "A,Convicted Offender,," + STAIN).encode()).profiles[0]
    swapped = STAIN.replace("16/17", "17/16")
    report = take_in(database, examiner, (HEAD + "B,Arrestee,," + swapped + "C,Arrestee,," + STAIN).encode(), "b.csv")
    assert [(one.specimen, one.other, one.line) for one in report.doubles] == [("B", first, 2), ("C", first, 3)]
    few = (HEAD + "D,Arrestee,,16/17,6/9.3,28/30,22/23,13/14,,\nE,Arrestee,,16/17,6/9.3,28/30,22/23,13/14,,\n").encode()
    assert take_in(database, examiner, few).doubles == (), "of five loci that means nothing"
    corrected = (HEAD + "A,Convicted Offender,," + STAIN.replace("13/15", "13/16")).encode()
    assert take_in(database, examiner, corrected, corrected=True).doubles == ()
    with database.unit("dna.decide") as unit:
        made = service.decide_flag(unit, examiner, report.doubles[0].flag, "twins", "birth register")
        assert (made.finding, made.result) == ("twins", "")
    dna = Line("dna", cli.commands(lambda: desk_over(database, tmp_path)), capsys)
    shown = dna.run("dna", "show", "B", "--as", "examiner-1")[1]
    assert "B has the same alleles as" in shown and "twins, said examiner-1: birth register" in shown
    both = {flag["specimen"]: flag["finding"] for flag in dna.ask("dna", "show", first, "--as", "examiner-1")["flags"]}
    assert both == {"B": "twins", "C": None}


def test_signs_of_typing_errors_stand_in_the_report(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people(database)
    (tmp_path / "file.csv").write_bytes(b"specimen,AMEL,DYS391,VWA,TH01\nA,X,10,OL/16,6\nB,X/Y,10,16/17/18,6\n")
    dna = Line("dna", cli.commands(lambda: desk_over(database, tmp_path)), capsys)
    report = dna.ask("dna", "import", str(tmp_path / "file.csv"), "--as", "examiner-1")
    assert report["accepted"] == 2
    assert [(one["specimen"], [sign["sign"] for sign in one["signs"]]) for one in report["noted"]] == [
        ("A", ["off_ladder", "sex"]), ("B", ["three_alleles"]),
    ]  # fmt: skip
