"""`comity log check-paper`: whether a file is a paper that this node issued."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.kit.shell import AsJson, Desk, emit, read_file
from comity.log import service
from comity.log.model import SealedPaper

_MOST = 20_000_000
PaperFile = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The PDF, as it was received.")]
Id = Annotated[str, typer.Option("--id", metavar="PAPER", help="Instead of a file: the id printed on it.")]


def papers(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The command about sealed papers."""

    @app.command("check-paper")
    def check_paper(file: PaperFile = None, id: Id = "", as_json: AsJson = False) -> None:
        """Say whether a file is, byte for byte, a paper that this node issued, and which log entry proves it.

        The entry is proven to others with: comity log prove ENTRY
        """
        station = desk()
        if (file is None) == (not id):
            raise BadInput("log.paper-named", "Give a file, or --id and the id that is printed on the paper",
                           todo="For instance: comity log check-paper answer.pdf")  # fmt: skip
        data = read_file(file, _MOST) if file else b""
        with station.database.read("log.paper") as unit:
            found = service.known_paper(unit, file=data, id=id)
        told: JsonObject = found.as_dict() | {"file": str(file) if file else None}
        emit(told, as_json, lambda: _said(found, whole=file is not None))


def _said(found: SealedPaper, *, whole: bool) -> str:
    holds = "Issued by this node, unchanged" if whole else "Issued by this node; compare the file's own hash"
    return "\n".join([
        holds, f"  paper   {found.id}, {found.kind.replace('_', ' ')}", f"  about   {found.about}",
        f"  SHA-256 {found.sha256}", f"  issued  {found.as_dict()['at']}",
        f"  proof   comity log prove {found.entry}",
    ])  # fmt: skip
