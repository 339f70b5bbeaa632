"""The officer side of a node, on its own machine only: status page, health, the officer API and its description.

The pages load nothing from elsewhere and run no script; the API is described by OpenAPI 3.1 at /openapi.json and, for
people, at /docs.
"""

from html import escape
from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from comity.access import api as access_api
from comity.access import service as access
from comity.app import standing
from comity.app.wiring import Node, find_key
from comity.base.errors import ComityError
from comity.cases import api as cases_api
from comity.dna import api as dna_api
from comity.evidence import api as evidence_api
from comity.kit.web.problems import answer_errors
from comity.legal import api as legal_api
from comity.log import api as log_api
from comity.search import api as search_api

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-inline-size: 62rem; margin-inline: auto; padding: 1rem; }
.training { background: #7a3e00; color: #fff; padding: .4rem 1rem; font-weight: 600; }
table { border-collapse: collapse; inline-size: 100%; margin-block: 1rem; }
th, td { text-align: start; padding: .35rem .6rem; border-block-end: 1px solid #8888; vertical-align: top; }
code, .method { font-family: ui-monospace, monospace; }
.method { font-weight: 700; }
.care { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { .care { color: #ffb4ab; } }
"""


def application(node: Node) -> FastAPI:
    """The officers' application of `node`."""
    app = FastAPI(title=f"Comity officer API, {node.settings.code}", version="1", docs_url=None, redoc_url=None)
    answer_errors(app)
    _headers(app)
    _pages(app, node)
    _health(app, node)
    for router in _routers(node):
        app.include_router(router, prefix="/api/v1")
    return app


def _routers(node: Node) -> list[Any]:
    def desk() -> Any:
        return node.desk

    return [
        access_api.routes(desk), cases_api.routes(desk), legal_api.routes(desk), dna_api.routes(desk),
        search_api.routes(desk, lambda: node.matchers), evidence_api.routes(desk),
        log_api.routes(desk, access.act, find_key),
    ]  # fmt: skip


def _headers(app: FastAPI) -> None:
    @app.middleware("http")
    async def secure(request: Any, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response


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
        return Response(_STYLE, media_type="text/css")

    @app.get("/status", include_in_schema=False)
    def status() -> HTMLResponse:
        return HTMLResponse(_page(node, "Status", _status_body(standing.status(node))))

    @app.get("/status.json", summary="How the node stands", tags=["node"])
    def status_json() -> dict[str, Any]:
        return standing.status(node)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(_page(node, "Officer API", _docs_body(app.openapi())))


def _page(node: Node, title: str, body: str) -> str:
    banner = '<p class="training">Training node: synthetic data only</p>' if node.settings.training else ""
    name = escape(f"{node.settings.code} {node.settings.name}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)} - {name}</title><link rel="stylesheet" href="/style.css"></head><body>{banner}'
        f'<header><h1>{name}</h1><nav aria-label="Pages"><a href="/status">Status</a> · '
        f'<a href="/docs">Officer API</a> · <a href="/openapi.json">OpenAPI</a></nav></header>'
        f"<main><h2>{escape(title)}</h2>{body}</main></body></html>"
    )


def _status_body(found: Any) -> str:
    rows = [("Log entries", found["log"]["size"]), ("DNA profiles", found["profiles"]), ("Alarms", found["alarms"])]
    rows += [(f"Queries, {state}", count) for state, count in found["queries"].items()]
    facts = "".join(f'<tr><th scope="row">{escape(str(k))}</th><td><bdi>{v}</bdi></td></tr>' for k, v in rows)
    partners = "".join(
        f"<tr><td><bdi>{escape(p['code'])}</bdi></td><td>{escape(p['name'])}</td><td>{_state(p)}</td>"
        f"<td><bdi>{p['queued']}</bdi></td><td><bdi>{p['waiting']}</bdi></td><td><bdi>{p['head_size']}</bdi></td></tr>"
        for p in found["partners"]
    )
    empty = "<p>No partners yet. Import the federation's directory: <code>comity directory import FILE</code></p>"
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Partner", "Name", "State", "Queued", "Waiting", "Log seen"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{partners}</tbody></table>" if partners else empty
    return f"<table><tbody>{facts}</tbody></table><h3>Partners</h3>{table}"


def _state(partner: Any) -> str:
    return (
        "available" if partner["available"] else f'<span class="care">unavailable: {escape(partner["reason"])}</span>'
    )


def _docs_body(schema: dict[str, Any]) -> str:
    rows = []
    for path, verbs in schema["paths"].items():
        for verb, what in verbs.items():
            described = escape(what.get("description") or what.get("summary", ""))
            rows.append(
                f'<tr><td class="method">{verb.upper()}</td><td><code>{escape(path)}</code></td>'
                f"<td>{described}</td><td>{_fields(schema, what)}</td></tr>"
            )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Method", "Path", "What it does", "Fields of the body"))
    intro = (
        "<p>Sign in with HTTP Basic: the person's name and passphrase, from this machine only. Errors are problem "
        "details (RFC 9457) with a stable <code>code</code> and what to do next.</p>"
    )
    return f"{intro}<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _fields(schema: dict[str, Any], what: dict[str, Any]) -> str:
    content = what.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = content.get("$ref", "").rpartition("/")[2]
    fields = schema.get("components", {}).get("schemas", {}).get(name, {}).get("properties", {})
    return ", ".join(f"<code>{escape(f)}</code>" for f in fields) or "none"
