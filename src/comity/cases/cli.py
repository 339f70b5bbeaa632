"""`comity case`: the case files that every act cites."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import typer

from comity.base.clock import parse_rfc3339
from comity.base.model import Issuer, JsonObject
from comity.cases import service
from comity.cases.model import NewCase
from comity.client.node import Node
from comity.kit.shell import As, AsJson, Desk, acting, emit, signed_in, table

CaseName = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference or id.")]


class Files(Protocol):
    """Case files for one person, on this node or at a distance; told as the officer API tells them."""

    def open(self, new: NewCase) -> JsonObject:
        """Open a case."""

    def show(self, case: str) -> JsonObject:
        """One case, to a member."""

    def list(self) -> JsonObject:
        """The person's cases: ``{cases: [...]}``."""


@dataclass(frozen=True)
class Here:
    """On this node."""

    desk: Desk
    issuer: Issuer
    check_offence: service.OffenceCheck

    def open(self, new: NewCase) -> JsonObject:
        """Open a case, of an offence that the state knows."""
        with self.desk.acting("case.open", self.issuer) as unit:
            self.check_offence(unit, new.offence)
            return service.open_case(unit, self.issuer, new).as_dict()

    def show(self, case: str) -> JsonObject:
        """One case; the reading is logged."""
        with self.desk.acting("case.show", self.issuer) as unit:
            return service.show(unit, self.issuer, case).as_dict()

    def list(self) -> JsonObject:
        """The person's cases, oldest first."""
        with self.desk.database.read("case.list") as unit:
            return {"cases": [case.as_dict() for case in service.list_cases(unit, self.issuer.actor)]}


@dataclass(frozen=True)
class There:
    """At a distance, for whom the access token is."""

    node: Node

    def open(self, new: NewCase) -> JsonObject:
        """Open a case."""
        return self.node.cases.open(new.reference, new.title, new.offence)

    def show(self, case: str) -> JsonObject:
        """One case, by id."""
        return self.node.cases.show(case)

    def list(self) -> JsonObject:
        """The cases."""
        return self.node.cases.list()


def commands(
    desk: Callable[[], Desk], check_offence: service.OffenceCheck, forget: Callable[[Desk], service.Forget],
    far: Callable[[str], Files] | None = None,
) -> typer.Typer:  # fmt: skip
    """The `case` group; `check_offence` knows the offences of the state's tables, `forget` what other rooms keep, `far`
    the files of another machine's node."""
    app = typer.Typer(no_args_is_help=True, help="Case files: open, show, list, admit. Only members read a case.")
    files = far or signed_in(desk, lambda station, issuer: Here(station, issuer, check_offence))
    _opening(app, files)
    _admitting(app, desk)
    _reading(app, files)
    _erasing(app, desk, forget)
    return app


def _opening(app: typer.Typer, files: Callable[[str], Files]) -> None:
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
        case = files(person).open(NewCase(reference, title, offence))
        emit(case, as_json, lambda: f"Case {case['reference']} is open ({case['id']}).")


def _admitting(app: typer.Typer, desk: Callable[[], Desk]) -> None:
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


def _reading(app: typer.Typer, files: Callable[[str], Files]) -> None:
    @app.command("show")
    def show(case: CaseName, person: As, as_json: AsJson = False) -> None:
        """Show a case file to a member. The reading is logged, a refused attempt too."""
        found = files(person).show(case)
        emit(found, as_json, lambda: _lines(found))

    @app.command("list")
    def list_(person: As, as_json: AsJson = False) -> None:
        """List the cases of which you are a member, oldest first."""
        found = files(person).list()
        emit(found, as_json, lambda: _table(found["cases"], person or "PERSON"))


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


def _lines(case: Any) -> str:
    opened = parse_rfc3339(case["opened_at"])
    return "\n".join([
        f"{case['reference']}: {case['title']}",
        f"offence {case['offence']}, {case['state']} since {opened:%Y-%m-%d %H:%M} UTC by {case['unit']}",
        f"members {', '.join(case['members'])}",
        f"id {case['id']}",
    ])  # fmt: skip


def _table(cases: Any, person: str) -> str:
    rows = [(c["reference"], c["offence"], c["opened_at"][:10], c["state"], c["title"]) for c in cases]
    empty = (
        f"{person} is a member of no case. Open one: comity case open REFERENCE --title ... --offence CODE "
        f"--as {person}; or ask a member to admit you."
    )
    return table(("REFERENCE", "OFFENCE", "OPENED", "STATE", "TITLE"), rows, empty)
