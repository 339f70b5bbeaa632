"""A person's saved searches at a browser. Lists offer to save themselves (``kit.filters``); here they are all shown."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.access import service
from comity.base.errors import BadInput, Conflict
from comity.base.model import Issuer
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.choosing import local
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of

ADDRESS = "/saved"
PLACES = frozenset({"after", "before", "page"})
"""What an address says of how far on somebody was in a list: a saved search begins at its top."""
Sent = Annotated[Form, Depends(read_form)]


def saved_routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/saved``: the person's saved searches, a form that keeps one, buttons that delete."""
    pages.keeper = ADDRESS
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.get("")
    def saved(request: Request) -> Response:
        return _page(pages, request, desk(), Form({}))

    @router.post("")
    def keep(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            with desk().database.unit("saved.keep") as unit:
                address = from_the_top(form.text("address", 4000))
                kept = service.keep_search(unit, issuer.actor, form.text("called", 2000), address)
        except (BadInput, Conflict) as error:
            return _page(pages, request, desk(), form, error)
        return RedirectResponse(kept.address, 303)

    @router.post("/{id}/delete")
    def delete(id: str, issuer: acting) -> Response:
        with desk().database.unit("saved.delete") as unit:
            service.forget_search(unit, issuer.actor, id)
        return RedirectResponse(ADDRESS, 303)

    return router


def from_the_top(address: str) -> str:
    """The address of the same list from its beginning, without filters that say nothing; empty for one elsewhere."""
    if local(address) != address:
        return ""
    path, _, query = address.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name not in PLACES]
    return f"{path}?{urlencode(kept)}" if kept else path


def _page(pages: Pages, request: Request, desk: Desk, form: Form, wrong: BadInput | Conflict | None = None) -> Response:
    issuer: Issuer = request.state.issuer
    with desk.database.read("saved.list") as unit:
        found = service.saved_searches(unit, issuer.actor)
    return pages.page(
        request, "access/saved.html", status=200 if wrong is None else status_of(wrong), saved=found,
        given=form.kept(), wrong=wrong, longest=service.LONGEST_NAME,
    )  # fmt: skip
