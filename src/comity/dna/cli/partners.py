"""`comity dna partners`: what this agency asks of searches with each partner, and how much a partner says it holds."""

from collections.abc import Callable
from typing import Annotated

import typer

from comity.base.model import JsonObject
from comity.dna import service
from comity.dna.model import PartnerTerms, ToldTerms
from comity.kit.shell import As, AsJson, Desk, acting, emit, table

NONE = (
    "No terms: searches need what the rule set asks for, and hits by chance are told for a million profiles.\n"
    "  comity dna partners set XB --least-loci 8 --profiles 2500000 --source 'its notice of 2026-03-01' --as approver-1"
)


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna partners set` and `list`."""
    group = typer.Typer(no_args_is_help=True, help="What searches with each partner need, and how much it holds.")
    app.add_typer(group, name="partners")

    @group.command("set")
    def set_(
        partner: Annotated[str, typer.Argument(help="The code of its node, such as XB.")],
        source: Annotated[str, typer.Option(help="Who said so, where and when.")],
        person: As,
        least_loci: Annotated[
            int, typer.Option(help="Full loci that a search needs either way, if the rule set asks for fewer.")
        ] = 0,
        profiles: Annotated[int | None, typer.Option(help="How many profiles the partner says that it holds.")] = None,
        bound: Annotated[float, typer.Option(help="Hits by chance from which on they are accepted by name.")] = 0.1,
        as_json: AsJson = False,
    ) -> None:
        """Set the terms of searches with a partner, in the place of those before. Roles: approver.

        Searches with fewer full loci are refused with the count: ours before they leave, the partner's unanswered.
        """
        terms = PartnerTerms(partner, least_loci, profiles, bound, source)
        with acting(desk(), "dna.partner", person) as (unit, issuer):
            made = service.set_terms(unit, issuer, terms)
        emit(made.as_dict(), as_json, lambda: f"Set for {made.partner}.")

    @group.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the terms with every partner that has any."""
        with desk().database.read("dna.partners") as unit:
            found, told = service.partner_terms(unit), service.told_terms(unit)
        rows = [
            (one.partner, str(one.least_loci or "-"), str(one.profiles or "-"), f"{one.bound:g}", one.source)
            for one in found
        ]  # fmt: skip
        shown: JsonObject = {
            "partners": [one.as_dict() for one in found], "told": [one.as_dict() for one in told],
        }  # fmt: skip
        headings = ("PARTNER", "LEAST LOCI", "PROFILES", "BOUND", "SOURCE")
        said = "".join(f"\n{_told(one)}" for one in told)
        emit(shown, as_json, lambda: table(headings, rows, NONE) + said)

    @group.command("tell")
    def tell(
        partner: Annotated[str, typer.Argument(help="The code of its node, such as XB.")],
        person: As,
        stop: Annotated[
            bool, typer.Option("--stop", help="Tell it nothing any more: what it was told is withdrawn.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Tell a partner how many profiles are held here, and how many loci searches with it need. Roles: approver.

        It is told again, by itself, when the number has changed by a hundredth or the terms have. It then knows how
        many hits by chance to expect here, and asks nothing that would be refused. No profile and no person is told of.

        Example: comity dna partners tell XB --as approver-1
        """
        with acting(desk(), "dna.tell", person) as (unit, issuer):
            if stop:
                service.stop_telling(unit, issuer, partner)
                emit({"partner": partner, "told": None}, as_json, lambda: f"{partner} is told that this was withdrawn.")
                return
            made = service.tell_terms(unit, issuer, partner)
        emit(made.as_dict(), as_json, lambda: _told(made))


def _told(one: ToldTerms) -> str:
    """One line of what is told."""
    who = f"{one.partner} is told" if one.ours else f"{one.partner} tells"
    least = f", searches need {one.least_loci} loci" if one.least_loci else ""
    return f"{who}: {one.profiles} profiles on {one.at:%Y-%m-%d}{least}"
