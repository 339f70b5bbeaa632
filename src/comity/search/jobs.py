"""The clock of searches: queries whose deadline has passed end as expired, and those that a quota put off go on."""

from contextlib import AbstractContextManager
from typing import Final

from comity.base.workers import ticking
from comity.kit.shell import Desk, Unit
from comity.search import service
from comity.search.model import Matcher

EVERY_SECONDS: Final = 60.0


def running(
    desk: Desk, matchers: dict[str, Matcher[Unit]], every: float = EVERY_SECONDS
) -> AbstractContextManager[None]:
    """Looks for ended deadlines, and for what a quota put off, in a thread that lives as long as the context."""

    def look() -> None:
        desk.chore("search.expire", service.overdue, service.expire)
        desk.chore("search.resume", service.resumable, lambda unit: service.resume(unit, matchers))

    return ticking("search-clock", every, look)
