"""The program's entry: the command line of `cli` with the demo, which itself runs that command line."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.app.cli import Lazy, Root, build
from comity.kit.shell import run as run_shell


def _demo(_root: Root) -> typer.Typer:
    from comity.app.demo.story import Options, tell

    app = typer.Typer()

    @app.command("demo")
    def demo(  # a command's options are its parameters
        once: Annotated[bool, typer.Option("--once", help="Stop everything at the story's end.")] = False,
        json_file: Annotated[Path | None, typer.Option("--json", help="Write what happened to this JSON file.")] = None,
        stain: Annotated[Path | None, typer.Option(help="Your own stain: a CODIS CMF file.")] = None,
        no_plant: Annotated[bool, typer.Option("--no-plant", help="Plant nothing; search honestly.")] = False,
        profiles: Annotated[int, typer.Option(help="Profiles in each partner's database.", min=1)] = 20_000,
        folder: Annotated[Path, typer.Option(help="Where the three nodes live; emptied first.")] = Path("build/demo"),
    ) -> None:
        """Show two countries cooperate: three nodes, a real search abroad, a sealed hand-over, all of it proven."""
        raise typer.Exit(tell(Options(folder, once, json_file, stain, not no_plant, profiles)))

    return app


def main(arguments: list[str] | None = None) -> None:
    """Run one command of `comity`, the demo included, and leave with its exit code."""
    app, close = build({"demo": Lazy("Show two countries cooperate, on this machine.", _demo)})
    try:
        code = run_shell(app, arguments)
    finally:
        close()
    sys.exit(code)
