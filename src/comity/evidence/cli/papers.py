"""`comity evidence paper`: the custody record of an exhibit as a sealed PDF."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.evidence import service
from comity.evidence.cli.options import Named
from comity.kit.papers.setting import drawing
from comity.kit.shell import As, AsJson, Desk, Language, acting, emit, write_file

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, such as custody.pdf.")]


def printing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`paper`."""

    @app.command("paper")
    def paper(item: Named, out: Out, person: As, language: Language = "en", as_json: AsJson = False) -> None:
        """Write the custody record of an item as a sealed PDF: its hash goes into the log.

        Whoever gets it has it checked by: comity log check-paper FILE. The package itself is verified without this
        node: comity verify. Example: comity evidence paper ITEM --language es --out custody.pdf --as custodian-1
        """
        with acting(desk(), "evidence.paper", person) as (unit, issuer):
            made, file = service.issue_custody(unit, issuer, item, language, drawing(desk()))
        write_file(out, file)
        emit(made.as_dict() | {"file": str(out)}, as_json, lambda: f"Written: {out}, sealed in log entry {made.entry}.")
