"""`comity legal bases` and `offences`: what an act could rest on, and which offences the tables know."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.base.words import name
from comity.kit.codec.jcs import parse_object
from comity.kit.shell import AsJson, Desk, emit, read_file, table
from comity.legal import service

From = Annotated[str, typer.Option("--from", metavar="STATE", help="Who asks; this node if left out.")]
To = Annotated[str, typer.Option("--to", metavar="STATE", help="Who is asked.")]
Measure = Annotated[str, typer.Option("--measure", metavar="CODE", help="Such as hit_no_hit or content_data.")]
OffenceCode = Annotated[str, typer.Option("--offence", metavar="CODE", help="From the asking state's table.")]
FactsFile = Annotated[Path | None, typer.Option("--facts", metavar="FILE", help="Facts, or a question, as JSON.")]
Day = Annotated[str, typer.Option("--on", metavar="DATE", help="Such as 2026-10-01; today if left out.")]
State = Annotated[str, typer.Option("--state", metavar="STATE", help="Only of this state.")]
Only = Annotated[str, typer.Option("--code", metavar="CODE", help="Only this offence.")]

HEADS = {"allow": "ALLOWED", "refer": "REFERRED", "deny": "DENIED"}
OPEN = {"fail": "NO", "unknown": "UNKNOWN"}


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The two commands, added to `legal`."""

    @app.command()
    def bases(
        to: To = "", measure: Measure = "", offence: OffenceCode = "", from_: From = "", facts: FactsFile = None,
        on: Day = "", as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """List what an act could rest on, the best first, each with what is still missing and how to cure it.

        `legal bases --to XB --measure core_data --offence XA-CC-101` tries every instrument that has the measure;
        nothing is kept and nothing leaves. FILE is a question as for `legal decide`, or its facts alone.
        """
        database, given = desk().database, {"asking": from_, "asked": to, "measure": measure, "on": on}
        value = _question(facts, {key: said for key, said in given.items() if said}, offence)
        if not value.get("asked") or not value.get("measure"):
            raise BadInput(
                "legal.bases", "whom to ask, or for what, is missing",
                todo="Give --to STATE and --measure CODE, or a question with `asked` and `measure` as --facts FILE.",
            )  # fmt: skip
        with database.read("legal.bases") as unit:
            told = service.listed_bases(unit, service.question_from(unit, value))
        emit(told, as_json, lambda: _bases_text(told))

    @app.command()
    def offences(state: State = "", code: Only = "", as_json: AsJson = False) -> None:
        """List the offences that the tables know, with their classes, list keys, penalties and days.

        The classes are those of ICCS level 1, the list that of the European arrest warrant; by both, and by the
        penalties, dual criminality is compared.
        """
        with desk().database.read("legal.offences") as unit:
            told = [service.listed_offence(unit, o) for o in service.offences(unit, state, code)]
        emit(list[Json](told), as_json, lambda: _offences_text(told))


def _question(file: Path | None, given: dict[str, str], offence: str) -> JsonObject:
    """The question of the file, or the facts alone that it holds, with what the command line says."""
    read: JsonObject = {} if file is None else parse_object(read_file(file), where=str(file))
    value: JsonObject = read if {"facts", "measure", "asked"} & set(read) else {"facts": read} if read else {}
    value = value | dict[str, Json](given)
    if offence:
        facts = value.get("facts", {})
        value["facts"] = (facts if isinstance(facts, dict) else {}) | {"offence": offence}
    return value


def _bases_text(told: JsonObject) -> str:
    found = told["bases"] if isinstance(told["bases"], list) else []
    head = f"{told['measure']} from {told['from']} to {told['to']} on {told['on']}: {len(found)} tried, the best first"
    return "\n\n".join((head, *(_basis_text(basis) for basis in found if isinstance(basis, dict))))


def _basis_text(basis: JsonObject) -> str:
    where = f"{basis['instrument']} article {basis['article']}" if basis["article"] else "no instrument"
    short = [f for f in basis["missing"] if isinstance(f, dict)] if isinstance(basis["missing"], list) else []
    lines = [f"{HEADS[str(basis['decision'])]}  {where}" + (f"  ({basis['title']})" if basis["title"] else "")]
    for finding in short:
        article = f" (article {finding['article']})" if finding["article"] else ""
        told = name(str(finding["condition"]))
        lines.append(f"  {OPEN[str(finding['result'])]:7} {told}{article}: {finding['cure']}")
    for code in basis["requirements"] if isinstance(basis["requirements"], list) else []:
        lines.append(f"  before anything leaves: {name(str(code))}")
    return "\n".join(lines)


def _offences_text(told: list[JsonObject]) -> str:
    rows = [
        (
            str(o["code"]), str(o["text"]), str(o["iccs"]), str(o["eaw_list"] or "-"), str(o["category"]),
            str(o["max_penalty_months"]), str(o["from"]), str(o["until"] or "-"),
        )
        for o in told
    ]  # fmt: skip
    empty = "No such offence: import a table with `comity legal import FILE`, or see `comity legal offences`."
    return table(("CODE", "OFFENCE", "ICCS", "LIST", "CATEGORY", "MONTHS", "FROM", "UNTIL"), rows, empty)
