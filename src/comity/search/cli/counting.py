"""What became of hits, and how many queries there were: said, asked about, counted."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import Json
from comity.base.words import name
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, table
from comity.search import service
from comity.search.cli.options import QueryId, Reason
from comity.search.model import FollowUp, Tally

Day = Annotated[str, typer.Option(metavar="DATE", help="Such as 2026-10-01, UTC.")]


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The commands, added to `search`."""

    @app.command("outcome")
    def outcome(
        query: QueryId,
        person: As,
        kind: Annotated[str, typer.Option("--kind", help="open, useful, known, wrong, arrest or exculpation.")],
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Say what became of a confirmed hit; it is asked again 30 and 90 days after the confirmation."""
        with acting(desk(), "search.outcome", person) as (unit, issuer):
            said = service.record_outcome(unit, issuer, query, kind, reason)
        emit(said.as_dict(), as_json, lambda: f"Recorded as {name(said.kind)}.")

    @app.command("outcomes")
    def outcomes(person: As, as_json: AsJson = False) -> None:
        """List the confirmed hits of your cases about which you should say what became of them."""
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.database.read("search.outcomes") as unit:
            found = service.outcomes_due(unit, issuer.actor)
        emit(list[Json]([hit.as_dict() for hit in found]), as_json, lambda: _due_table(found))

    @app.command("statistics")
    def statistics(since: Day, until: Day, as_json: AsJson = False) -> None:
        """Count the queries of a span of days by partner and side: answers, median time, outcomes of hits."""
        start, end = service.span(_day(since), _day(until))
        with desk().database.read("search.statistics") as unit:
            found = service.statistics(unit, start, end)
        emit(list[Json]([tally.as_dict() for tally in found]), as_json, lambda: _counts_table(found))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("search.day", f"{text[:20]!r} is no day", todo="Write it as 2026-10-01.") from error


def _due_table(found: list[FollowUp]) -> str:
    rows = [
        (hit.query, hit.partner, hit.confirmed_at.date().isoformat(), name(hit.kind or "nothing said yet"))
        for hit in found
    ]  # fmt: skip
    return table(("QUERY", "PARTNER", "CONFIRMED", "SO FAR"), rows, "Nothing is to be said of any hit of yours now.")


def _counts_table(found: list[Tally]) -> str:
    rows = [
        (one.partner, one.side, str(one.asked), _counted(one.answers), _lasting(one.median_seconds),
         _counted(one.outcomes))
        for one in found
    ]  # fmt: skip
    headings = ("PARTNER", "SIDE", "QUERIES", "ANSWERS", "MEDIAN", "OUTCOMES")
    return table(headings, rows, "No queries in these days.")


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name(kind)} {number}" for kind, number in sorted(numbers.items())) or "-"


def _lasting(seconds: int | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds} s" if seconds < 600 else f"{seconds // 60} min" if seconds < 36_000 else f"{seconds // 3600} h"
