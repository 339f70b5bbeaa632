"""The clock of the law: reminders and ends of deadlines are told of, and the steps of clocks taken, once a minute."""

from contextlib import AbstractContextManager
from typing import Final

from comity.base.workers import ticking
from comity.kit.shell import Desk
from comity.legal import service

EVERY_SECONDS: Final = 60.0


def running(desk: Desk, every: float = EVERY_SECONDS) -> AbstractContextManager[None]:
    """Looks at the deadlines every so many seconds, in a thread that lives as long as the context."""
    return ticking("legal-clock", every, lambda: desk.chore("legal.escalate", service.ringing, service.escalate))
