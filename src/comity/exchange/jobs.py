"""The exchange's work in the background of a running node: couriers, the handling desk, and a watch over both.

One thread per partner delivers, so a slow or dead partner never slows another; one thread handles. All sleep until the
database changes, whichever process changed it, or until something is due.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from comity.base.clock import monotonic
from comity.base.errors import ComityError
from comity.exchange import service
from comity.exchange.service import Courier, Station

logger = logging.getLogger(__name__)

T = TypeVar("T")

_WATCH_SECONDS = 5.0
_REST_SECONDS = 1.0


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
        return _REST_SECONDS


class PostOffice:
    """The background work of one station; `stop` before disposing of its database."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._version = 0
        self._looked = -_REST_SECONDS
        self._couriers: dict[str, tuple[Courier, Worker]] = {}
        self._desk = Worker("handling", self._handle)
        self._greeter = Worker("greeting", self._greet)
        self._rest = threading.Event()
        self._watch = threading.Thread(target=self._run, name="post-office", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Return when no thread works for the station any more."""
        self._rest.set()
        self._watch.join()
        self._greeter.stop()
        self._desk.stop()
        for courier, worker in self._couriers.values():
            worker.stop()
            courier.close()

    def _run(self) -> None:
        for code in self._safely(lambda: service.recipients(self._station)) or []:
            self._courier(code).wake()
        while not self._rest.is_set():
            self._safely(self._look)
            self._safely(lambda: self._station.database.wait_for_change(_REST_SECONDS))

    def _look(self) -> None:
        """Wake whoever has something to do."""
        owed, pending = service.work(self._station)
        for code in owed:
            self._courier(code).wake()
        if pending:
            self._desk.wake()
        if monotonic() - self._looked < _REST_SECONDS:
            return
        self._looked = monotonic()
        version = service.directory_version(self._station)
        if version != self._version:
            self._version = version
            service.refresh_tls(self._station)

    def _courier(self, code: str) -> Worker:
        if code not in self._couriers:
            courier = Courier(self._station, code)
            self._couriers[code] = (courier, Worker(f"courier-{code}", courier.deliver))
        return self._couriers[code][1]

    def _handle(self) -> float:
        service.handle_pending(self._station)
        return _WATCH_SECONDS

    def _greet(self) -> float:
        """Once, at the start: ask every partner for its checkpoint, which also tells it that this node is back."""
        for report in service.verify_partners(self._station):
            if not report.ok:
                logger.info("%s: %s", report.partner, report.detail)
        return threading.TIMEOUT_MAX

    def _safely(self, work: Callable[[], T]) -> T | None:
        """`work`, whose failure is reported and must not end the watch."""
        try:
            return work()
        except ComityError as error:
            logger.warning("post office: %s", error)
        except Exception:  # as in Worker
            logger.exception("the post office failed")
        self._rest.wait(_REST_SECONDS)
        return None


@contextlib.contextmanager
def running(station: Station) -> Iterator[PostOffice]:
    """Deliver and handle in the background; on leaving, every thread has ended."""
    office = PostOffice(station)
    try:
        yield office
    finally:
        office.stop()
