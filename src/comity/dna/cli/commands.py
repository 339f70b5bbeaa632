"""`comity dna`: import profiles, list them, look at one."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from comity.base.memory import spare_loaded
from comity.base.model import Json, JsonObject
from comity.client.node import Node
from comity.dna import service
from comity.dna.cli import bulk, exporting, index, partners, ranking, rulesets, screening, searching, statistics
from comity.dna.model import ImportReport, Profile
from comity.kit.codec.jcs import canonical
from comity.kit.shell import As, AsJson, Desk, Progress, acting, emit, passphrase, read_file, table, write_file

MAX_SHOWN: Final = 20
"""Refused specimens printed for people; the JSON report has all of them."""
_LARGE: Final = 10_000_000
"""Bytes of a file from which on Python's collector would look at all that is loaded again and again."""

Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Keep what came in, what not, and why: FILE.csv or FILE.json."),
]

Lister = Callable[[str, str, int], JsonObject]
"""(person, after, limit) to a page of profiles as the officer API tells it, on this node or at a distance."""


def there(node: Node) -> Lister:
    """The profiles of a node at a distance, for whom the access token is."""
    return lambda _person, after, limit: node.dna.list(after, limit)


def commands(desk: Callable[[], Desk], far: Lister | None = None) -> typer.Typer:
    """The `dna` group; `far` lists the profiles of another machine's node."""
    app = typer.Typer(no_args_is_help=True, help="DNA profiles: import, export, show, weigh, kinship, mixture.")
    _importing(app, desk)
    exporting.add_commands(app, desk)
    _listing(app, far or _here(desk))
    _looking(app, desk)
    statistics.add_commands(app, desk)
    ranking.add_commands(app, desk)
    index.add_commands(app, desk)
    bulk.add_commands(app, desk)
    partners.add_commands(app, desk)
    rulesets.add_commands(app, desk)
    screening.add_commands(app, desk)
    searching.add_commands(app, desk)
    return app


def _importing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("import")
    def import_(  # a command's options are its parameters
        file: Annotated[Path, typer.Argument(help="CODIS CMF (XML), a CSV or GeneMapper table, or own JSON.")],
        person: As,
        format: Annotated[str, typer.Option(help="auto, cmf, csv, genemapper or json.")] = "auto",
        category: Annotated[str, typer.Option(help="What the specimens are, where the file does not say.")] = "",
        corrected: Annotated[
            bool, typer.Option("--corrected", help="Take specimens already held as corrected versions.")
        ] = False,
        elimination: Annotated[
            bool, typer.Option("--elimination", help="Into the elimination database: laboratory staff and the like.")
        ] = False,
        report_to: Report = None,
        as_json: AsJson = False,
    ) -> None:
        """Take in a laboratory's file. Good specimens come in, bad ones are listed with the reason and what to do.

        A broken file is refused whole, and a specimen that stands in it twice and differs, both times. Columns of a CSV
        table that begin with core_ hold the person; they are sealed. A stain that fits the elimination database is held
        back until an examiner has looked (`comity dna flags`). Exit 2: every specimen was refused.

        Example: comity dna import stain.xml --as examiner-1
        """
        data = read_file(file)
        if len(data) > _LARGE:
            spare_loaded()
        with Progress("importing", _specimens(data)) as progress:
            options = service.Options(format, corrected, category, progress.advance)
            with acting(desk(), "dna.import", person) as (unit, issuer):
                report = (service.eliminate if elimination else service.take_in)(unit, issuer, data, file.name, options)
        if report_to is not None:
            write_file(report_to, _report_file(report, report_to))
        emit(report.as_dict(), as_json, lambda: _report(report))
        if report.nothing:
            raise typer.Exit(2)


def _report_file(report: ImportReport, file: Path) -> bytes:
    return canonical(report.as_dict()) + b"\n" if file.suffix == ".json" else service.as_table(report)


def _specimens(data: bytes) -> int:
    """About how many specimens the file holds, for the time left."""
    return max(1, data.count(b"<SPECIMEN") // 3 or data.count(b"\n"))


def _report(report: ImportReport) -> str:
    lines = [_summary(report)]
    lines += [
        f"  {f'line {r.line}, ' if r.line else ''}specimen {r.specimen}: {r.reason}. {r.todo}"
        for r in report.refused[:MAX_SHOWN]
    ]
    if len(report.refused) > MAX_SHOWN:
        lines.append(f"  and {len(report.refused) - MAX_SHOWN} more; --json lists all of them.")
    if report.repeats:
        again = ", ".join(r.specimen + (f" (line {r.line})" if r.line else "") for r in report.repeats[:MAX_SHOWN])
        more = f" and {len(report.repeats) - MAX_SHOWN} more" if len(report.repeats) > MAX_SHOWN else ""
        lines.append(f"Taken in once, for the file repeats them word for word: {again}{more}.")
    return "\n".join([*lines, *screening.told(report)])


def _summary(report: ImportReport) -> str:
    what, refused = f"{report.file} ({report.format})", len(report.refused)
    if report.nothing:
        return f"Nothing was imported from {what}: all {refused} specimens were refused."
    done = f"{report.accepted} profiles imported from {what}"
    return f"{done}; {refused} were REFUSED and are not held:" if refused else f"{done}, none refused."


def _here(desk: Callable[[], Desk]) -> Lister:
    def listed(person: str, after: str, limit: int) -> JsonObject:
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.database.read("dna.list") as unit:
            found, count = service.list_profiles(unit, issuer, after, limit), service.count_profiles(unit)
        return {"count": count, "profiles": [profile.outline() for profile in found]}

    return listed


def _listing(app: typer.Typer, lister: Lister) -> None:
    @app.command("list")
    def list_(
        person: As,
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")] = 20,
        after: Annotated[str, typer.Option(help="Go on behind this profile id.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """List profiles in the order in which they came, without alleles and persons, to an officer or examiner."""
        found = lister(person, after, limit)
        emit(found, as_json, lambda: _table(found["profiles"], found["count"]))


def _looking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("show")
    def show(
        ref: Annotated[str, typer.Argument(metavar="PROFILE", help="A profile id or a specimen.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Show one profile with its alleles exactly as the laboratory wrote them. The look is logged."""
        with acting(desk(), "dna.view", person) as (unit, issuer):
            found = service.view(unit, issuer, ref)
            flags = service.flags_of(unit, found)
        shown = found.as_dict() | {"flags": [flag.as_dict() for flag in flags]}
        emit(shown, as_json, lambda: "\n".join([_profile(found), *map(screening.flag_line, flags)]))


def _table(found: Any, count: Json) -> str:
    rows = [(p["id"], p["specimen"], p["category"], p["kit"] or "", str(p["loci"])) for p in found]
    empty = "No DNA profiles yet. Import a laboratory's file: comity dna import FILE --as examiner-1"
    text = table(("PROFILE", "SPECIMEN", "CATEGORY", "KIT", "LOCI"), rows, empty)
    return f"{text}\n{len(found)} of {count} profiles." if found else text


def _profile(profile: Profile) -> str:
    head = f"{profile.specimen}, {profile.category}, version {profile.version}\nprofile {profile.id}"
    return "\n".join([head, table(("LOCUS", "ALLELES"), [(n, " ".join(a)) for n, a in profile.loci.items()], "")])
