"""`comity token`: by which programs act for people and systems."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from comity.access import service
from comity.access.model import AccessToken, TokenToIssue
from comity.base.model import Json
from comity.kit.shell import As, AsJson, Desk, acting, emit, table


def token_commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The `token` group."""
    app = typer.Typer(no_args_is_help=True, help="Access tokens, by which programs act for people and systems.")
    _issuing(app, desk)
    _listing(app, desk)
    _revoking(app, desk)
    return app


def _issuing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("issue")
    def issue(
        name: Annotated[str, typer.Argument(help="What it is for, in a word or two.")],
        scope: Annotated[list[str], typer.Option(metavar="SCOPE", help=f"Repeatable: {', '.join(service.SCOPES)}.")],
        person: As,
        days: Annotated[int, typer.Option(help=f"How long it lives: 1 to {service.MOST_DAYS}.")] = 30,
        holder: Annotated[str, typer.Option("--for", metavar="SYSTEM", help="A system; default: yourself.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Issue an access token and print it, this once. Who has it acts in your name, within its scopes.

        A system (comity person add --system) gets its tokens from a security administrator. No token does what a person
        must confirm. It goes into a file that only the program reads, never into an address or an argument.

        Example: comity token issue laboratory --scope search.ask --scope search.read --as officer-1
        """
        secret = service.new_secret()
        with acting(desk(), "token.issue", person) as (unit, issuer):
            made = service.issue_token(unit, issuer, TokenToIssue(name, frozenset(scope), days, holder), secret)
        told = f"For {made.person}, until {made.expires:%Y-%m-%d %H:%M} UTC; it is not shown again:\n{secret}"
        emit(made.as_dict() | {"token": secret}, as_json, lambda: told)


def _listing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the node's access tokens: whose, what for, until when, used when. Their text is kept nowhere."""
        with desk().database.read("token.list") as unit:
            found, now = service.tokens(unit, None), unit.now
        listed: list[Json] = [one.as_dict() for one in found]
        emit({"tokens": listed}, as_json, lambda: _table(found, now))


def _revoking(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("revoke")
    def revoke(
        id: Annotated[str, typer.Argument(metavar="TOKEN", help="Its id, from `comity token list`.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """End an access token at once: your own, or as a security administrator anybody's."""
        with acting(desk(), "token.revoke", person) as (unit, issuer):
            ended = service.revoke_token(unit, issuer, id)
        emit(ended.as_dict(), as_json, lambda: f"The token {ended.name} of {ended.person} opens nothing any more.")


def _table(found: list[AccessToken], now: datetime) -> str:
    rows = [
        (one.id, one.person, one.name, ", ".join(one.scopes), f"{one.expires:%Y-%m-%d}",
         f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "", _state(one, now))
        for one in found
    ]  # fmt: skip
    empty = "No program has an access token. Issue one: comity token issue NAME --scope SCOPE --as PERSON"
    return table(("TOKEN", "FOR", "NAME", "SCOPES", "UNTIL", "USED", "STATE"), rows, empty)


def _state(one: AccessToken, now: datetime) -> str:
    return "revoked" if one.ended_at else "expired" if service.is_over(one, now) else ""
