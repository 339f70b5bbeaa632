"""The node's own pages: how it stands, and what its API offers; and the frame that every room's pages stand in.

The navigation names the rooms in the order of a day's work; a line is shown when the node serves its address.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.app import standing
from comity.app.pages.words import WORDS
from comity.app.wiring import Node
from comity.base.model import JsonObject
from comity.kit.web.pages import Entry, Pages, Place, Reader
from comity.kit.web.speech import to_say

WORK: Final = "/work"
FINDER: Final = "/find"
NAVIGATION: Final = (
    Entry(WORK, to_say("My work"), "w", to_say("your own work")),
    Entry("/duty", to_say("Duty desk"), "y", to_say("the duty desk")),
    Entry("/search", to_say("Search"), "s", to_say("searches of your cases")),
    Entry("/evidence", to_say("Evidence"), "e", to_say("exhibits of your cases")),
    Entry("/dna", to_say("DNA"), "l", to_say("the DNA database")),
    Entry("/emergency", to_say("Threat to life"), "t", to_say("a threat to life")),
    Entry("/cases", to_say("Cases"), "c", to_say("your cases")),
    Entry("/requests", to_say("Requests"), "r", to_say("your cases")),
    Entry("/partners", to_say("Partners"), "p", to_say("the exchange with partners")),
    Entry("/oversight", to_say("Oversight"), "o", to_say("oversight")),
    Entry("/admin", to_say("Admin"), "a", to_say("running the node")),
    Entry("/status", to_say("Status"), "n"),
    Entry("/docs", to_say("Officer API"), "d"),
)


def frame(node: Node, reader: Callable[[Request], Reader | None] = lambda _: None) -> Pages:
    """The frame of the node's pages; `reader` tells who is signed in."""
    settings = node.settings
    pages = Pages(Place(settings.code, settings.name, settings.training, lambda: node.database.sealed), reader)
    pages.add(__package__, WORDS)
    return pages


def settle(pages: Pages, routers: Sequence[APIRouter]) -> None:
    """Show in the navigation what the rooms' `routers` serve."""
    served = {path for router in routers for path in _paths(router)}
    pages.navigation = tuple(entry for entry in NAVIGATION if entry.path in served)
    pages.finder = FINDER if FINDER in served else ""


def _paths(router: APIRouter) -> Iterator[str]:
    """Every address of a router, and of those that it has taken in."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if isinstance(inner, APIRouter):
            yield from _paths(inner)
        elif isinstance(route, APIRoute):
            yield route.path


def routes(pages: Pages, node: Node, description: Callable[[], dict[str, Any]]) -> APIRouter:
    """``/status`` and ``/docs``; `description` gives the API's OpenAPI description."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def home(request: Request) -> RedirectResponse:
        served = [entry.path for entry in pages.navigation]
        inside = pages.frame(request).reader is not None
        return RedirectResponse((WORK if WORK in served else "/status") if inside else pages.entrance or "/status")

    @router.get("/status")
    def status(request: Request) -> Response:
        return standing_page(pages, request, standing.status(node))

    @router.get("/docs")
    def docs(request: Request) -> Response:
        return pages.page(request, "app/docs.html", rooms=acts_by_room(description()))

    return router


def standing_page(pages: Pages, request: Request, found: JsonObject) -> Response:
    """The page about what `standing.status` found."""
    told: Any = found
    return pages.page(request, "app/status.html", **told)


# --- the API -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """What one method of one address does; `fields` are (name, whether needed) of its query and body."""

    method: str
    path: str
    told: str
    open: bool
    fields: list[tuple[str, bool]]
    file: bool


def acts_by_room(schema: dict[str, Any]) -> dict[str, list[Act]]:
    """Every act of an OpenAPI description, by the room that offers it."""
    rooms: dict[str, list[Act]] = {}
    for path, verbs in schema["paths"].items():
        for verb, what in verbs.items():
            rooms.setdefault((what.get("tags") or ["node"])[0], []).append(_act(schema, path, verb, what))
    return rooms


def _act(schema: dict[str, Any], path: str, verb: str, what: dict[str, Any]) -> Act:
    content = what.get("requestBody", {}).get("content", {})
    told = what.get("description") or what.get("summary", "")
    file = bool(content) and "application/json" not in content
    return Act(verb.upper(), path, told, not what.get("security"), _fields(schema, what, content), file)


def _fields(schema: dict[str, Any], what: dict[str, Any], content: dict[str, Any]) -> list[tuple[str, bool]]:
    asked = [(f"?{p['name']}", p.get("required", False)) for p in what.get("parameters", []) if p["in"] == "query"]
    body = content.get("application/json", {}).get("schema", {})
    body = schema.get("components", {}).get("schemas", {}).get(body.get("$ref", "").rpartition("/")[2], body)
    needed = body.get("required", ())
    return asked + [(name, name in needed) for name in body.get("properties", {})]
