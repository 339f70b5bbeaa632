"""`comity legal quota`: what a day may cost a partner, a person, a case or a basis."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from comity.access import service as access
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.shell import As, AsJson, Desk, acting, emit, table
from comity.legal import service
from comity.legal.model import Direction, Quota, Scope, Tripped

Way = Annotated[str, typer.Argument(metavar="DIRECTION", help="outgoing (we ask) or incoming (we are asked).")]
Of = Annotated[str, typer.Argument(metavar="SCOPE", help="partner, person, case or instrument.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, such as XB; `*` gives each one its own.")]
Measure = Annotated[str, typer.Option("--measure", help="A measure such as hit_no_hit, or `*` for all together.")]

NONE = "No quotas: nothing is counted. Declare one with `comity legal quota set --help`."
T = TypeVar("T", bound=str)


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`legal quota set`, `drop` and `list`."""
    group = typer.Typer(no_args_is_help=True, help="Daily capacities, declared by this agency. None at first.")
    app.add_typer(group, name="quota")
    _declaring(group, desk)
    _listing(group, desk)


def _declaring(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("set")
    def set_(
        direction: Way,
        scope: Of,
        name: Name,
        person: As,
        per_day: Annotated[int, typer.Option("--per-day", help="How many acts a day (UTC).")],
        measure: Measure = "*",
        then: Annotated[str, typer.Option(help="Beyond it: queue (until tomorrow) or refuse.")] = "queue",
        as_json: AsJson = False,
    ) -> None:
        """Declare how much a day may cost. A threat to life is never counted. Roles: approver, lawyer, operator.

        Example: comity legal quota set incoming partner XB --measure hit_no_hit --per-day 500 --as approver-1
        """
        quota = _quota((direction, scope, name, measure), per_day, then)
        with acting(desk(), "legal.quota", person) as (unit, issuer):
            acted = access.act(unit, issuer, "legal.quota", service.quota_subject(quota), service.QUOTA_SETTERS)
            made = service.set_quota(unit, acted, quota)
        emit(service.quota_subject(made), as_json, lambda: f"{made.per_day} a day, then {made.on_trip}.")

    @group.command("drop")
    def drop(
        direction: Way, scope: Of, name: Name, person: As, measure: Measure = "*", as_json: AsJson = False
    ) -> None:
        """Take a quota back. Roles: approver, lawyer, operator."""
        quota = _quota((direction, scope, name, measure), 0, "queue")
        with acting(desk(), "legal.quota", person) as (unit, issuer):
            acted = access.act(unit, issuer, "legal.quota", service.quota_subject(quota), service.QUOTA_SETTERS)
            service.drop_quota(unit, acted, quota)
        emit(service.quota_subject(quota), as_json, lambda: "Taken back.")


def _listing(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    @group.command("list")
    def list_(as_json: AsJson = False) -> None:
        """List the quotas of today with what is used; of one for each (`*`), usage is each one's own and not shown.

        A quota is declared by `legal quota set`, or by a row of a table (`legal import FILE`) under the header
        direction,scope,name,measure,per_day,then,from,until,source.
        """
        with desk().database.read("legal.quotas") as unit:
            found: list[JsonObject] = [
                service.quota_subject(quota) | {"used": service.used_today(unit, quota), "by": quota.set_by}
                for quota in service.quotas(unit)
            ]
        keys = ("direction", "scope", "name", "measure", "used", "per_day", "on_trip", "by")
        rows = [[str(quota[key]) for key in keys] for quota in found]
        headings = ("DIRECTION", "OF", "NAME", "MEASURE", "USED", "A DAY", "THEN", "BY")
        emit(list[Json](found), as_json, lambda: table(headings, rows, NONE))


def _quota(key: tuple[str, str, str, str], per_day: int, then: str) -> Quota:
    direction, scope, name, measure = key
    ways: tuple[Direction, ...] = ("outgoing", "incoming")
    scopes: tuple[Scope, ...] = ("partner", "person", "case", "instrument")
    ends: tuple[Tripped, ...] = ("queue", "refuse")
    return Quota(_one_of(direction, ways), _one_of(scope, scopes), name, measure, per_day, _one_of(then, ends))


def _one_of(text: str, known: tuple[T, ...]) -> T:
    for one in known:
        if text == one:
            return one
    raise BadInput(
        "legal.quota", f"`{text}` is none of {', '.join(known)}", todo="See `comity legal quota set --help`."
    )
