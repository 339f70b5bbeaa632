"""The group `comity log`, put together from its commands."""

from collections.abc import Callable

import typer

from comity.kit.shell import Desk
from comity.log import service
from comity.log.cli.exporting import exporting
from comity.log.cli.papers import papers
from comity.log.cli.proving import proving
from comity.log.cli.reading import Verifier, reading, verifying
from comity.log.cli.tiles import tiling


def commands(
    desk: Callable[[], Desk], act: service.Acting, upstairs: service.Upstairs, far: Verifier | None = None
) -> typer.Typer:
    """The sub-application `log`. `act` has a person sign an act; `upstairs` is what other rooms know; `far` verifies
    the log of another machine's node."""
    app = typer.Typer(no_args_is_help=True, help="The node's evidence log: read it, and prove that it is whole.")
    verifying(app, desk, upstairs.find_key, far)
    reading(app, desk, act, upstairs.find_key)
    proving(app, desk, upstairs)
    tiling(app, desk)
    papers(app, desk)
    exporting(app, desk, act, upstairs)
    return app
