"""`comity dna export`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import Conflict
from comity.dna import service
from comity.kit.shell import As, AsJson, Desk, Progress, acting, emit, private, writing

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, such as profiles.xml.")]
Category = Annotated[list[str] | None, typer.Option("--category", help="Profiles of this category; may be repeated.")]
Named = Annotated[list[str] | None, typer.Option("--specimen", help="The profile of this specimen; may be repeated.")]
All = Annotated[bool, typer.Option("--all", help="Every active profile.")]
To = Annotated[str, typer.Option("--to", help="Whom the heading of a CODIS file names as its receiver.")]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna export`."""

    @app.command("export")
    def export(  # a command's options are its parameters
        out: Out,
        person: As,
        format: Annotated[str, typer.Option(help="cmf-3.2, cmf-3.3, cmf-rapid, csv-wide, csv-long or json.")],
        category: Category = None,
        specimen: Named = None,
        everything: All = False,
        to: To = "",
        as_json: AsJson = False,
    ) -> None:
        """Write profiles to a file, exactly as they were designated. The persons are never in it. The act is logged.

        Importing the file again gives identical profiles. Roles: officer, examiner.

        Example: comity dna export --format cmf-3.3 --category "Forensic, Unknown" --out stains.xml --as examiner-1
        """
        station = desk()
        with station.database.read("dna.export") as unit:
            total = len(specimen or ()) or service.count_profiles(unit)
        with Progress("exporting", total) as progress:
            wanted = service.Wanted(
                format, tuple(category or ()), tuple(specimen or ()), everything, to, progress.advance
            )
            report = _written(out, station, person, wanted)
        told = report.as_dict() | {"file": str(out)}
        emit(told, as_json, lambda: f"{report.profiles} profiles were written to {out}\nSHA-256 {report.sha256}")


def _written(out: Path, station: Desk, person: str, wanted: service.Wanted) -> service.ExportReport:
    """Write beside the file and give it its name once the act is kept; an act that fails leaves no file."""
    coming = out.with_name(out.name + ".part")
    if out.exists():
        raise Conflict("dna.export-file", "There is a file of this name already", where=str(out),
                       todo="Name a new one.")  # fmt: skip
    try:
        with writing(out), open(coming, "wb", opener=private) as file:
            with acting(station, "dna.export", person) as (unit, issuer):
                report = service.export(unit, issuer, wanted, file.write)
                file.flush()
            coming.replace(out)
        return report
    finally:
        coming.unlink(missing_ok=True)
