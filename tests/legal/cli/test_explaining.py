"""`comity legal explain`: the same findings for programs in every language, and pages for people."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.kit.database.unit import Database
from comity.legal import cli, service
from tests.faces import Line, desk_over
from tests.legal.law import ask


@pytest.fixture
def line(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    desk = desk_over(database, tmp_path)
    return Line("legal", cli.commands(lambda: desk), capsys)


@pytest.fixture
def question(tmp_path: Path) -> Callable[[str], str]:
    """`question("XA-CC-214")`: the file of a question on that offence."""

    def written(offence: str) -> str:
        asked = ask("hit_no_hit", offence)
        path = tmp_path / "question.json"
        path.write_text(json.dumps({"measure": asked.measure, "asked": "XB", "on": "2026-11-22", "facts": asked.facts}))
        return str(path)

    return written


@pytest.fixture
def command(
    line: Line, question: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, str], str], tuple[int, str]]:
    """`command({"LANG": "fr"}, "es")`: explain under these variables, with that ``--language`` if any."""

    def run(variables: dict[str, str], asked: str) -> tuple[int, str]:
        for name in ("LANG", "COMITY_LANGUAGE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        options = ("--language", asked) if asked else ()
        code, out, _ = line.run("legal", "explain", "--facts", question("XA-CC-214"), *options)
        return code, out

    return run


def test_programs_read_decision_findings_and_the_hash_of_the_rules(
    line: Line, question: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = line.ask("legal", "explain", "--facts", question("XA-CC-214"))
    assert set(said) == {"decision", "findings", "rules_hash"} and said["decision"] == "deny"
    assert all({"condition", "result", "article", "values", "cure"} == set(found) for found in said["findings"])
    monkeypatch.setenv("COMITY_LANGUAGE", "ar")
    assert line.ask("legal", "explain", "--facts", question("XA-CC-214")) == said


@pytest.mark.parametrize(
    ("variables", "asked", "start"),
    [
        ({"LANG": "C.UTF-8"}, "", "DENIED"),
        ({"LANG": "fr_FR.UTF-8"}, "", "REFUSÉ"),
        ({"LANG": "fr_FR.UTF-8", "COMITY_LANGUAGE": "es"}, "", "DENEGADO"),
        ({"COMITY_LANGUAGE": "es"}, "ar", "مرفوض"),
        ({"COMITY_LANGUAGE": "tlh"}, "", "DENIED"),
    ],
)
def test_people_read_their_language(
    command: Callable[[dict[str, str], str], tuple[int, str]], variables: dict[str, str], asked: str, start: str
) -> None:
    code, out = command(variables, asked)
    assert code == 0 and out.startswith(start)


def test_a_kept_decision_as_a_page(line: Line, database: Database, tmp_path: Path) -> None:
    with database.unit("test.decide") as unit:
        kept = service.decide(unit, ask("hit_no_hit", "XA-CC-101"))
    page = tmp_path / "why.html"
    code, out, _ = line.run("legal", "explain", kept.id, "--language", "ar", "--html", str(page))
    assert code == 0 and str(page) in out
    text = page.read_text(encoding="utf-8")
    with database.read("test.read") as unit:
        assert text == service.explain_html(service.find_decision(unit, kept.id), "ar")
    assert 'dir="rtl"' in text and kept.id in text


def test_misuse_says_what_to_do(line: Line, question: Callable[[str], str], tmp_path: Path) -> None:
    facts = question("XA-CC-101")
    assert line.fails("legal", "explain") == (2, "legal.explain")
    assert line.fails("legal", "explain", "some-id", "--facts", facts) == (2, "legal.explain")
    assert line.fails("legal", "explain", "some-id") == (2, "legal.decision")
    assert line.fails("legal", "explain", "--facts", str(tmp_path / "none.json")) == (2, "shell.file")
    assert line.fails("legal", "explain", "--facts", facts, "--html", str(tmp_path)) == (2, "shell.out")
    assert line.fails("legal", "explain", "--facts", facts, "--language", "tlh") == (2, "shell.language")
