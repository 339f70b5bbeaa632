"""`comity dna search` and `comity dna compare`: the laboratory's own searches, and two profiles side by side."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.dna import service
from comity.dna.cli.statistics import LeastCount, Theta
from comity.dna.model import AUTOSOMAL, Assumptions, figure
from comity.kit.shell import As, AsJson, Desk, acting, emit, read_file, table

Which = Annotated[str, typer.Option("--specimen", help="The specimen of a file that holds several.")]
RULES = "An id of `comity dna rules`."
MAX_FILE = 8 << 20


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna search` and `dna compare`."""
    _searching(app, desk)
    _comparing(app, desk)


def _searching(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def search(
        what: Annotated[
            str, typer.Argument(metavar="PROFILE|FILE", help="A profile id, a specimen, or a file of one.")
        ],
        person: As,
        rules: Annotated[str, typer.Option("--rules", metavar="RULES", help=RULES)] = "pruem-2008",
        least: Annotated[
            int | None, typer.Option(help="Loci that must fit, in the place of the rules' figure.")
        ] = None,
        most_mismatches: Annotated[
            int | None, typer.Option("--most-mismatches", help="Loci that may fail to fit, in the place of the rules'.")
        ] = None,
        specimen: Which = "",
        limit: Annotated[int, typer.Option(min=1, max=1000, help="How many profiles to list.")] = 20,
        as_json: AsJson = False,
    ) -> None:
        """Search the node's own profiles for those that fit one, the best first, with every difference.

        What fits is said by the rules, for partners or for own searches alone. Nothing leaves the node; the search is
        logged. Roles: officer, examiner.

        Example: comity dna search STAIN-1 --rules codis-moderate --least 8 --most-mismatches 1 --as examiner-1
        """
        station, given = desk(), _file(what, specimen)
        sought, held = service.Sought(rules, least, most_mismatches, limit), service.Held(station.home / service.INDEX)
        with acting(station, "dna.search", person) as (unit, issuer):
            found = service.search_own(unit, issuer, given or what, sought, held)
        held.settled()
        emit(found.as_dict(), as_json, lambda: _found(found))


def _file(what: str, specimen: str) -> service.Sample | None:
    """The specimen of a file; None where no file is named so."""
    path = Path(what)
    if not path.is_file():
        return None
    good, refused = service.read_file(read_file(path, MAX_FILE))
    chosen = [each for each in good if specimen in ("", each.specimen)]
    if len(chosen) != 1:
        why = f"; {refused[0].specimen}: {refused[0].reason}" if refused else ""
        raise BadInput("dna.search-file", f"{path.name} holds {len(chosen)} such specimens, and one is compared{why}",
                       todo="Name one of them with --specimen.")  # fmt: skip
    return service.sample_of(chosen[0])


def _found(found: service.OwnSearch) -> str:
    rows = [
        (hit.profile.specimen, hit.profile.category, str(hit.as_dict()["quality"]),
         f"{hit.comparison.fitting} of {len(hit.comparison.findings)}", str(hit.comparison.full), _differences(hit))
        for hit in found.hits
    ]  # fmt: skip
    under = found.under
    about = (
        f"{found.met} of {found.looked_through} profiles meet {under.title} ({under.id}): at least {under.minimum_full}"
        f" loci that fit, at most {under.most_mismatches} that do not. Quality 1 is the best."
    )
    heads = ("PROFILE", "CATEGORY", "QUALITY", "FIT", "EQUAL", "DIFFERENCES")
    return "\n".join([f"Profiles that fit {found.sample.specimen}", table(heads, rows, "None."), about])


def _differences(hit: service.OwnHit) -> str:
    return "; ".join(
        f"{f.locus} {'/'.join(f.left)} - {'/'.join(f.right)} ({f.difference})" for f in hit.comparison.differing
    )


def _comparing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def compare(  # a command's options are its parameters
        one: Annotated[str, typer.Argument(metavar="PROFILE|FILE", help="A profile id, a specimen, or a file of one.")],
        two: Annotated[str, typer.Argument(metavar="PROFILE|FILE", help="Another.")],
        person: As,
        rules: Annotated[
            list[str] | None, typer.Option("--rules", metavar="RULES", help=f"{RULES} May be repeated.")
        ] = None,
        populations: Annotated[
            bool, typer.Option("--populations", help="Weigh in every population held here.")
        ] = False,
        population: Annotated[
            list[str] | None, typer.Option("--population", metavar="NAME", help="Weigh in this one; may be repeated.")
        ] = None,
        theta: Theta = 0.01,
        least_count: LeastCount = 5,
        as_json: AsJson = False,
    ) -> None:
        """Show two profiles side by side, locus by locus, under one or several rules; logged.

        With populations, frequencies and likelihood ratios of the equal loci; no ratio over all where a locus differs.

        Example: comity dna compare STAIN-1 REF-7 --rules pruem-2008 --rules codis-low --populations --as examiner-1
        """
        asked = service.AsCompared(
            rules or ["pruem-2008"], populations or bool(population), population or (), Assumptions(theta, least_count)
        )
        sides = [_file(each, "") for each in (one, two)]
        with acting(desk(), "dna.compare", person) as (unit, issuer):
            found = service.compare(unit, issuer, (sides[0] or one, sides[1] or two), asked)
        emit(found.as_dict(), as_json, lambda: _compared(found))


def _compared(found: service.Compared) -> str:
    by_set = [{f.locus: f.difference for f in compared.findings} for _, compared in found.comparisons]
    weights = [{one.locus: one for one in weight.loci} for weight in found.weights]
    rows = []
    for name in found.loci:
        alleles = (" ".join(side.loci.get(name, ())) or "-" for side in (found.one, found.two))
        marks = (differences.get(name, "-") for differences in by_set)
        ratios = (f"{1 / held[name].probability:.4g} ({_frequencies(held[name].frequencies)})" if name in held else "-"
                  for held in weights)  # fmt: skip
        rows.append((name, *alleles, *marks, *ratios))
    if found.weights:
        ends = [figure(weight.log10_lr) if found.agree else "-" for weight in found.weights]
        rows.append(("all", "", "", *("" for _ in by_set), *ends))
    heads = ("LOCUS", found.one.specimen, found.two.specimen, *(under.id for under, _ in found.comparisons),
             *(weight.population for weight in found.weights))  # fmt: skip
    empty = f"Neither holds one of the {len(AUTOSOMAL)} loci that are compared."
    about = [] if found.agree or not found.weights else [service.NO_RATIO]
    told = [*(service.WEIGHED_AS if found.weights else ()), *about]
    return "\n".join([table(heads, rows, empty), "", *found.in_words(), *told])


def _frequencies(both: tuple[float, float]) -> str:
    return " ".join(f"{p:.4g}" for p in dict.fromkeys(both))
