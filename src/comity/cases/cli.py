"""`comity case`: the case files that every act cites."""

from collections.abc import Callable
from typing import Annotated

import typer

from comity.base.model import Json
from comity.cases import service
from comity.cases.model import Case, NewCase
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, table

CaseName = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference or id.")]


def commands(
    desk: Callable[[], Desk], check_offence: service.OffenceCheck, forget: Callable[[Desk], service.Forget]
) -> typer.Typer:
    """The `case` group; `check_offence` knows the offences of the state's tables, `forget` what other rooms keep."""
    app = typer.Typer(no_args_is_help=True, help="Case files: open, show, list, admit. Only members read a case.")
    _writing(app, desk, check_offence)
    _reading(app, desk)
    _erasing(app, desk, forget)
    return app


def _writing(app: typer.Typer, desk: Callable[[], Desk], check_offence: service.OffenceCheck) -> None:
    @app.command("open")
    def open_(
        reference: Annotated[str, typer.Argument(help="Your agency's own file number, unique on this node.")],
        title: Annotated[str, typer.Option(help="One line that members will recognise.")],
        offence: Annotated[str, typer.Option(metavar="CODE", help="Code of your state's offence list.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Open a case file. You are its first member; nobody else reads it until admitted.

        Searches, requests and evidence all cite a case: the offence decides what the law allows, the members who sees
        it. Reference and title are sealed under a key of the case's own.

        Example: comity case open XA-2026-0117 --title "Harbour" --offence XA-CC-101 --as officer-1
        """
        with acting(desk(), "case.open", person) as (unit, issuer):
            check_offence(unit, offence)
            case = service.open_case(unit, issuer, NewCase(reference, title, offence))
        emit(case.as_dict(), as_json, lambda: f"Case {case.reference} is open ({case.id}).")

    @app.command("admit")
    def admit(
        newcomer: Annotated[str, typer.Argument(metavar="PERSON", help="Who has a need to know.")],
        case: Annotated[str, typer.Option(help="The case's reference or id.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Let a person into a case of which you are a member.

        Example: comity case admit examiner-1 --case XA-2026-0117 --as officer-1
        """
        with acting(desk(), "case.admit", person) as (unit, issuer):
            found = service.add_member(unit, issuer, case, newcomer)
        emit(found.as_dict(), as_json, lambda: f"{newcomer} is a member of {found.reference} now.")


def _reading(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("show")
    def show(case: CaseName, person: As, as_json: AsJson = False) -> None:
        """Show a case file to a member. The reading is logged, a refused attempt too."""
        with acting(desk(), "case.show", person) as (unit, issuer):
            found = service.show(unit, issuer, case)
        emit(found.as_dict(), as_json, lambda: _lines(found))

    @app.command("list")
    def list_(person: As, as_json: AsJson = False) -> None:
        """List the cases of which you are a member, oldest first."""
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.database.read("case.list") as unit:
            found = service.list_cases(unit, issuer.actor)
        listed: list[Json] = [case.as_dict() for case in found]
        emit({"cases": listed}, as_json, lambda: _table(found, person))


def _erasing(app: typer.Typer, desk: Callable[[], Desk], forget: Callable[[Desk], service.Forget]) -> None:
    @app.command("erase")
    def erase(
        case: CaseName,
        person: As,
        reason: Annotated[str, typer.Option(help="Why: the rule on retention, or the order that demands it.")],
        confirm: Annotated[
            bool, typer.Option("--confirm", help="As an approver of another unit: carry out what a member asked for.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Erase a case for good: a member asks, an approver of another unit carries it out with --confirm.

        The case's data key is destroyed, and with it all that it seals: file, searches, candidates, evidence, and the
        values behind the log's entries. The entries stay, without telling what they were about. Copies in backups last
        as long as the backups do.

        Example: comity case erase XA-2026-0117 --reason "retention ended" --as officer-1
        """
        if confirm:
            with acting(desk(), "case.erase", person) as (unit, issuer):
                entry = service.erase(unit, issuer, case, reason, forget(desk()))
            emit({"case": case, "entry": entry}, as_json, lambda: f"{case} is erased; log entry {entry} records it.")
            return
        with acting(desk(), "case.erase", person) as (unit, issuer):
            found = service.request_erasure(unit, issuer, case, reason)
        next_step = f"comity case erase {found.id} --confirm --reason ... --as APPROVER"
        emit(
            found.as_dict(),
            as_json,
            lambda: f"Asked for. Nothing is gone yet; an approver of another unit: {next_step}",
        )


def _lines(case: Case) -> str:
    return "\n".join([
        f"{case.reference}: {case.title}",
        f"offence {case.offence}, {case.state} since {case.opened_at:%Y-%m-%d %H:%M} UTC by {case.unit}",
        f"members {', '.join(case.members)}",
        f"id {case.id}",
    ])  # fmt: skip


def _table(cases: list[Case], person: str) -> str:
    rows = [(c.reference, c.offence, f"{c.opened_at:%Y-%m-%d}", c.state, c.title) for c in cases]
    empty = (
        f"{person} is a member of no case. Open one: comity case open REFERENCE --title ... --offence CODE "
        f"--as {person}; or ask a member to admit you."
    )
    return table(("REFERENCE", "OFFENCE", "OPENED", "STATE", "TITLE"), rows, empty)
