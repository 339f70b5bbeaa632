"""`comity log timestamps`: which of this log's checkpoints an independent authority has stamped, and when."""

from collections.abc import Callable
from typing import Annotated

import typer

from comity.base.clock import rfc3339
from comity.base.model import Json, JsonObject
from comity.exchange import service
from comity.exchange.cli.told import stamping_told
from comity.exchange.model import Stamp, Stamping
from comity.exchange.service import Station
from comity.kit.shell import AsJson, emit, table

Now = Annotated[bool, typer.Option("--now", help="Ask the authority at once, whether or not the log has grown.")]

_NONE = "No time stamp yet: a running node asks daily, `comity log timestamps --now` at once."


def timestamps_command(station: Callable[[], Station]) -> typer.Typer:
    """The command `log timestamps`."""
    app = typer.Typer()

    @app.command("timestamps")
    def timestamps(now: Now = False, as_json: AsJson = False) -> None:
        """List the time stamps (RFC 3161) over this log's checkpoints, newest first, and how asking for more stands.

        A stamp over N entries shows that all of them existed at the authority's time. SKEW is by how many seconds this
        node's clock was ahead then. A running node asks once a day, when the log has grown; `comity log export` puts
        the stamps over its entries into the export.
        """
        if now:
            service.stamp_now(station())
        with station().database.read("exchange.stamps") as unit:
            found, standing = service.stamped(unit), service.stamping(unit, station().authority)
        data: JsonObject = {"standing": standing.as_dict(), "timestamps": list[Json](one.as_dict() for one in found)}
        emit(data, as_json, lambda: _text(found, standing))

    return app


def _text(found: list[Stamp], standing: Stamping) -> str:
    rows = [(str(one.size), rfc3339(one.stamped_at), str(round(one.skew)), one.authority) for one in found]
    return f"{table(('ENTRIES', 'AT', 'SKEW', 'AUTHORITY'), rows, _NONE)}\n{stamping_told(standing)}"
