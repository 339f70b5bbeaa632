"""`comity search paper`: a query, its answer or its refusal as a sealed PDF."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.kit.papers.setting import drawing
from comity.kit.shell import As, AsJson, Desk, Language, acting, emit, write_file
from comity.search import service
from comity.search.cli.options import QueryId

Kind = Annotated[str, typer.Option("--kind", help=f"{', '.join(service.PAPERS)}.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, such as answer.pdf.")]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """Add it to the group."""

    @app.command("paper")
    def paper(
        query: QueryId, out: Out, person: As, kind: Kind = "query", language: Language = "en", as_json: AsJson = False
    ) -> None:
        """Write the query, its answer or its refusal as a sealed PDF: its hash goes into the log.

        It holds no profile and no name. Whoever gets it has it checked by: comity log check-paper FILE.
        Example: comity search paper QUERY --kind answer --language fr --out answer.pdf --as officer-1
        """
        with acting(desk(), "search.paper", person) as (unit, issuer):
            made, file = service.issue_paper(unit, issuer, query, (kind, language), drawing(desk()))
        write_file(out, file)
        emit(made.as_dict() | {"file": str(out)}, as_json, lambda: f"Written: {out}, sealed in log entry {made.entry}.")
