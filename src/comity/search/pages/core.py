"""Core data at a browser: asked for after a look at what would leave, and opened for a reason."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, Conflict
from comity.base.model import Issuer
from comity.kit.web.browsers import acting_at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.legal import service as legal
from comity.search import service
from comity.search.pages.banners import banner
from comity.search.pages.results import ADDRESS, Shown

ACCOUNT = 20_000
Sent = Annotated[Form, Depends(read_form)]


def add(router: APIRouter, pages: Pages, desk: Callable[[], Desk], shown: Shown) -> None:
    """``POST /search/QUERY/core/check``, ``/core`` and ``/identity``."""
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/{query}/core/check")
    def check(request: Request, query: str, form: Sent, issuer: acting) -> Response:
        try:
            number, account = form.text("core_number"), form.text("core_account", ACCOUNT)
            with desk().acting("search.preview-request", issuer) as unit:
                seen = service.preview_request(unit, issuer, query, number, account)
                asked = service.glance(unit, query, issuer.actor)
        except (BadInput, Conflict) as error:
            return shown(request, issuer, query, "core", error)
        partner, language = asked.partner, pages.frame(request).preferences.language
        decision = seen.decisions[partner]
        return pages.page(
            request, "search/core.html", query=query, partner=partner, seen=seen, decision=decision,
            findings=legal.findings_in_words(decision.findings, language), number=number, account=account,
            **banner(asked, language),
        )  # fmt: skip

    @router.post("/{query}/core")
    def ask(request: Request, query: str, form: Sent, issuer: acting) -> Response:
        try:
            number, account = form.text("core_number"), form.text("core_account", ACCOUNT)
            with desk().acting("search.request", issuer) as unit:
                service.request_core_data(unit, issuer, query, number, account)
        except (BadInput, Conflict) as error:
            return shown(request, issuer, query, "core", error)
        return RedirectResponse(f"{ADDRESS}/{query}", 303)

    @router.post("/{query}/identity")
    def open_(request: Request, query: str, form: Sent, issuer: acting) -> Response:
        try:
            reason = form.text("identity_reason", 2000)
            with desk().acting("search.open", issuer) as unit:
                data = service.open_identity(unit, issuer, query, reason)
                head = banner(service.glance(unit, query, issuer.actor), pages.frame(request).preferences.language)
        except (BadInput, Conflict) as error:
            return shown(request, issuer, query, "identity", error)
        return pages.page(request, "search/identity.html", query=query, data=data, reason=reason, **head)
