"""Threads of a running node: those that work when woken or when it is time, and outlive every fault of their work; and
those that share one computation."""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from comity.base.errors import ComityError

logger = logging.getLogger(__name__)

REST_SECONDS: Final = 1.0
"""How long a worker rests after a fault."""


class Worker:
    """A thread that runs `work` when woken, or when as many seconds have passed as `work` last answered."""

    def __init__(self, name: str, work: Callable[[], float]) -> None:
        self._work = work
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def stop(self) -> None:
        """Return when the work in hand is done."""
        self._stopping = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            self._woken.wait(self._once())

    def _once(self) -> float:
        try:
            return self._work()
        except ComityError as error:
            logger.warning("%s: %s", self._thread.name, error)
        except Exception:  # a fault must not silence a partner for ever; it is reported and tried again
            logger.exception("%s failed", self._thread.name)
        return REST_SECONDS


@cache
def beside() -> ThreadPoolExecutor:
    """Threads, one for each processor, for parts of one computation that run without the interpreter's lock."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="beside")


@contextlib.contextmanager
def ticking(name: str, seconds: float, work: Callable[[], None]) -> Iterator[None]:
    """Runs `work` now and then every so many seconds, in a thread called `name`, until the context is left."""

    def once() -> float:
        work()
        return seconds

    worker = Worker(name, once)
    try:
        yield
    finally:
        worker.stop()
