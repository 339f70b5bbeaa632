"""One room's pages for tests: in a frame of their own over loopback, to somebody whose session is open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
from fastapi import APIRouter, FastAPI

from comity.base.errors import NotAllowed
from comity.base.model import Actor, Issuer
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from comity.kit.web.browsers import SESSION
from comity.kit.web.pages import Pages, Place
from comity.kit.web.problems import answer_errors
from comity.kit.web.servers import serve_in_thread
from tests.kit.desks import Person

OPEN = {"Cookie": f"{SESSION}=open"}
"""What the browser of somebody who is signed in sends."""


@contextmanager
def served_pages(
    routes: Callable[[Pages, Callable[[], Desk]], APIRouter], desk: Desk, *roles: str,
    person: Callable[[], Issuer] | None = None,
) -> Iterator[httpx.Client]:  # fmt: skip
    """A browser, more or less, before the room's pages; with the headers `OPEN` it is `person`, or else officer-1, who
    has `roles`."""

    def resume(database: Database, token: str) -> Issuer:
        if token != "open":
            raise NotAllowed("access.session", "The session is over", todo="Sign in again with your passkey.")
        return (
            person()
            if person
            else Person(Actor(database.node, "officer-1", "unit-1", frozenset(roles or ("officer",))))
        )

    pages, app = Pages(Place(desk.code, "Agency", True, lambda: False)), FastAPI(openapi_url=None)
    answer_errors(app, pages.error)
    app.include_router(routes(pages, lambda: replace(desk, resume=resume)))
    server = serve_in_thread(app, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=address, trust_env=False, headers={"Accept": "text/html"}) as client:
        yield client
    server.stop()
