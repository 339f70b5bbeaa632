"""Figures of the database: counted in one pass, kept, and said to be of the past when the database has changed."""

from pathlib import Path

import pytest

from comity.base.errors import NotAllowed
from comity.dna import cli, service
from comity.kit.database.unit import Database
from tests.dna.laboratory import people, take_in
from tests.faces import Line, desk_over

FILE = (
    b"specimen,category,VWA,TH01,FGA\nA,Convicted Offender,16/17,6,20/21\nB,Forensic Unknown,16/17,*/6,20/21\n"
    b"C,Convicted Offender,,,20/21\n"
)


def test_figures_are_counted_kept_and_of_their_time(database: Database) -> None:
    examiner, auditor = people(database)
    with database.unit("dna.summary") as unit:
        assert service.summary(unit, examiner) == (None, False)
        assert service.summarise(unit, examiner).as_dict() | {"at": ""} == {
            "at": "", "profiles": 0, "retired": 0, "categories": {}, "by_loci": {}, "by_locus": {},
        }  # fmt: skip
    take_in(database, examiner, FILE)
    with database.unit("dna.summary") as unit:
        assert service.summary(unit, examiner)[1] is False
        done: list[int] = []
        made = service.summarise(unit, examiner, done.append)
        assert service.summary(unit, examiner) == (made, True)
        with pytest.raises(NotAllowed):
            service.summary(unit, auditor)
        with pytest.raises(NotAllowed):
            service.summarise(unit, auditor)
    assert (made.profiles, dict(made.categories), done) == (3, {"Convicted Offender": 2, "Forensic Unknown": 1}, [3])
    assert (made.loci, made.typed) == ({"1": 1, "2": 1, "3": 1}, {"VWA": 2, "TH01": 1, "FGA": 3})


def test_figures_at_the_command_line(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examiner, _ = people(database)
    line = Line("dna", cli.commands(lambda: desk_over(database, tmp_path)), capsys)
    counted = ("dna", "stats", "database", "--as", "examiner-1")
    assert "comity dna import" in line.run(*counted)[1]
    take_in(database, examiner, FILE)
    assert line.ask(*counted)["by_locus"] == {"VWA": 2, "TH01": 1, "FGA": 3}
    code, out, _ = line.run(*counted)
    assert code == 0 and "3 profiles; 0 earlier versions" in out and "Forensic Unknown" in out
    assert line.fails("dna", "stats", "database", "--as", "auditor-1") == (3, "dna.role")
