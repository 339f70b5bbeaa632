"""`comity dna` as a person at the terminal and as a program meets it."""

import json
from pathlib import Path

import pytest

from comity.dna import cli, service
from comity.kit.database.unit import Database
from tests.dna.laboratory import people
from tests.faces import Line, desk_over

TABLE = "specimen,core_name,VWA,TH01\nA,Person 1,16/17,6\nB,Person 2,16/x,6\n"


@pytest.fixture
def dna(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group, with an examiner and an auditor enrolled."""
    people(database)
    desk = desk_over(database, tmp_path)
    return Line("dna", cli.commands(lambda: desk), capsys)


def test_an_import_reports_what_was_refused_and_what_to_do(dna: Line, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(TABLE, encoding="utf-8")
    code, out, _ = dna.run("dna", "import", str(file), "--as", "examiner-1")
    assert code == 0
    head = "1 profiles imported from table.csv (csv); 1 were REFUSED and are not held:\n  line 3, specimen B: 'x' is no"
    assert out.startswith(head)
    _, listed, _ = dna.run("dna", "list", "--as", "examiner-1")
    assert "1 of 1 profiles." in listed and "Person" not in listed
    shown = dna.ask("dna", "show", "A", "--as", "examiner-1")
    assert (shown["specimen"], shown["loci"]) == ("A", {"TH01": ["6"], "VWA": ["16", "17"]})
    assert "VWA    16 17" in dna.run("dna", "show", "A", "--as", "examiner-1")[1]
    assert dna.ask("dna", "list", "--as", "examiner-1")["profiles"][0]["loci"] == 2
    assert dna.fails("dna", "list", "--as", "auditor-1") == (3, "dna.role")
    assert dna.fails("dna", "show", "A", "--as", "auditor-1") == (3, "access.role")
    assert dna.fails("dna", "show", "A")[0] == 2


def test_a_file_of_which_nothing_comes_in_ends_with_exit_2_and_the_whole_report(dna: Line, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("specimen,VWA,TH01\nA,16,6\nA,17,6\n", encoding="utf-8")
    code, out, _ = dna.run("dna", "import", str(file), "--as", "examiner-1")
    assert code == 2 and out.startswith("Nothing was imported from table.csv (csv): all 2 specimens were refused.")
    code, out, _ = dna.run("dna", "import", str(file), "--as", "examiner-1", "--json")
    report = json.loads(out)
    assert (code, report["accepted"], [r["line"] for r in report["refused"]]) == (2, 0, [2, 3])


def test_a_repeated_row_is_noted(dna: Line, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("specimen,VWA,TH01\nA,16,6\nA,16,6\n", encoding="utf-8")
    code, out, _ = dna.run("dna", "import", str(file), "--as", "examiner-1")
    assert code == 0 and "1 profiles imported from table.csv (csv), none refused." in out
    assert "Taken in once, for the file repeats them word for word: A (line 3)." in out


def test_a_cmf_file_is_recognised_and_reported_as_json(dna: Line, tmp_path: Path) -> None:
    file = tmp_path / "stain.xml"
    file.write_bytes(service.shipped_file("stain-2800m.xml"))
    report = dna.ask("dna", "import", str(file), "--as", "examiner-1")
    assert (report["format"], report["accepted"], report["refused"]) == ("cmf", 1, [])


@pytest.mark.parametrize(
    ("content", "person", "answer"),
    [
        (b"", "examiner-1", (2, "dna.empty")),
        (b"<a/>", "examiner-1", (2, "dna.cmf-namespace")),
        (None, "examiner-1", (2, "shell.file")),
        (TABLE.encode(), "auditor-1", (3, "access.role")),
        (TABLE.encode(), "nobody-1", (3, "access.passphrase")),
    ],
)
def test_what_goes_wrong_has_a_code(
    dna: Line, tmp_path: Path, content: bytes | None, person: str, answer: tuple[int, str]
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    assert dna.fails("dna", "import", str(file), "--as", person) == answer


def test_an_empty_list_says_what_to_do(dna: Line) -> None:
    code, out, _ = dna.run("dna", "list", "--as", "examiner-1")
    assert code == 0 and "comity dna import FILE" in out
