"""The clock of DNA: partners that are told how much is held here are told again when that has changed."""

from contextlib import AbstractContextManager
from typing import Final

from comity.base.workers import ticking
from comity.dna import service
from comity.kit.shell import Desk

EVERY_SECONDS: Final = 3600.0


def running(desk: Desk, every: float = EVERY_SECONDS) -> AbstractContextManager[None]:
    """Looks every so many seconds, in a thread that lives as long as the context."""
    return ticking("dna-clock", every, lambda: desk.chore("dna.tell-again", service.stale, service.tell_again))
