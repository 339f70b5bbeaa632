"""The people of an agency at a browser: its pages over loopback, each person by a session of that name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
from fastapi import FastAPI

from comity.access.pages.pages import reader
from comity.base.errors import NotAllowed
from comity.base.model import Issuer
from comity.dna.pages.routing import routes as laboratory
from comity.kit.database.unit import Database
from comity.kit.web.pages import Pages, Place
from comity.kit.web.problems import answer_errors
from comity.kit.web.servers import serve_in_thread
from comity.search.pages.pages import routes
from tests.app.visitors import Visitor
from tests.search.world import Agency

Browser = Callable[[str], Visitor]


@contextmanager
def browsing(agency: Agency) -> Iterator[Browser]:
    """`browser("officer-1")`: that person at the agency's pages of searches."""

    def resume(_database: Database, token: str) -> Issuer:
        if token not in agency.people:
            raise NotAllowed("access.session", "The session is over", todo="Sign in again with your passkey.")
        return agency.people[token]

    desk = replace(agency.desk, resume=resume)
    pages = Pages(Place(desk.code, "Agency", True, lambda: False), reader(lambda: desk))
    app = FastAPI(openapi_url=None)
    answer_errors(app, pages.error)
    app.include_router(routes(pages, lambda: desk, lambda: agency.matchers, lambda _, token: token in agency.people))
    for part in laboratory(pages, lambda: desk, lambda: agency.matchers):
        app.include_router(part)
    server = serve_in_thread(app, "127.0.0.1", 0)
    address, headers = f"http://127.0.0.1:{server.port}", {"Accept": "text/html"}
    with httpx.Client(base_url=address, trust_env=False, headers=headers, timeout=20) as client:
        yield lambda person: Visitor(client, person)
    server.stop()
