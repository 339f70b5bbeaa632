"""Signing in through the agency's identity provider: there and back.

The cookie of a sign-in under way is sent when the provider leads back here (SameSite=Lax); the session's own is not,
and so both ways go over a page that leads on by itself.
"""

from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.access import service
from comity.access.service import Provider
from comity.base.errors import NotFound
from comity.kit.web import browsers
from comity.kit.web.browsers import SESSION
from comity.kit.web.choosing import local
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk, is_other_site, other_site
from comity.kit.web.pages import Pages

COOKIE: Final = "__Host-comity-federated"
_SAFE: Final = "/:?&=%#+,;@!$*()[]~-._"
_FIELDS: Final = ("state", "code", "error", "iss")


def federated_routes(pages: Pages, desk: Callable[[], Desk], provider: Callable[[], Provider | None]) -> APIRouter:
    """``/enter/federated``: posted to go to the provider, read when it leads back."""
    router = APIRouter(include_in_schema=False)

    @router.post(service.BACK)
    def go(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        if is_other_site(request):
            raise other_site()
        onward = local(form.text("next", 2000))
        token, address = service.begin_federated(desk().database, _required(provider), desk().address)
        answer = _led(pages, request, address)
        kept = f"{token}.{quote(onward, safe='')}"
        answer.set_cookie(COOKIE, kept, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    @router.get(service.BACK)
    def back(request: Request) -> Response:
        token, _, onward = request.cookies.get(COOKIE, "").partition(".")
        said = {name: request.query_params[name] for name in _FIELDS if name in request.query_params}
        _, opened = service.enter_federated(desk().database, _required(provider), desk().address, (token, said))
        answer = _led(pages, request, local(unquote(onward)))
        browsers.keep(answer, SESSION, opened)
        browsers.forget(answer, COOKIE)
        return answer

    return router


def _led(pages: Pages, request: Request, address: str) -> Response:
    """A page that leads on to `address`, by itself or by its link."""
    answer = pages.page(request, "access/onward.html", address=address)
    answer.headers["Refresh"] = f"0; url={quote(address, safe=_SAFE)}"
    return answer


def _required(provider: Callable[[], Provider | None]) -> Provider:
    found = provider()
    if found is None:
        raise NotFound(
            "access.federated-none", "This node asks no identity provider", todo="Sign in with your passkey."
        )
    return found
