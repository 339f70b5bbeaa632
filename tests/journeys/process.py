"""What runs in the process of a node: the node as `comity run` runs it, with an observer of every commit and HTTP step.

The observer keeps the labels of the points that the node passes, or ends the process at one of them the hard way.
"""

import contextlib
import os
import signal
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from comity.app import server
from comity.app.settings import load
from comity.app.wiring import Node, create_node
from comity.base.clock import Clock, system_clock


@dataclass(frozen=True)
class Kill:
    """End the process with SIGKILL when it passes the point `label` for the `time`-th time, counted from 1."""

    label: str
    time: int = 1


class Shift(Protocol):
    """A number shared between processes: by how many seconds a node's clock is off."""

    value: float


def shifted(shift: Shift) -> Clock:
    """The clock of a node whose clock is off, by as much as the test says at that moment."""

    def clock() -> datetime:
        return system_clock() + timedelta(seconds=shift.value)

    return clock


@dataclass(frozen=True)
class Life:
    """How a process lives: where it dies, how its clock runs, how many seconds it waits for a partner's answer."""

    plan: Kill | None
    shift: Shift
    patience: float


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


def live(home: Path, life: Life, pipe: Connection) -> None:
    """Run the node of `home` until something comes through `pipe`, then send back the points that it passed."""
    _speak_into(home.with_suffix(".log"))
    points = Points(life.plan)
    node = _patient(create_node(load(home), clock=shifted(life.shift), observer=points), life.patience)
    with server.running(node):
        pipe.send("ready")
        with contextlib.suppress(EOFError):
            pipe.recv()
    node.close()
    pipe.send(points.passed)


def _patient(node: Node, seconds: float) -> Node:
    """The node, whose connections and requests to partners take at most so long."""
    pace = replace(node.station.pace, connect=seconds, response=seconds) if seconds else node.station.pace
    return replace(node, station=replace(node.station, pace=pace))


def _speak_into(path: Path) -> None:
    """Everything that the node prints goes into a file of its own."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
