"""Asking a partner for evidence: what is wanted; then the law's word, the exact recipient and what it would see; then
the sending, once, however often the button is pressed. Nothing is kept before it."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.evidence import service
from comity.evidence.model.flow import Ask
from comity.evidence.pages.pages import ADDRESS, Visit, own_case
from comity.exchange import service as exchange
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.legal import service as legal
from comity.search.model import Preview

Sent = Annotated[Form, Depends(read_form)]
Text = Annotated[str, Query(max_length=80)]
CATEGORIES: Final = ("exhibit", "laboratory_report")
_WANTED: Final = 2000
_CARRIED: Final = ("case", "to", "wanted", "category", "about", "purpose", "instrument", "id")


def asking(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/evidence/ask``: the form, what it would do, and the sending."""
    router = APIRouter(prefix=f"{ADDRESS}/ask", include_in_schema=False)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get("")
    def ask(request: Request, issuer: person, case: Text = "", about: Text = "", to: Text = "") -> Response:
        return _form(Visit(pages, request, desk(), issuer), {"case": case, "about": about, "to": to})

    @router.post("")
    def preview(request: Request, issuer: acting, form: Sent) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        if form.text("change"):
            return _form(visit, form.kept())
        try:
            asked = _ask(form)
            with own_case(), desk().reading("evidence.preview", issuer) as unit:
                seen = service.preview(unit, issuer, asked)
        except (BadInput, Conflict, NotFound, NotAllowed) as error:
            return _form(visit, form.kept(), error)
        return _preview(visit, asked, seen)

    @router.post("/send")
    def send(request: Request, issuer: acting, form: Sent) -> Response:
        try:
            with own_case(), desk().acting("evidence.request", issuer) as unit:
                made = service.request(unit, issuer, _ask(form))
        except (BadInput, NotFound) as error:
            return _form(Visit(pages, request, desk(), issuer), form.kept(), error)
        return RedirectResponse(f"{ADDRESS}/requests/{made.id}", 303)

    return router


def _ask(form: Form) -> Ask:
    case, category = form.text("case", 80), form.text("category", 40)
    if not case:
        raise BadInput("evidence.no-case", "The case is missing", where="case", todo="Give its reference.")
    if category not in CATEGORIES:
        raise BadInput("evidence.category", "The kind of evidence is missing", where="category", todo="Choose one.")
    return Ask(
        case, form.text("to", 16), form.text("wanted", _WANTED), category, form.text("about", 80),
        form.text("purpose", 64), form.text("instrument", 64) or None, id=form.text("id", 36),
    )  # fmt: skip


def _form(visit: Visit, given: dict[str, str], wrong: ComityError | None = None) -> Response:
    with visit.desk.database.read("evidence.ask") as unit:
        try:
            partners = [one for one in exchange.partners(unit) if not one.revoked]
        except Misconfigured:
            partners = []
        instruments = sorted(legal.tables(unit).instruments)
    return visit.page(
        "evidence/ask.html", wrong, typed=given, partners=partners, instruments=instruments, categories=CATEGORIES,
        purposes=legal.labels("purposes", visit.language),
    )  # fmt: skip


def _preview(visit: Visit, asked: Ask, seen: Preview) -> Response:
    laws = [legal.explain_html(one, visit.language, whole=False) for one in seen.decisions.values()]
    own = {"id": asked.id or uuid7(visit.desk.database.clock())}
    fields = {name: (visit.given | own).get(name, "") for name in _CARRIED}
    return visit.page(
        "evidence/preview.html",
        None,
        ask=asked,
        seen=seen,
        laws=laws,
        fields=fields,
        purposes=dict(legal.labels("purposes", visit.language)),
    )
