"""How a command ends: errors in the node's words or typer's, and the exit code of each branch."""

import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import typer

from comity.base.errors import BadInput, ComityError
from comity.kit.shell.output import CONTROLS

logger = logging.getLogger(__name__)

EXIT_CODES: Final[Mapping[str, int]] = {
    "tampered": 1, "bad-input": 2, "not-found": 2, "not-allowed": 3, "conflict": 4, "partner": 5, "unavailable": 6,
    "misconfigured": 7,
}  # fmt: skip
"""Exit code of each branch of the error tree."""

INTERNAL: Final = 70
"""A fault of Comity itself (EX_SOFTWARE): never the code of a branch."""
INTERRUPTED: Final = 130


def fail(error: ComityError, as_json: bool) -> int:
    """Say on stderr what happened and what to do next; the exit code of the error's branch."""
    error = error.outward
    said = json.dumps({"error": error.as_dict()}) if as_json else f"Error: {error}".translate(CONTROLS)
    typer.echo(said, err=True)
    return EXIT_CODES.get(error.branch, INTERNAL)


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (default: the process's own) name; the exit code for `sys.exit`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        ended = typer.main.get_command(app).main(given, prog_name="comity", standalone_mode=False)
    except ComityError as error:
        return fail(error, as_json)
    except typer.TyperException as error:
        return _misused(error, as_json)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Interrupted; what was committed stays, the rest was not done.", err=True)
        return INTERRUPTED
    except Exception as error:
        logger.exception("unforeseen")
        what = f"Comity failed: {type(error).__name__}"
        return fail(ComityError("shell.internal", what, todo="Report it with the lines above."), as_json)
    return ended if isinstance(ended, int) else 0  # a number where typer.Exit ended the command


def _misused(error: typer.TyperException, as_json: bool) -> int:
    """An unknown command or option, a missing argument: typer's own words, or JSON."""
    if as_json:
        return fail(BadInput("shell.usage", error.format_message(), todo="Run the command with --help."), True)
    show: Callable[[], None] | None = getattr(error, "show", None)
    if show is None:
        typer.echo(f"Error: {error.format_message()}", err=True)
    else:
        show()
    return EXIT_CODES["bad-input"]
