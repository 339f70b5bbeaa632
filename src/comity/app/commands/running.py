"""`comity run`: the node's process. Servers, with every page and route, are loaded when one is to run."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import typer

from comity.app.commands.opened import Opened
from comity.base.memory import spare_loaded
from comity.exchange.service.neutral import Neutral

if TYPE_CHECKING:
    from comity.app.server import Addresses


def run_command(opened: Opened) -> typer.Typer:
    """`comity run`."""
    app = typer.Typer()

    @app.command("run")
    def command() -> None:
        """Run the node until Ctrl-C: partners over mutual TLS, officers on this machine, delivery and handling.

        Commands may be given beside it, in the same home. Diagnostics go to stderr; what the node does is in its
        log (`comity log show`). A restored node serves only its officers.
        """
        run(opened)

    return app


def run_witness(made: Neutral, host: str, port: int) -> None:
    """Serve a neutral witness until Ctrl-C."""
    from comity.exchange.api import serve_witness  # noqa: PLC0415  # a web server, which only who serves pays

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with _until_told() as ended:
        answering = serve_witness(made, host, port)
        try:
            typer.echo(f"{made.name} is ready: http://{host}:{answering.port}/. Stop with Ctrl-C.", err=True)
            ended.wait()
        finally:
            answering.stop()


def run(opened: Opened) -> None:
    """Run the node of this home until a signal."""
    from comity.app import server  # noqa: PLC0415  # every page and route, which only who serves pays

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    node = opened.open()
    with _until_told() as ended, server.running(node) as at:
        typer.echo(f"{at.code} is ready: {_told(at, node.settings.relay)}. Stop with Ctrl-C.", err=True)
        spare_loaded()
        ended.wait()


def _told(at: "Addresses", relay: str) -> str:
    """Whom the node answers, and where."""
    if not at.officers:
        return f"a relay, partners {at.partners or 'NOT SERVED: it is read-only'}"
    partners = f"partners {at.partners}" if at.partners else f"partners through {relay}" if relay else ""
    return f"officers {at.officers}, {partners or 'READ-ONLY, so nobody else'}"


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C or a service manager's SIGTERM sets; before and after, signals do what they did."""
    ended = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
