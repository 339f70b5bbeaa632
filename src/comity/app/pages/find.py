"""Quick find at a browser: ``/find?q=``, reached by ``/`` on every page."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.app import finding
from comity.base.model import Issuer
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages


def find_routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/find``."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(at_browser(desk))])

    @router.get("/find")
    def find(
        request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))],
        q: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:  # fmt: skip
        with desk().database.read("find.show") as unit:
            found = finding.find(unit, issuer.actor, q)
        address = finding.straight(found)
        if address:
            return RedirectResponse(address, 303)
        return pages.page(request, "app/find.html", q=q, found=found)

    return router
