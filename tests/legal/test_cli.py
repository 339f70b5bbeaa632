"""`comity legal` as a person and as a program meet it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.base.model import JsonObject
from comity.kit.database.unit import Database
from comity.legal import cli, service
from comity.log import service as log
from tests.faces import Line, desk_over
from tests.legal.law import CORVIA, ask, file
from tests.legal.wire.test_depositary import ROWS, WORDS, document
from tests.people import enrol

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("show", "--json")`: exit code, stdout, stderr of `comity legal show --json`."""
    with database.unit("test.people") as unit:
        enrol(unit, "operator-1", "operator")
        enrol(unit, "lawyer-1", "lawyer")
        enrol(unit, "officer-1", "officer")
    desk = desk_over(database, tmp_path)
    line = Line("legal", cli.commands(lambda: desk), capsys)
    return lambda *argv: line.run("legal", *argv)


def written(folder: Path, **changes: Any) -> str:
    question = ask("hit_no_hit", changes.pop("offence", "XA-CC-101"), changes.pop("asked", "XB"))
    value: JsonObject = {
        "measure": question.measure,
        "asked": question.asked,
        "on": "2026-11-22",
        "facts": question.facts,
    }
    path = folder / "question.json"
    path.write_text(json.dumps(value | changes), encoding="utf-8")
    return str(path)


def test_decide_shows_findings_and_keeps_nothing(run: Run, tmp_path: Path, database: Database) -> None:
    code, out, _ = run("decide", "--facts", written(tmp_path))
    assert code == 0 and out.startswith("ALLOWED")
    for offence, outcome in (("XA-CC-101", "allow"), ("XA-CC-214", "deny"), ("XA-CC-390", "refer")):
        code, out, _ = run("decide", "--facts", written(tmp_path, offence=offence), "--json")
        answer = json.loads(out)
        assert (code, answer["decision"], answer["side"]) == (0, outcome, "asking")
        assert {"condition", "result", "article", "values", "cure"} == set(answer["findings"][0])
    with database.read("test.read") as unit:
        assert service.decisions(unit) == []


def test_import_then_show(run: Run, tmp_path: Path, database: Database) -> None:
    table = tmp_path / CORVIA
    table.write_bytes(file(f"training/{CORVIA}"))
    before = json.loads(run("show", "--json")[1])
    code, out, _ = run("import", str(table), "--as", "lawyer-1", "--json")
    made = json.loads(out)
    assert (code, made["kind"], made["rows"], made["by"]) == (0, "declarations", 1, "lawyer-1")
    after = json.loads(run("show", "--json")[1])
    assert after["rules_hash"] == made["rules_hash"] != before["rules_hash"]
    assert "D-XC-REG-5-2" in {row["id"] for row in after["declarations"]}
    _, text, _ = run("show")
    assert CORVIA in text and "TRAIN-REG" in text and "lawyer-1" in text
    code, _, err = run("import", str(table), "--as", "operator-1")
    assert code == 4 and "imported before" in err
    with database.read("test.log") as unit:
        assert [entry.type for entry in log.entries(unit)].count("legal.imported") == 1


def test_an_officer_may_not_import_and_the_attempt_is_logged(run: Run, tmp_path: Path, database: Database) -> None:
    table = tmp_path / CORVIA
    table.write_bytes(file(f"training/{CORVIA}"))
    code, _, err = run("import", str(table), "--as", "officer-1")
    assert code == 3 and "lawyer or operator" in err
    with database.read("test.log") as unit:
        assert log.entries(unit)[-1].type == "act.refused"
        assert service.imported_tables(unit) == []


def test_what_an_operator_imports_waits_for_the_lawyers_signature(run: Run, tmp_path: Path) -> None:
    table = tmp_path / CORVIA
    table.write_bytes(file(f"training/{CORVIA}"))
    code, out, _ = run("import", str(table), "--as", "operator-1")
    assert code == 0 and "not in use until a lawyer signs" in out
    assert run("diff")[1].startswith("+ declaration D-XC-REG-5-2")
    assert run("sign", "--as", "officer-1")[0] == 3
    code, out, _ = run("sign", "--as", "lawyer-1")
    assert code == 0 and out.startswith("Set 1 is signed by lawyer-1")
    assert run("sign", "--as", "lawyer-1")[0] == 4
    (signed,) = json.loads(run("sets", "--json")[1])
    assert (signed["set"], signed["by"]) == (1, "lawyer-1") and "lawyer-1" in run("sets")[1]
    assert run("diff")[1] == "No difference.\n"


