"""Profiles given out: the act, its entry, what is in the file, and taking the file in at another node."""

import csv
import io
import json
from pathlib import Path

import pytest

from comity.base.errors import BadInput, ComityError, NotAllowed, NotFound
from comity.dna import api, cli, service
from comity.dna.service import Wanted
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import people, take_in
from tests.faces import Line, desk_over, serving
from tests.people import signed_in

TABLE = (
    b'specimen,category,kit,core_name,VWA,TH01\nA,Arrestee,K,Person 1,16/17,6\nB,"Forensic, Unknown",,,16/17/18,OL\n'
    b"'=1+1,Arrestee,K,Person 2,14,9.3\n"
)
FORMATS = ("cmf-3.2", "cmf-3.3", "cmf-rapid", "csv-wide", "csv-long", "json")


def written(database: Database, wanted: Wanted, person: str = "examiner-1") -> bytes:
    """The bytes of an export by this person."""
    examiner, auditor = people(database)
    take_in(database, examiner, TABLE)
    out = io.BytesIO()
    with database.unit("dna.export") as unit:
        report = service.export(unit, examiner if person == "examiner-1" else auditor, wanted, out.write)
    assert (report.sha256, report.bytes) == (sha256(out.getvalue()).hex(), len(out.getvalue()))
    return out.getvalue()


def test_what_is_given_out_comes_in_again_as_it_was(database: Database) -> None:
    files = {"csv-wide": written(database, Wanted("csv-wide", everything=True))}
    with database.unit("test.enter") as unit:
        examiner = signed_in(unit, "examiner-1")
    for name in FORMATS[:3] + FORMATS[4:]:
        out = io.BytesIO()
        with database.unit("dna.export") as unit:
            service.export(unit, examiner, Wanted(name, everything=True), out.write)
        files[name] = out.getvalue()
    for name, data in files.items():
        assert b"Person" not in data, name
        good, refused = service.read_file(data, name)
        assert not refused
        assert [(one.specimen, one.category, one.kit, dict(one.loci)) for one in good] == [
            ("A", "Arrestee", "K", {"VWA": ("16", "17"), "TH01": ("6",)}),
            ("B", "Forensic, Unknown", None, {"VWA": ("16", "17", "18"), "TH01": ("OL",)}),
            ("=1+1", "Arrestee", "K", {"VWA": ("14",), "TH01": ("9.3",)}),
        ], name
    with database.read("test.log") as unit:
        place = next(at for at, entry in enumerate(log.entries(unit)) if entry.type == "dna.export")
        assert log.read_opening(unit, place, "payload").value == {
            "format": "csv-wide", "sha256": sha256(files["csv-wide"]).hex(), "bytes": len(files["csv-wide"]),
            "profiles": 3, "categories": [], "specimens": 0,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "error", "code"),
    [
        (Wanted("csv-wide"), BadInput, "dna.export-choice"),
        (Wanted("csv-wide", ("Arrestee",), everything=True), BadInput, "dna.export-choice"),
        (Wanted("csv-wide", ("x" * 200,)), BadInput, "dna.export-names"),
        (Wanted("pruem", everything=True), BadInput, "dna.format-written"),
        (Wanted("json", specimens=("A", "Z")), NotFound, "dna.export-none"),
        (Wanted("json", ("Victim",)), NotFound, "dna.export-none"),
        (Wanted("json", ("Victim",), ("A",)), NotFound, "dna.export-none"),
    ],
)
def test_what_cannot_be_given_out_is_refused_and_leaves_no_entry(
    database: Database, wanted: Wanted, error: type[ComityError], code: str
) -> None:
    with pytest.raises(error) as caught:
        written(database, wanted)
    assert (caught.value.code, bool(caught.value.todo)) == (code, True)
    with database.read("test.log") as unit:
        assert not [entry for entry in log.entries(unit) if entry.type == "dna.export"]


def test_who_may_not_import_may_not_export(database: Database) -> None:
    with pytest.raises(NotAllowed):
        written(database, Wanted("json", everything=True), "auditor-1")


