"""Options and words that several commands of evidence share."""

from typing import Annotated, Final

import typer

Case = Annotated[str, typer.Option("--case", help="The case, by id or reference.")]
Named = Annotated[str, typer.Argument(metavar="ID", help="A request, release, package or item.")]
Wait = Annotated[float, typer.Option("--wait", metavar="SECONDS", help="Wait for it, at most this long.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the partner reads it, and it goes into the log.")]

EMPTY: Final = (
    "WARNING: the file is EMPTY (0 bytes). It is sealed as it came, for an empty file can be evidence; make sure that"
    " the acquisition was complete."
)
