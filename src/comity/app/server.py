"""Run a node: the partner side over mutual TLS, the officer side on this machine, delivery, handling and timers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.access import service as access
from comity.app import officers
from comity.app.wiring import Node
from comity.base.memory import one_heap
from comity.base.workers import ticking
from comity.dna import jobs as dna_jobs
from comity.evidence import jobs as evidence_jobs
from comity.exchange import jobs as exchange_jobs
from comity.exchange import service as exchange
from comity.exchange.api import serve as serve_partners
from comity.kit.web.servers import serve_in_thread
from comity.legal import jobs as legal_jobs
from comity.search import jobs as search_jobs

LOOPBACK: Final = "127.0.0.1"
SWEEP_SECONDS: Final = 3600.0
SESSION_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Addresses:
    """Where a running node answers; `partners` is empty for one that is read-only or has a relay, `officers` for a
    relay."""

    code: str
    officers: str
    partners: str


@contextlib.contextmanager
def running(node: Node) -> Iterator[Addresses]:
    """Everything of a node, up; on leaving, down again in the opposite order.

    Before it signs anything, partners are asked how far its log was: a database that went back in time seals the node.
    A sealed node serves its officers only: partners shall find it away and keep what they have for it, not be
    refused. Unavailable when a port is taken; nothing runs then.
    """
    one_heap()
    settings = node.settings
    if not node.database.sealed:
        exchange.check_standing(node.station)
    with contextlib.ExitStack() as up:
        if not node.database.sealed:
            _exchange(node, up)
        partners = "" if node.database.sealed or settings.relay else settings.partner_endpoint
        if settings.is_relay:
            yield Addresses(settings.code, "", partners)
            return
        officer = serve_in_thread(officers.application(node), LOOPBACK, settings.officer_port, limits=officers.LIMITS)
        up.callback(officer.stop)
        yield Addresses(settings.code, settings.officer_address, partners)


def _exchange(node: Node, up: contextlib.ExitStack) -> None:
    settings = node.settings
    if not settings.relay:
        partner = serve_partners(node.station, settings.host, settings.partner_port)
        up.callback(partner.stop)
    up.enter_context(exchange_jobs.running(node.station))
    if settings.is_relay:
        return
    up.enter_context(legal_jobs.running(node.desk))
    up.enter_context(search_jobs.running(node.desk, node.matchers))
    up.enter_context(dna_jobs.running(node.desk))
    up.enter_context(evidence_jobs.running(node.desk))
    up.enter_context(ticking("vault-sweep", SWEEP_SECONDS, lambda: _sweep(node)))
    up.enter_context(ticking("session-sweep", SESSION_SECONDS, lambda: _end_sessions(node)))


def _end_sessions(node: Node) -> None:
    """End the sessions of people who went away."""
    node.desk.chore("access.sweep", access.stale_sessions, access.sweep_sessions)


def _sweep(node: Node) -> None:
    """Remove what acts left in the vault that never committed."""
    with node.database.read("vault.sweep") as unit:
        node.vault.sweep(unit)
