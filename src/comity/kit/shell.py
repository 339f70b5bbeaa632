"""The command line: options that every command shares, output for people and for programs, exit codes.

Promises: data goes to stdout and everything else to stderr; with ``--json`` both are JSON, errors too, one object a
line; an error says what to do next and ends with the exit code of its branch; a passphrase comes from the environment
variable COMITY_PASSPHRASE, a file or a prompt, never from the arguments, which every user of the machine can list;
text that came from a partner cannot steer the terminal.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, TextIO

import typer

from comity.base.clock import monotonic
from comity.base.errors import BadInput, ComityError
from comity.base.languages import LANGUAGES, spoken
from comity.base.model import Issuer, Json
from comity.kit.database.unit import Unit as Unit
from comity.kit.vault.desk import Desk as Desk

logger = logging.getLogger(__name__)

# --- options -------------------------------------------------------------------------------------------------------

As = Annotated[str, typer.Option("--as", metavar="PERSON", help="The person who acts, as enrolled on this node.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Read the passphrase of --as from the first line of FILE."),
]


def _only_from_environment(context: typer.Context, option: typer.CallbackParam, value: str | None) -> str | None:
    source = context.get_parameter_source(str(option.name))
    if source is not None and source.name == "COMMANDLINE":
        raise BadInput("shell.passphrase", "A passphrase in the arguments can be read by every user of this machine",
                       todo="Set COMITY_PASSPHRASE, name a --passphrase-file, or wait to be asked.")  # fmt: skip
    return value


FromEnvironment = Annotated[
    str | None,
    typer.Option("--passphrase", envvar="COMITY_PASSPHRASE", hidden=True, callback=_only_from_environment),
]


def _language(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
    """The language asked for; what the machine's own settings ask for is only a wish."""
    source = context.get_parameter_source(str(option.name))
    found = spoken(value)
    if found is None and source is not None and source.name == "COMMANDLINE":
        raise BadInput("shell.language", f"Nobody here speaks {value!r}",
                       todo=f"Choose {', '.join(LANGUAGES)}.")  # fmt: skip
    return found or LANGUAGES[0]


Language = Annotated[
    str,
    typer.Option(
        "--language", metavar="CODE", envvar=["COMITY_LANGUAGE", "LANG"], show_envvar=False, callback=_language,
        help="en, fr, es or ar; otherwise what COMITY_LANGUAGE or LANG asks for.",
    ),
]  # fmt: skip
"""The language of what people read; JSON is the same in all."""

_passphrase: ContextVar[Callable[[], str] | None] = ContextVar("passphrase", default=None)


def keep_passphrase(from_environment: str | None, file: Path | None) -> None:
    """Called by the root callback with both options: where `passphrase` looks; a file goes before the environment."""
    if file is not None:
        _passphrase.set(lambda: _first_line(file))
    elif from_environment is not None:
        _passphrase.set(lambda: from_environment)
    else:
        _passphrase.set(None)


def passphrase(person: str) -> str:
    """The passphrase of `person`: from the file or the environment if given, else asked for on the terminal."""
    source = _passphrase.get()
    if source is not None:
        return source()
    if not sys.stdin.isatty():
        raise BadInput("shell.passphrase", f"The passphrase of {person} is needed, and there is nobody to ask",
                       todo="Set COMITY_PASSPHRASE or name a --passphrase-file.")  # fmt: skip
    return str(typer.prompt(f"Passphrase of {person}", hide_input=True, err=True))


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("shell.passphrase", "The passphrase file cannot be read", where=str(file),
                       todo="Name a readable text file whose first line is the passphrase.") from error  # fmt: skip


@contextlib.contextmanager
def acting(desk: Desk, name: str, person: str) -> Iterator[tuple[Unit, Issuer]]:
    """A write unit called `name` for one act of `person`: ``with acting(desk(), "case.open", who) as (unit, issuer)``.

    Asks for the passphrase before any transaction is open; a failed sign-in counts, a refused act is logged.
    """
    issuer = desk.enter(person, passphrase(person))
    with desk.acting(name, issuer) as unit:
        yield unit, issuer


# --- output --------------------------------------------------------------------------------------------------------

_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def emit(data: Json, as_json: bool, text: Callable[[], str]) -> None:
    """Print `data` as one line of JSON, or what `text` says; control characters in it are shown, not obeyed."""
    typer.echo(json.dumps(data) if as_json else text().translate(_CONTROLS))


def agreed(shown: Callable[[], str], question: str, yes: bool, as_json: bool) -> bool:
    """Show on stderr what is about to leave, and whether the person agrees to send it; says so where not.

    `yes` was given beforehand. A program (`as_json`) cannot be asked: BadInput ``shell.agree`` unless it gave it.
    """
    if as_json and not yes:
        raise BadInput("shell.agree", "Nothing is sent unasked", todo="Look at it without --json, then add --yes.")
    if as_json:
        return True
    typer.echo(shown().translate(_CONTROLS), err=True)
    if yes or typer.confirm(question, err=True):
        return True
    typer.echo("Nothing was sent.", err=True)
    return False


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> str:
    """Rows under their headings in aligned columns; `empty`, which says what to do, where there are none."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    if len(lines) == 1:
        return empty
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def time_left(done: int, total: int, seconds: float) -> str:
    """How long the rest will take if it goes on as it went: ``about 2 min left``; empty before anything can be said."""
    if done <= 0 or done >= total:
        return ""
    left = seconds * (total - done) / done
    if left < 60:
        return f"about {max(1, round(left))} s left"
    return f"about {round(left / 60)} min left" if left < 5400 else f"about {left / 3600:.1f} h left"


class Progress:
    """How far a long job is, on stderr: ``with Progress("importing", 5000) as progress: progress.advance()``.

    Rewrites its one line at most ten times a second, clears it at the end, and is silent where stderr is no terminal.
    """

    REDRAW_SECONDS: Final = 0.1

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what = what.translate(_CONTROLS)
        self._total = total
        self._stream = stream or sys.stderr
        self._done = 0
        self._start = self._drawn = monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")

    def advance(self, steps: int = 1) -> None:
        """`steps` more are done."""
        self._done += steps
        now = monotonic()
        if now - self._drawn >= self.REDRAW_SECONDS:
            self._drawn = now
            left = time_left(self._done, self._total, now - self._start)
            self._write(f"{self._what}: {self._done:,} of {self._total:,}" + (f", {left}" if left else ""))

    def _write(self, line: str) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()


# --- errors and exit codes -----------------------------------------------------------------------------------------

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
    said = json.dumps({"error": error.as_dict()}) if as_json else f"Error: {error}".translate(_CONTROLS)
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
