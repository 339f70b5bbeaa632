"""The officer side of a node, on its own machine only: status page, health, the officer API and its description.

1. Whoever asks for another host than this machine is refused (a page of the Web whose name was made to point here), and
so is another site's page, whatever it asks for; a link to the pages for people may be followed from anywhere.
2. Every answer forbids scripts, frames and caches. 3. Every route but health, status, the log's signed head and the
API's description needs a person's sign-in. The API is described by OpenAPI 3.1 at /openapi.json, for people at /docs.
"""

from typing import Any, Final

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.access import api as access_api
from comity.access import service as access
from comity.app import pages, standing
from comity.app.wiring import Node, check_offence, find_key, forget_case, partner_key
from comity.base.errors import ComityError, NotAllowed
from comity.cases import api as cases_api
from comity.dna import api as dna_api
from comity.evidence import api as evidence_api
from comity.kit.vault.desk import Desk
from comity.kit.web.officers import is_loopback, is_other_site, other_site
from comity.kit.web.problems import answer_errors, problem
from comity.legal import api as legal_api
from comity.log import api as log_api
from comity.search import api as search_api

API: Final = "/api/v1"
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
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
    return Guarded(api(node))


def api(node: Node) -> FastAPI:
    """The routes of the application, not yet guarded."""
    app = FastAPI(title=f"Comity officer API, {node.settings.code}", version="1", docs_url=None, redoc_url=None)
    answer_errors(app)
    _pages(app, node)
    _health(app, node)
    for router in _routers(node):
        app.include_router(router, prefix=API)
    described = _with_problems(app.openapi())
    app.openapi = lambda: described  # type: ignore[method-assign]  # FastAPI's own way to change a description
    return app


def _routers(node: Node) -> list[APIRouter]:
    def desk() -> Desk:
        return node.desk

    return [
        access_api.routes(desk), cases_api.routes(desk, check_offence, forget_case), legal_api.routes(desk),
        legal_api.matter_routes(desk), legal_api.explanation_routes(desk),
        legal_api.agreement_routes(desk, partner_key), dna_api.routes(desk),
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

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = _refused(scope)
        app = self._app if refused is None else problem(refused)
        await app(scope, receive, guarded)


_PAGES: Final = frozenset({"/", "/status", "/docs", "/style.css"})
"""What a link on another page may lead to."""


def _refused(scope: Scope) -> NotAllowed | None:
    """Why this request is not for the application; None where it is."""
    if not _is_here(scope):
        return _elsewhere()
    request = Request(scope)
    followed = request.method in ("GET", "HEAD") and request.url.path in _PAGES and "origin" not in request.headers
    return other_site() if is_other_site(request) and not followed else None


def _is_here(scope: Scope) -> bool:
    """Whether the request names this machine; a Host that cannot be parsed does not."""
    try:
        return is_loopback(Request(scope).url.hostname or "")
    except ValueError:
        return False


def _elsewhere() -> NotAllowed:
    return NotAllowed("web.not-local", "Officers are served under this machine's own names only",
                      todo="Use the address that `comity run` printed.")  # fmt: skip


def _health(app: FastAPI, node: Node) -> None:
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


def _pages(app: FastAPI, node: Node) -> None:
    @app.get("/", include_in_schema=False)
    def home() -> RedirectResponse:
        return RedirectResponse("/status")

    @app.get("/style.css", include_in_schema=False)
    def style() -> Response:
        return Response(pages.STYLE, media_type="text/css")

    @app.get("/status", include_in_schema=False)
    def status() -> HTMLResponse:
        return HTMLResponse(pages.page(node, "/status", pages.status_body(standing.status(node))))

    @app.get("/status.json", summary="How the node stands", tags=["node"])
    def status_json() -> dict[str, Any]:
        return standing.status(node)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(pages.page(node, "/docs", pages.docs_body(app.openapi())))
