"""Signing in and out, making a passkey by a link, and confirming an act: pages whose forms an island answers.

A challenge is made by a form, never by looking at a page. The island asks the authenticator and sends its answer with
the page's own form; so nothing here fetches, and every step is a page that can be read.
"""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.access import service
from comity.access.pages import resuming
from comity.access.pages.federated import federated_routes
from comity.access.pages.words import WORDS
from comity.access.service import Entering, Provider
from comity.base.errors import ComityError, NotFound, Unconfirmed
from comity.base.model import JsonObject
from comity.kit.web import browsers
from comity.kit.web.browsers import ENTERING, SESSION
from comity.kit.web.choosing import local
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk, is_other_site, other_site
from comity.kit.web.pages import Pages, Reader

ANSWER_CHARACTERS = 16_000
Sent = Annotated[Form, Depends(read_form)]


def routes(pages: Pages, desk: Callable[[], Desk], provider: Callable[[], Provider | None] = lambda: None) -> APIRouter:
    """``/enter``, ``/join/TOKEN``, ``/visit/TOKEN`` and ``/sign-out``; `provider` is the agency's identity provider."""
    pages.add(__package__ or "", WORDS)
    pages.entrance = "/enter"
    router = APIRouter(include_in_schema=False)
    _entering(router, pages, desk, provider)
    router.include_router(federated_routes(pages, desk, provider))
    _joining(router, pages, desk)
    _leaving(router, desk)
    return router


def reader(desk: Callable[[], Desk]) -> Callable[[Request], Reader | None]:
    """Who is signed in, for the frame of every page."""

    def found(request: Request) -> Reader | None:
        issuer = browsers.signed_in_or_none(desk, request)
        if issuer is None:
            return None
        actor, token = issuer.actor, browsers.form_token(request.cookies.get(SESSION, ""))
        return Reader(actor.person, actor.person, actor.unit, tuple(sorted(actor.roles)), token=token)

    return found


def confirmation(pages: Pages, desk: Callable[[], Desk], request: Request, error: Unconfirmed) -> Response:
    """The page on which a person confirms what a form would do; it sends the same form again, with the answer."""
    issuer = browsers.person_of(desk, request)
    with desk().database.unit("access.ask") as unit:
        made, options = service.ask_to_confirm(unit, service.site(desk().address), issuer.actor.person, error.act)
    form: Form = request.state.form
    kept = resuming.own_fields(form)
    return pages.page(
        request, "access/confirm.html", act=made.act, subject=_lines(cast(JsonObject, made.act["subject"])),
        ceremony=made.id, options=json.dumps(options), fields=kept, action=request.url.path,
    )  # fmt: skip


def shown(pages: Pages, desk: Callable[[], Desk]) -> Callable[[Request, ComityError, int], Response]:
    """What a person sees of an error: the sign-in page where the session is over, the act where one must be confirmed,
    else the page about the error."""

    def answer(request: Request, error: ComityError, status: int) -> Response:
        if isinstance(error, Unconfirmed):
            return confirmation(pages, desk, request, error)
        if error.code == "access.session" and request.method == "GET":
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/enter?next={quote(here)}", 303)
        locked = resuming.locked(pages, request) if error.code == "access.session" else None
        return locked or pages.error(request, error, status)

    return answer


def _entering(
    router: APIRouter, pages: Pages, desk: Callable[[], Desk], provider: Callable[[], Provider | None]
) -> None:
    @router.get("/enter")
    def enter(request: Request, next: str = "/", made: str = "") -> Response:
        return pages.page(request, "access/enter.html", next=local(next), made=bool(made), federated=provider())

    @router.post("/enter")
    def begin(request: Request, form: Sent) -> Response:
        _require_own(request)
        with desk().database.unit("access.begin") as unit:
            entering: Entering = service.begin_entering(unit, service.site(desk().address))
        shown = _asked(pages, request, ("get", "/enter/answer"), entering.options, {
            "ceremony": entering.ceremony, "next": local(form.text("next", 2000)),
            "kept": form.text("kept", resuming.MOST_KEPT),
        })  # fmt: skip
        browsers.keep(shown, ENTERING, entering.token)
        return shown

    @router.post("/enter/answer")
    def answer(request: Request, form: Sent) -> Response:
        _require_own(request)
        token, given = request.cookies.get(ENTERING, ""), _given(form)
        session, opened = service.enter_at_browser(desk().database, service.site(desk().address), token, given)
        again = resuming.again(pages, desk, request, (session, opened), form.text("kept", resuming.MOST_KEPT))
        return _let_in(again or RedirectResponse(local(form.text("next", 2000)), 303), opened)


def _joining(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    @router.get("/join/{token}")
    def join(request: Request, token: str) -> Response:
        with desk().database.read("access.link") as unit:
            link = service.opened_link(unit, token)
        return pages.page(
            request, "access/join.html", person=link.person, recovery=link.purpose == "recovery", token=token
        )

    @router.post("/join/{token}")
    def begin(request: Request, token: str) -> Response:
        _require_own(request)
        with desk().database.unit("access.begin") as unit:
            made, options = service.ask_to_enrol(unit, service.site(desk().address), token)
        return _asked(pages, request, ("create", f"/join/{token}/answer"), options, {"ceremony": made.id})

    @router.post("/join/{token}/answer")
    def answer(request: Request, token: str, form: Sent) -> Response:
        _require_own(request)
        with desk().database.unit("access.enrol") as unit:
            service.enrol(unit, service.site(desk().address), token, _given(form))
        return RedirectResponse("/enter?made=1", 303)

    @router.get("/visit/{token}")
    def visit(token: str) -> Response:
        if not desk().training:
            raise NotFound("access.visit-none", "This node takes no visitors", todo="Sign in with your passkey.")
        with desk().database.unit("access.visit") as unit:
            _, opened = service.visit(unit, token)
        return _let_in(RedirectResponse("/", 303), opened)


def _leaving(router: APIRouter, desk: Callable[[], Desk]) -> None:
    @router.post("/sign-out")
    def leave(request: Request, form: Sent) -> Response:
        token = request.cookies.get(SESSION, "")
        browsers.check_form(request, form.text(browsers.FIELD))
        with desk().database.unit("access.leave") as unit:
            service.leave(unit, token)
        answer = RedirectResponse("/enter", 303)
        browsers.forget(answer, SESSION)
        return answer


def _asked(
    pages: Pages, request: Request, what: tuple[str, str], options: JsonObject, fields: Mapping[str, str]
) -> Response:
    """The page whose island asks the authenticator; `what` is ``get`` or ``create``, and where the answer goes."""
    kind, action = what
    return pages.page(
        request, "access/asked.html", kind=kind, action=action, options=json.dumps(options), fields=[*fields.items()]
    )


def _let_in(answer: Response, token: str) -> Response:
    """The answer, with which the browser gets its session."""
    browsers.keep(answer, SESSION, token)
    browsers.forget(answer, ENTERING)
    return answer


def _given(form: Form) -> tuple[str, bytes]:
    """The ceremony's id and the browser's answer, as the island sent them."""
    return form.text(browsers.CEREMONY), form.text(browsers.ANSWER, ANSWER_CHARACTERS).encode()


def _require_own(request: Request) -> None:
    """What signs in has no session yet: the browser says where it comes from, and the challenge is this node's."""
    if is_other_site(request):
        raise other_site()


def _lines(subject: Any) -> list[tuple[str, str]]:
    """An act's subject as lines to read: names and values, nested ones as JSON."""
    found = subject.items() if isinstance(subject, dict) else [("subject", subject)]
    return [(name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for name, value in found]
