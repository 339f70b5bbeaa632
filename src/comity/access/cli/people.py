"""`comity person`: who may act on this node."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from comity.access import service
from comity.access.model import NewPerson, Person
from comity.base.codes import ROLES
from comity.base.errors import BadInput, NotAllowed
from comity.base.model import Json
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, read_file, table

NewPassphraseFile = Annotated[
    Path | None,
    typer.Option("--new-passphrase-file", metavar="FILE", help="Read the new passphrase from the first line of FILE."),
]


def commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The `person` group."""
    app = typer.Typer(no_args_is_help=True, help="People of this node: who may act, and what as.")
    _adding(app, desk)
    _staffing(app, desk)
    _entering(app, desk)
    _own(app, desk)
    return app


def _adding(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("add")
    def add(  # a command's options are its parameters
        person: Annotated[str, typer.Argument(metavar="ID", help="By role and number: officer-1, examiner-2.")],
        unit: Annotated[str, typer.Option(help="Organisational unit; four eyes are never two of one unit.")],
        role: Annotated[list[str], typer.Option(help=f"May be repeated: {', '.join(sorted(ROLES))}.")],
        admin: As,
        qualified_until: Annotated[
            str, typer.Option(metavar="YYYY-MM-DD", help="Last day on which an examiner may confirm hits.")
        ] = "",
        key: Annotated[
            Path | None, typer.Option(metavar="PEM", help="An Ed25519 key that the person brings; else one is made.")
        ] = None,
        new_passphrase_file: NewPassphraseFile = None,
        system: Annotated[bool, typer.Option("--system", help="A program, which acts by access tokens alone.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Add a person with a signing key of their own, sealed under a passphrase that only they should know.

        A security administrator adds people. Whoever runs the node (operator, security_admin) handles no case data.
        The new passphrase is read from --new-passphrase-file, or asked for twice; a script that sets COMITY_PASSPHRASE
        gives it to both, and the person then changes it with `comity person passphrase`. A system has none, for nobody
        signs in as it: give it a token with `comity token issue --for`.

        Example: comity person add examiner-1 --unit lab --role examiner --qualified-until 2027-12-31 --as admin-1
        """
        chosen = service.no_passphrase() if system else _chosen(person, new_passphrase_file)
        new = NewPerson(person, unit, frozenset(role), chosen, _day(qualified_until), _key(key), system)
        with acting(desk(), "person.add", admin) as (work, issuer):
            added = service.add_person(work, new, issuer)
        emit(added.as_dict(), as_json, lambda: f"{added.id} can act now as {_roles(added)} of {added.unit}.")


def _staffing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("qualify")
    def qualify(
        person: Annotated[str, typer.Argument(metavar="ID", help="The examiner.")],
        until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Last day on which they may confirm hits.")],
        admin: As,
        as_json: AsJson = False,
    ) -> None:
        """Renew an examiner's qualification, or end it with a day in the past. Hits confirmed before stay confirmed.

        Example: comity person qualify examiner-1 --until 2028-12-31 --as admin-1
        """
        with acting(desk(), "person.qualify", admin) as (unit, issuer):
            renewed = service.qualify(unit, person, _required_day(until), issuer)
        emit(renewed.as_dict(), as_json, lambda: f"{renewed.id} may confirm hits until {renewed.qualified_until}.")

    @app.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the people of this node with unit, roles and qualification."""
        with desk().database.read("person.list") as unit:
            found = service.people(unit)
        listed: list[Json] = [person.as_dict() for person in found]
        emit({"people": listed}, as_json, lambda: _table(found))

    @app.command("deactivate")
    def deactivate(
        person: Annotated[str, typer.Argument(metavar="ID", help="Who is to act no more.")],
        admin: As,
        as_json: AsJson = False,
    ) -> None:
        """Let a person act no more. What they did stays, and stays provable; the name is never used again."""
        with acting(desk(), "person.deactivate", admin) as (unit, issuer):
            left = service.deactivate(unit, person, issuer)
        emit(left.as_dict(), as_json, lambda: f"{left.id} can no longer act here.")


def _entering(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("link")
    def link(
        person: Annotated[str, typer.Argument(metavar="ID", help="Who is to sign in at a browser.")],
        admin: As,
        visit: Annotated[bool, typer.Option("--visit", help="Training nodes only: sign in without a passkey.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Print a link with which a person makes a first passkey. It works once, for a day; hand it over in private.

        A person who has lost a passkey gets another by two others: comity person recover.

        Example: comity person link officer-1 --as admin-1
        """
        at = desk()
        if visit and not at.training:
            raise NotAllowed("access.visit", "Visits without a passkey are for training nodes",
                             todo="Leave --visit out.")  # fmt: skip
        with acting(at, "person.link", admin) as (unit, issuer):
            token = service.link(unit, issuer, person, "visit" if visit else "first")
        _show_link(at, person, token, "visit" if visit else "join", as_json)

    @app.command("recover")
    def recover(
        person: Annotated[str, typer.Argument(metavar="ID", help="Who has lost a passkey.")],
        reason: Annotated[str, typer.Option(help="What happened, and how you know that it is them.")],
        by: As,
        as_json: AsJson = False,
    ) -> None:
        """Replace a person's passkeys: two others do it, one after the other, of two units.

        The first one asks; the second one's command ends every passkey and session of the person and prints a link.

        Example: comity person recover officer-1 --reason "Phone stolen; asked in person" --as approver-1
        """
        at = desk()
        with acting(at, "person.recover", by) as (unit, issuer):
            token = service.recover(unit, issuer, person, reason)
        if token is not None:
            _show_link(at, person, token, "join", as_json)
            return
        again = f"comity person recover {person} --reason ... --as PERSON"
        emit({"person": person, "asked": True}, as_json, lambda: f"Asked for. Somebody of another unit agrees: {again}")


def _show_link(desk: Desk, person: str, token: str, page: str, as_json: bool) -> None:
    address = f"{desk.address}/{page}/{token}"
    told = f"For {person}, once, within 24 hours, on this machine:\n{address}"
    emit({"person": person, "link": address}, as_json, lambda: told)


def _own(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("passphrase")
    def change(person: As, new_passphrase_file: NewPassphraseFile = None, as_json: AsJson = False) -> None:
        """Change your own passphrase. Your key, and everything signed with it, stay the same.

        Example: comity person passphrase --as officer-1 --new-passphrase-file new.txt
        """
        old, new = passphrase(person), _chosen(person, new_passphrase_file)
        station = desk()
        issuer = station.enter(person, old)
        with station.acting("person.passphrase", issuer) as unit:
            changed = service.change_passphrase(unit, issuer, old, new)
        emit(changed.as_dict(), as_json, lambda: f"The passphrase of {changed.id} is changed.")


def _chosen(person: str, file: Path | None) -> str:
    """A new passphrase: from a file, or asked for twice so that a slip of the finger locks nobody out."""
    if file is not None:
        return read_file(file).decode("utf-8", "replace").partition("\n")[0]
    once, again = passphrase(person), passphrase(person)
    if once != again:
        raise BadInput("access.passphrase-differs", "The two new passphrases differ", todo="Type the same one twice.")
    return once


def _key(file: Path | None) -> bytes | None:
    return read_file(file) if file is not None else None


def _day(text: str) -> date | None:
    return _required_day(text) if text else None


def _required_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("access.date", f"`{text}` is no date", todo="Write it as 2027-12-31.") from error


def _roles(person: Person) -> str:
    return ", ".join(sorted(person.roles))


def _state(person: Person) -> str:
    return "no longer acts" if not person.active else "system" if person.system else ""


def _table(people: list[Person]) -> str:
    rows = [(p.id, p.unit, _roles(p), str(p.qualified_until or ""), _state(p)) for p in people]
    empty = "Nobody can act here yet. `comity init` adds a node's first person."
    return table(("PERSON", "UNIT", "ROLES", "QUALIFIED UNTIL", "STATE"), rows, empty)
