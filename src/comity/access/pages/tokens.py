"""Access tokens at a browser: one's own, and for a security administrator everybody's.

The text of a token that is yet to be issued comes with its form, so that the act which the passkey confirms names one
and the same key each time, and a form that is sent twice issues one token.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.access import service
from comity.access.model import AccessToken, TokenToIssue
from comity.base.errors import BadInput
from comity.base.model import Issuer
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages

ADDRESS = "/admin/tokens"
DAYS = 30
Sent = Annotated[Form, Depends(read_form)]


def routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/admin/tokens``: the tokens, a form that issues one, and buttons that revoke."""
    router = APIRouter(prefix="/tokens", include_in_schema=False)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.get("", dependencies=[Depends(at_browser(desk))])
    def tokens(request: Request) -> Response:
        return _page(pages, request, desk(), Form({"days": (str(DAYS),)}))

    @router.post("")
    def issue(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            secret = form.text("secret")
            with desk().acting("token.issue", issuer) as unit:
                made = service.issue_token(unit, issuer, _asked(form), secret)
        except BadInput as error:
            return _page(pages, request, desk(), form, error)
        return pages.page(request, "access/token.html", token=made, secret=secret)

    @router.post("/{id}/revoke")
    def revoke(id: str, issuer: acting) -> Response:
        with desk().acting("token.revoke", issuer) as unit:
            service.revoke_token(unit, issuer, id)
        return RedirectResponse(ADDRESS, 303)

    return router


def _page(pages: Pages, request: Request, desk: Desk, form: Form, wrong: BadInput | None = None) -> Response:
    issuer: Issuer = request.state.issuer
    with desk.database.read("token.list") as unit:
        found: list[tuple[AccessToken, bool]] = [
            (one, service.is_over(one, unit.now)) for one in service.tokens(unit, issuer.actor)
        ]
        systems = [one.id for one in service.people(unit) if one.system and one.active]
    return pages.page(
        request, "access/tokens.html", status=200 if wrong is None else 400, tokens=found, systems=systems,
        scopes=service.OFFERED, given=form.kept(), chosen=form.texts("scope"), secret=service.new_secret(),
        most=service.MOST_DAYS, wrong=wrong,
    )  # fmt: skip


def _asked(form: Form) -> TokenToIssue:
    days = form.text("days", 10)
    if not days.isdecimal():
        raise BadInput("access.token-days", f"A token lives 1 to {service.MOST_DAYS} days", todo="Write a number.")
    return TokenToIssue(form.text("name"), frozenset(form.texts("scope")), int(days), form.text("holder", 63))
