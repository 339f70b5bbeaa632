"""The officer side of a node, on its own machine only: status page, health, the officer API and its description.

1. Whoever asks for another host than this machine is refused (a page of the Web whose name was made to point here), and
so is another site's page, whatever it asks for; a link to the pages for people may be followed from anywhere.
2. Every answer forbids frames and caches, and every script but the pages' own. 3. Every route but health, status, the
log's signed head, the API's description and how pages are shown needs a person's sign-in. The API is described by
OpenAPI 3.1 at /openapi.json, for people at /docs.
"""

from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.access import api as access_api
from comity.access import service as access
from comity.access.pages import pages as access_pages
from comity.access.pages import people as people_pages
from comity.access.pages.saved import saved_routes
from comity.app import standing
from comity.app.around import around
from comity.app.pages import pages as node_pages
from comity.app.pages.counting import counting
from comity.app.pages.duty import duty_routes
from comity.app.pages.emergency import emergency_routes
from comity.app.pages.find import find_routes
from comity.app.pages.governing import governing
from comity.app.pages.work import work_routes
from comity.app.wiring import Node, check_offence, find_key, forget_case, own_offences, partner_key
from comity.base.errors import ComityError, NotAllowed
from comity.cases import api as cases_api
from comity.cases import service as cases
from comity.cases.pages import pages as cases_pages
from comity.dna import api as dna_api
from comity.dna.pages import routing as dna_pages
from comity.evidence import api as evidence_api
from comity.evidence.pages import routing as evidence_pages
from comity.exchange import api as exchange_api
from comity.exchange.pages import pages as exchange_pages
from comity.kit.vault.desk import Desk
from comity.kit.web.choosing import frame_routes
from comity.kit.web.connections import Limits
from comity.kit.web.officers import is_loopback, is_other_site, other_site
from comity.kit.web.pages import Pages
from comity.kit.web.problems import answer_errors, problem, wants_page
from comity.legal import api as legal_api
from comity.log import api as log_api
from comity.log.pages import looking as log_looking
from comity.log.pages import pages as log_pages
from comity.search import api as search_api
from comity.search.pages import pages as search_pages

API: Final = "/api/v1"
LIMITS: Final = Limits(uploads=(evidence_pages.UPLOAD, *dna_pages.UPLOADS))
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""On every answer that does not say otherwise; what pages say is `kit.web.pages.PAGE_HEADERS`."""
_PROBLEM: Final[dict[str, Any]] = {
    "description": "What went wrong and what to do next (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["title", "status", "detail", "code", "what", "where", "todo"],
    "properties": {
        "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable; programs may compare it."},
        "what": {"type": "string"}, "where": {"type": "string"},
        "todo": {"type": "string", "description": "What to do next."},
    },
}  # fmt: skip


def application(node: Node) -> ASGIApp:
    """The officers' application of `node`."""
    pages = node_pages.frame(node, access_pages.reader(lambda: node.desk))
    return Guarded(api(node, pages), pages)


def api(node: Node, pages: Pages) -> FastAPI:
    """The routes of the application, not yet guarded."""
    app = FastAPI(title=f"Comity officer API, {node.settings.code}", version="1", docs_url=None, redoc_url=None)
    answer_errors(app, access_pages.shown(pages, lambda: node.desk), API)
    shown = _page_routers(pages, node, lambda: described)
    for router in shown:
        app.include_router(router)
    _standing(app, node)
    for router in _routers(node):
        app.include_router(router, prefix=API)
    described = _with_problems(app.openapi())
    app.openapi = lambda: described  # type: ignore[method-assign]  # FastAPI's own way to change a description
    node_pages.settle(pages, shown)
    return app


