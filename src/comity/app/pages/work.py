"""My work at a browser: what waits for the person who is signed in, and where he or she was."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.access import service as access
from comity.app import working
from comity.base.model import Issuer
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages

WORK = "/work"


def work_routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/work``."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(at_browser(desk))])

    @router.get(WORK)
    def work(request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        with desk().database.read("work.show") as unit:
            sections, recent = working.work(unit, issuer.actor), working.recent(unit, issuer.actor)
            lines = [line for section in sections for line in section.lines]
            saved = access.saved_searches(unit, issuer.actor)
            references = working.references(unit, [*lines, *recent])
            now = unit.now
        return pages.page(
            request, "app/work.html", sections=sections, recent=recent, saved=saved, references=references, now=now,
            shown=working.SHOWN,
        )  # fmt: skip

    return router
