"""The clock of the law: reminders and ends of deadlines are told of, and the steps of clocks taken, once a minute."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Final

from comity.base.errors import ComityError
from comity.kit.shell import Desk
from comity.legal import service

logger = logging.getLogger(__name__)
EVERY_SECONDS: Final = 60.0


@contextlib.contextmanager
def running(desk: Desk, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Looks at the deadlines in a thread, every so many seconds, until the context is left."""
    leaving = threading.Event()
    thread = threading.Thread(target=_keep_time, args=(desk, leaving, every), name="legal-clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()


def _keep_time(desk: Desk, leaving: threading.Event, every: float) -> None:
    while not leaving.wait(every):
        try:
            _look(desk)
        except ComityError as error:
            logger.warning("deadlines were not looked at: %s", error)
        except Exception:  # a fault must not stop the clock for good; it is reported and tried again
            logger.exception("deadlines were not looked at")


def _look(desk: Desk) -> None:
    """Writes only where something rings: an idle node stays idle."""
    with desk.database.read("legal.ringing") as unit:
        if not service.ringing(unit):
            return
    with desk.database.unit("legal.escalate") as unit:
        service.escalate(unit)
