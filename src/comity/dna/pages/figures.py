"""What the database holds, and the populations, at a browser."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import ComityError
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.pages.pages import ADDRESS
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

FIGURES: Final = f"{ADDRESS}/statistics"
POPULATIONS: Final = f"{ADDRESS}/populations"


def figures(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/dna/statistics``, and ``/dna/populations`` with one population's table."""
    router = APIRouter(include_in_schema=False)
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get(FIGURES)
    def shown(request: Request, issuer: person) -> Response:
        with desk().reading("dna.summary", issuer) as unit:
            found, current = service.summary(unit, issuer)
        return Visit(pages, request, desk(), issuer).page("dna/statistics.html", found=found, current=current)

    @router.post(FIGURES)
    def count(issuer: Annotated[Issuer, Depends(acting_at_browser(desk))]) -> Response:
        with desk().acting("dna.summary", issuer) as unit:
            service.summarise(unit, issuer)
        return RedirectResponse(FIGURES, 303)

    @router.get(POPULATIONS)
    def populations(request: Request, issuer: person) -> Response:
        return populations_page(Visit(pages, request, desk(), issuer), {})

    @router.get(f"{POPULATIONS}/{{name:path}}")
    def population(request: Request, name: str, issuer: person) -> Response:
        with desk().reading("dna.populations", issuer) as unit:
            found = service.population(unit, name)
        return Visit(pages, request, desk(), issuer).page("dna/population.html", one=found)

    return router


def populations_page(visit: Visit, typed: dict[str, str], wrong: ComityError | None = None) -> Response:
    """The populations that are held, and the form that takes a table in, with what was typed there and was wrong."""
    with visit.desk.reading("dna.populations", visit.issuer) as unit:
        found = service.populations(unit)
    return visit.page("dna/populations.html", wrong, found=found, typed=typed)
