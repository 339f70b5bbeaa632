"""`comity dna search` and `comity dna compare` on real databases: own searches, and two profiles side by side."""

from pathlib import Path
from typing import Any

import pytest

from comity.dna import api, cli, service
from comity.dna.service import held
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import people, take_in
from tests.faces import Line, desk_over, serving

HEAD = "specimen,VWA,TH01,D21S11,FGA,D8S1179,D3S1358,D18S51,TPOX\n"
ROWS = {
    "STAIN": "16/19,6/9.3,29/31.2,20/23,14/15,17/18,12/16,8",
    "SAME": "19/16,9.3/6,31.2/29,23/20,15/14,18/17,16/12,8/8",
    "DROPPED": "16,6/9.3,29/31.2,20,14/15,17/18,12/16,8",
    "ONE-OFF": "16/18,6/9.3,29/31.2,20/23,14/15,17/18,12/16,8",
    "KIN": "16/17,6/7,29/30,20/24,14/13,17/15,12/13,8/11",
    "OTHER": "14/15,7/8,27/28,25/26,10/11,14/15,13/20,9/11",
}
TABLE = HEAD + "".join(f"{name},{alleles}\n" for name, alleles in ROWS.items())


@pytest.fixture
def dna(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group on a node with a stain, profiles that resemble it more or less, and a table of frequencies."""
    examiner, _ = people(database)
    take_in(database, examiner, TABLE.encode())
    table = b"Allele,vWA,TH01\n16,0.5,\n19,0.5,\n6,,0.5\n9.3,,0.5\n"
    with database.unit("dna.stats") as unit:
        service.import_population(unit, examiner, table, "made-up", "made up for tests")
    desk = desk_over(database, tmp_path)
    return Line("dna", cli.commands(lambda: desk), capsys)


def found(dna: Line, *options: str) -> dict[str, int]:
    """Specimens with their quality, in the order in which they are listed."""
    asked = dna.ask("dna", "search", "STAIN", "--as", "examiner-1", *options)
    return {hit["specimen"]: hit["quality"] for hit in asked["hits"]}


def test_what_fits_depends_on_the_rules_and_their_figures(dna: Line, database: Database) -> None:
    assert found(dna) == {"SAME": 1, "ONE-OFF": 4}
    assert found(dna, "--rules", "codis-high") == {"SAME": 1}
    assert list(found(dna, "--rules", "codis-moderate").items()) == [("SAME", 1), ("DROPPED", 3)]
    assert found(dna, "--rules", "codis-moderate", "--least", "7") == {"SAME": 1, "DROPPED": 3, "ONE-OFF": 4}
    low = {"SAME": 1, "DROPPED": 3, "ONE-OFF": 4, "KIN": 4}
    assert found(dna, "--rules", "codis-low") == found(dna, "--rules", "codis-low", "--most-mismatches", "0") == low
    assert list(found(dna, "--rules", "codis-low", "--limit", "2")) == ["SAME", "DROPPED"]
    refused = (("--least", "0"), ("--least", "99"), ("--most-mismatches", "7"), ("--most-mismatches", "-1"))
    for figures in refused:
        assert dna.fails("dna", "search", "STAIN", *figures, "--as", "examiner-1") == (2, "dna.search-figures")
    assert dna.fails("dna", "search", "STAIN", "--rules", "mine", "--as", "examiner-1") == (2, "dna.rules")
    assert dna.fails("dna", "search", "STAIN", "--least", "9", "--as", "examiner-1") == (2, "dna.too-few-loci")
    assert dna.fails("dna", "search", "NOBODY", "--as", "examiner-1") == (2, "dna.profile")
    assert dna.fails("dna", "search", "STAIN", "--as", "auditor-1") == (3, "access.role")
    with database.read("test.log") as unit:
        assert [entry.type for entry in log.entries(unit)].count("dna.searched") == 7


def test_a_hit_says_its_rules_its_loci_and_every_difference(dna: Line) -> None:
    asked = dna.ask("dna", "search", "STAIN", "--rules", "codis-moderate", "--least", "7", "--as", "examiner-1")
    assert (asked["met"], asked["looked_through"], asked["rules"]["id"], asked["rules"]["least"]) == (
        3, 6, "codis-moderate", 7,
    )  # fmt: skip
    dropped = asked["hits"][1]
    assert (dropped["compared"], dropped["equal"], dropped["fitting"], dropped["not_fitting"]) == (8, 6, 8, 0)
    assert dropped["differences"] == [
        {"locus": "FGA", "ours": ["20", "23"], "theirs": ["20", "20"], "kind": "contained", "fits": True},
        {"locus": "VWA", "ours": ["16", "19"], "theirs": ["16", "16"], "kind": "contained", "fits": True},
    ]
    code, out, _ = dna.run("dna", "search", "STAIN", "--rules", "codis-moderate", "--least", "7", "--as", "examiner-1")
    assert code == 0 and "VWA 16/19 - 16/16 (contained)" in out and "3 of 6 profiles meet CODIS, moderate" in out


def test_a_file_is_searched_for_without_being_held(dna: Line, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text(HEAD + f"NEW,{ROWS['SAME']}\n", encoding="utf-8")
    asked = ("dna", "search", str(file), "--as", "examiner-1")
    assert [hit["specimen"] for hit in dna.ask(*asked)["hits"]] == ["STAIN", "SAME", "ONE-OFF"]
    file.write_text(HEAD + f"NEW,{ROWS['SAME']}\nNEWER,{ROWS['OTHER']}\n", encoding="utf-8")
    assert dna.fails(*asked) == (2, "dna.search-file")
    assert [hit["specimen"] for hit in dna.ask(*asked, "--specimen", "NEWER")["hits"]] == ["OTHER"]


def test_a_large_node_finds_the_same_by_its_index(dna: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    small = [found(dna, "--rules", rules) for rules in ("pruem-2008", "codis-moderate", "codis-low")]
    monkeypatch.setattr(held, "LEAST", 1)
    assert [found(dna, "--rules", rules) for rules in ("pruem-2008", "codis-moderate", "codis-low")] == small


def test_two_profiles_side_by_side(dna: Line, tmp_path: Path) -> None:
    asked = ("dna", "compare", "STAIN", "SAME", "--as", "examiner-1")
    same = dna.ask(*asked, "--rules", "pruem-2008", "--rules", "codis-low", "--populations")
    assert [(one["rule_set"], one["quality"], one["fitting"]) for one in same["comparisons"]] == [
        ("pruem-2008", 1, 8), ("codis-low", 1, 8),
    ]  # fmt: skip
    assert same["loci"]["VWA"] == {"one": ["16", "19"], "two": ["19", "16"]}
    (weight,) = same["populations"]
    assert same["agree"] and float(weight["lr"]) > 1 and [one["locus"] for one in weight["loci"]] == ["VWA", "TH01"]
    off = dna.ask("dna", "compare", "STAIN", "ONE-OFF", "--population", "made-up", "--as", "examiner-1")
    assert (off["agree"], off["populations"][0]["lr"]) == (False, None)
    assert off["populations"][0]["left_out"]["VWA"] == "the two differ"
    code, out, _ = dna.run("dna", "compare", "STAIN", "ONE-OFF", "--populations", "--as", "examiner-1")
    assert code == 0 and "no ratio over all" in out and "VWA: 16/19 against 16/18 (one allele differs)" in out
    code, out, _ = dna.run(*asked, "--populations")
    assert code == 0 and "no ratio over all" not in out and "0.5" in out
    assert "populations" not in dna.ask(*asked)
    file = tmp_path / "new.csv"
    file.write_text(HEAD + f"NEW,{ROWS['KIN']}\n", encoding="utf-8")
    kin = dna.ask("dna", "compare", str(file), "STAIN", "--rules", "codis-low", "--as", "examiner-1")
    assert (kin["one"]["profile"], kin["comparisons"][0]["quality"]) == (None, 4)
    assert dna.fails(*asked, "--rules", "mine") == (2, "dna.rules")
    assert dna.fails("dna", "compare", "STAIN", "SAME", "--as", "auditor-1") == (3, "access.role")


def test_searches_over_http(database: Database, tmp_path: Path) -> None:
    examiner, _ = people(database)
    take_in(database, examiner, TABLE.encode())
    desk, matchers = desk_over(database, tmp_path), {"dna": service.DnaMatcher()}
    with serving(api.search_routes(lambda: desk, lambda: matchers)) as ask:
        body: dict[str, Any] = {"profile": "STAIN", "rules": "codis-low", "limit": 1}
        assert [hit["specimen"] for hit in ask("examiner-1", "POST", "/dna/searches", json=body).json()["hits"]] == [
            "SAME"
        ]
        loci = {"VWA": ["14", "15"], "TH01": ["7", "8"]}
        given = ask(
            "examiner-1", "POST", "/dna/searches", json={"loci": loci, "rules": "codis-high", "least": 2}
        ).json()
        assert [hit["specimen"] for hit in given["hits"]] == ["OTHER"]
        assert ask("auditor-1", "POST", "/dna/searches", json=body).status_code == 403
        assert ask("examiner-1", "POST", "/dna/searches", json={}).json()["code"] == "dna.no-id"
        many = ask("examiner-1", "POST", "/dna/searches", json=body | {"limit": 1001})
        assert (many.status_code, many.json()["code"]) == (400, "dna.most")
        bad = ask("examiner-1", "POST", "/dna/searches", json={"loci": {"NOWHERE": ["1", "2"]}})
        assert bad.status_code == 400
        both = {"one": {"profile": "STAIN"}, "two": {"loci": loci}, "rules": ["codis-low", "pruem-2008"]}
        compared = ask("examiner-1", "POST", "/dna/comparisons", json=both).json()
        assert [(one["rule_set"], one["quality"]) for one in compared["comparisons"]] == [
            ("codis-low", None), ("pruem-2008", None),
        ]  # fmt: skip
        assert ask("auditor-1", "POST", "/dna/comparisons", json=both).status_code == 403
