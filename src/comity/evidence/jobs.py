"""The clock of offers: an offer that nobody has accepted in time lapses, and the exhibit is free again."""

from contextlib import AbstractContextManager
from typing import Final

from comity.base.workers import ticking
from comity.evidence import service
from comity.kit.shell import Desk

EVERY_SECONDS: Final = 60.0


def running(desk: Desk, every: float = EVERY_SECONDS) -> AbstractContextManager[None]:
    """Ends the offers whose time is over every so many seconds, in a thread that lives as long as the context."""
    return ticking("evidence-clock", every, lambda: desk.chore("evidence.lapse", service.overdue, service.lapse))
