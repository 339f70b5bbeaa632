"""A node of a journey: a home on disk, a process that may die and is then started again, and eyes to watch it with.

Persons act through the node's officer API, as they would. The test looks at the node's database itself, read-only, and
waits for it to change: nothing here sleeps.
"""

import multiprocessing as mp
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from comity.app.settings import load
from comity.app.wiring import Node, create_node
from comity.base.clock import monotonic
from comity.base.errors import ComityError
from tests.journeys.process import Kill, Life, Shift, live, shifted
from tests.people import PASSPHRASE

PATIENCE: Final = 30.0
"""Seconds after which something that should have happened is missing: a test fails then."""

_processes = mp.get_context("forkserver")
_PROGRAM: Final = [
    "comity.app.cli",
    "comity.app.server",
    "comity.app.demo.commands",
    "comity.evidence.cli",
    "httpx",
    "pytest",
]

T = TypeVar("T")


class Cut(Exception):
    """The connection to the node ended before it answered."""


class Refused(Exception):
    """The node answered a person with an error; `status` and `code` are those of the problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem}")
        self.status = status
        self.code = str(problem.get("code"))


class Bell:
    """Rung whenever something may have changed; `until` waits for what the test wants to see."""

    def __init__(self) -> None:
        self._rung = threading.Event()

    def ring(self) -> None:
        self._rung.set()

    def until(self, seen: Callable[[], T | None], what: str = "", seconds: float = PATIENCE) -> T:
        """The first true answer of `seen`, asked again whenever the bell rings."""
        end = monotonic() + seconds
        while True:
            self._rung.clear()
            if found := seen():
                return found
            if not self._rung.wait(max(0.0, end - monotonic())) and monotonic() >= end:
                raise AssertionError(f"not after {seconds:.0f} s: {what or seen}")


def preload() -> None:
    """Have the server from which processes are forked load the program once, so that they start at once."""
    _processes.set_forkserver_preload(_PROGRAM)


@dataclass
class LiveNode:
    """A node with its home. `deaths` counts how often its process was killed; each time it is started again."""

    home: Path
    bell: Bell
    deaths: int = 0
    points: list[str] = field(default_factory=list)
    """The points passed by the process that ended last, if it ended well."""
    patience: float = 0.0
    """Seconds that it waits for a partner's answer; 0 for its usual time-outs. For its next start."""
    shift: Shift = field(default_factory=lambda: _processes.RawValue("d", 0.0))
    """By how many seconds its clock is off, now."""

    def __post_init__(self) -> None:
        self.settings = load(self.home)
        self.eyes: Node = create_node(self.settings, clock=shifted(self.shift))
        self.up = threading.Event()
        self._closing = False
        self._pipe: Connection | None = None
        self._life: threading.Thread | None = None
        self._process: BaseProcess | None = None
        self._watch = threading.Thread(target=self._keep_watch, daemon=True)
        self._watch.start()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self.settings.officer_port}", timeout=PATIENCE,
                                    trust_env=False)  # fmt: skip

    @property
    def code(self) -> str:
        return self.settings.code

    @property
    def pid(self) -> int:
        assert self._process is not None and self._process.pid is not None
        return self._process.pid

    # --- life ---

    def start(self, plan: Kill | None = None) -> None:
        """Start the process; return when the node is up, after a planned death too."""
        self._life = threading.Thread(target=self._live, args=(plan,), daemon=True)
        self._life.start()
        assert self.up.wait(PATIENCE), f"{self.code} did not start: {self.home.with_suffix('.log').read_text()[-3000:]}"

    def stop(self) -> None:
        """Stop the process as an operator does; the points that it passed are in `points`."""
        self.up.wait(PATIENCE)
        if self._pipe is not None and self._life is not None:
            self._pipe.send("stop")
            self._life.join(PATIENCE)
            assert not self._life.is_alive(), f"{self.code} does not stop"
        self._pipe = self._life = None

    def close(self) -> None:
        """End whatever still runs, at once, and let go of everything; who wants an orderly end calls `stop` first."""
        self._closing = True
        if self._life is not None and self._life.is_alive() and self._process is not None:
            self._process.kill()
            self._life.join()
        self.eyes.close()
        self._watch.join()
        self._client.close()

    def _live(self, plan: Kill | None) -> None:
        while self._lived(plan) == -signal.SIGKILL and not self._closing:
            self.deaths += 1
            plan = None
            self.bell.ring()

    def _lived(self, plan: Kill | None) -> int | None:
        """One life of the process; its exit code."""
        ours, theirs = _processes.Pipe()
        life = Life(plan, self.shift, self.patience)
        process = _processes.Process(target=live, args=(self.home, life, theirs), daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        try:
            ours.recv()
            self.up.set()
            self.bell.ring()
            self.points = ours.recv()
        except EOFError:
            pass
        finally:
            self.up.clear()
            process.join()
            ours.close()
        return process.exitcode

    def _keep_watch(self) -> None:
        while not self._closing:
            try:
                if self.eyes.database.wait_for_change(1.0):
                    self.bell.ring()
            except ComityError:
                return

    # --- persons ---

    def ask(self, person: str, method: str, path: str, **request: Any) -> Any:
        """A person's request to the officer API; Cut when no answer came, Refused when it is an error."""
        try:
            answer = self._client.request(method, f"/api/v1{path}", auth=(person, PASSPHRASE), **request)
        except httpx.TransportError as error:
            raise Cut(f"{self.code} {path}: {error}") from error
        if answer.is_error:
            raise Refused(answer.status_code, answer.json())
        return answer.json() if answer.headers.get("content-type") == "application/json" else answer.content

    def get(self, person: str, path: str, **request: Any) -> Any:
        return self.ask(person, "GET", path, **request)

    def post(self, person: str, path: str, body: Any = None) -> Any:
        """POST a JSON body, or bytes as a file."""
        if isinstance(body, bytes):
            return self.ask(person, "POST", path, content=body, headers={"Content-Type": "application/octet-stream"})
        return self.ask(person, "POST", path, json=body)

    def insist(self, person: str, path: str, body: Any = None, done: Callable[[], Any] = lambda: None) -> Any:
        """`post` as a person does whose node may die meanwhile: wait until it is back, look if it is `done`, repeat.

        A Conflict on a repeated command says that it was done the first time.
        """
        self.bell.until(self.up.is_set, f"{self.code} is up")
        deaths = self.deaths
        try:
            return self.post(person, path, body)
        except Cut:
            self.bell.until(lambda: self.deaths > deaths and self.up.is_set(), f"{self.code} is back")
        if done():
            return None
        try:
            return self.post(person, path, body)
        except Refused as error:
            if error.status != 409:
                raise
            return None
