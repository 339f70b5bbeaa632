"""`comity legal import`, `review`, `sign`, `sets`, `diff`: how an agency takes law in, and answers for it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import MOST_NUMBER, Json, JsonObject
from comity.kit.shell import As, AsJson, Desk, acting, emit, read_file, table
from comity.legal import service
from comity.legal.model import Change, Depositary, ImportedTable

TableFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="A dated CSV table, the YAML table of an instrument, or depositary XML.")
]
InstrumentCode = Annotated[str, typer.Argument(metavar="INSTRUMENT", help="The instrument's code.")]
OneRow = Annotated[str, typer.Option("--row", metavar="MEASURE/ARTICLE", help="Only this row.")]
Note = Annotated[str, typer.Option("--note", help="What the review rests on, for the record.")]
Treaty = Annotated[str, typer.Option("--instrument", metavar="CODE", help="For XML: of which treaty it is.")]
After = Annotated[
    int | None, typer.Option("--days-after", min=0, help="For XML: days from a deposit until it takes effect.")
]
Since = Annotated[str, typer.Option("--in-force", metavar="DATE", help="For XML: first day of the treaty, 2003-09-29.")]
Old = Annotated[str, typer.Argument(metavar="[OLD]", help="A set's number, or a file; the newest set if left out.")]
New = Annotated[
    int | None,
    typer.Argument(
        metavar="[NEW]", min=1, max=MOST_NUMBER, help="A set's number; what would be signed now if left out."
    ),
]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The commands on tables, added to `legal`."""
    _taking_in(app, desk)
    _answering_for(app, desk)
    _comparing(app, desk)


def _taking_in(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("import")
    def import_(
        file: TableFile, person: As, instrument: Treaty = "", days_after: After = None, in_force: Since = "",
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Take a table in: participations, declarations, offences, an instrument, or the depositary's list.

        The whole file is checked against all other tables first; an unknown code, an overlap or a row without source
        refuses it, and nothing is taken over. What a lawyer imports is signed with it and in use; what an operator
        imports waits for `legal sign`. Of the depositary's XML, rows that cannot be told for sure are left out and
        listed. Roles: lawyer, operator.
        """
        data = read_file(file)
        depositary = is_xml(data)
        with acting(desk(), "legal.import", person) as (unit, issuer):
            if depositary:
                asked = _depositary(instrument, days_after, in_force)
                taken, refused = service.import_depositary(unit, issuer, data, file.name, asked)
            else:
                taken, refused = [service.import_table(unit, issuer, data, file.name)], []
            rules = service.rules_hash(unit)
        several: JsonObject = {"tables": [listed(made) for made in taken], "refused": [*refused]}
        answer = (several if depositary else listed(taken[0])) | {"rules_hash": rules}
        emit(answer, as_json, lambda: _imported(taken, refused, rules))


def _answering_for(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def review(instrument: InstrumentCode, person: As, note: Note, row: OneRow = "", as_json: AsJson = False) -> None:
        """Mark rows of an instrument reviewed by you as they stand today; a row that changes is unreviewed again.

        A reviewed row may allow; words in it that no machine can try still refer. Role: lawyer.
        """
        with acting(desk(), "legal.review", person) as (unit, issuer):
            made = service.review(unit, issuer, instrument, row, note)
        told = "\n".join(f"reviewed {r.instrument} {r.measure} {r.article}" for r in made)
        emit({"reviews": [r.as_dict() for r in made]}, as_json, lambda: told)

    @app.command()
    def sign(person: As, as_json: AsJson = False) -> None:
        """Sign the agency's set: every imported table, every review and what the package ships. Role: lawyer."""
        with acting(desk(), "legal.sign", person) as (unit, issuer):
            made = service.sign_set(unit, issuer)
            rules = service.rules_hash(unit)
        emit(
            {**made.as_dict(), "rules_hash": rules}, as_json,
            lambda: f"Set {made.number} is signed by {made.by} and in use; rules {rules}",
        )  # fmt: skip

    @app.command()
    def sets(as_json: AsJson = False) -> None:
        """List the sets that lawyers signed, oldest first; the newest is in use."""
        with desk().database.read("legal.sets") as unit:
            found = service.signed_sets(unit)
        rows = [(str(s.number), s.at.isoformat(), s.by, s.digest) for s in found]
        empty = "Nothing is signed: the node decides by what the package ships. See `comity legal import --help`."
        emit([s.as_dict() for s in found], as_json, lambda: table(("SET", "AT", "BY", "DIGEST"), rows, empty))


def _comparing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def diff(old: Old = "", new: New = None, as_json: AsJson = False) -> None:
        """Show what differs row by row: between two sets, since the newest set, or a file and what is held."""
        with desk().database.read("legal.diff") as unit:
            if old and not (old.isascii() and old.isdecimal() and len(old) < 16):
                found = service.diff_file(unit, read_file(Path(old)), Path(old).name)
            else:
                found = service.diff_sets(unit, int(old) if old else None, new)
        emit([c.as_dict() for c in found], as_json, lambda: "\n".join(_told(c) for c in found) or "No difference.")


def is_xml(data: bytes) -> bool:
    """Whether a file is XML, as a depositary publishes it: by what it begins with, whatever it is called."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def listed(made: ImportedTable) -> JsonObject:
    """An imported table as JSON."""
    return {
        "id": made.id, "kind": made.kind, "name": made.name, "digest": made.digest, "rows": made.rows,
        "at": made.at.isoformat(), "by": made.by, "signed": made.signed,
    }  # fmt: skip


def _depositary(instrument: str, days_after: int | None, in_force: str) -> Depositary:
    try:
        since = date.fromisoformat(in_force)
    except ValueError:
        since = None
    if not instrument or days_after is None or since is None:
        raise BadInput(
            "legal.depositary", "the list says neither of which treaty it is nor from when that binds a state",
            todo="Give --instrument CODE, --days-after N and --in-force DATE, as the treaty's own articles have them.",
        )  # fmt: skip
    return Depositary(instrument, days_after, since)


def _imported(taken: list[ImportedTable], refused: list[str], rules: str) -> str:
    told = [
        f"{made.kind}: {made.rows} row{'' if made.rows == 1 else 's'} taken over"
        + ("" if made.signed else "; not in use until a lawyer signs: `legal sign`")
        for made in taken
    ]
    return "\n".join((*told, *(f"left out: {reason}" for reason in refused), f"rules {rules}"))


def _told(change: Change) -> str:
    sign = {"added": "+", "removed": "-", "changed": "~"}[change.kind]
    before, after = _flat(change.before), _flat(change.after)
    fields = [
        f"\n    {key}: {before.get(key, 'nothing')} -> {after.get(key, 'nothing')}"
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]
    return f"{sign} {change.row}" + ("".join(fields) if change.kind == "changed" else "")


def _flat(value: Json, name: str = "") -> dict[str, str]:
    """Every field inside `value` by its path."""
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{name}.{key}".lstrip(".")).items()}
    if isinstance(value, list):
        return {k: v for n, inner in enumerate(value) for k, v in _flat(inner, f"{name}[{n}]").items()}
    return {name or "hash": "nothing" if value is None else str(value)}
