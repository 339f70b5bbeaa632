"""What waits for an examiner at a browser: specimens held back, and duplicates; and what was found about each."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import FINDINGS
from comity.dna.pages.pages import ADDRESS, Sent
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

FLAGS: Final = f"{ADDRESS}/flags"
_REASON: Final = 500


def flagging(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/dna/flags``, with a form for each flag that waits."""
    router = APIRouter(include_in_schema=False)

    @router.get(FLAGS)
    def flags(request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))], decided: str = "") -> Response:
        return _page(Visit(pages, request, desk(), issuer), decided=bool(decided))

    @router.post(FLAGS + "/{flag}")
    def decide(
        request: Request, flag: str, form: Sent, issuer: Annotated[Issuer, Depends(acting_at_browser(desk))]
    ) -> Response:
        try:
            with desk().acting("dna.decide-flag", issuer) as unit:
                service.decide_flag(unit, issuer, flag, form.text("finding", 20), form.text("reason", _REASON))
        except (BadInput, Conflict) as error:
            return _page(Visit(pages, request, desk(), issuer), flag, error)
        return RedirectResponse(FLAGS, 303)

    return router


def _page(visit: Visit, place: str = "", wrong: ComityError | None = None, *, decided: bool = False) -> Response:
    with visit.desk.reading("dna.flags", visit.issuer) as unit:
        found = service.flags(unit, visit.issuer, decided=decided)
    return visit.page(
        "dna/flags.html", wrong, found=found, place=place, findings=FINDINGS, decided=decided,
        examiner="examiner" in visit.issuer.actor.roles, me=visit.issuer.actor.person,
    )  # fmt: skip
