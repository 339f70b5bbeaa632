"""`comity log tiles`: the log as static files that any C2SP tlog-tiles reader can check."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.model import JsonObject
from comity.kit.shell import AsJson, Desk, Progress, emit
from comity.log import service
from comity.log.cli.files import Cache

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go; made if it is not there.")]
PARTIAL = "tile/**/*.p/*"
"""Partial tiles and bundles: those that an earlier, smaller log left are outgrown."""


def tiling(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """The command that writes tiles."""

    @app.command()
    def tiles(out: Out, as_json: AsJson = False) -> None:
        """Write the log as tiles, entry bundles and its checkpoint (C2SP tlog-tiles), after recomputing its root.

        The folder is a cache: run it again to bring it up to date, or delete it. Entries name types, times and partners
        in the clear, as `comity log show` lists them; who, what and about whom are not in it.
        """
        cache = Cache(out)
        with desk().database.read("log.tiles") as unit, Progress("writing tiles", 2 * service.count(unit)) as progress:
            for name, data in service.tiles(unit, progress.advance):
                cache.put(name, data)
            head = service.head(unit)
        cache.drop_outgrown(PARTIAL)
        told: JsonObject = {
            "folder": str(out), "size": head.size, "root": head.root.hex(), "files": len(cache.kept),
            "written": cache.written,
        }  # fmt: skip
        emit(told, as_json, lambda: (
            f"{head.size:,} entries hash to the root that this log signed, {head.root.hex()}.\n"
            f"{len(cache.kept):,} files are in {out}, {cache.written:,} of them new."))  # fmt: skip
