"""`comity status` and `comity doctor`."""

import typer

from comity.app import doctor, standing
from comity.app.commands.opened import Opened
from comity.kit.shell import AsJson, emit


def status_command(opened: Opened) -> typer.Typer:
    """`comity status`."""
    app = typer.Typer()

    @app.command("status")
    def command(as_json: AsJson = False) -> None:
        """Say how the node stands: its log, its partners, its queues, what waits. No personal data.

        The running node shows the same on its status page. For what needs care, see `comity doctor`.
        """
        data = standing.status(opened.open())
        emit(data, as_json, lambda: standing.status_text(data))

    return app


def doctor_command(opened: Opened) -> typer.Typer:
    """`comity doctor`."""
    app = typer.Typer()

    @app.command("doctor")
    def command(as_json: AsJson = False) -> None:
        """Check the node: keys, certificate, schema, writing, log, clock, directory, alarms, disk. Exit 1: needs care.

        It changes nothing. Each finding says what to do about it.
        """
        data = doctor.examine(opened.home)
        emit(data, as_json, lambda: doctor.text(data))
        if not data["ok"]:
            raise typer.Exit(1)

    return app