def test_review_and_diff(run: Run, tmp_path: Path) -> None:
    assert "Nothing is signed" in run("sets")[1]
    code, out, _ = run("review", "PRUM2", "--row", "core_data/47", "--note", "read in the journal", "--as", "lawyer-1")
    assert (code, out) == (0, "reviewed PRUM2 core_data 47\n")
    row = next(r for r in json.loads(run("show", "PRUM2", "--json")[1])["rows"] if r["measure"] == "core_data")
    assert row["status"] == "reviewed" and row["review"].startswith("lawyer-1 on ")
    assert row["words"]["deadline"] == "48 h"
    assert "core_data/47: reviewed, confidence M" in run("show", "PRUM2")[1]
    table = tmp_path / "TRAIN-REG.yaml"
    table.write_bytes(file("instruments/TRAIN-REG.yaml").replace(b"months: 12", b"months: 6", 1))
    told = run("diff", str(table))[1]
    assert told.startswith("~ row TRAIN-REG hit_no_hit 5(1)") and "values.months: 12 -> 6" in told
    assert run("diff", str(tmp_path / "none.csv"))[0] == 2 and run("diff", "7")[0] == 2


@pytest.mark.parametrize("name", ["list.xml", "list.XML", "list"])
def test_import_a_depositarys_list(run: Run, tmp_path: Path, name: str) -> None:
    table = tmp_path / name
    table.write_bytes(document(ROWS.replace("Brevania", "Elsewhere"), WORDS))
    options = ("--instrument", "UNTOC", "--days-after", "30", "--in-force", "2003-09-29", "--as", "lawyer-1")
    assert run("import", str(table), "--as", "lawyer-1")[0] == 2
    assert run("import", str(table), *options[:4], "--in-force", "soon", "--as", "lawyer-1")[0] == 2
    code, out, _ = run("import", str(table), *options)
    assert code == 0 and "participations: 1 row taken over" in out and "declarations: 1 row taken over" in out
    assert f"left out: {name} participant 2: no state is known by the name 'Elsewhere'" in out
    shown = json.loads(run("show", "--json")[1])
    assert {t["name"] for t in shown["imported"]} == {"list.participations.csv", "list.declarations.csv"}
    table.write_bytes(document(ROWS.replace("Arvenia", "Elsewhere").replace("Brevania", "Elsewhere")))
    code, _, err = run("import", str(table), *options, "--json")
    assert code == 2 and json.loads(err)["error"]["code"] == "legal.nothing"


def test_broken_tables_and_questions(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "broken.csv"
    table.write_bytes(file(f"training/{CORVIA}").replace(b"fiscal,", b"taxes,"))
    code, _, err = run("import", str(table), "--as", "operator-1", "--json")
    assert code == 2 and json.loads(err)["error"]["where"] == "broken.csv row 2"
    assert run("import", str(tmp_path / "none.csv"), "--as", "operator-1")[0] == 2
    assert run("decide", "--facts", written(tmp_path, on="soon"))[0] == 2


def test_show_a_text_and_a_decision(run: Run, tmp_path: Path, database: Database) -> None:
    code, out, _ = run("show", "TRAIN-MOU")
    assert code == 0 and "Paragraph 8. Term" in out
    with database.unit("test.decide") as unit:
        decision = service.decide(unit, ask("hit_no_hit", "XA-CC-214"))
    assert "cure: ask on an offence" in run("show", decision.id)[1]
    assert json.loads(run("show", decision.id, "--json")[1])["id"] == decision.id
    assert run("show", "nothing")[0] == 2


def test_list_decisions(run: Run, database: Database) -> None:
    assert "No decisions yet" in run("decisions")[1]
    with database.unit("test.decide") as unit:
        made = [service.decide(unit, ask("hit_no_hit", code)).id for code in ("XA-CC-101", "XA-CC-214")]
    listed = json.loads(run("decisions", "--json")[1])
    assert {row["id"] for row in listed} == set(made)
    assert all("own" not in row for row in (*listed, json.loads(run("show", made[0], "--json")[1])))
    assert "deny" in run("decisions")[1]
