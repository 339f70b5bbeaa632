"""`comity relay`: a node that keeps envelopes for members that accept no connections, and can read none of them."""

from typing import Any

import typer

from comity.app.commands.founding import Admin, Code, Endpoint, Host, Name, Of, PartnerPort, init
from comity.app.commands.opened import Opened
from comity.app.commands.running import run
from comity.app.settings import Settings, load
from comity.base.errors import Conflict
from comity.base.model import Json
from comity.exchange import service as exchange
from comity.kit.shell import AsJson, emit, table


def relay_commands(opened: Opened) -> typer.Typer:
    """`comity relay init|run|status`."""
    app = typer.Typer(help="A relay: it keeps envelopes for members that accept no connections.")

    @app.command("init")
    def make(
        code: Code, name: Name, admin: Admin = "security-1", unit: Of = "security", host: Host = "127.0.0.1",
        partner_port: PartnerPort = 9440, endpoint: Endpoint = "", as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Make a relay: keys, certificate and an SQLite file of its own. Then join the federation with it.

        Members whose settings say `relay = "CODE"` are reached through it, once their entry is published.

        Example: comity --home /srv/relay relay init --code XR --name "Relay of Exampleland"
        """
        settings = Settings(opened.home, code, name, host=host, partner_port=partner_port, endpoint=endpoint,
                            is_relay=True)  # fmt: skip
        data = init(settings, admin, unit)
        emit(data, as_json, lambda: f"Relay {code} is ready in {opened.home}: comity federation join INVITATION")

    @app.command("run")
    def serve() -> None:
        """Run the relay until Ctrl-C: partners over mutual TLS; no officers, and no other work."""
        _require(load(opened.home))
        run(opened)

    @app.command("status")
    def status(as_json: AsJson = False) -> None:
        """List the members served: how many envelopes wait for each, how many bytes, since when the oldest."""
        _require(load(opened.home))
        with opened.desk().database.read("relay.status") as found:
            boxes = exchange.boxes(found)
        emit(list[Json](boxes), as_json, lambda: _told(boxes))

    return app


def _require(settings: Settings) -> None:
    if not settings.is_relay:
        raise Conflict("node.no-relay", f"{settings.code} is a node with officers, and no relay",
                       todo="Make a relay in a home of its own: comity relay init")  # fmt: skip


def _told(boxes: list[Any]) -> str:
    rows = [(one["member"], str(one["held"]), f"{one['bytes'] / 1e6:,.1f} MB", one["oldest"] or "") for one in boxes]
    return table(("MEMBER", "HELD", "SIZE", "OLDEST"), rows, "No member names this relay in its entry yet.")
