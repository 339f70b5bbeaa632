"""`comity dna stats`: populations, and what a profile weighs in each of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.dna import service
from comity.dna.cli import summing
from comity.dna.model import Assumptions, Formula, Population, Profile, Weight, figure
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, read_file, table

Populations = Annotated[
    list[str] | None,
    typer.Option("--population", metavar="NAME", help="A population; may be repeated. All, if left out."),
]
Theta = Annotated[float, typer.Option(help="Coancestry coefficient (F_ST), 0 to 0.5.")]
LeastCount = Annotated[
    int, typer.Option("--least-count", help="No allele counts as rarer than this many in the sample.")
]

MAX_FILE = 1 << 20
NONE = (
    "No populations yet. Import a published table of allele frequencies:\n"
    "  comity dna stats import FILE --name NAME --source 'who published it, where, when' --as examiner-1"
)


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna stats import`, `list`, `show`, `weigh`, `chance` and `database`."""
    group = typer.Typer(
        no_args_is_help=True, help="Populations' allele frequencies, and what a profile weighs in them."
    )
    app.add_typer(group, name="stats")
    _importing(group, desk)
    _showing(group, desk)
    _weighing(group, desk)
    _expecting(group, desk)
    summing.add_commands(group, desk)


def _importing(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="A CSV table: Allele, then a column a locus.")],
        name: Annotated[str, typer.Option(help="What the population is called here, such as norway-2012.")],
        source: Annotated[str, typer.Option(help="Who published the table, where and when.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Take in a population's allele frequencies. A table that does not add up is refused, and says at which locus.

        Rows named N (persons) or 2N (alleles) tell how many were sampled; the least frequency is then 5/2N.
        Roles: officer, examiner.
        """
        data = read_file(file, MAX_FILE)
        with acting(desk(), "dna.import-population", person) as (unit, issuer):
            made = service.import_population(unit, issuer, data, name, source)
        emit(made.outline(), as_json, lambda: f"{_line(made)}\nSHA-256 {made.sha256}")


def _line(made: Population) -> str:
    counted = made.outline()
    return f"{made.name}: {counted['alleles']} alleles of {counted['loci']} loci. Source: {made.source}"


def _showing(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the populations, with where their frequencies come from and the hash of the file."""
        with desk().database.read("dna.populations") as unit:
            found = service.populations(unit)
        rows = [(p.name, str(len(p.file.frequencies)), p.at.date().isoformat(), p.sha256[:16], p.source) for p in found]
        shown: JsonObject = {"populations": [p.outline() for p in found]}
        emit(shown, as_json, lambda: table(("POPULATION", "LOCI", "SINCE", "SHA-256", "SOURCE"), rows, NONE))

    @group.command("show")
    def show(
        name: Annotated[str, typer.Argument(metavar="POPULATION", help="A name of `comity dna stats list`.")],
        as_json: AsJson = False,
    ) -> None:
        """Show a population's frequencies exactly as they were published."""
        with desk().database.read("dna.populations") as unit:
            found = service.population(unit, name)
        rows = [
            (locus, allele, text)
            for locus, alleles in found.file.frequencies.items()
            for allele, text in alleles.items()
        ]
        emit(found.as_dict(), as_json, lambda: f"{_line(found)}\n{table(('LOCUS', 'ALLELE', 'FREQUENCY'), rows, '')}")


def _weighing(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("weigh")
    def weigh(
        ref: Annotated[str, typer.Argument(metavar="PROFILE", help="A profile id or a specimen.")],
        person: As,
        population: Populations = None,
        theta: Theta = 0.01,
        least_count: LeastCount = 5,
        formula: Annotated[
            str, typer.Option(help="nrc-4.10 (Balding-Nichols) or nrc-4.4 (product rule).")
        ] = "nrc-4.10",
        as_json: AsJson = False,
    ) -> None:
        """Weigh a profile that was found twice: probability and likelihood ratio, in several populations side by side.

        No drop-out and no drop-in at a compared locus; loci with an unknown or a third value are left out. The ratio
        says how much more probable the findings are under one hypothesis than under another, and not who it is.

        Example: comity dna stats weigh STAIN-1 --population norway-2012 --theta 0.02 --as examiner-1
        """
        assumptions = Assumptions(theta, least_count, _formula(formula))
        with acting(desk(), "dna.weigh", person) as (unit, issuer):
            profile, weights = service.weigh(unit, issuer, ref, population or (), assumptions)
        emit(service.weights_as_json(profile, weights), as_json, lambda: _side_by_side(profile, weights))


def _expecting(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("chance")
    def chance(
        ref: Annotated[str, typer.Argument(metavar="PROFILE", help="A profile id or a specimen.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Say how many hits a search with a profile is expected to find by chance, before it is made.

        Matches and near matches with profiles of unrelated persons, in the population that makes them most probable.
        """
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.database.read("dna.chance") as unit:
            found = service.expected(unit, issuer, ref)
        emit(found, as_json, lambda: _by_chance(found))


def _by_chance(found: JsonObject) -> str:
    if found["basis"] is None:
        return f"No estimate for {found['specimen']}: no population held here knows its loci. {NONE}"
    return "\n".join([
        f"Hits expected by chance with {found['specimen']} ({found['basis']}):",
        f"  {found['here']} among the {found['profiles']} profiles held here",
        f"  {found['per_million']} in every million profiles of a partner",
        str(found["assumed"]),
    ])  # fmt: skip


def _formula(text: str) -> Formula:
    if text not in ("nrc-4.10", "nrc-4.4"):
        raise BadInput("dna.formula", f"{text[:20]!r} is no known formula", todo="Use nrc-4.10 or nrc-4.4.")
    return "nrc-4.10" if text == "nrc-4.10" else "nrc-4.4"


def _side_by_side(profile: Profile, weights: Sequence[Weight]) -> str:
    by_locus = [{locus.locus: locus for locus in weight.loci} for weight in weights]
    rows = []
    for name, alleles in profile.loci.items():
        held = [found.get(name) for found in by_locus]
        if any(held):
            cells = (f"{1 / w.probability:.4g}{' *' if any(w.raised) else ''}" if w else "-" for w in held)
            rows.append((name, " ".join(alleles), *cells))
    rows.append(("all", "", *(figure(weight.log10_lr) for weight in weights)))
    shown = table(("LOCUS", "ALLELES", *(weight.population for weight in weights)), rows, "")
    told = [f"{service.weight_in_words(weight)}." for weight in weights]
    left = [f"Left out for {w.population}: {name} ({why})." for w in weights for name, why in w.left_out.items()]
    note = ["* a frequency was raised to the least that the table can tell."] if "*" in shown else []
    return "\n".join([f"Likelihood ratios for {profile.specimen}", shown, *note, *left, *told, *service.WEIGHED_AS])
