"""`comity legal explain`: a decision told to a person, in that person's language, as text or as a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.kit.shell import AsJson, Desk, Language, emit, read_file, write_file
from comity.legal import service
from comity.legal.model import Decision

Kept = Annotated[str, typer.Argument(metavar="[DECISION]", help="A decision's id, from `comity legal decisions`.")]
Facts = Annotated[Path | None, typer.Option("--facts", metavar="FILE", help="Or a question as JSON, tried out.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the explanation as a page to FILE.")]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The command, added to `legal`."""

    @app.command()
    def explain(
        decision: Kept = "", facts: Facts = None, language: Language = "en", html: Html = None, as_json: AsJson = False
    ) -> None:
        """Explain a decision, kept or tried out: every finding with article and values, and what would cure a no.

        Fixed phrases are told in English, French, Spanish or Arabic; what somebody wrote is shown as written. JSON is
        the same in every language. Example: comity legal explain --facts question.json --language fr --html why.html
        """
        found = _decision(desk(), decision, facts)
        if html is not None:
            write_file(html, service.explain_html(found, language).encode("utf-8"))
        emit(
            {
                "decision": found.outcome,
                "findings": [finding.as_dict() for finding in found.findings],
                "rules_hash": found.rules_hash,
            },
            as_json,
            lambda: service.explain(found, language) if html is None else f"The explanation was written to {html}.",
        )


def _decision(desk: Desk, kept: str, facts: Path | None) -> Decision:
    """The kept decision, or the one that a question's file leads to; exactly one of the two is named."""
    if bool(kept) == (facts is not None):
        raise BadInput(
            "legal.explain", "name either a decision or a file with --facts",
            todo="Example: comity legal explain --facts question.json",
        )  # fmt: skip
    if facts is None:
        with desk.database.read("legal.show") as unit:
            return service.find_decision(unit, kept)
    data = read_file(facts)
    with desk.database.read("legal.decide") as unit:
        return service.consider(unit, service.read_question(unit, data, str(facts)))
