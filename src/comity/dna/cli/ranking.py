"""`comity dna kinship` and `comity dna mixture`: profiles as relatives, or as contributors, the best first."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.dna import service
from comity.dna.cli.statistics import MAX_FILE, LeastCount, Theta
from comity.dna.model import (
    RELATIONS,
    Assumptions,
    KinSearch,
    MixtureModel,
    MixtureSearch,
    Mutation,
    MutationModel,
    Specimen,
    figure,
    find_locus,
)
from comity.kit.shell import As, AsJson, Desk, acting, emit, read_file, table

PopulationName = Annotated[
    str, typer.Option("--population", metavar="NAME", help="The population; may be left out where one alone is held.")
]
Most = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many profiles to list.")]
NOT_WHO = (
    "A ratio says how much more probable the findings are under one hypothesis than under the other, not who it is."
)


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna kinship` and `dna mixture`."""
    _kinship(app, desk)
    _mixture(app, desk)


def _kinship(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def kinship(
        ref: Annotated[str, typer.Argument(metavar="PROFILE", help="A profile id or a specimen.")],
        person: As,
        relation: Annotated[
            list[str] | None,
            typer.Option(help=f"{', '.join(RELATIONS)}; may be repeated. All, if left out."),
        ] = None,
        against: Annotated[str, typer.Option(metavar="PROFILE", help="Weigh this one profile, locus by locus.")] = "",
        population: PopulationName = "",
        theta: Theta = 0.01,
        least_count: LeastCount = 5,
        mutation_model: Annotated[str, typer.Option(help="stepwise, equal or proportional.")] = "stepwise",
        mutation_rate: Annotated[
            list[str] | None, typer.Option(metavar="RATE", help="0.002, or one locus: FGA=0.003; may be repeated.")
        ] = None,
        limit: Most = 20,
        as_json: AsJson = False,
    ) -> None:
        """Rank the node's profiles as relatives of one: for missing persons and unidentified remains.

        Each ratio compares one relation with none, by alleles identical by descent, with mutation and theta. Linked
        loci count as independent. Half siblings and grandparents cannot be told apart. The search is logged.

        Example: comity dna kinship REMAINS-1 --relation parent-child --relation full-siblings --as examiner-1
        """
        mutation = _mutation(mutation_model, mutation_rate or ())
        asked = KinSearch(population, tuple(relation or RELATIONS), Assumptions(theta, least_count), mutation, limit)
        with acting(desk(), "dna.kinship", person) as (unit, issuer):
            if against:
                pair = service.as_relatives(unit, issuer, ref, against, asked)
                emit(pair.as_dict(), as_json, lambda: _pair(pair))
            else:
                found = service.relatives(unit, issuer, ref, asked)
                emit(found.as_dict(), as_json, lambda: _relatives(found))


def _mutation(model: str, rates: Sequence[str]) -> Mutation:
    models: dict[str, MutationModel] = {"stepwise": "stepwise", "equal": "equal", "proportional": "proportional"}
    if model not in models:
        raise BadInput(
            "dna.mutation-model", f"{model[:20]!r} is no known model of mutation", todo=f"Use {', '.join(models)}."
        )
    whole = Mutation().rate
    own: dict[str, float] = {}
    for text in rates:
        name, _, rate = text.rpartition("=")
        locus = find_locus(name)
        try:
            number = float(rate)
        except ValueError as error:
            raise BadInput(
                "dna.mutation", f"{text[:40]!r} is no mutation rate", todo="Write 0.002, or FGA=0.003."
            ) from error
        if name and locus is None:
            raise BadInput("dna.locus-unknown", f"{name[:40]!r} is no known locus", todo="Correct its name.")
        own, whole = (own | {locus.name: number}, whole) if locus else (own, number)
    return Mutation(models[model], whole, own)


def _relatives(found: service.Relatives) -> str:
    lines = []
    for code, listed in found.found.items():
        rows = [
            (
                one.profile.specimen,
                one.profile.category,
                figure(one.kinship.log10_lr(code)),
                str(len(one.kinship.loci[code])),
            )
            for one in listed
        ]
        heading = f"{code}: the two are {RELATIONS[code].title}, or {service.UNRELATED}"
        lines += [heading, table(("PROFILE", "CATEGORY", "RATIO", "LOCI"), rows, "No other profile is held here."), ""]
    about = f"{found.weighed} profiles weighed with {found.population.name}, theta {found.asked.assumptions.theta:g}."
    return "\n".join([f"Relatives of {found.profile.specimen}", "", *lines, about, NOT_WHO])


def _pair(pair: service.Pair) -> str:
    relations = pair.kinship.loci
    loci = list(next(iter(relations.values())))
    rows = [(locus, *(figure(found[locus]) for found in relations.values())) for locus in loci]
    rows.append(("all", *(figure(pair.kinship.log10_lr(code)) for code in relations)))
    head = f"{pair.other.specimen} as relative of {pair.profile.specimen}, with {pair.population.name}"
    about = [f"{code}: the two are {RELATIONS[code].title}, or {service.UNRELATED}." for code in relations]
    return "\n".join([head, table(("LOCUS", *relations), rows, ""), *about, NOT_WHO])


def _mixture(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def mixture(
        file: Annotated[Path, typer.Argument(help="The trace: a long CSV table with SampleName, Marker, Allele1, …")],
        person: As,
        contributors: Annotated[int, typer.Option(help="How many persons the trace is of: 1 to 3.")],
        known: Annotated[
            list[str] | None, typer.Option(metavar="PROFILE", help="Who is known to be in it; may be repeated.")
        ] = None,
        candidates: Annotated[
            Path | None, typer.Option(help="Weigh the profiles of this file, not those of the node.")
        ] = None,
        sample: Annotated[
            list[str] | None, typer.Option(help="The sample of the file; several are replicates of one trace.")
        ] = None,
        population: PopulationName = "",
        drop_out: Annotated[float | None, typer.Option(help="For one allele; estimated, if left out.")] = None,
        drop_in: Annotated[float, typer.Option(help="For one allele, from the laboratory's validation.")] = 0.05,
        theta: Theta = 0.01,
        least_count: LeastCount = 5,
        limit: Most = 20,
        as_json: AsJson = False,
    ) -> None:
        """Rank profiles as contributors to a mixed trace, with drop-out and drop-in (semi-continuous model).

        Unknown contributors are unrelated members of the population. Which alleles were seen counts; peak heights do
        not. With 1 M profiles expect some of strangers with ratios of thousands. The search is logged.

        Example: comity dna mixture trace.csv --contributors 3 --known VICTIM-1 --as examiner-1
        """
        trace = service.read_trace(read_file(file, MAX_FILE), file.name, sample or ())
        given = None if candidates is None else _candidates(candidates)
        model = MixtureModel(contributors, drop_out, drop_in, theta, least_count)
        asked = MixtureSearch(model, population, tuple(dict.fromkeys(known or ())), limit)
        with acting(desk(), "dna.mixture", person) as (unit, issuer):
            found = service.contributors(unit, issuer, trace, asked, given)
        emit(found.as_dict(), as_json, lambda: _contributors(found))


def _candidates(file: Path) -> list[Specimen]:
    good, refused = service.read_file(read_file(file))
    if refused:
        first = refused[0]
        raise BadInput("dna.candidates", f"Specimen {first.specimen} of {file.name} cannot be used: {first.reason}",
                       where=f"line {first.line}", todo=first.todo)  # fmt: skip
    return good


def _contributors(found: service.Candidates) -> str:
    rows = [
        (one.specimen, one.category, figure(one.weight.log10_lr), str(len(one.weight.loci)),
         " and ".join(f"{each:g}" for each in one.weight.drop_outs))
        for one in found.found
    ]  # fmt: skip
    shown = table(("PROFILE", "CATEGORY", "RATIO", "LOCI", "DROP-OUT"), rows, "No other profile is held here.")
    one, two = found.hypotheses
    out = f"Left out, for a known person or the population lacks them: {', '.join(found.left_out)}."
    about = f"{found.weighed} profiles weighed with {found.population.name}; {len(found.trace.loci)} loci in the trace."
    ends = [f"1: {one}.", f"2: {two}.", *([out] if found.left_out else []), about, service.HEIGHTS, NOT_WHO]
    return "\n".join([f"Contributors to {found.trace.name}", shown, *ends])
