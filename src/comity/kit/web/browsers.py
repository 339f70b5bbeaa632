"""People at a browser: the session's cookie, whose session it is, and the token that every form carries.

A request that changes something must come from a page of this very node: the cookie is sent by no other site's page
(SameSite=Strict), the browser says where the request comes from (`officers.is_other_site`), and the form holds a token
that follows from the session's own. The cookies' prefix ``__Host-`` binds them to one origin's host.
"""

import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Final

from fastapi import Depends
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, ComityError, NotAllowed
from comity.base.model import Issuer
from comity.kit.crypto.symmetric import sha256
from comity.kit.vault.desk import Desk
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import is_other_site, other_site

SESSION: Final = "__Host-comity"
ENTERING: Final = "__Host-comity-entering"
"""The token of a sign-in under way."""
FIELD: Final = "token"
"""The name of a form's hidden field."""
CEREMONY: Final = "ceremony"
ANSWER: Final = "answer"
"""The fields of a form that comes with a passkey's answer."""
_ANSWER_CHARACTERS: Final = 16_000
_FORM: Final = b"comity-form|"


def keep(response: Response, cookie: str, token: str) -> None:
    """Give the browser a token; scripts cannot read it, and it goes when the browser is closed."""
    response.set_cookie(cookie, token, path="/", secure=True, httponly=True, samesite="strict")


def forget(response: Response, cookie: str) -> None:
    """Take a token back."""
    response.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite="strict")


def form_token(token: str) -> str:
    """What every form of this session's pages carries; it does not tell the session's token."""
    return sha256(_FORM + token.encode()).hex()


def check_form(request: Request, given: str) -> None:
    """NotAllowed unless the form with the token `given` was made by a page of this session, on this node."""
    if is_other_site(request):
        raise other_site()
    if not hmac.compare_digest(given.encode(), form_token(request.cookies.get(SESSION, "")).encode()):
        raise NotAllowed("web.form-token", "This form was made in another session, or by another page",
                         todo="Load the page again and send the form anew; nothing was done.")  # fmt: skip


def person_of(desk: Callable[[], Desk], request: Request) -> Issuer:
    """The person of the request's session; NotAllowed ``access.session`` where none is open.

    Asked once a request, however many parts of it want to know.
    """
    known: Issuer | None = getattr(request.state, "issuer", None)
    if known is None:
        known = desk().resume(desk().database, request.cookies.get(SESSION, ""))
        request.state.issuer = known
    return known


def at_browser(desk: Callable[[], Desk]) -> Callable[[Request], Awaitable[Issuer]]:
    """A dependency: `person_of`. A form that comes when the session is over is read all the same, so that it can be
    offered again: what was typed is not lost."""

    async def dependency(request: Request) -> Issuer:
        try:
            return await run_in_threadpool(person_of, desk, request)
        except NotAllowed:
            if request.method == "POST":
                with suppress(BadInput):
                    request.state.form = await read_form(request)
            raise

    return dependency


def acting_at_browser(desk: Callable[[], Desk]) -> Callable[..., Issuer]:
    """A dependency of what forms send: the person of the session, who has confirmed an act where the form carries a
    passkey's answer. NotAllowed for a form of another session or site."""

    def dependency(request: Request, form: Annotated[Form, Depends(read_form)]) -> Issuer:
        request.state.form = form
        issuer = person_of(desk, request)
        check_form(request, form.text(FIELD))
        ceremony = form.text(CEREMONY)
        if not ceremony:
            return issuer
        given = (ceremony, form.text(ANSWER, _ANSWER_CHARACTERS).encode())
        return desk().confirm(desk().database, issuer, given)

    return dependency


def signed_in_or_none(desk: Callable[[], Desk], request: Request) -> Issuer | None:
    """The person of the request's session, for pages that anybody may see."""
    try:
        return person_of(desk, request)
    except ComityError:
        return None
