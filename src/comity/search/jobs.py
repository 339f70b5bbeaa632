"""The clock of searches: queries whose deadline has passed end as expired, and those that a quota put off go on."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Final

from comity.base.errors import ComityError
from comity.kit.shell import Desk, Unit
from comity.search import service
from comity.search.model import Matcher

logger = logging.getLogger(__name__)
EVERY_SECONDS: Final = 60.0


@contextlib.contextmanager
def running(
    desk: Desk, every: float = EVERY_SECONDS, matchers: dict[str, Matcher[Unit]] | None = None
) -> Iterator[None]:  # fmt: skip
    """Look for ended deadlines, and for what a quota put off, in a thread until the context is left."""
    ended = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(desk, ended, every, matchers or {}), name="search-clock", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(desk: Desk, ended: threading.Event, every: float, matchers: dict[str, Matcher[Unit]]) -> None:
    while not ended.wait(every):
        try:
            with desk.database.unit("search.expire") as unit:
                service.expire(unit)
                service.resume(unit, matchers)
        except ComityError as error:
            logger.warning("deadlines were not looked at: %s", error)
        except Exception:  # a fault must not stop the clock for good; it is reported and tried again
            logger.exception("deadlines were not looked at")
