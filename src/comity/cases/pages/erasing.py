"""The erasures that members have asked for, at a browser: an approver of another unit carries one out, by passkey."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict
from comity.base.model import Issuer
from comity.cases import service
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of

ERASURES = "/cases/erasures"
Sent = Annotated[Form, Depends(read_form)]


def add_erasures(
    router: APIRouter, pages: Pages, desk: Callable[[], Desk], forget: Callable[[], service.Forget]
) -> None:
    """``/cases/erasures`` and what its forms send."""
    person = Depends(at_browser(desk))
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def shown(request: Request, issuer: Issuer, wrong: ComityError | None = None) -> Response:
        with desk().database.read("case.erasures") as unit:
            found = service.erasures(unit, issuer.actor)
        done = request.query_params.get("done", "")
        return pages.page(
            request, "cases/erasures.html", status=200 if wrong is None else status_of(wrong), erasures=found,
            wrong=wrong, given=form_of(request).kept(), done=int(done) if done.isdecimal() else None,
        )  # fmt: skip

    @router.get("/erasures")
    def waiting(request: Request, issuer: Annotated[Issuer, person]) -> Response:
        return shown(request, issuer)

    @router.post("/erasures")
    def erase(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            with desk().acting("case.erase", issuer) as unit:
                entry = service.erase(unit, issuer, form.text("case"), form.text("reason", 2000), forget())
        except (BadInput, Conflict) as error:
            return shown(request, issuer, error)
        return RedirectResponse(f"{ERASURES}?done={entry}", 303)
