"""`comity duty alarms` and `comity duty acknowledge`: who has seen what, and what was done about it."""

from collections.abc import Callable
from typing import Annotated

import typer

from comity.base.clock import rfc3339
from comity.base.model import Json
from comity.exchange import service
from comity.exchange.model import Alarm, Seen
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, table


def add_alarms(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The commands about alarms, in the group `duty`."""

    @app.command("alarms")
    def alarms(person: As, as_json: AsJson = False) -> None:
        """List the newest alarms: something that honest software cannot produce, at which a person must look."""
        station = desk()
        station.enter(person, passphrase(person))
        with station.database.read("duty.alarms") as unit:
            found = service.alarms_seen(unit)
        told: list[Json] = [told_alarm(alarm, seen) for alarm, seen in found]
        emit(told, as_json, lambda: _table(found))

    @app.command("acknowledge")
    def acknowledge(
        alarm: Annotated[str, typer.Argument(metavar="ALARM", help="The alarm's id, from `comity duty alarms`.")],
        note: Annotated[str, typer.Option(help="What you did about it, or found out.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Say that you have seen an alarm, and what you did about it. The alarm stays on record.

        Example: comity duty acknowledge ALARM --note "Rang the operator of XB" --as officer-1
        """
        with acting(desk(), "duty.acknowledge", person) as (unit, issuer):
            seen = service.acknowledge(unit, issuer, alarm, note)
        emit(seen.as_dict(), as_json, lambda: f"{seen.person} has seen the alarm.")


def told_alarm(alarm: Alarm, seen: list[Seen]) -> dict[str, Json]:
    """An alarm as JSON, with who has seen it."""
    return {
        "alarm": alarm.id, "at": rfc3339(alarm.at), "kind": alarm.kind, "partner": alarm.partner,
        "seen": [one.as_dict() for one in seen],
    }  # fmt: skip


def _table(found: list[tuple[Alarm, list[Seen]]]) -> str:
    rows = [
        (rfc3339(alarm.at), alarm.partner, alarm.kind, ", ".join(one.person for one in seen) or "nobody", alarm.id)
        for alarm, seen in found
    ]
    return table(("AT", "PARTNER", "ALARM", "SEEN BY", "ID"), rows, "No alarms.")
