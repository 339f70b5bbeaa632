"""The clock of offers: an offer that nobody has accepted in time lapses, and the exhibit is free again."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Final

from comity.base.errors import ComityError
from comity.evidence import service
from comity.kit.shell import Desk

logger = logging.getLogger(__name__)
EVERY_SECONDS: Final = 60.0


@contextlib.contextmanager
def running(desk: Desk, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Ends the offers whose time is over, every `every` seconds, in a thread that lives as long as the context."""
    leaving = threading.Event()
    thread = threading.Thread(target=_keep_time, args=(desk, leaving, every), name="evidence-clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join()


def _keep_time(desk: Desk, leaving: threading.Event, every: float) -> None:
    while not leaving.wait(every):
        try:
            with desk.database.unit("evidence.lapse") as unit:
                service.lapse(unit)
        except ComityError as error:
            logger.warning("the offers' time was not looked at: %s", error)
