"""`comity legal`: its commands under one group."""

from collections.abc import Callable

import typer

from comity.kit.shell import Desk
from comity.legal.cli import commands as deciding
from comity.legal.cli import matters, quotas


def commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The sub-application `legal`."""
    app = deciding.commands(desk)
    matters.add_commands(app, desk)
    quotas.add_commands(app, desk)
    return app
