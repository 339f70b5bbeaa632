"""`comity legal agreement`: write an agreement with a partner, hand it over as a signed file, take theirs in, sign."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.shell import As, AsJson, Desk, acting, emit, read_file, table, write_file
from comity.legal import service
from comity.legal.model import Terms

AgreementId = Annotated[str, typer.Argument(metavar="AGREEMENT", help="Its id, from `comity legal agreement list`.")]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="First day, such as 2027-01-01.")]
Until = Annotated[str, typer.Option("--until", metavar="DATE", help="Last day; without end if left out.")]
LaterDay = Annotated[str, typer.Option("--until", metavar="DATE", help="The new last day.")]
LastDay = Annotated[str, typer.Option("--on", metavar="DATE", help="The last day on which it holds.")]
TableYaml = Annotated[Path, typer.Option("--table", metavar="FILE.yaml", help="Its rows, in comity-instrument/1.")]
TextFile = Annotated[Path, typer.Option("--text", metavar="FILE.md", help="Its full text.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the letter for the partner.")]
LetterFile = Annotated[Path, typer.Argument(metavar="FILE", help="A partner's letter.")]

_EMPTY = "No agreements yet: write one with `comity legal agreement new --help`, or take in a partner's letter."


def commands(desk: Callable[[], Desk], find_key: service.FindKey) -> typer.Typer:
    """The group `agreement` of `legal`."""
    app = typer.Typer(
        no_args_is_help=True,
        help="Agreements with partners: written here, signed by both, and then law here. Nothing is sent from here:"
        " letters are files. In turn: new, propose; the partner: receive, sign, propose; here again: receive, sign.",
    )
    _writing(app, desk)
    _ending(app, desk)
    _exchanging(app, desk, find_key)
    _looking(app, desk)
    return app


def _writing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def new(
        title: Annotated[str, typer.Argument(metavar="TITLE", help="What the agreement is called.")],
        partner: Annotated[str, typer.Option("--with", metavar="CODE", help="The other party.")],
        first: From, table: TableYaml, text: TextFile, person: As, until: Until = "", as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Write an agreement with a partner down, as a draft of this node. Role: lawyer.

        The table is checked as any instrument: a row without article or source refuses it. Example: comity legal
        agreement new "DNA and exhibits" --with XB --from 2027-01-01 --until 2029-12-31 --table mou.yaml --text mou.md
        --as lawyer-1
        """
        terms = _terms(title, first, until, table, text)
        with acting(desk(), "legal.agreement-new", person) as (unit, issuer):
            told = service.told_agreement(unit, service.new_agreement(unit, issuer, partner, terms))
        _emit(told, as_json)

    @app.command()
    def revise(
        id: AgreementId, first: From, table: TableYaml, text: TextFile, person: As, until: Until = "",
        title: Annotated[str, typer.Option("--title", help="A new title; the old one stays if left out.")] = "",
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Answer the newest version with other terms: a counter-proposal that names its digest. Role: lawyer.

        Example: comity legal agreement revise 0199… --from 2027-02-01 --table ours.yaml --text ours.md --as lawyer-1
        """
        terms = _terms(title, first, until, table, text)
        with acting(desk(), "legal.agreement-revise", person) as (unit, issuer):
            told = service.told_agreement(unit, service.revise_agreement(unit, issuer, id, terms))
        _emit(told, as_json)

    @app.command()
    def sign(id: AgreementId, person: As, as_json: AsJson = False) -> None:
        """Sign the newest version for this party; with both signatures on one digest it is law. Role: lawyer.

        Read it first: `comity legal agreement show AGREEMENT`. To sign is to have reviewed every row of its table.
        """
        with acting(desk(), "legal.agreement-sign", person) as (unit, issuer):
            told = service.told_agreement(unit, service.sign_agreement(unit, issuer, id))
        _emit(told, as_json)


def _ending(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def extend(id: AgreementId, until: LaterDay, person: As, as_json: AsJson = False) -> None:
        """Write a version with a later last day; it counts once both have signed it. Role: lawyer.

        Example: comity legal agreement extend 0199… --until 2031-12-31 --as lawyer-1
        """
        last = _day(until, "--until")
        with acting(desk(), "legal.agreement-extend", person) as (unit, issuer):
            told = service.told_agreement(unit, service.extend_agreement(unit, issuer, id, last))
        _emit(told, as_json)

    @app.command()
    def end(
        id: AgreementId, on: LastDay, person: As,
        reason: Annotated[str, typer.Option("--reason", help="Why; the partner reads it.")] = "",
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Write a version that ends the agreement. Role: lawyer.

        After the notice period that its table states (a deadline with the clock `notice`) one signature is enough;
        otherwise both have to sign.
        Example: comity legal agreement end 0199… --on 2028-06-30 --reason "new statute" --as lawyer-1
        """
        last = _day(on, "--on")
        with acting(desk(), "legal.agreement-end", person) as (unit, issuer):
            told = service.told_agreement(unit, service.end_agreement(unit, issuer, id, last, reason))
        _emit(told, as_json)


def _exchanging(app: typer.Typer, desk: Callable[[], Desk], find_key: service.FindKey) -> None:
    @app.command()
    def propose(id: AgreementId, out: Out, person: As, as_json: AsJson = False) -> None:
        """Write a letter for the partner: every version so far and this party's signatures, signed by the node.

        Carry the file as you carry any letter; the partner takes it in with `receive`. Role: lawyer.
        """
        with acting(desk(), "legal.agreement-propose", person) as (unit, issuer):
            letter = service.propose_agreement(unit, issuer, id)
            told = service.told_agreement(unit, service.find_agreement(unit, id))
            write_file(out, letter)
        emit({**told, "letter": str(out)}, as_json, lambda: f"{_line(told)}\nThe letter was written to {out}.")

    @app.command()
    def receive(file: LetterFile, person: As, as_json: AsJson = False) -> None:
        """Take a partner's letter in: versions and signatures that are new here. Role: lawyer.

        The node's signature is checked by the directory, every person's by its key, every digest by the text that came
        with it; a letter that does not follow what is kept here is refused, and nothing of it is kept.
        """
        data = read_file(file)
        with acting(desk(), "legal.agreement-receive", person) as (unit, issuer):
            told = service.told_agreement(unit, service.receive_agreement(unit, issuer, data, find_key))
        _emit(told, as_json)


def _looking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command()
    def show(id: AgreementId, as_json: AsJson = False) -> None:
        """Show an agreement: its versions, who signed which digest, and the newest version's text and table."""
        with desk().database.read("legal.show") as unit:
            found = service.find_agreement(unit, id)
            told = service.told_agreement(unit, found)
        head = found.head.version
        emit(
            {**told, "text": head.text, "table": head.table}, as_json,
            lambda: f"{_shown(told)}\n\n{head.text.rstrip()}\n\n{head.table.rstrip()}",
        )  # fmt: skip

    @app.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the agreements with partners, drafts too, and where each stands."""
        with desk().database.read("legal.show") as unit:
            told: list[Json] = [service.told_agreement(unit, agreement) for agreement in service.agreements(unit)]
        headings = ("AGREEMENT", "WITH", "STATE", "FROM", "UNTIL", "VERSION", "TITLE")
        rows = [[str(one[key] or "-") for key in _COLUMNS] for one in told if isinstance(one, dict)]
        emit(told, as_json, lambda: table(headings, rows, _EMPTY))


_COLUMNS = ("agreement", "with", "state", "from", "until", "version", "title")


def _terms(title: str, first: str, until: str, rows: Path, text: Path) -> Terms:
    last = _day(until, "--until") if until else None
    return Terms(title, _day(first, "--from"), last, read_file(rows), read_file(text))


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "legal.agreement-terms", f"{text!r} is not a date", where=option, todo="Write it like this: 2027-01-31."
        ) from None


def _emit(told: JsonObject, as_json: bool) -> None:
    emit(told, as_json, lambda: _line(told))


def _line(told: JsonObject) -> str:
    state = str(told["state"]).replace("_", " ")
    return f"{told['agreement']} with {told['with']}: version {told['version']}, {state}; digest {told['digest']}"


def _shown(told: JsonObject) -> str:
    lines = [
        _line(told),
        f"{told['title']}: {told['code']}, from {told['from']} until {told['until'] or 'it is ended'}",
    ]
    versions = told["versions"]
    for one in versions if isinstance(versions, list) else []:
        if isinstance(one, dict):
            lines.append(_version_line(one))
    return "\n".join(lines)


def _version_line(one: JsonObject) -> str:
    signatures = one["signatures"] if isinstance(one["signatures"], list) else []
    signed = ", ".join(f"{s['person']} of {s['node']} on {s['day']}" for s in signatures if isinstance(s, dict))
    reason = f" ({one['reason']})" if one["reason"] else ""
    return (
        f"  version {one['version']}: {one['kind']} by {one['by']}{reason}, {one['digest']}; signed: {signed or 'no'}"
    )
