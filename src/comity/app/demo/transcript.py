"""The demo's printed story: steps with progress and time, plain text that reads well in any terminal and in a file."""

import sys
import textwrap
from typing import TextIO

from comity.base.clock import monotonic

_WIDTH = 100


class Transcript:
    """Prints chapters, steps and facts; silent steps still count for the progress shown."""

    def __init__(self, steps: int, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._steps = steps
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
        self._done = min(self._done + 1, self._steps)
        left = self.seconds / self._done * (self._steps - self._done)
        self.line("")
        self.line(f"[{self._done:2}/{self._steps} {self.seconds:5.1f} s, about {left:3.0f} s left] {who:8} {what}")

    def fact(self, text: str) -> None:
        """A result under the present step."""
        for row in text.splitlines() or [""]:
            indent = "      " + " " * (len(row) - len(row.lstrip()))
            self.line(textwrap.fill(row.strip(), _WIDTH, initial_indent=indent, subsequent_indent=indent + "  "))

    def line(self, text: str) -> None:
        """One line, at once."""
        print(text, file=self._out, flush=True)  # printing is this class's purpose
