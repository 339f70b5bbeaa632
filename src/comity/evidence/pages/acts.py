"""What the forms of evidence do: every verb of the room, each by a form of its own, back to the page of its matter."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from comity.base.errors import BadInput, NotFound
from comity.base.languages import LANGUAGES
from comity.base.model import Issuer
from comity.evidence import service
from comity.evidence.model.flow import Offer
from comity.evidence.pages.pages import ADDRESS, Visit, detail_page, request_page
from comity.kit.papers.setting import drawing
from comity.kit.web.browsers import acting_at_browser
from comity.kit.web.downloads import file_name, pdf_file
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.legal import service as legal

Sent = Annotated[Form, Depends(read_form)]
_REASON: Final = 2000
Consent = Callable[[Any, Any, Issuer, str], Any]
"""(unit, vault, who acts, the package) to the package as it stands then."""
Reasoned = Callable[[Any, Issuer, str, str], Any]
"""(unit, who acts, the package, the reason) to the same."""


def acts(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """The addresses that take forms, below those of `pages.lists`."""
    router = APIRouter(prefix=ADDRESS, include_in_schema=False)
    _answering(router, pages, desk)
    _package_acts(router, pages, desk)
    _carrying(router, desk)
    return router


def _answering(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    """What is done about a partner's request."""
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/requests/{named}/refuse")
    def refuse_request(request: Request, issuer: acting, form: Sent, named: str) -> Response:
        try:
            ground, reason = _ground(form), _reason(form)
            with desk().acting("evidence.refuse-request", issuer) as unit:
                service.refuse_request(unit, issuer, named, ground, reason)
        except BadInput as error:
            return request_page(Visit(pages, request, desk(), issuer), named, error)
        return _to(f"requests/{named}")

    @router.post("/requests/{named}/offer")
    def offer(request: Request, issuer: acting, form: Sent, named: str) -> Response:
        offered = Offer(named, form.texts("item"), id=form.text("id", 36))
        try:
            with desk().acting("evidence.offer", issuer) as unit:
                made = service.offer(unit, issuer, offered)
        except BadInput as error:
            return request_page(Visit(pages, request, desk(), issuer), named, error)
        return _to(made.id)


def _package_acts(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    """What is done with a package: on our side by the second person or by taking the proposal back, at the recipient's
    by the answer. Two verbs of consent, and two that need a reason."""
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def consenting(name: str, verb: Consent) -> None:
        @router.post(f"/{{named}}/{name}", name=f"evidence-{name}")
        def consent(issuer: acting, named: str) -> Response:
            with desk().acting(f"evidence.{name}", issuer) as unit:
                made = verb(unit, desk().vault, issuer, named)
            return _to(made.id)

    def giving_reasons(name: str, verb: Reasoned) -> None:
        @router.post(f"/{{named}}/{name}", name=f"evidence-{name}")
        def give_reasons(request: Request, issuer: acting, form: Sent, named: str) -> Response:
            try:
                reason = _reason(form)
                with desk().acting(f"evidence.{name}", issuer) as unit:
                    made = verb(unit, issuer, named, reason)
            except BadInput as error:
                return detail_page(Visit(pages, request, desk(), issuer), named, error)
            return _to(made.id)

    consenting("release", service.release)
    consenting("accept", service.accept)
    giving_reasons("withdraw", service.withdraw)
    giving_reasons("refuse", lambda unit, *said: service.refuse(unit, desk().vault, *said))


def _carrying(router: APIRouter, desk: Callable[[], Desk]) -> None:
    """Files to carry away: an act each, for the custody chain tells of copies."""
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/{named}/package")
    def package(issuer: acting, named: str) -> Response:
        with desk().acting("evidence.export", issuer) as unit:
            taken = service.export(unit, desk().vault, issuer, named)
        headers = file_name("package", taken.release, "zip") | {"content-length": str(taken.package.size)}
        return StreamingResponse(taken.package.pieces(), headers=headers, media_type="application/zip")

    @router.post("/{named}/receipt")
    def receipt(issuer: acting, named: str) -> Response:
        with desk().acting("evidence.export", issuer) as unit:
            taken = service.export(unit, desk().vault, issuer, named)
            if not taken.receipt:
                raise NotFound("evidence.no-receipt", "Nobody has signed a receipt for this package yet",
                               where=taken.release, todo="Wait for the answer.")  # fmt: skip
        headers = file_name("receipt", taken.release, "json")
        return Response(taken.receipt, headers=headers, media_type="application/json")

    @router.post("/{named}/paper")
    def paper(issuer: acting, form: Sent, named: str) -> Response:
        language = form.text("paper_language", 8)
        language = language if language in LANGUAGES else LANGUAGES[0]
        with desk().acting("evidence.paper", issuer) as unit:
            made, file = service.issue_custody(unit, issuer, named, language, drawing(desk()))
        return pdf_file(file, "custody", made.id)


def _to(where: str) -> Response:
    return RedirectResponse(f"{ADDRESS}/{where}", 303)


def _reason(form: Form) -> str:
    reason = form.text("reason", _REASON)
    if not reason:
        raise BadInput("evidence.reason", "A reason is needed", where="reason", todo="Say in a sentence why.")
    return reason


def _ground(form: Form) -> str:
    ground = form.text("ground")
    if ground not in legal.vocabulary().codes("refusal_grounds"):
        raise BadInput("evidence.ground", "A ground of refusal is needed", where="ground", todo="Choose one.")
    return ground
