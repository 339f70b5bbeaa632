"""`comity legal`: the tables this node decides by, their import, and a decision tried out before anything is asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.access import service as access
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.shell import As, AsJson, Desk, acting, emit, table
from comity.legal import service
from comity.legal.model import Decision, ImportedTable, Tables

Code = Annotated[str, typer.Argument(metavar="[NAME]", help="An instrument's code, a decision's id, or nothing.")]
Facts = Annotated[Path, typer.Option("--facts", metavar="FILE", help="The question as JSON.")]
TableFile = Annotated[Path, typer.Argument(metavar="FILE", help="A dated CSV table.")]


def commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The sub-application `legal`."""
    app = typer.Typer(no_args_is_help=True, help="The law that this node applies: tables, decisions, reasons.")

    @app.command("import")
    def import_(file: TableFile, person: As, as_json: AsJson = False) -> None:
        """Take a dated table into use: participations, declarations or offences.

        The header line says which of the three it is. The whole file is checked against all other tables first; an
        unknown code, an overlap or a row without source refuses it, and nothing is taken over. The file's hash goes
        into the log. Roles: lawyer, operator.
        """
        data = _read(file)
        with acting(desk(), "legal.import", person) as (unit, issuer):
            subject = service.import_subject(data, file.name)
            acted = access.act(unit, issuer, "legal.import", subject, service.IMPORTERS)
            made = service.import_table(unit, acted, data, file.name)
            rules = service.rules_hash(unit)
        emit(
            {**_listed(made), "rules_hash": rules},
            as_json,
            lambda: f"{made.rows} {made.kind} taken over; rules {rules}",
        )

    @app.command()
    def show(name: Code = "", as_json: AsJson = False) -> None:
        """Show the tables and their hash, the full text of an instrument, or a decision with its findings."""
        with desk().database.read("legal.show") as unit:
            known = service.tables(unit)
            if name in known.instruments:
                text = service.shipped_file(f"instruments/{known.instruments[name].text}").decode("utf-8")
                emit({"instrument": name, "text": text}, as_json, lambda: text)
            elif name:
                decision = service.find_decision(unit, name)
                emit(_decision(decision), as_json, lambda: service.explain(decision))
            else:
                imported = service.imported_tables(unit)
                emit(_overview(known, imported), as_json, lambda: _overview_text(known, imported))

    @app.command()
    def decide(facts: Facts, as_json: AsJson = False) -> None:
        """Try a question out: allow, deny or refer, with every finding, its article and what would cure a no.

        Nothing is kept and nothing leaves; a question that is asked in earnest is decided again. FILE is JSON:
        {"measure": "hit_no_hit", "asked": "XB", "facts": {"offence": "XA-CC-101", ...}}.
        """
        data = _read(facts)
        with desk().database.read("legal.decide") as unit:
            decision = service.consider(unit, service.read_question(unit, data))
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

    return app


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(
            "legal.file", f"cannot be read: {error.strerror}", where=str(file), todo="Check the path."
        ) from error


def _decision(decision: Decision) -> JsonObject:
    """A kept decision without this node's own judgements."""
    return decision.outline() | {"facts": decision.facts}


def _listed(made: ImportedTable) -> JsonObject:
    return {
        "id": made.id, "kind": made.kind, "name": made.name, "digest": made.digest, "rows": made.rows,
        "at": made.at.isoformat(), "by": made.by,
    }  # fmt: skip


def _overview(known: Tables, imported: list[ImportedTable]) -> JsonObject:
    instruments: list[Json] = [
        {
            "code": i.code,
            "title": i.title,
            "from": str(i.valid_from),
            "until": str(i.valid_until or ""),
            "rows": len(i.rows),
        }
        for i in known.instruments.values()
    ]
    declarations: list[Json] = [
        {"id": d.id, "instrument": d.instrument, "state": d.state, "article": d.article, "effect": d.effect,
         "value": d.value, "from": str(d.valid_from), "until": str(d.valid_until or "")}
        for rows in known.declarations.values() for d in rows
    ]  # fmt: skip
    return {
        "rules_hash": known.rules_hash, "instruments": instruments, "declarations": declarations,
        "imported": [_listed(made) for made in imported],
    }  # fmt: skip


def _overview_text(known: Tables, imported: list[ImportedTable]) -> str:
    instruments = [
        (i.code, str(i.valid_from), str(i.valid_until or "-"), str(len(i.rows)), i.title)
        for i in known.instruments.values()
    ]
    declared = [
        (d.id, d.instrument, d.state, d.article, d.effect, d.value or "-", str(d.valid_from))
        for rows in known.declarations.values()
        for d in rows
    ]
    taken = [(made.name, made.kind, str(made.rows), made.at.date().isoformat(), made.by) for made in imported]
    return "\n\n".join(
        (
            f"rules {known.rules_hash}",
            table(("INSTRUMENT", "FROM", "UNTIL", "ROWS", "TITLE"), instruments, "No instruments."),
            table(("DECLARATION", "INSTRUMENT", "STATE", "ARTICLE", "EFFECT", "VALUE", "FROM"), declared, "None."),
            table(
                ("IMPORTED", "KIND", "ROWS", "DAY", "BY"), taken, "Nothing imported: see `comity legal import --help`."
            ),
        )
    )
