"""`comity legal`: its commands under one group."""

from collections.abc import Callable

import typer

from comity.kit.shell import Desk
from comity.legal import service
from comity.legal.cli import agreements, matters, quotas
from comity.legal.cli import commands as deciding


def commands(desk: Callable[[], Desk], find_key: service.FindKey | None = None) -> typer.Typer:
    """The sub-application `legal`; commands on agreements with partners are there where partners' keys can be found."""
    app = deciding.commands(desk)
    matters.add_commands(app, desk)
    quotas.add_commands(app, desk)
    if find_key is not None:
        app.add_typer(agreements.commands(desk, find_key), name="agreement")
    return app
