"""What every command is told: who acts, how the passphrase comes, in which language and form to answer."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from comity.base.errors import BadInput
from comity.base.languages import LANGUAGES, spoken
from comity.base.model import Issuer
from comity.kit.database.unit import Unit
from comity.kit.vault.desk import Desk

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


Done = TypeVar("Done")


def signed_in(desk: Callable[[], Desk], here: Callable[[Desk, Issuer], Done]) -> Callable[[str], Done]:
    """What `here` makes of a person of this node, once it is known who: asks for the passphrase, in no unit."""

    def entered(person: str) -> Done:
        station = desk()
        return here(station, station.enter(person, passphrase(person)))

    return entered


@contextlib.contextmanager
def acting(desk: Desk, name: str, person: str) -> Iterator[tuple[Unit, Issuer]]:
    """A write unit called `name` for one act of `person`: ``with acting(desk(), "case.open", who) as (unit, issuer)``.

    Asks for the passphrase before any transaction is open; a failed sign-in counts, a refused act is logged.
    """
    issuer = desk.enter(person, passphrase(person))
    with desk.acting(name, issuer) as unit:
        yield unit, issuer
