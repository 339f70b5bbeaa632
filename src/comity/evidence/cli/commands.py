"""The `evidence` group."""

from collections.abc import Callable

import typer

from comity.evidence.cli.flow import answering, asking, releasing
from comity.evidence.cli.looking import Lister, carrying, looking
from comity.evidence.cli.papers import printing
from comity.evidence.cli.taking import taking
from comity.kit.shell import Desk


def commands(desk: Callable[[], Desk], far: Lister | None = None) -> typer.Typer:
    """The `evidence` group; `far` lists the evidence of another machine's node."""
    app = typer.Typer(no_args_is_help=True, help="Exhibits: take in and seal, hand over with signatures on both sides.")
    taking(app, desk)
    asking(app, desk)
    releasing(app, desk)
    answering(app, desk)
    looking(app, desk, far)
    carrying(app, desk)
    printing(app, desk)
    return app
