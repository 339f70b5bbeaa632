"""The clock of offers: one that nobody has accepted in time lapses, and the exhibit is free; no key stays owed."""

from contextlib import AbstractContextManager
from typing import Final

from comity.base.workers import ticking
from comity.evidence import service
from comity.kit.shell import Desk

EVERY_SECONDS: Final = 60.0


def running(desk: Desk, every: float = EVERY_SECONDS) -> AbstractContextManager[None]:
    """Looks after offers and keys every so many seconds, in a thread that lives as long as the context."""

    def look() -> None:
        desk.chore("evidence.lapse", service.overdue, service.lapse)
        desk.chore("evidence.key", service.owed, service.hand_out)

    return ticking("evidence-clock", every, look)
