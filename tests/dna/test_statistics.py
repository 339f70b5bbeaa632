"""`comity dna stats` on real databases: populations come in with their source, profiles are weighed side by side."""

from pathlib import Path

import pytest

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.dna import cli, rules, service
from comity.dna.model import Assumptions
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import people, take_in
from tests.dna.populations import TABLE
from tests.faces import Line, desk_over

PROFILES = b"specimen,VWA,TH01,FGA\nA,16/17,6,20/21\nB,,,20/21\n"
SOURCE = ("--source", "made up for tests")


@pytest.fixture
def dna(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group, with an examiner and an auditor enrolled, and a file of frequencies."""
    people(database)
    desk = desk_over(database, tmp_path)
    (tmp_path / "table.csv").write_bytes(TABLE)
    (tmp_path / "profiles.csv").write_bytes(PROFILES)
    return Line("dna", cli.commands(lambda: desk), capsys)


def test_from_an_empty_node_to_a_weighed_profile(dna: Line, tmp_path: Path, database: Database) -> None:
    assert "comity dna stats import" in dna.run("dna", "stats", "list")[1]
    dna.ask("dna", "import", str(tmp_path / "profiles.csv"), "--as", "examiner-1")
    assert dna.fails("dna", "stats", "weigh", "A", "--as", "examiner-1") == (2, "dna.no-population")
    table = ("dna", "stats", "import", str(tmp_path / "table.csv"), "--name")
    made = dna.ask(*table, "one", *SOURCE, "--as", "examiner-1")
    assert (made["loci"], made["alleles"], made["samples"]) == (2, 7, 200)
    assert dna.fails(*table, "one", *SOURCE, "--as", "examiner-1") == (4, "dna.population-held")
    assert dna.fails(*table, "", *SOURCE, "--as", "examiner-1") == (2, "dna.population-label")
    assert dna.fails(*table, "two", *SOURCE, "--as", "auditor-1") == (3, "access.role")
    dna.ask(*table, "two", *SOURCE, "--as", "examiner-1")
    assert [p["name"] for p in dna.ask("dna", "stats", "list")["populations"]] == ["one", "two"]
    assert dna.ask("dna", "stats", "show", "two")["frequencies"]["TH01"] == {"6": "0.25", "9.3": "0.35", "7": "0.4"}
    assert dna.fails("dna", "stats", "show", "three") == (2, "dna.population")
    weighed = dna.ask("dna", "stats", "weigh", "A", "--theta", "0", "--as", "examiner-1")
    assert [(p["population"], p["lr"]) for p in weighed["populations"]] == [("one", "133.3"), ("two", "133.3")]
    assert weighed["populations"][0]["left_out"] == {"FGA": "the table has no frequencies for it"}
    code, out, _ = dna.run("dna", "stats", "weigh", "A", "--population", "one", "--as", "examiner-1")
    assert code == 0 and "Left out for one: FGA" in out and "two hypotheses" not in out and "than if" in out
    assert dna.fails("dna", "stats", "weigh", "A", "--formula", "x", "--as", "examiner-1") == (2, "dna.formula")
    assert dna.fails("dna", "stats", "weigh", "B", "--as", "examiner-1") == (2, "dna.no-weight")
    assert dna.fails("dna", "stats", "weigh", "A", "--as", "auditor-1") == (3, "access.role")
    with database.read("test.log") as unit:
        types = [entry.type for entry in log.entries(unit)]
    assert (types.count("dna.import-population"), types.count("dna.weighed")) == (2, 2)


def test_a_table_that_does_not_add_up_leaves_nothing_behind(database: Database) -> None:
    examiner, auditor = people(database)
    take_in(database, examiner, PROFILES)
    broken = TABLE.replace(b"0.35", b"0.25")
    with pytest.raises(BadInput, match="The frequencies of TH01"), database.unit("dna.stats") as unit:
        service.import_population(unit, examiner, broken, "one", "made up")
    with database.unit("dna.stats") as unit:
        assert service.populations(unit) == []
        with pytest.raises(NotAllowed):
            service.import_population(unit, auditor, TABLE, "one", "made up")
        made = service.import_population(unit, examiner, TABLE, "one", "made up")
        with pytest.raises(Conflict):
            service.import_population(unit, examiner, TABLE, "one", "made up")
        assert service.populations(unit) == [made] == [service.population(unit, "one")]
        assert made.file.frequencies["VWA"] == {"16": "0.2", "17": "0.3", "18": "0.499", "19": "0.001"}
        _, (weight,) = service.weigh(unit, examiner, "A", ["one", "one"], Assumptions(theta=0))
        assert (weight.population, weight.sha256) == ("one", made.sha256)


OURS: dict[str, tuple[str, ...]] = {"VWA": ("16", "17"), "TH01": ("6", "6"), "FGA": ("20", "21")}


def test_what_an_agreement_weighs_is_the_product_over_its_loci(database: Database) -> None:
    examiner, _ = people(database)
    rule = service.rule_set("pruem-2008")
    with database.unit("dna.stats") as unit:
        assert service.weighed(unit, rules.compare(OURS, OURS, rule), OURS) == ()
        service.import_population(unit, examiner, TABLE, "one", "made up")
        service.import_population(unit, examiner, b"Allele,D3S1358\n15,1.0\n", "other loci", "made up")
        (whole,) = service.weighed(unit, rules.compare(OURS, OURS, rule), OURS)
        off = OURS | {"FGA": ("20", "22")}
        (parted,) = service.weighed(unit, rules.compare(OURS, off, rule), OURS)
    t = 0.01
    below = (1 + t) * (1 + 2 * t)
    vwa = 2 * (t + (1 - t) * 0.2) * (t + (1 - t) * 0.3) / below
    th01 = (2 * t + (1 - t) * 0.25) * (3 * t + (1 - t) * 0.25) / below
    assert whole.places == parted.places == {"VWA": f"{1 / vwa:.4g} (0.2 · 0.3)", "TH01": f"{1 / th01:.4g} (0.25)"}
    assert float(whole.ratio) == pytest.approx(1 / (vwa * th01), rel=1e-3)
    assert parted.ratio == ""  # a locus that no table knows differs: it counts against all of them
