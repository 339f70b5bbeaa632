"""The exchange's work in the background of a running node: couriers, the handling desk, and a watch over both.

One thread per partner delivers, so a slow or dead partner never slows another; one thread handles. A commit of this
process wakes the one concerned directly; the watch sees what other processes changed, and rests between its looks.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

from comity.base.clock import monotonic
from comity.base.errors import ComityError
from comity.base.workers import REST_SECONDS, Worker
from comity.exchange import service
from comity.exchange.service import FILES, OWED, PENDING, Courier, Hands, Porter, Station

logger = logging.getLogger(__name__)

T = TypeVar("T")

_WATCH_SECONDS = 5.0
_MONITOR_SECONDS = 60.0
_PORTERS = 2
"""How many files go to one partner at once: a small one need not wait for a large one."""
_LOOK_SECONDS = 0.05
"""How long the watch rests after a look: at a hundred messages a second it must not look after each."""


class PostOffice:
    """The background work of one station; `stop` before disposing of its database."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._keys: tuple[int, ...] = ()
        self._looked = -REST_SECONDS
        self._couriers: dict[str, tuple[Courier, Worker]] = {}
        self._porters: dict[str, list[tuple[Porter, Worker]]] = {}
        self._hiring = threading.Lock()
        self._desk = Worker("handling", self._handle)
        self._monitor = Worker("monitor", self._look_at_logs)
        self._collector = service.Collector(station)
        self._box = Worker("relay", self._collector.collect)
        self._rest = threading.Event()
        self._unheard = (
            station.database.listen(OWED, self._wake_courier),
            station.database.listen(FILES, self._wake_porter),
            station.database.listen(PENDING, lambda _sender: self._desk.wake()),
        )
        self._watch = threading.Thread(target=self._run, name="post-office", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Return when no thread works for the station any more."""
        self._rest.set()
        for stop_listening in self._unheard:
            stop_listening()
        self._watch.join()
        self._monitor.stop()
        self._box.stop()
        self._collector.close()
        self._desk.stop()
        with self._hiring:
            employed, porters = list(self._couriers.values()), list(chain.from_iterable(self._porters.values()))
        for porter, worker in porters:
            porter.halt()
            worker.stop()
            porter.close()
        for courier, worker in employed:
            worker.stop()
            courier.close()

    def _run(self) -> None:
        for code in self._safely(lambda: service.recipients(self._station)) or []:
            self._wake_courier(code)
        while not self._rest.is_set():
            self._safely(self._look)
            self._rest.wait(_LOOK_SECONDS)
            self._safely(lambda: self._station.database.wait_for_change(REST_SECONDS))

    def _look(self) -> None:
        """Wake whoever has something to do."""
        owed, pending = service.work(self._station)
        for code in owed:
            self._wake_courier(code)
        if pending:
            self._desk.wake()
        if monotonic() - self._looked < REST_SECONDS:
            return
        self._looked = monotonic()
        for code in service.files_due(self._station):
            self._wake_porter(code)
        service.tidy(self._station)
        state = service.keys_state(self._station)
        if state != self._keys:
            service.refresh_keys(self._station)
            self._keys = state

    def _wake_courier(self, code: str) -> None:
        """Wake the partner's courier, who is hired when there is something to deliver for the first time."""
        with self._hiring:
            if code in self._couriers:
                self._couriers[code][1].wake()
            elif not self._rest.is_set():
                courier = Courier(self._station, code)
                self._couriers[code] = (courier, Worker(f"courier-{code}", courier.deliver))

    def _wake_porter(self, code: str) -> None:
        """Wake the partner's porters, who are hired with the first file."""
        with self._hiring:
            if code not in self._porters and not self._rest.is_set():
                hands = Hands()
                porters = [Porter(self._station, code, hands) for _ in range(_PORTERS)]
                self._porters[code] = [(one, Worker(f"porter-{code}", one.push)) for one in porters]
            for _, worker in self._porters.get(code, ()):
                worker.wake()

    def _handle(self) -> float:
        service.handle_pending(self._station)
        return _WATCH_SECONDS

    def _look_at_logs(self) -> float:
        """At the start, which also tells partners that this node is back, and every minute: do the logs only grow?

        Before that: has the office said anything newer? Who vouches for our own log comes first: a node that knows no
        partners yet has a log, too.
        """
        service.retire(self._station)
        service.repair_due(self._station)
        for looked in service.refresh(self._station):
            if not looked.ok:
                logger.info("directory, from %s: %s", looked.place, looked.detail)
        if (failed := service.stamp_due(self._station)) is not None:
            logger.info("time stamp: %s", failed)
        for said in service.gather(self._station):
            if not said.ok:
                logger.info("%s: %s", said.partner, said.detail)
        for report in service.verify_partners(self._station):
            if not report.ok:
                logger.info("%s: %s", report.partner, report.detail)
        return _MONITOR_SECONDS

    def _safely(self, work: Callable[[], T]) -> T | None:
        """`work`, whose failure is reported and must not end the watch."""
        try:
            return work()
        except ComityError as error:
            logger.warning("post office: %s", error)
        except Exception:  # as in Worker
            logger.exception("the post office failed")
        self._rest.wait(REST_SECONDS)
        return None


@contextlib.contextmanager
def running(station: Station) -> Iterator[PostOffice]:
    """Deliver and handle in the background; on leaving, every thread has ended."""
    office = PostOffice(station)
    try:
        yield office
    finally:
        office.stop()
