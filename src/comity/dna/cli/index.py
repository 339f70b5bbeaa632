"""`comity dna index`: what searches of a large database go through."""

from collections.abc import Callable

import typer

from comity.base.model import JsonObject
from comity.dna import service
from comity.kit.shell import AsJson, Desk, Progress, emit


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna index status` and `dna index rebuild`."""
    group = typer.Typer(no_args_is_help=True, help="The index that searches of a large database go through.")
    app.add_typer(group, name="index")

    @group.command("status")
    def status(as_json: AsJson = False) -> None:
        """Say what the index holds, and check every byte of it."""
        station = desk()
        with station.database.read("dna.index") as unit:
            found = service.index_status(unit, station.home / service.INDEX)
        emit(found, as_json, lambda: _words(found))

    @group.command("rebuild")
    def rebuild(as_json: AsJson = False) -> None:
        """Make the index anew from the profiles. A node that runs uses it from its next start on.

        Nobody has to: a node makes and extends its index by itself.
        """
        station = desk()
        with station.database.read("dna.index") as unit:
            found = service.rebuild_index(unit, station.home / service.INDEX, Progress)
        emit(found, as_json, lambda: _words(found))


def _words(found: JsonObject) -> str:
    held = f"{found['profiles']} profiles; searches use an index from {found['used_from']} on."
    if found["usable"]:
        return (
            f"{held}\nIndex: {found['rows']} profiles in {found['segments']} segments, {found['bytes']} bytes, whole."
        )
    return (
        f"{held}\nNo index is kept that can be used: {found['problem']}. The next search makes one where it needs it."
    )
