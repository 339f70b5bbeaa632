"""Where the PIN of the node's token comes from: a file, the environment or the terminal; never the arguments.

A service manager hands a secret over as a file: with systemd's ``LoadCredential=comity-pin:...`` it is
``--pin-file %d/comity-pin``.
"""

import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.kit.shell.files import read_text

PinFile = Annotated[
    Path | None,
    typer.Option("--pin-file", metavar="FILE", envvar="COMITY_PIN_FILE", show_envvar=False,
                 help="Read the PIN of the node's token from the first line of FILE."),
]  # fmt: skip


def _only_from_environment(context: typer.Context, option: typer.CallbackParam, value: str | None) -> str | None:
    source = context.get_parameter_source(str(option.name))
    if source is not None and source.name == "COMMANDLINE":
        raise BadInput("shell.pin", "A PIN in the arguments can be read by every user of this machine",
                       todo="Set COMITY_PIN, name a --pin-file, or wait to be asked.")  # fmt: skip
    return value


PinFromEnvironment = Annotated[
    str | None, typer.Option("--pin", envvar="COMITY_PIN", hidden=True, callback=_only_from_environment)
]

_given: ContextVar[tuple[str | None, Path | None]] = ContextVar("pin", default=(None, None))


def keep_pin(from_environment: str | None, file: Path | None) -> None:
    """Called by the root callback with both options: where `pin` looks; a file goes before the environment."""
    _given.set((from_environment, file))


def pin(token: str) -> str:
    """The PIN of the token with this label: from the file or the environment if given, else asked for."""
    from_environment, file = _given.get()
    if file is not None:
        return read_text(file).partition("\n")[0]
    if from_environment:
        return from_environment
    if not sys.stdin.isatty():
        raise BadInput("shell.pin", f"The PIN of the token {token} is needed, and there is nobody to ask",
                       todo="Set COMITY_PIN or name a --pin-file.")  # fmt: skip
    return str(typer.prompt(f"PIN of the token {token}", hide_input=True, err=True))