def test_categories_and_specimens_choose(database: Database) -> None:
    body = json.loads(written(database, Wanted("json", ("Arrestee",), ("A", "=1+1"))))
    assert [one["specimen"] for one in body["profiles"]] == ["A", "=1+1"]


@pytest.fixture
def dna(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    people(database)
    (tmp_path / "in.csv").write_bytes(TABLE + b"C,Arrestee,,,16/x,6\nA,Arrestee,K,Person 1,16/17,6\n")
    desk = desk_over(database, tmp_path)
    return Line("dna", cli.commands(lambda: desk), capsys)


def test_the_command_line_keeps_reports_and_writes_files(dna: Line, tmp_path: Path) -> None:
    table, report = tmp_path / "report.csv", tmp_path / "report.json"
    dna.ask("dna", "import", str(tmp_path / "in.csv"), "--report", str(table), "--as", "examiner-1")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert [(row["outcome"], row["line"], row["specimen"]) for row in rows] == [
        ("accepted", "", "B"), ("accepted", "", "'=1+1"), ("accepted", "", "A"), ("refused", "5", "C"),
        ("repeated", "6", "A"), ("noted", "3", "B"),
    ]  # fmt: skip
    assert rows[0]["profile"] and "VWA" in rows[3]["reason"] and rows[3]["todo"]
    again = dna.run("dna", "import", str(tmp_path / "in.csv"), "--report", str(report), "--as", "examiner-1")
    assert again[0] == 2 and len(json.loads(report.read_bytes())["refused"]) == 4
    out = tmp_path / "out.xml"
    command = ("dna", "export", "--format", "cmf-3.3", "--out", str(out), "--as", "examiner-1")
    told = dna.ask(*command, "--category", "Arrestee")
    assert (told["profiles"], told["file"], sha256(out.read_bytes()).hex()) == (2, str(out), told["sha256"])
    assert out.stat().st_mode & 0o777 == 0o600
    assert dna.fails(*command, "--all") == (4, "dna.export-file")
    out.unlink()
    assert dna.fails(*command) == (2, "dna.export-choice")
    assert dna.fails(*command[:-1], "auditor-1", "--all") == (3, "access.role")
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".xml", ".part")) == []
    code, shown, _ = dna.run(*command, "--all")
    assert code == 0 and shown.startswith(f"3 profiles were written to {out}\nSHA-256 ")


def test_a_genemapper_table_needs_to_be_told_what_its_samples_are(dna: Line, tmp_path: Path) -> None:
    file = tmp_path / "genotypes.txt"
    file.write_text("Sample Name\tMarker\tAllele 1\tAllele 2\nS1\tTH01\t6\t9.3\n", encoding="utf-8")
    assert dna.fails("dna", "import", str(file), "--as", "examiner-1") == (2, "dna.category")
    said = ("--category", "Forensic, Unknown", "--as", "examiner-1")
    report = dna.ask("dna", "import", str(file), *said)
    assert (report["format"], report["accepted"]) == ("genemapper", 1)
    assert dna.ask("dna", "show", "S1", "--as", "examiner-1")["kind"] == "stain"


def test_profiles_are_given_out_over_http(database: Database, tmp_path: Path) -> None:
    examiner, _ = people(database)
    take_in(database, examiner, TABLE)
    desk = desk_over(database, tmp_path)
    with serving(api.routes(lambda: desk)) as ask:
        given = ask("examiner-1", "POST", "/dna/exports", json={"format": "csv-long", "specimens": ["A"]})
        assert (given.status_code, given.content.count(b"\n")) == (200, 3)
        assert given.headers["content-disposition"].endswith('.csv"')
        nobody = {"format": "csv-long", "specimens": ["Z"]}
        assert ask("examiner-1", "POST", "/dna/exports", json=nobody).status_code == 404
        assert ask("auditor-1", "POST", "/dna/exports", json={**nobody, "specimens": ["A"]}).status_code == 403
        assert ask("examiner-1", "POST", "/dna/exports", json={"format": "x", "everything": True}).status_code == 400
