"""The log at a browser: its entries in their clear fields, one entry, and the signed head. Nothing here changes
anything, and nothing sealed is shown: opening a value is an act with a reason."""

from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from comity.base.model import MOST_NUMBER
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.log import service

ROWS: Final = 50
"""Entries on a page."""
_AT: Final = "/oversight"


def routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/oversight`` and ``/oversight/entries/INDEX``, for who is signed in."""
    pages.add(__package__)
    router = APIRouter(prefix=_AT, include_in_schema=False, dependencies=[Depends(at_browser(desk))])

    @router.get("")
    def entries(
        request: Request, after: Annotated[int | None, Query(ge=-1, le=MOST_NUMBER)] = None,
        kind: Annotated[str, Query(alias="type", max_length=60)] = "",
    ) -> Response:  # fmt: skip
        with desk().database.read("log.show") as unit:
            head = service.head(unit)
            start = after if after is not None else (-1 if kind else max(-1, head.size - 1 - ROWS))
            found = service.entries(unit, start, ROWS + 1, kind or None)
        shown = found[:ROWS]
        onward = _address(shown[-1].index, kind) if len(found) > ROWS else ""
        back = _address(max(-1, start - ROWS), kind) if start >= 0 and not kind else ""
        return pages.page(
            request, "log/entries.html", head=head, entries=shown, kind=kind, onward=onward, back=back, start=start
        )

    @router.get("/entries/{index}")
    def entry(request: Request, index: Annotated[int, Path(ge=0, le=MOST_NUMBER)]) -> Response:
        with desk().database.read("log.entry") as unit:
            found = service.entry(unit, index)
        return pages.page(request, "log/entry.html", entry=found, clear=found.clear)

    return router


def _address(after: int, kind: str) -> str:
    return f"{_AT}?{urlencode({'after': after} | ({'type': kind} if kind else {}))}"
