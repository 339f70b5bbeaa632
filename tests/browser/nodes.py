"""A node whose pages are looked at, and the pages there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.app import officers, operating
from comity.app.pages.pages import frame
from comity.app.settings import Settings
from comity.app.wiring import Node
from comity.base.clock import system_clock
from comity.base.model import Actor
from comity.exchange import service as exchange
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.pages import Pages, Reader
from comity.kit.web.servers import serve_in_thread
from tests.exchange.federation import PIN, directory_file, entry
from tests.kit.desks import Person
from tests.people import PASSPHRASE

PAGES: Final = {
    "status": "/status",
    "docs": "/docs",
    "preferences": "/preferences?back=/docs",
    "error": "/nothing/here",
    "parts": "/parts",
    "partners": "/partners",
    "partner": "/partners/XB",
    "log": "/oversight",
    "entry": "/oversight/entries/0",
}
"""Every page by the name of its picture."""

SOMEBODY: Final = Reader("officer-1", "officer-1", "unit-1", ("officer",), "Investigation R-1", "a token")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The origin of a new training node XA in `folder`."""
    settings = Settings(folder, "XA", "Arvenia National Contact Point", training=True)
    node = operating.init(settings, operating.FirstPerson("admin-1", "unit-1", PASSPHRASE))
    _join(node, folder)
    pages = frame(node, lambda request: SOMEBODY if request.url.path == "/parts" else None)
    app = officers.api(node, pages)
    app.include_router(_gallery(pages))
    server = serve_in_thread(_signed_in(officers.Guarded(app, pages)), "127.0.0.1", 0)
    yield f"http://xa.localhost:{server.port}"
    server.stop()
    node.close()


def _join(node: Node, folder: Path) -> None:
    """The node finds two partners in its directory; nothing was exchanged with them yet."""
    others = [KeyRing.create(folder / code, code, system_clock) for code in ("XB", "XC")]
    data = directory_file([entry(keys) for keys in (node.keys, *others)], 1, system_clock())
    with node.database.unit("test.directory") as unit:
        exchange.import_directory(unit, data, PIN)


def _signed_in(app: ASGIApp) -> ASGIApp:
    """`app` as somebody meets whose session is open."""
    somebody = Person(Actor("XA", SOMEBODY.person, SOMEBODY.unit, frozenset(SOMEBODY.roles)))

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["state"]["issuer"] = somebody
        await app(scope, receive, send)

    return served


def _gallery(pages: Pages) -> APIRouter:
    """``/parts``: every part that the macros make, for a person who is signed in."""
    pages.add("tests.browser.gallery")
    router = APIRouter()

    @router.get("/parts")
    def parts(request: Request) -> Response:
        address: Callable[[int], str] = "/parts?page={}".format
        return pages.page(request, "browser/parts.html", at="2026-03-02T09:30:00Z", address=address)

    return router
