"""What a command says: data on stdout, questions and progress on stderr, nothing that could steer the terminal."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Final, TextIO

import typer

from comity.base.clock import monotonic
from comity.base.errors import BadInput
from comity.base.model import Json

CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def emit(data: Json, as_json: bool, text: Callable[[], str]) -> None:
    """Print `data` as one line of JSON, or what `text` says; control characters in it are shown, not obeyed."""
    typer.echo(json.dumps(data) if as_json else text().translate(CONTROLS))


def agreed(shown: Callable[[], str], question: str, yes: bool, as_json: bool) -> bool:
    """Show on stderr what is about to leave, and whether the person agrees to send it; says so where not.

    `yes` was given beforehand. A program (`as_json`) cannot be asked: BadInput ``shell.agree`` unless it gave it.
    """
    if as_json and not yes:
        raise BadInput("shell.agree", "Nothing is sent unasked", todo="Look at it without --json, then add --yes.")
    if as_json:
        return True
    typer.echo(shown().translate(CONTROLS), err=True)
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
        self._what = what.translate(CONTROLS)
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
