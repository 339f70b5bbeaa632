"""`comity dna rules`: by what profiles are compared."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.model import JsonObject
from comity.dna import service
from comity.dna.model import RuleSet
from comity.kit.shell import As, AsJson, Desk, acting, emit, read_file, table

MAX_FILE = 64 * 1024


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna rules`, `dna rules show` and `dna rules import`."""
    group = typer.Typer(help="The rules by which profiles are compared: shipped, and the agency's own.")
    app.add_typer(group, name="rules")
    _listing(group, desk)
    _importing(group, desk)


def _listing(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.callback(invoke_without_command=True)
    def rules(context: typer.Context, as_json: AsJson = False) -> None:
        """List the rules by which profiles are compared, with their sources and doubts: shipped, and the agency's own.

        Example: comity dna rules
        """
        if context.invoked_subcommand is not None:
            return
        with desk().database.read("dna.rules") as unit:
            found = service.rule_sets(unit)
        shown: JsonObject = {"rule_sets": [each.as_dict() for each in found]}
        emit(shown, as_json, lambda: "\n\n".join(_words(each) for each in found))

    @group.command("show")
    def show(
        id: Annotated[str, typer.Argument(metavar="RULES", help="An id of `comity dna rules`.")],
        as_json: AsJson = False,
    ) -> None:
        """Print a rule set's file as it is held: a start for one of your own."""
        with desk().database.read("dna.rules") as unit:
            found = service.rule_set_held(unit, id)
        emit(found.as_dict(), as_json, lambda: found.file.decode().rstrip())


def _importing(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="A YAML file in the form that `comity dna rules show` prints.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Take in a rule set of the agency's own. It never changes: a newer one takes another id.

        Every field is checked; a file that does not hold is refused whole. Roles: officer, examiner.

        Example: comity dna rules import laboratory-2026.yaml --as examiner-1
        """
        data = read_file(file, MAX_FILE)
        with acting(desk(), "dna.import-rules", person) as (unit, issuer):
            made = service.import_rule_set(unit, issuer, data, file.name)
        emit(made.as_dict(), as_json, lambda: f"{_words(made)}\nSHA-256 {made.sha256}")


def _words(held: service.RuleSetHeld) -> str:
    rules = held.rules
    about = [
        ("Version", f"{rules.version}, dated {rules.dated}; {f'taken in {held.since}' if held.since else 'shipped'}"),
        ("Source", rules.source),
        (
            "Loci",
            f"{len(rules.loci)}; {rules.minimum_full} or more that fit, at most {rules.most_mismatches} that do not",
        ),
        ("Fits", _fits(rules)),
        ("For", "partners' questions and own searches" if rules.partners else "own searches"),
        *(("Doubt", doubt) for doubt in rules.doubts),
    ]
    return table((rules.id, rules.title), about, "")


def _fits(rules: RuleSet) -> str:
    what = {
        "high": "the same alleles",
        "moderate": "all alleles of the side that shows fewer are among the other's",
        "low": "one allele in common",
    }[rules.stringency]
    unknown = "; an unknown allele beside an equal one fits, too" if rules.unknown_fits else ""
    return f"{rules.stringency} stringency: {what}{unknown}"
