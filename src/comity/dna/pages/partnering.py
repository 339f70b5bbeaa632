"""Terms with partners at a browser: what searches need, how much is held, who is told."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict, NotFound
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import PartnerTerms
from comity.dna.pages.pages import ADDRESS, Sent
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

PARTNERS: Final = f"{ADDRESS}/partners"


def partnering(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/dna/partners``, with a form for the terms with one, and a button for each that can be told."""
    router = APIRouter(include_in_schema=False)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.get(PARTNERS)
    def shown(request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        return _page(Visit(pages, request, desk(), issuer))

    @router.post(PARTNERS)
    def set_terms(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            with desk().acting("dna.partner", issuer) as unit:
                service.set_terms(unit, issuer, _terms(form))
        except BadInput as error:
            return _page(Visit(pages, request, desk(), issuer), error)
        return RedirectResponse(PARTNERS, 303)

    @router.post(PARTNERS + "/{partner}/told")
    def tell(request: Request, partner: str, form: Sent, issuer: acting) -> Response:
        try:
            with desk().acting("dna.tell", issuer) as unit:
                verb = service.tell_terms if form.text("tell", 3) == "yes" else service.stop_telling
                verb(unit, issuer, partner)
        except (Conflict, NotFound) as error:
            return _page(Visit(pages, request, desk(), issuer), error)
        return RedirectResponse(PARTNERS, 303)

    return router


def _terms(form: Form) -> PartnerTerms:
    """The terms in a form; BadInput for what is no number."""
    profiles = form.text("profiles", 12)
    try:
        return PartnerTerms(
            form.text("partner", 16).upper(), int(form.text("least_loci", 12) or 0),
            int(profiles) if profiles else None, float(form.text("bound", 12).replace(",", ".") or 0.1),
            form.text("source", service.MAX_SOURCE),
        )  # fmt: skip
    except ValueError as error:
        raise BadInput("dna.partner-terms", "Loci, profiles or the bound are no numbers",
                       todo="Write them in digits.") from error  # fmt: skip


def _page(visit: Visit, wrong: ComityError | None = None) -> Response:
    with visit.desk.reading("dna.partners", visit.issuer) as unit:
        found = service.partner_views(unit)
    return visit.page("dna/partners.html", wrong, found=found, approver="approver" in visit.issuer.actor.roles)
