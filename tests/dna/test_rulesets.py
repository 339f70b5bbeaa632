"""`comity dna rules` on real databases: the shipped rules, and the agency's own, which come in once and stay."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.errors import BadInput
from comity.dna import api, cli, service
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.dna.laboratory import mandate, people
from tests.faces import Line, desk_over, serving

OWN = service.shipped_file("rulesets/codis-moderate.yaml").replace(b"id: codis-moderate", b"id: laboratory-2026")
RAW = {"content-type": "application/octet-stream"}


@pytest.fixture
def dna(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    """The group, with an examiner and an auditor enrolled, and a file of rules."""
    people(database)
    desk = desk_over(database, tmp_path)
    (tmp_path / "own.yaml").write_bytes(OWN)
    return Line("dna", cli.commands(lambda: desk), capsys)


def test_rules_are_listed_with_their_doubts_and_an_agency_takes_in_its_own(
    dna: Line, tmp_path: Path, database: Database
) -> None:
    shipped = ["codis-high", "codis-low", "codis-moderate", "pruem-2008"]
    listed = dna.ask("dna", "rules")["rule_sets"]
    assert [each["id"] for each in listed] == shipped and all(each["shipped"] and each["doubts"] for each in listed)
    taking_in = ("dna", "rules", "import", str(tmp_path / "own.yaml"), "--as")
    assert dna.fails(*taking_in, "auditor-1") == (3, "access.role")
    made = dna.ask(*taking_in, "examiner-1")
    assert (made["id"], made["shipped"], made["stringency"], made["least"]) == ("laboratory-2026", False, "moderate", 8)
    assert dna.fails(*taking_in, "examiner-1") == (4, "dna.rules-held")
    (tmp_path / "own.yaml").write_bytes(service.shipped_file("rulesets/codis-low.yaml"))
    assert dna.fails(*taking_in, "examiner-1") == (4, "dna.rules-held")
    (tmp_path / "own.yaml").write_bytes(OWN.replace(b"laboratory-2026", b"other-2026").replace(b"least", b"\xff"))
    assert dna.fails(*taking_in, "examiner-1") == (2, "dna.rule-set")
    assert [each["id"] for each in dna.ask("dna", "rules")["rule_sets"]] == [*shipped, "laboratory-2026"]
    code, out, _ = dna.run("dna", "rules")
    assert code == 0 and "laboratory-2026" in out and "[U] " in out and "Council Decision 2008/616/JHA" in out
    assert dna.run("dna", "rules", "show", "laboratory-2026")[1].encode() == OWN
    assert dna.fails("dna", "rules", "show", "nothing") == (2, "dna.rules")
    with database.read("test.log") as unit:
        assert [entry.type for entry in log.entries(unit)].count("dna.import-rules") == 1


def test_rules_over_http(database: Database, tmp_path: Path) -> None:
    people(database)
    desk = desk_over(database, tmp_path)
    with serving(api.rule_set_routes(lambda: desk)) as ask:
        sent = {"params": {"name": "own.yaml"}, "content": OWN, "headers": RAW}
        assert ask("auditor-1", "POST", "/dna/rule-sets", **sent).status_code == 403
        made = ask("examiner-1", "POST", "/dna/rule-sets", **sent)
        assert made.status_code == 201 and ask("examiner-1", "POST", "/dna/rule-sets", **sent).status_code == 409
        assert made.json() in ask("auditor-1", "GET", "/dna/rule-sets").json()["rule_sets"]
        assert ask("auditor-1", "GET", "/dna/rule-sets/laboratory-2026").json() == made.json()
        assert ask("auditor-1", "GET", "/dna/rule-sets/nothing").status_code == 404
        bad = ask("examiner-1", "POST", "/dna/rule-sets", **(sent | {"content": OWN[:500]}))
        assert (bad.status_code, bad.json()["code"]) == (400, "dna.rule-set")


def test_partners_ask_by_none_but_the_rules_that_are_for_them(make_database: Callable[[str], Database]) -> None:
    matcher, loci, node = service.DnaMatcher(), {name: ["16", "17"] for name in ("VWA", "FGA")}, make_database("XB")
    for id, code in (("codis-low", "dna.rule-set-own"), ("laboratory-2026", "dna.rule-set-unknown")):
        asked = {"format": "comity-dna-query-1", "rule_set": id, "kind": "stain", "loci": loci}
        with pytest.raises(BadInput) as refused:
            matcher.check(asked)  # type: ignore[arg-type]  # JSON
        assert refused.value.code == code
        with node.unit("test.match") as unit, pytest.raises(BadInput) as refused:
            matcher.match(unit, asked, mandate(unit, asked))  # type: ignore[arg-type]  # JSON
        assert refused.value.code == code
