"""What runs in the process of a node: the node as `comity run` runs it, with an observer of every commit and HTTP step.

The observer keeps the labels of the points that the node passes, or ends the process at one of them the hard way.
"""

import contextlib
import os
import signal
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from comity.app import server
from comity.app.settings import load
from comity.app.wiring import create_node


@dataclass(frozen=True)
class Kill:
    """End the process with SIGKILL when it passes the point `label` for the `time`-th time, counted from 1."""

    label: str
    time: int = 1


@dataclass
class Points:
    """An observer: remembers what the node passes, in order, and kills at the planned point."""

    plan: Kill | None = None
    passed: list[str] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, label: str) -> None:
        with self._turn:
            self.passed.append(label)
            if self.plan and label == self.plan.label and self.passed.count(label) == self.plan.time:
                os.kill(os.getpid(), signal.SIGKILL)


def live(home: Path, plan: Kill | None, pipe: Connection) -> None:
    """Run the node of `home` until something comes through `pipe`, then send back the points that it passed."""
    _speak_into(home.with_suffix(".log"))
    points = Points(plan)
    node = create_node(load(home), observer=points)
    with server.running(node):
        pipe.send("ready")
        with contextlib.suppress(EOFError):
            pipe.recv()
    node.close()
    pipe.send(points.passed)


def _speak_into(path: Path) -> None:
    """Everything that the node prints goes into a file of its own."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
