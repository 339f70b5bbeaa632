"""The log verified while people work on: one run at a time, in a thread, with its progress and its last result."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from comity.base.clock import monotonic
from comity.base.errors import ComityError, Conflict
from comity.kit.web.officers import Desk
from comity.log import service
from comity.log.model import Finding, Head, Report

logger = logging.getLogger(__name__)
SHORT: Final = 200_000
"""Entries of a log that is verified in full within minutes."""


@dataclass(frozen=True)
class Result:
    """What one run showed; without a `report` the tree alone was recomputed."""

    at: datetime
    full: bool
    head: Head | None
    findings: tuple[Finding, ...]
    report: Report | None = None

    @property
    def ok(self) -> bool:
        """Whether all held."""
        return self.head is not None and not self.findings


@dataclass
class Run:
    """A run under way."""

    full: bool
    total: int
    began: float = field(default_factory=monotonic)
    done: int = 0

    def told(self, more: int) -> None:
        """So many more entries are done."""
        self.done += more

    @property
    def share(self) -> float:
        """How much of it is done, of one."""
        return min(1.0, self.done / self.total) if self.total else 1.0

    @property
    def seconds_left(self) -> int | None:
        """About how long it still takes; None while nobody can tell."""
        if not self.done:
            return None
        return round((monotonic() - self.began) / self.done * max(0, self.total - self.done))


class Verifier:
    """The runs of one node. What they found lives as long as the process; that they were made stands in the log."""

    def __init__(self, desk: Callable[[], Desk], find_key: service.KeyFinder) -> None:
        self._desk, self._find_key = desk, find_key
        self._lock = threading.Lock()
        self.run: Run | None = None
        self.last: Result | None = None

    def start(self, full: bool) -> threading.Thread:
        """Begin a run; Conflict while one is under way."""
        with self._desk().database.read("log.count") as unit:
            made = Run(full, service.head(unit).size)
        with self._lock:
            if self.run is not None:
                raise Conflict("log.verifying", "The log is being verified already",
                               todo="Wait for the result: /oversight/verify")  # fmt: skip
            self.run = made
        thread = threading.Thread(target=self._work, args=(made,), name="log-verify", daemon=True)
        thread.start()
        return thread

    def _work(self, run: Run) -> None:
        try:
            self.last = self._verified(run)
            self._note(self.last)
        except ComityError as error:  # a run that could not be made says why, in the node's own log
            logger.error("the log could not be verified: %s", error)
        finally:
            self.run = None

    def _verified(self, run: Run) -> Result:
        with self._desk().database.read("log.verify") as unit:
            if run.full:
                report = service.verify(unit, self._find_key, run.told)
                return Result(unit.now, True, report.head, report.findings, report)
            try:
                return Result(unit.now, False, service.verify_tree(unit, run.told), ())
            except ComityError as error:
                return Result(unit.now, False, None, (Finding(error.where or "log", error.what),))

    def _note(self, result: Result) -> None:
        """In the log, if there is a head to speak of; a node that only reads keeps it to itself."""
        database = self._desk().database
        if result.head is None or database.sealed:
            return
        with database.unit("log.verified") as unit:
            service.note_verified(unit, result.head, result.full, len(result.findings))