def _page_routers(pages: Pages, node: Node, description: Callable[[], dict[str, Any]]) -> list[APIRouter]:
    def desk() -> Desk:
        return node.desk

    about = node.settings.federated
    provider = access.Provider(about) if about is not None else None
    return [
        frame_routes(pages), node_pages.routes(pages, node, description),
        access_pages.routes(pages, desk, lambda: provider),
        people_pages.routes(pages, desk), saved_routes(pages, desk), *evidence_pages.routes(pages, desk),
        *dna_pages.routes(pages, desk, lambda: node.matchers),
        exchange_pages.routes(pages, desk), *_oversight(pages, desk), governing(pages, node),
        duty_routes(pages, desk),
        work_routes(pages, desk), find_routes(pages, desk),
        emergency_routes(pages, desk, lambda: node.matchers),
        cases_pages.routes(pages, desk, cases_pages.Upstairs(check_offence, own_offences, forget_case, around)),
        search_pages.routes(pages, desk, lambda: node.matchers),
    ]  # fmt: skip


def _oversight(pages: Pages, desk: Callable[[], Desk]) -> list[APIRouter]:
    above = log_pages.Upstairs(access.act, find_key, lambda unit, case: cases.key_id(cases.find_id(unit, case)))
    return [
        log_pages.routes(pages, desk, above), log_looking.looking(pages, desk, above), counting(pages, desk)
    ]  # fmt: skip


def _routers(node: Node) -> list[APIRouter]:
    def desk() -> Desk:
        return node.desk

    return [
        access_api.routes(desk), access_api.token_routes(desk), access_api.duty_routes(desk),
        exchange_api.alarm_routes(desk),
        cases_api.routes(desk, check_offence, forget_case), legal_api.routes(desk),
        legal_api.matter_routes(desk), legal_api.explanation_routes(desk),
        legal_api.agreement_routes(desk, partner_key), dna_api.routes(desk), dna_api.statistics_routes(desk),
        dna_api.rule_set_routes(desk), dna_api.screening_routes(desk),
        dna_api.search_routes(desk, lambda: node.matchers),
        search_api.routes(desk, lambda: node.matchers), evidence_api.routes(desk),
        log_api.routes(desk, access.act, find_key),
    ]  # fmt: skip


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """The description with our errors in place of FastAPI's validation errors, which this node never sends."""
    for verbs in schema["paths"].values():
        for what in verbs.values():
            what["responses"].pop("422", None)
            what["responses"]["default"] = _PROBLEM
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    return schema


class Guarded:
    """ASGI: answers only to this machine's names and to no other site's page; `HEADERS` are on every answer."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = _refused(scope)
        app = self._app if refused is None else self._refusal(Request(scope), refused)
        await app(scope, receive, guarded)

    def _refusal(self, request: Request, refused: NotAllowed) -> ASGIApp:
        return self._pages.error(request, refused) if wants_page(request, API) else problem(refused)


def _refused(scope: Scope) -> NotAllowed | None:
    """Why this request is not for the application; None where it is."""
    if not _is_here(scope):
        return _elsewhere()
    request = Request(scope)
    return other_site() if is_other_site(request) and not _is_followed(request) else None


def _is_followed(request: Request) -> bool:
    """Whether this may be a link to a page, which may stand anywhere: what is read with it stays with the reader."""
    path = request.url.path
    page = not path.startswith(f"{API}/") and not path.endswith(".json")
    return page and request.method in ("GET", "HEAD") and "origin" not in request.headers


def _is_here(scope: Scope) -> bool:
    """Whether the request names this machine; a Host that cannot be parsed does not."""
    try:
        return is_loopback(Request(scope).url.hostname or "")
    except ValueError:
        return False


def _elsewhere() -> NotAllowed:
    return NotAllowed("web.not-local", "Officers are served under this machine's own names only",
                      todo="Use the address that `comity run` printed.")  # fmt: skip


def _standing(app: FastAPI, node: Node) -> None:
    @app.get("/status.json", summary="How the node stands", tags=["node"])
    def status_json() -> dict[str, Any]:
        return standing.status(node)

    @app.get("/healthz", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    def ready() -> Response:
        try:
            standing.check_schema(node)
        except ComityError as error:
            return JSONResponse({"status": "not ready", "code": error.code}, 503)
        return JSONResponse({"status": "ready"})
