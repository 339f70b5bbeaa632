"""Cases at a browser: a list of one's own, a form to open one, and the page of one case with all that is under it.

What rooms upstairs keep of a case is shown by `Upstairs.around`, which app hands in. Who is not a member is answered
as for a case that does not exist; the attempt is logged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict, NotFound
from comity.base.model import Issuer
from comity.cases import service
from comity.cases.model import Case, NewCase, Order, Wanted
from comity.cases.pages.erasing import add_erasures
from comity.cases.pages.words import WORDS
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of

ADDRESS = "/cases"
STATES = ("open", "erasure_asked")
Sent = Annotated[Form, Depends(read_form)]


@dataclass(frozen=True)
class Upstairs:
    """What app knows and this room does not."""

    check_offence: service.OffenceCheck
    offences: Callable[[Any], list[tuple[str, str]]]
    """(unit): the codes of the state's own offences that hold today, with their text."""
    forget: Callable[[Desk], service.Forget]
    around: Callable[[Any, Issuer, Case, int | None], tuple[str, Mapping[str, Any]]]
    """(unit, who looks, the case, before which log entry its history is shown): a template and what it shows."""


class Address(BaseModel):
    """What the address of the list says."""

    q: str = Field("", max_length=200)
    state: str = Field("", max_length=16)
    order: Order = "newest"
    after: str = Field("", max_length=36)

    def wanted(self) -> Wanted:
        """The same as the room's noun; a state that there is none of narrows nothing."""
        return Wanted(self.q, self.state if self.state in STATES else "", self.order, self.after)


def routes(pages: Pages, desk: Callable[[], Desk], upstairs: Upstairs) -> APIRouter:
    """``/cases``, ``/cases/new``, ``/cases/erasures`` and ``/cases/CASE`` with its forms."""
    pages.add(__package__ or "", WORDS)
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    _listing(router, pages, desk)
    _opening(router, pages, desk, upstairs)
    add_erasures(router, pages, desk, lambda: upstairs.forget(desk()))
    _one(router, pages, desk, upstairs)
    return router


def _listing(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    @router.get("")
    def mine(
        request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))], address: Annotated[Address, Query()]
    ) -> Response:
        wanted = address.wanted()
        with desk().database.read("case.list") as unit:
            found, onward = service.mine(unit, issuer.actor, wanted)
            waiting = len(service.erasures(unit, issuer.actor))
        asked = {name: value for name, value in (("q", wanted.text), ("state", wanted.state)) if value}

        def sorting(by: str) -> str:
            return f"{ADDRESS}?{urlencode(asked | {'order': by})}"

        older = sorting(wanted.order) + f"&{urlencode({'after': onward})}" if onward else ""
        return pages.page(
            request, "cases/cases.html", cases=found, wanted=wanted, states=STATES, sorting=sorting, onward=older,
            erasures=waiting, filtered=bool(asked),
        )  # fmt: skip


def _opening(router: APIRouter, pages: Pages, desk: Callable[[], Desk], upstairs: Upstairs) -> None:
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def shown(request: Request, given: Mapping[str, str], wrong: ComityError | None = None) -> Response:
        with desk().database.read("case.offences") as unit:
            offences = upstairs.offences(unit)
        status = 200 if wrong is None else status_of(wrong)
        return pages.page(request, "cases/new.html", status=status, given=given, wrong=wrong, offences=offences)

    @router.get("/new")
    def form_(request: Request) -> Response:
        return shown(request, {})

    @router.post("")
    def open_(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            new = NewCase(form.text("reference"), form.text("title", 1000), form.text("offence"))
            with desk().acting("case.open", issuer) as unit:
                upstairs.check_offence(unit, new.offence)
                made = service.open_case(unit, issuer, new)
        except (BadInput, Conflict) as error:
            return shown(request, form.kept(), error)
        return RedirectResponse(f"{ADDRESS}/{made.id}", 303)


def _one(router: APIRouter, pages: Pages, desk: Callable[[], Desk], upstairs: Upstairs) -> None:
    person = Depends(at_browser(desk))
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def shown(request: Request, issuer: Issuer, case: str, wrong: ComityError | None = None) -> Response:
        before = request.query_params.get("before", "")
        place = int(before) if before.isdecimal() and len(before) < 16 else None
        with desk().acting("case.show", issuer) as unit:
            found = service.show(unit, issuer, case)
            template, values = upstairs.around(unit, issuer, found, place)
        return pages.page(
            request, "cases/case.html", status=200 if wrong is None else status_of(wrong), case=found, wrong=wrong,
            given=form_of(request).kept(), around=template, asked=found.state != "open", purpose=found.reference,
            **values,
        )  # fmt: skip

    @router.get("/{case}")
    def show(request: Request, case: str, issuer: Annotated[Issuer, person]) -> Response:
        return shown(request, issuer, case)

    @router.post("/{case}/members")
    def admit(request: Request, case: str, form: Sent, issuer: acting) -> Response:
        try:
            with desk().acting("case.admit", issuer) as unit:
                service.add_member(unit, issuer, case, form.text("person"))
        except (BadInput, Conflict) as error:
            return shown(request, issuer, case, error)
        except NotFound as error:
            if error.code != "access.person-unknown":
                raise
            return shown(request, issuer, case, error)
        return RedirectResponse(f"{ADDRESS}/{case}", 303)

    @router.post("/{case}/erasure")
    def ask(request: Request, case: str, form: Sent, issuer: acting) -> Response:
        try:
            with desk().acting("case.erase", issuer) as unit:
                service.request_erasure(unit, issuer, case, form.text("reason", 2000))
        except (BadInput, Conflict) as error:
            return shown(request, issuer, case, error)
        return RedirectResponse(f"{ADDRESS}/{case}", 303)
