"""`comity dna stats chance` and its route: what a search is expected to find by chance."""

from pathlib import Path

import pytest

from comity.dna import api, cli, service
from comity.dna.service.chance import chance
from comity.kit.database.unit import Database
from tests.dna.laboratory import people, take_in
from tests.dna.populations import TABLE
from tests.faces import Line, desk_over, serving

PROFILES = b"specimen,VWA,TH01,FGA,D8S1179,D3S1358,D18S51\nA,16/17,6/7,20/21,13,15,12\nB,16,9.3,22,13/14,16,12/13\n"


def test_an_estimate_names_its_population_and_its_assumptions(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examiner, _ = people(database)
    take_in(database, examiner, PROFILES)
    desk = desk_over(database, tmp_path)
    dna = Line("dna", cli.commands(lambda: desk), capsys)
    none = dna.ask("dna", "stats", "chance", "A", "--as", "examiner-1")
    assert (none["per_million"], none["here"], none["profiles"]) == (None, None, 2)
    assert "no population held here" in dna.run("dna", "stats", "chance", "A", "--as", "examiner-1")[1]
    with database.unit("dna.stats") as unit:
        service.import_population(unit, examiner, TABLE, "one", "made up")
        other = TABLE.replace(b"16,0.2,\n17,0.3", b"16,0.3,\n17,0.2")
        service.import_population(unit, examiner, other, "two", "made up")
        found = chance(unit, service.find(unit, "A"))
        assert found and found.expected("XB") == found.per_million > found.bound
        assert found.too_many(["XB"]) == {"XB": f"{found.per_million:.3g}"}
    told = dna.ask("dna", "stats", "chance", "A", "--as", "examiner-1")
    assert told["basis"].startswith("population ") and told["basis"].endswith("2 of 6 loci known to its table")
    assert float(told["here"]) == pytest.approx(2 * float(told["probability"]), rel=0.01)
    text = dna.run("dna", "stats", "chance", "A", "--as", "examiner-1")[1]
    assert "among the 2 profiles held here" in text and "near relatives fit far more often" in text
    assert dna.fails("dna", "stats", "chance", "A", "--as", "auditor-1") == (3, "dna.role")
    with serving(api.routes(lambda: desk)) as ask:
        assert ask("examiner-1", "GET", "/dna/profiles/A/chance").json() == told
        assert ask("auditor-1", "GET", "/dna/profiles/A/chance").status_code == 403
