"""The partners at a browser: health, queues, logs, alarms and files of each; and what an operator or a security
administrator does about messages that do not arrive, or about a partner that is frozen."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, Misconfigured, NotFound
from comity.base.model import MOST_NUMBER, Issuer
from comity.exchange import service
from comity.exchange.model import Alarm, PartnerStatus, Transfer
from comity.exchange.pages.words import WORDS
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

ADDRESS: Final = "/partners"
Sent = Annotated[Form, Depends(read_form)]
Before = Annotated[int | None, Query(ge=0, le=MOST_NUMBER)]
_REASON: Final = 2000
MOST_GAPS: Final = 50


def routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/partners`` and ``/partners/CODE``, for who is signed in, with the forms of that page."""
    pages.add(__package__, WORDS)
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get("")
    def partners(request: Request) -> Response:
        found, alarms, _ = _standing(desk())
        return pages.page(request, "exchange/partners.html", partners=found, alarms=alarms)

    @router.get("/{code}")
    def partner(request: Request, issuer: person, code: str, before: Before = None) -> Response:
        return _page(Visit(pages, request, desk(), issuer), code, before)

    _acts(router, pages, desk)
    return router


def _acts(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/{code}/retry")
    def retry(issuer: acting, code: str) -> Response:
        with desk().acting("exchange.retry", issuer) as unit:
            service.retry_by(unit, issuer, code)
        return RedirectResponse(f"{ADDRESS}/{code}", 303)

    @router.post("/{code}/give-up")
    def give_up(request: Request, issuer: acting, form: Sent, code: str) -> Response:
        try:
            with desk().acting("exchange.give-up", issuer) as unit:
                service.give_up(unit, issuer, (form.text("message", 80), code), form.text("reason", _REASON))
        except BadInput as error:
            return _page(Visit(pages, request, desk(), issuer), code, None, (error, form))
        return RedirectResponse(f"{ADDRESS}/{code}", 303)

    @router.post("/{code}/thaw")
    def thaw(request: Request, issuer: acting, form: Sent, code: str) -> Response:
        try:
            reason = _found_out(form)
            with desk().acting("exchange.thaw", issuer) as unit:
                service.thaw(unit, issuer, code, reason)
        except BadInput as error:
            return _page(Visit(pages, request, desk(), issuer), code, None, (error, form))
        return RedirectResponse(f"{ADDRESS}/{code}", 303)


def _found_out(form: Form) -> str:
    reason = form.text("found", _REASON)
    if not reason:
        raise BadInput("exchange.thaw-reason", "What the operators of both nodes found out is missing", where="found",
                       todo="Talk to the partner first, and write it down.")  # fmt: skip
    return reason


def _page(visit: Visit, code: str, before: int | None, wrong: tuple[BadInput, Form] | None = None) -> Response:
    found, alarms, files = _standing(visit.desk)
    one = next((one for one in found if one.code == code), None)
    if one is None:
        raise NotFound("exchange.no-partner", "The directory lists no such partner", where=code[:20],
                       todo="Choose one of the list of partners.")  # fmt: skip
    with visit.desk.database.read("exchange.undelivered") as unit:
        messages = service.undelivered(unit, code, before, service.MOST_UNDELIVERED + 1)
        now, gaps = unit.now, service.gaps(unit, code, MOST_GAPS)
    shown = messages[: service.MOST_UNDELIVERED]
    return visit.pages.page(
        visit.request, "exchange/partner.html", status=400 if wrong else 200, one=one, now=now, gaps=gaps,
        alarms=[alarm for alarm in alarms if alarm.partner == code], messages=shown,
        files=[file for file in files if file.partner == code], roles=visit.issuer.actor.roles,
        older=f"{ADDRESS}/{code}?before={shown[-1].n}" if len(messages) > len(shown) else "",
        newest=f"{ADDRESS}/{code}" if before is not None else "",
        wrong=wrong[0] if wrong else None, given=wrong[1].kept() if wrong else {},
    )  # fmt: skip


def _standing(desk: Desk) -> tuple[list[PartnerStatus], list[Alarm], list[Transfer]]:
    """The partners (none on a node that has joined no federation), alarms and files on their way, in one snapshot."""
    with desk.database.read("exchange.partners") as unit:
        try:
            found = service.partners(unit)
        except Misconfigured:
            found = []
        return found, service.alarms(unit), service.transfers(unit)
