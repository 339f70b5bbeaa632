"""`comity dna flags`, `elimination` and `recheck`: what an examiner has to look at, who is ruled out, what is looked at
again."""

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from comity.base.model import JsonObject
from comity.base.words import name
from comity.dna import service
from comity.dna.model import Flag, ImportReport
from comity.kit.shell import As, AsJson, Desk, Progress, acting, emit, passphrase, table

MAX_SHOWN = 20
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="A number of `comity dna elimination list`.")]
Reason = Annotated[str, typer.Option(help="Why; it goes into the log.")]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna flags list|decide` and `dna elimination list|open|remove`."""
    flags = typer.Typer(no_args_is_help=True, help="Stains that look like contamination, and doubles: to be decided.")
    app.add_typer(flags, name="flags")
    _flags(flags, desk)
    group = typer.Typer(no_args_is_help=True, help="Profiles of staff and others who may have touched the evidence.")
    app.add_typer(group, name="elimination")
    _elimination(group, desk)
    _rechecking(app, desk)


def _rechecking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("recheck")
    def recheck(
        specimens: Annotated[list[str], typer.Argument(metavar="SPECIMEN...", help="Specimens that were corrected.")],
        person: As,
        ask_again: Annotated[
            bool, typer.Option("--ask-again", help="Ask our own questions of your cases anew, too.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Look again at past searches after a correction (`comity dna import --corrected`).

        Partners whose questions would be answered otherwise now are told so. Our own questions with the earlier alleles
        are listed; with --ask-again each is asked anew. Roles: officer, examiner.
        """
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.reading("dna.recheck", issuer) as unit, Progress("looking", service.partners_asked(unit)) as steps:
            touched = service.to_recheck(unit, issuer, specimens, steps.advance)
        with station.acting("dna.recheck", issuer) as unit:
            found = service.recheck(unit, issuer, touched, ask_again=ask_again)
        emit(found.as_dict(), as_json, lambda: "\n".join(_rechecked(found)))


def _rechecked(found: service.Rechecked) -> Iterator[str]:
    yield f"{len(found.told)} partners' questions would be answered otherwise now; the partners were told."
    yield from (f"  {query.partner}: query {query.id}" for query in found.told)
    yield f"{len(found.own)} of our own questions were asked with the earlier alleles."
    for query in found.own:
        done = found.again.get(query.id)
        yield f"  {query.partner}: query {query.id}" + (f", asked again: {done}" if done else "")


def _flags(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("list")
    def list_(
        person: As,
        decided: Annotated[bool, typer.Option("--all", help="Those that are decided, too.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """List what waits for an examiner. Roles: officer, examiner."""
        with acting(desk(), "dna.list", person) as (unit, issuer):
            found = service.flags(unit, issuer, decided=decided)
        rows = [(f.id, f.kind, f.specimen, f.other, f.at.date().isoformat(), name(f.finding) or "open") for f in found]
        shown: JsonObject = {"flags": [flag.as_dict() for flag in found]}
        headings = ("FLAG", "KIND", "SPECIMEN", "FITS", "SINCE", "FINDING")
        emit(shown, as_json, lambda: table(headings, rows, "Nothing waits for an examiner."))

    @group.command("decide")
    def decide(
        flag: Annotated[str, typer.Argument(help="A flag of `comity dna flags list`.")],
        finding: Annotated[
            str, typer.Option(help="contamination or cleared; of a double: same_person, twins or error.")
        ],
        reason: Reason,
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Say what was found about a flag. Of contamination another examiner does than who imported the stain.

        A stain that is cleared comes in as a profile; contamination stays out, and is kept with its flag.
        """
        with acting(desk(), "dna.decide-flag", person) as (unit, issuer):
            made = service.decide_flag(unit, issuer, flag, finding, reason)
        emit(made.as_dict(), as_json, lambda: flag_line(made))


def _elimination(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("list")
    def list_(person: As, as_json: AsJson = False) -> None:
        """List the profiles by their numbers, without names and alleles. The look is logged. Roles: examiner, approver.

        They come in by `comity dna import FILE --elimination`.
        """
        with acting(desk(), "dna.list-elimination", person) as (unit, issuer):
            found = service.elimination(unit, issuer)
        rows = [(one.number, str(one.loci), one.kit or "", one.at.date().isoformat()) for one in found]
        empty = "Nobody. Import a file of staff profiles: comity dna import FILE --elimination --as examiner-1"
        shown: JsonObject = {"profiles": [one.as_dict() for one in found]}
        emit(shown, as_json, lambda: table(("NUMBER", "LOCI", "KIT", "SINCE"), rows, empty))

    @group.command("open")
    def open_(number: Number, reason: Reason, person: As, as_json: AsJson = False) -> None:
        """Say whose profile a number is. Roles: approver; logged with the reason."""
        with acting(desk(), "dna.open-elimination", person) as (unit, issuer):
            found = service.open_elimination(unit, issuer, number, reason)
        emit(found, as_json, lambda: "\n".join(f"{name(key)}: {value}" for key, value in found.items()))

    @group.command("remove")
    def remove(number: Number, reason: Reason, person: As, as_json: AsJson = False) -> None:
        """Take a profile out for good. Roles: examiner; logged with the reason."""
        with acting(desk(), "dna.drop-elimination", person) as (unit, issuer):
            service.drop_elimination(unit, issuer, number, reason)
        emit({"removed": number}, as_json, lambda: f"{number} is no longer in the elimination database.")


def flag_line(flag: Flag) -> str:
    """One flag for people."""
    about = "looks like contamination by" if flag.kind == "contamination" else "has the same alleles as"
    found = f"{name(flag.finding)}, said {flag.person}: {flag.reason}" if flag.finding else "open"
    return f"FLAG {flag.id}: {flag.specimen} {about} {flag.other} ({found})"


def told(report: ImportReport) -> Iterator[str]:
    """What the screening of an import found, for people."""
    for kept in report.held[:MAX_SHOWN]:
        yield (
            f"HELD BACK: {kept.specimen} looks like contamination by {kept.other}; to be checked by another examiner:"
            f" comity dna flags decide {kept.flag}"
        )
    for double in report.doubles[:MAX_SHOWN]:
        yield f"DOUBLE: {double.specimen} has the same alleles as profile {double.other} (flag {double.flag})"
    for noted in report.noted[:MAX_SHOWN]:
        seen = "; ".join(" ".join(filter(None, (name(s.kind), s.locus, s.value))) for s in noted.signs)
        yield f"Look at {noted.specimen}: {seen}"
    if report.corrected:
        named = " ".join(report.corrected[:MAX_SHOWN]) + (" ..." if len(report.corrected) > MAX_SHOWN else "")
        yield f"{len(report.corrected)} corrected. Look again at past searches: comity dna recheck {named}"
    more = sum(max(0, len(found) - MAX_SHOWN) for found in (report.held, report.doubles, report.noted))
    if more:
        yield f"and {more} more; --json and --report list all of them."
