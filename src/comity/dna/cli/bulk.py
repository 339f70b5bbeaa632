"""`comity dna bulk`: profiles in bulk against the agency's own, into a report."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.dna import service
from comity.dna.cli import exchanging
from comity.kit.shell import As, AsJson, Desk, Progress, emit, passphrase, read_file, writing
from comity.search.model import Ask

File = Annotated[Path | None, typer.Argument(help="Compare the profiles of this file; without one, those held.")]
Out = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Where the hits go: FILE.jsonl or FILE.csv.")
]
Since = Annotated[
    str, typer.Option(metavar="PROFILE", help="Only profiles that came after this one, against all of them.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a report whose run was stopped.")]
To = Annotated[
    list[str], typer.Option("--to", metavar="STATE", help="Ask partners about the profiles instead; repeatable.")
]
Case = Annotated[str, typer.Option("--case", help="With --to: the case that the questions belong to.")]
Purpose = Annotated[str, typer.Option(help="With --to: purpose code.")]
Instrument = Annotated[str | None, typer.Option(help="With --to: legal instrument; default: the best basis.")]
Accepted = Annotated[
    bool, typer.Option("--accept-chance-hits", help="With --to: ask although many hits are expected by chance.")
]
Yes = Annotated[bool, typer.Option("--yes", help="With --to: send without asking once more.")]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna bulk`."""

    @app.command()
    def bulk(  # a command's options are its parameters
        person: As, file: File = None, report: Out = None, since: Since = "", resume: Resume = False,
        to: To = [],  # noqa: B006  # typer copies it
        case: Case = "", purpose: Purpose = "criminal_investigation", instrument: Instrument = None,
        accepted: Accepted = False, yes: Yes = False, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Compare profiles in bulk with all that the node holds: a file's, those that came since one, or all with all.

        Hits go into the report as they are found, each pair once, by the Prüm rule with near matches. A run that was
        stopped, however, goes on with --resume. Its beginning and its end are logged. The answer names the last
        profile: the next run's --since.

        With --to partners are asked about every profile that they were not asked about yet, 64 in an envelope, each a
        question of its own, as far as quotas go today; answers come as to `comity search ask`. Run it again to go on.

        Example: comity dna bulk --since REF-1 --report hits.jsonl --as examiner-1
        """
        if to:
            _check_alone(file, report, case)
            ask = Ask(case, "dna", "", tuple(dict.fromkeys(to)), purpose, instrument, accepted=accepted)
            exchanging.run(desk(), person, service.Daily(ask, since), (yes, as_json))
            return
        if report is None or (since and file is not None):
            raise BadInput("dna.bulk-words", "It is not clear what to compare, or where the hits should go",
                           todo="Name a --report, and a file or --since; or partners with --to.")  # fmt: skip
        asked = _asked(file, since)
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with writing(report):
            made = (_resumed if resume else _begun)(station, issuer, asked, report)
            found = _done(station, issuer, made, asked)
        emit(found, as_json, lambda: _words(found, report))


def _check_alone(file: Path | None, report: Path | None, case: str) -> None:
    if file is not None or report is not None or not case:
        raise BadInput("dna.bulk-partners", "Partners are asked about profiles held here, for a case",
                       todo="Name the --case, and neither a file nor a report.")  # fmt: skip


def _asked(file: Path | None, since: str) -> service.InBulk:
    if file is None:
        return service.InBulk(since)
    return service.in_bulk(read_file(file), file.name)


def _begun(station: Desk, issuer: Issuer, asked: service.InBulk, report: Path) -> service.Report:
    service.refuse_report(report)
    with station.acting("dna.bulk", issuer) as unit:
        run = service.begin_bulk(unit, issuer, asked)
    made = service.Report(report, run)
    made.start()
    return made


def _resumed(station: Desk, issuer: Issuer, asked: service.InBulk, report: Path) -> service.Report:
    made = service.resumed(report)
    if made.run.sha256 != asked.sha256:
        raise BadInput("dna.bulk-other", "The report was begun with another file", where=str(made.file),
                       todo="Name the file that it was begun with.")  # fmt: skip
    with station.acting("dna.bulk", issuer) as unit:
        service.resume_bulk(unit, issuer, made.run)
    return made


def _done(station: Desk, issuer: Issuer, made: service.Report, asked: service.InBulk) -> JsonObject:
    """Every block that is left, and the end of the run."""
    held = service.Held(station.home / service.INDEX)
    with Progress("comparing", made.run.profiles) as progress:
        progress.advance(made.done)
        while True:
            with station.database.read("dna.bulk") as unit:
                block = service.block_of(unit, held, made.run, asked, made.position)
            if block is None:
                break
            made.add(block.hits, block.profiles, block.position)
            progress.advance(block.profiles)
    held.settled()
    told: JsonObject = {"profiles": made.done, "hits": made.hits, "report_sha256": made.sha256()}
    with station.acting("dna.bulk", issuer) as unit:
        service.end_bulk(unit, issuer, made.run, told)
    made.finish()
    return told | {"report": str(made.file), "last": made.run.mark or None}


def _words(found: JsonObject, report: Path) -> str:
    return (
        f"{found['profiles']} profiles compared, {found['hits']} hits in {report}.\n"
        f"SHA-256 of the report: {found['report_sha256']}\n"
        f"The last profile held was {found['last']}: begin the next run with --since {found['last']}."
    )
