"""A node whose pages are looked at, and the pages there are."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from comity.access import service as access
from comity.access.model import TokenToIssue
from comity.access.pages.pages import reader
from comity.app import officers, operating
from comity.app.pages.pages import frame
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.base.clock import system_clock
from comity.base.model import Issuer
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.pages import Pages, Reader
from comity.kit.web.servers import serve_in_thread
from tests.browser.days import days
from tests.browser.exhibits import exhibits, named
from tests.browser.laboratories import laboratory
from tests.browser.queries import ASKED, queries
from tests.exchange.federation import PIN, directory_file, entry
from tests.people import PASSPHRASE, enrol

PAGES: Final = {
    "status": "/status",
    "docs": "/docs",
    "preferences": "/preferences?back=/docs",
    "error": "/nothing/here",
    "parts": "/parts",
    "enter": "/enter?made=1",
    "people": "/admin",
    "tokens": "/admin/tokens",
    "work": "/work",
    "saved": "/saved",
    "find": "/find?q=officer",
    "emergency": "/to/emergency",
    "cases": "/cases",
    "case": "/to/case",
    "duty": "/duty",
    "duty-past": "/duty/past",
    "case-new": "/cases/new",
    "dna": "/dna",
    "dna-profile": "/to/profile",
    "dna-flags": "/dna/flags",
    "dna-mixture": "/dna/mixture",
    "dna-partners": "/dna/partners",
    "dna-populations": "/dna/populations",
    "dna-import": "/dna/import",
    "dna-statistics": "/dna/statistics",
    "evidence": "/evidence",
    "evidence-item": "/to/item",
    "evidence-new": "/evidence/new",
    "evidence-requests": "/evidence/requests",
    "evidence-request": "/to/request",
    "evidence-asked": "/to/asked",
    "evidence-packages": "/evidence/packages",
    "evidence-ask": "/evidence/ask",
    "searches": "/search",
    "search-verdicts": "/search/verdicts",
    "search-new": "/search/new",
    "search-basis": f"/search/new/basis?{ASKED}",
    "search-quality": f"/search/new/quality?{ASKED}",
    "search-partners": f"/search/new/partners?{ASKED}",
    "search-query": "/to/query",
    "search-near": "/to/near",
    "search-compared": "/to/compared",
    "partners": "/partners",
    "partner": "/partners/XB",
    "log": "/oversight",
    "entry": "/oversight/entries/0",
    "log-search": "/oversight/search",
    "log-verify": "/oversight/verify",
    "statistics": "/oversight/statistics",
    "policies": "/admin/policies",
    "keys": "/admin/keys",
}
"""Every page by the name of its picture."""

SOMEBODY: Final = Reader("officer-1", "officer-1", "unit-1", ("officer",), "Investigation R-1", "a token")


@dataclass(frozen=True)
class Served:
    """A node whose pages are up, and its origin."""

    node: Node
    origin: str
    visit: str
    """Where a visitor, an officer, is signed in by looking."""

    def link(self, person: str, *roles: str) -> str:
        """A link with which a new person makes a passkey."""
        with self.node.database.unit("test.link") as unit:
            enrol(unit, person, *roles)
            return f"{self.origin}/join/{access.issue_link(unit, person, 'first')}"


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A new training node XA in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(folder, "XA", "Arvenia National Contact Point", training=True, officer_port=port)
    node = operating.init(settings, operating.FirstPerson("admin-1", "unit-1", PASSPHRASE))
    _join(node, folder)
    known = reader(lambda: node.desk)
    pages = frame(node, lambda request: SOMEBODY if request.url.path == "/parts" else known(request))
    app = officers.api(node, pages)
    app.include_router(_gallery(pages))
    visitor, visit = _visiting(node)
    app.include_router(
        named(
            {
                **exhibits(node, visitor),
                **queries(node, visitor),
                **days(node, visitor),
                **laboratory(node, visitor),
            }
        )
    )
    server = serve_in_thread(officers.Guarded(app, pages), "127.0.0.1", port, limits=officers.LIMITS)
    yield Served(node, settings.officer_address, f"{settings.officer_address}/visit/{visit}")
    server.stop()
    node.close()


def _visiting(node: Node) -> tuple[Issuer, str]:
    """The visitor, and the token of the link that signs them in."""
    with node.database.unit("test.visit") as unit:
        visitor = enrol(unit, "visitor-1", "officer", "examiner", "auditor")
        for name, scopes in (("laboratory", {"dna.import", "search.ask"}), ("تقارير", {"case.read", "search.read"})):
            access.issue_token(unit, visitor, TokenToIssue(name, frozenset(scopes), 30), access.new_secret())
        return visitor, access.issue_link(unit, "visitor-1", "visit")


def _join(node: Node, folder: Path) -> None:
    """The node finds two partners in its directory; nothing was exchanged with them yet."""
    others = [KeyRing.create(folder / code, code, system_clock) for code in ("XB", "XC")]
    data = directory_file([entry(keys) for keys in (node.keys, *others)], 1, system_clock())
    with node.database.unit("test.directory") as unit:
        exchange.import_directory(unit, data, PIN)


def _gallery(pages: Pages) -> APIRouter:
    """``/parts``: every part that the macros make, for a person who is signed in."""
    pages.add("tests.browser.gallery")
    router = APIRouter()

    @router.get("/parts")
    def parts(request: Request) -> Response:
        return pages.page(request, "browser/parts.html", at="2026-03-02T09:30:00Z")

    return router
