"""Word of changes to who looks at a query: server-sent events (HTML Living Standard, 9.2) at ``/search/QUERY/events``.

1. One thread a node waits for the database's own news; a commit wakes it, and it wakes the streams, at most once a
second. Nobody asks the database while nothing has changed.
2. A stream sends the table of the question's answers anew when it reads otherwise for its reader, so that a blind
examiner is told of nothing that others' verdicts moved. It shows what a list shows; no look at a candidate.
3. A stream keeps no session alive: it ends with the session, or when a session without a request would be over.
Streams are few for each person and for the node; a page without one is loaded again by hand.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from comity.base.clock import monotonic
from comity.base.errors import ComityError, Unavailable
from comity.base.model import Issuer
from comity.kit.web.browsers import SESSION, at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.search import service

MOST_OF_PERSON: Final = 6
MOST: Final = 100
BEAT_SECONDS: Final = 15.0
LONGEST_SECONDS: Final = 600.0
"""As long as a session lives without a request."""
_SPACING_SECONDS: Final = 1.0
IsOpen = Callable[[Any, str], bool]
"""(unit, token): whether that session is open, without saying that it was seen."""


class Streams:
    """The streams of one node, and the thread that wakes them."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk
        self._changed = threading.Condition()
        self._waking: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._people: Counter[str] = Counter()
        self._thread: threading.Thread | None = None

    def require_room(self, person: str) -> None:
        """Unavailable where a person, or the node, has too many streams already."""
        with self._changed:
            if self._people[person] >= MOST_OF_PERSON or len(self._waking) >= MOST:
                raise Unavailable(
                    "search.streams", "Too many pages are kept up to date already",
                    todo="Close some of them; this one is loaded again by hand.",
                )  # fmt: skip

    @contextmanager
    def one(self, person: str) -> Iterator[asyncio.Event]:
        """One more stream of a person; the event is set after a commit."""
        made = asyncio.Event()
        mine = (asyncio.get_running_loop(), made)
        with self._changed:
            self._people[person] += 1
            self._waking.add(mine)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="search-streams", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        try:
            yield made
        finally:
            with self._changed:
                self._people[person] -= 1
                self._waking.discard(mine)

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._waking:
                    self._changed.wait()
            began = monotonic()
            try:
                changed = self._desk().database.wait_for_change(_SPACING_SECONDS)
            except ComityError:
                changed = False
            if changed:
                self._wake()
            if (left := began + _SPACING_SECONDS - monotonic()) > 0:
                with self._changed:
                    self._changed.wait(left)

    def _wake(self) -> None:
        with self._changed:
            waking = tuple(self._waking)
        for loop, event in waking:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


def add(router: APIRouter, pages: Pages, desk: Callable[[], Desk], is_open: IsOpen) -> None:
    """``/search/QUERY/events``."""
    streams = Streams(desk)

    def told(request: Request, issuer: Issuer, query: str) -> str:
        with desk().reading("search.live", issuer) as unit:
            found = service.glance(unit, query, issuer.actor)
            siblings = service.of_question(unit, found, issuer.actor)
        shown = pages.page(request, "search/live.html", siblings=siblings, shown=query)
        return bytes(shown.body).decode()

    def lives(request: Request) -> bool:
        with desk().database.read("search.session") as unit:
            return is_open(unit, request.cookies.get(SESSION, ""))

    async def events(request: Request, issuer: Issuer, query: str, last: str) -> AsyncIterator[str]:
        end = monotonic() + LONGEST_SECONDS
        with streams.one(issuer.actor.person) as changed:
            yield _event("now", last)
            while monotonic() < end and await to_thread.run_sync(lives, request):
                try:
                    await asyncio.wait_for(changed.wait(), BEAT_SECONDS)
                except TimeoutError:
                    yield ": nothing new\n\n"
                    continue
                changed.clear()
                table = await to_thread.run_sync(told, request, issuer, query)
                if table != last:
                    last = table
                    yield _event("changed", table)
        yield _event("over", "")

    @router.get("/{query}/events")
    def stream(request: Request, query: str, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        streams.require_room(issuer.actor.person)
        first = told(request, issuer, query)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(request, issuer, query, first), 200, headers, "text/event-stream")


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
