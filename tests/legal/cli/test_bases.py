"""`comity legal bases` and `offences`, as people and programs meet them, and the same over the officer API."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.kit.database.unit import Database
from comity.legal import api, cli
from tests.faces import Line, desk_over, serving
from tests.legal.law import ask
from tests.people import enrol

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("bases", "--json")`: exit code, stdout, stderr."""
    desk = desk_over(database, tmp_path)
    line = Line("legal", cli.commands(lambda: desk), capsys)
    return lambda *argv: line.run("legal", *argv)


def test_bases_without_a_file(run: Run) -> None:
    argv = ("bases", "--from", "XA", "--to", "XB", "--measure", "content_data", "--offence", "XA-CC-101")
    code, out, _ = run(*argv, "--on", "2026-10-01", "--json")
    told = json.loads(out)
    assert (code, told["measure"], told["from"], told["to"], told["on"]) == (
        0, "content_data", "XA", "XB", "2026-10-01",
    )  # fmt: skip
    assert told["bases"] and {basis["decision"] for basis in told["bases"]} == {"refer"}
    for basis in told["bases"]:
        assert basis["title"] and basis["missing"] and all(f["cure"] for f in basis["missing"])
    code, out, _ = run(*argv, "--on", "2026-10-01")
    assert code == 0 and out.startswith("content_data from XA to XB") and "REFERRED" in out and "UNKNOWN" in out


@pytest.mark.parametrize("whole", [True, False])
def test_bases_with_a_file(run: Run, tmp_path: Path, whole: bool) -> None:
    question = ask("core_data", "XA-CC-101")
    path = tmp_path / "facts.json"
    value = {"measure": "core_data", "asked": "XB", "facts": question.facts} if whole else question.facts
    path.write_text(json.dumps(value), encoding="utf-8")
    argv = ("bases", "--facts", str(path), "--on", "2026-11-22")
    code, out, _ = run(*argv, *(() if whole else ("--to", "XB", "--measure", "core_data")))
    assert code == 0 and "ALLOWED  TRAIN-REG article 8(1)" in out
    assert "before anything leaves: judicial authorisation" in out
    code, out, _ = run(*argv, "--to", "XB", "--measure", "core_data", "--offence", "XA-CC-214", "--json")
    assert json.loads(out)["bases"][0]["decision"] != "allow"


def test_bases_that_cannot_be_asked(run: Run, tmp_path: Path) -> None:
    assert run("bases", "--to", "XB")[0] == 2
    assert run("bases", "--to", "XB", "--measure", "core_data", "--on", "soon")[0] == 2
    assert run("bases", "--facts", str(tmp_path / "none"), "--to", "XB", "--measure", "core_data")[0] == 2
    code, out, _ = run("bases", "--to", "XB", "--measure", "telepathy")
    assert code == 0 and "REFERRED  no instrument" in out


def test_offences(run: Run) -> None:
    code, out, _ = run("offences", "--state", "XC")
    assert code == 0 and "XC-F-3" in out and "XA-" not in out
    (one,) = json.loads(run("offences", "--code", "XB-PL-35", "--json")[1])
    assert (one["iccs"], one["eaw_list"], one["max_penalty_months"], one["holds_today"]) == ("05", "arson", 180, True)
    assert "import a table" in run("offences", "--state", "XA", "--code", "none")[1]
    code, _, err = run("offences", "--state", "XD")
    assert code == 2 and "comity legal import" in err


def test_over_the_officer_api(database: Database, tmp_path: Path) -> None:
    with database.unit("test.people") as unit:
        enrol(unit, "officer-1", "officer")
    desk = desk_over(database, tmp_path)
    with serving(api.routes(lambda: desk)) as send:
        answer = send("officer-1", "GET", "/legal/bases?to=XB&measure=hit_no_hit&offence=XA-CC-101&on=2026-10-01")
        assert (answer.status_code, answer.json()["bases"][0]["decision"]) == (200, "refer")
        facts = ask("hit_no_hit", "XA-CC-101").facts
        body = {"measure": "hit_no_hit", "asked": "XB", "on": "2026-10-01", "facts": facts}
        answer = send("officer-1", "POST", "/legal/bases", json=body)
        assert (answer.status_code, answer.json()["bases"][0]["decision"]) == (200, "allow")
        assert send("officer-1", "GET", "/legal/bases?to=XB&measure=m&from=XB").json()["bases"][0]["decision"] == "deny"
        assert send("officer-1", "GET", "/legal/offences?state=XB&code=XB-PL-1").json()[0]["text"] == "murder"
        assert send("officer-1", "GET", "/legal/offences?state=XD").status_code == 400
        assert send("nobody", "GET", "/legal/bases?to=XB&measure=hit_no_hit").status_code == 403
