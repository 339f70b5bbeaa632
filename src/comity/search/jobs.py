"""The clock of searches: queries whose deadline has passed end as expired, once a minute."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Final

from comity.base.errors import ComityError
from comity.kit.shell import Desk
from comity.search import service

logger = logging.getLogger(__name__)
EVERY_SECONDS: Final = 60.0


@contextlib.contextmanager
def running(desk: Desk, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Look for ended deadlines in a thread, every so many seconds, until the context is left."""
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(desk, ended, every), name="search-clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(desk: Desk, ended: threading.Event, every: float) -> None:
    while not ended.wait(every):
        try:
            with desk.database.unit("search.expire") as unit:
                service.expire(unit)
        except ComityError as error:
            logger.warning("deadlines were not looked at: %s", error)
        except Exception:  # a fault must not stop the clock for good; it is reported and tried again
            logger.exception("deadlines were not looked at")
