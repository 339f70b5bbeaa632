"""`comity legal show`, `decide`, `decisions`: the law in use, a question tried out, decisions made."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.model import JsonObject
from comity.kit.shell import AsJson, Desk, emit, read_file, table
from comity.legal import service
from comity.legal.cli import bases, explaining, showing, tables
from comity.legal.model import Decision

Code = Annotated[str, typer.Argument(metavar="[NAME]", help="An instrument, a decision's id, or nothing.")]
Facts = Annotated[Path, typer.Option("--facts", metavar="FILE", help="The question as JSON.")]


def commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The sub-application `legal`."""
    app = typer.Typer(no_args_is_help=True, help="The law that this node applies: tables, decisions, reasons.")
    tables.add_commands(app, desk)
    explaining.add_commands(app, desk)
    bases.add_commands(app, desk)
    _looking(app, desk)
    _deciding(app, desk)
    return app


def _looking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def show(name: Code = "", as_json: AsJson = False) -> None:
        """Show the tables and their hash, an instrument with its rows and text, or a decision."""
        with desk().database.read("legal.show") as unit:
            known = service.tables(unit)
            if name in known.instruments:
                told = service.told_instrument(unit, name)
                emit(told, as_json, lambda: showing.instrument_text(told))
            elif name:
                decision = service.find_decision(unit, name)
                emit(_decision(decision), as_json, lambda: service.explain(decision))
            else:
                imported = service.imported_tables(unit)
                emit(showing.overview(known, imported), as_json, lambda: showing.overview_text(known, imported))


def _deciding(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def decide(facts: Facts, as_json: AsJson = False) -> None:
        """Try a question out: allow, deny or refer, with every finding, its article and what would cure a no.

        Nothing is kept and nothing leaves; a question that is asked in earnest is decided again. FILE is JSON:
        {"measure": "hit_no_hit", "asked": "XB", "facts": {"offence": "XA-CC-101", ...}}.
        """
        data = read_file(facts)
        with desk().database.read("legal.decide") as unit:
            decision = service.consider(unit, service.read_question(unit, data, str(facts)))
        emit(decision.as_dict(), as_json, lambda: service.explain(decision))

    @app.command()
    def decisions(
        limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
        as_json: AsJson = False,
    ) -> None:
        """List the decisions that this node has made, newest first; `legal show ID` explains one."""
        with desk().database.read("legal.decisions") as unit:
            found = service.decisions(unit, limit)
        rows = [(d.id, d.measure, f"{d.asking}>{d.asked}", d.outcome, f"{d.instrument} {d.article}") for d in found]
        empty = "No decisions yet: ask a question with `comity search ask`, or try one out with `comity legal decide`."
        headings = ("DECISION", "MEASURE", "STATES", "OUTCOME", "BASIS")
        emit([_decision(d) for d in found], as_json, lambda: table(headings, rows, empty))


def _decision(decision: Decision) -> JsonObject:
    """A kept decision without this node's own judgements."""
    return decision.outline() | {"facts": decision.facts}
