"""The demo's printed story: steps with progress and time, plain text that reads well in any terminal and in a file."""

import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

from comity.base.clock import monotonic

_WIDTH = 100


class Transcript:
    """Prints chapters, steps and facts. `weights` are the steps' usual shares of the time, in any unit."""

    def __init__(self, weights: Sequence[float], out: TextIO = sys.stdout) -> None:
        self._out = out
        self._weights = weights
        self._done = 0
        self._begun = monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the story began."""
        return monotonic() - self._begun

    def chapter(self, title: str) -> None:
        """A heading."""
        self.line("")
        self.line(f"=== {title} " + "=" * max(0, _WIDTH - len(title) - 5))

    def step(self, who: str, what: str) -> None:
        """One act of the story: at whose node, what happens; with progress and an estimate of the time left."""
        head = f"[{self._done + 1}/{len(self._weights)}, {self.seconds:.0f} s{self._left()}] {who}: "
        self._done += 1
        self.line("")
        self.line(textwrap.fill(head + what, _WIDTH, subsequent_indent="      ", break_on_hyphens=False))

    def _left(self) -> str:
        """How long the rest takes if it goes on as it went; nothing before anything can be said."""
        done, rest = sum(self._weights[: self._done]), sum(self._weights[self._done :])
        return f", about {self.seconds * rest / done:.0f} s left" if done else ""

    def fact(self, text: str) -> None:
        """A result under the present step."""
        for row in text.splitlines() or [""]:
            indent = "      " + " " * (len(row) - len(row.lstrip()))
            self.line(
                textwrap.fill(
                    row.strip(), _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
                )
            )

    def line(self, text: str) -> None:
        """One line, at once."""
        print(text, file=self._out, flush=True)
