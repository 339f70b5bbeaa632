"""A query, its answer and its refusal as sealed papers."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from comity.base.errors import BadInput, ComityError, NotAllowed, NotFound
from comity.kit.papers.setting import drawing
from comity.log import cli as log_cli
from comity.log import service as log
from comity.log.model import SealedPaper
from comity.search import service
from tests.faces import Line
from tests.search.browsing import browsing
from tests.search.test_cli import line
from tests.search.world import REF, Agency, World


def issued(
    agency: Agency, query: str, kind: str, person: str = "officer-1", language: str = "en"
) -> tuple[SealedPaper, str]:
    """The paper and its text."""
    with agency.desk.acting("search.paper", agency.people[person]) as unit:
        wanted = (kind, language)
        kept, file = service.issue_paper(unit, agency.people[person], query, wanted, drawing(agency.desk))
    with agency.database.read("test.paper") as unit:
        assert log.known_paper(unit, file=file) == log.known_paper(unit, id=kept.id) == kept
        assert log.entry(unit, kept.entry).type == "paper.sealed"
        with pytest.raises(NotFound):
            log.known_paper(unit, file=file + b"\n")
    return kept, " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages).split())


def test_a_hit_on_paper(two: World) -> None:
    query = two.hit()
    kept, text = issued(two.a, query, "answer")
    assert (kept.kind, kept.about) == ("search.answer", query)
    for said in ("Answer to a query", "XB", "Hit", two.a.first(query), "no identification", "TRAIN-REG"):
        assert said in text, said
    assert REF not in text and "Synthetic person" not in text
    _, asked = issued(two.a, query, "query")
    assert "Query to a partner" in asked and "no identification" not in asked
    assert "Réponse" in issued(two.a, query, "answer", language="fr")[1]


def test_both_sides_print_a_refusal(two: World) -> None:
    sedition = two.a.open_case("XA-CC-390", "XA-2026-0121")
    query = two.a.ask("XB", case=sedition)[0].id
    two.a.review(query, {"refusal_grounds": ["death_penalty_or_cruel_treatment"]})
    assert two.a.where(query) == ("refused", "refused")
    _, text = issued(two.a, query, "refusal")
    assert "Refusal of a query" in text and "refusal grounds" in text


@pytest.mark.parametrize(
    ("kind", "person", "error"),
    [("refusal", "officer-1", BadInput), ("poem", "officer-1", BadInput), ("answer", "officer-2", NotAllowed),
     ("answer", "auditor-1", NotAllowed)],
)  # fmt: skip
def test_what_is_not_printed(two: World, kind: str, person: str, error: type[ComityError]) -> None:
    query = two.hit()
    with pytest.raises(error):
        issued(two.a, query, kind, person)
    assert "paper.sealed" not in two.a.logged()


def test_from_the_command_line(two: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    query, out = two.hit(), tmp_path / "answer.pdf"
    xa = line(two.a, capsys)
    made = xa.ask(
        "search", "paper", query, "--kind", "answer", "--language", "ar", "--out", str(out), "--as", "officer-1"
    )
    assert xa.fails("search", "paper", query, "--kind", "refusal", "--out", str(out), "--as", "officer-1")[0] == 2
    logs = Line("log", log_cli.commands(lambda: two.a.desk, lambda *_: None, log.Upstairs()), capsys)  # type: ignore[arg-type]
    found = logs.ask("log", "check-paper", str(out))
    assert (found["paper"], found["sha256"], found["entry"]) == (made["paper"], made["sha256"], made["entry"])
    assert "unchanged" in logs.run("log", "check-paper", str(out))[1]
    assert logs.ask("log", "check-paper", "--id", made["paper"])["about"] == query
    out.write_bytes(out.read_bytes()[:-1])
    assert logs.fails("log", "check-paper", str(out)) == (2, "log.no-paper")
    assert logs.fails("log", "check-paper") == logs.fails("log", "check-paper", str(out), "--id", "x")
    assert logs.fails("log", "check-paper") == (2, "log.paper-named")


def test_from_the_page_of_the_query(two: World) -> None:
    query = two.hit()
    with browsing(two.a) as browser:
        officer = browser("officer-1")
        assert "Make the PDF" in officer.text(f"/search/{query}")
        made = officer.send(f"/search/{query}/paper", paper_kind="answer", paper_language="fr")
        assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf")
        assert made.headers["content-disposition"].startswith('attachment; filename="answer-')
        with two.a.database.read("test.paper") as unit:
            assert log.known_paper(unit, file=made.content).about == query
        wrong = officer.refused(f"/search/{query}/paper", 400, paper_kind="refusal", paper_language="fr")
        assert "No refusal can be printed" in wrong
        officer.refused(f"/search/{query}/paper", 403, token="forged", paper_kind="query")
        browser("officer-2").refused(f"/search/{query}/paper", 404, paper_kind="query")
    assert two.a.logged().count("paper.sealed") == 1
