"""`comity duty`: who is on duty when, and what one tells the next."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from comity.access import service
from comity.access.model import HandOver, NewShift, Shift
from comity.base.clock import parse_rfc3339
from comity.base.model import Json
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, table

Moment = "2026-11-22T20:00:00Z"


def duty_commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The `duty` group."""
    app = typer.Typer(no_args_is_help=True, help="The duty desk of your unit: the rota, hand-overs, alarms.")
    _reading(app, desk)
    _planning(app, desk)
    _handing(app, desk)
    return app


def _reading(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("list")
    def list_(
        person: As,
        past: Annotated[bool, typer.Option("--past", help="The shifts that are over, the latest first.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """List your unit's shifts and its latest hand-overs.

        Example: comity duty list --as officer-1
        """
        station = desk()
        actor = station.enter(person, passphrase(person)).actor
        with station.database.read("duty.list") as unit:
            shifts = service.past_shifts(unit, actor) if past else service.rota(unit, actor)
            notes, now = service.hand_overs(unit, actor), unit.now
        told: dict[str, Json] = {"shifts": [one.as_dict() for one in shifts], "notes": [n.as_dict() for n in notes]}
        emit(told, as_json, lambda: f"{_rota(shifts, now)}\n\n{_told(notes)}")


def _planning(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("plan")
    def plan(
        newcomer: Annotated[str, typer.Argument(metavar="PERSON", help="Who is on duty, of your own unit.")],
        begins: Annotated[str, typer.Option("--from", metavar="TIME", help=f"Such as {Moment}.")],
        ends: Annotated[str, typer.Option("--until", metavar="TIME", help="At most 24 hours later.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Put a person of your unit on duty for a time.

        Example: comity duty plan officer-2 --from 2026-11-22T20:00:00Z --until 2026-11-23T06:00:00Z --as officer-1
        """
        new = NewShift(newcomer, parse_rfc3339(begins), parse_rfc3339(ends))
        with acting(desk(), "duty.plan", person) as (unit, issuer):
            made = service.plan_shift(unit, issuer, new)
        emit(
            made.as_dict(), as_json, lambda: f"{made.person} is on duty from {_at(made.begins)} until {_at(made.ends)}."
        )

    @app.command("cancel")
    def cancel(
        shift: Annotated[str, typer.Argument(metavar="SHIFT", help="The shift's id, from `comity duty list`.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Call a shift off before it begins. It stays on record as called off."""
        with acting(desk(), "duty.cancel", person) as (unit, issuer):
            gone = service.cancel_shift(unit, issuer, shift)
        emit({"shift": gone.id, "cancelled_by": person}, as_json, lambda: f"The shift of {gone.person} is called off.")


def _handing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("hand-over")
    def hand_over(
        text: Annotated[str, typer.Argument(help="What is open, what to watch; cases by their reference.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Tell whoever comes next what is open. You are on duty, or were up to twelve hours ago.

        Example: comity duty hand-over "XB promised an answer to XA-2026-0117 by 22:00" --as officer-1
        """
        with acting(desk(), "duty.hand-over", person) as (unit, issuer):
            made = service.hand_over(unit, issuer, text)
        emit(made.as_dict(), as_json, lambda: f"Handed over ({made.id}); whoever comes takes it over.")

    @app.command("take-over")
    def take_over(
        note: Annotated[str, typer.Argument(metavar="NOTE", help="The note's id, from `comity duty list`.")],
        person: As,
        as_json: AsJson = False,
    ) -> None:
        """Say that you have read a hand-over and answer for the desk now."""
        with acting(desk(), "duty.take-over", person) as (unit, issuer):
            taken = service.take_over(unit, issuer, note)
        emit(taken.as_dict(), as_json, lambda: f"Taken over from {taken.person}.")


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _rota(shifts: list[Shift], now: datetime) -> str:
    rows = [(_at(one.begins), _at(one.ends), one.person, _state(one, now), one.id) for one in shifts]
    empty = "Nobody is on duty. Plan a shift: comity duty plan PERSON --from TIME --until TIME --as YOU"
    return table(("FROM", "UNTIL", "PERSON", "STATE", "SHIFT"), rows, empty)


def _state(shift: Shift, now: datetime) -> str:
    if shift.cancelled_by:
        return f"called off by {shift.cancelled_by}"
    return "over" if shift.ends <= now else "on duty" if shift.begins <= now else "planned"


def _told(notes: list[HandOver]) -> str:
    return "\n".join(f"{_at(one.at)} {one.person}, {_taken(one)} ({one.id})\n  {one.text}" for one in notes) or _NONE


def _taken(note: HandOver) -> str:
    return f"taken over by {note.taken_by}" if note.taken_by else "not taken over"


_NONE = "No hand-overs yet."
