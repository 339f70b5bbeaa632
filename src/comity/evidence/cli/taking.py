"""`comity evidence take-in`: an exhibit is hashed while it is sealed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from comity.base.model import JsonObject
from comity.evidence import service
from comity.evidence.cli.options import EMPTY, Case
from comity.evidence.model.package import Acquisition, Details, Digest
from comity.kit.shell import As, AsJson, Desk, Progress, acting, emit, reading

PIECE: Final = 1 << 20


def taking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`take-in`."""

    @app.command("take-in")
    def take_in(  # a command's options are its parameters
        file: Annotated[Path, typer.Argument(help="The container as acquired: a report, an image, a dump.")],
        case: Case,
        kind: Annotated[str, typer.Option("--kind", help="laboratory_report, disk_image, photograph, ...")],
        source: Annotated[str, typer.Option("--source", help="Where it comes from, in words.")],
        person: As,
        exhibit: Annotated[str, typer.Option("--exhibit", help="Exhibit number; default: the next of the case.")] = "",
        method: Annotated[str, typer.Option("--method", help="How it was acquired.")] = "file",
        acquired: Annotated[str, typer.Option("--acquired", help="When: RFC 3339 with a zone.")] = "",
        media_sha256: Annotated[str, typer.Option("--media-sha256", help="Media hash that the tool stated.")] = "",
        media_size: Annotated[int, typer.Option("--media-size", help="Media size in bytes that the tool stated.")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """Take an exhibit in: hashed while it is sealed under the case's key; its custody chain begins.

        Example: comity evidence take-in report.pdf --case C-1 --kind laboratory_report --source "our laboratory" --as P
        """
        media = Digest(media_sha256.lower(), media_size) if media_sha256 else None
        kept_as = "ewf" if file.suffix.lower() == ".e01" else "raw"
        acquisition = Acquisition(method, operator=person, end=acquired)
        details = Details(kind, source, acquisition, exhibit, "", kept_as, media)
        with acting(desk(), "evidence.stage", person) as (_, issuer):
            pass
        staged = service.stage(desk().database, desk().vault, issuer, case, _pieces(file))
        with desk().acting("evidence.take-in", issuer) as unit:
            kept = service.take_in(unit, desk().vault, issuer, (case, staged), details)
        data: JsonObject = kept.as_dict() | {"item": kept.item.id}
        warning = f"\n{EMPTY}" if data["empty"] else ""
        emit(data, as_json, lambda: (
            f"Exhibit {kept.item.exhibit} is sealed as item {kept.item.id}.\n"
            f"SHA-256 {kept.item.container.sha256}, {kept.item.container.size:,} bytes{warning}"))  # fmt: skip


def _pieces(file: Path) -> Iterator[bytes]:
    """The file in pieces, with progress; BadInput when it cannot be read."""
    with reading(file), file.open("rb") as source, Progress(f"sealing {file.name}", file.stat().st_size) as progress:
        while piece := source.read(PIECE):
            yield piece
            progress.advance(len(piece))
