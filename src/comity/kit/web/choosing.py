"""The frame's own addresses: the files of ``static/``, and the page on which a reader chooses how pages are shown."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput
from comity.kit.web.assets import PREFIX
from comity.kit.web.forms import read_form
from comity.kit.web.pages import Pages
from comity.kit.web.preferences import choices, keep, zones

ADDRESS = "/preferences"


def frame_routes(pages: Pages) -> APIRouter:
    """``/static/NAME``, and ``/preferences`` as a page and as what its form and the frame's switches send."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(PREFIX + "{name}", methods=["GET", "HEAD"])
    def asset(request: Request, name: str) -> Response:
        return pages.assets.answer(request, name)

    @router.get(ADDRESS)
    def shown(request: Request, back: str = "/") -> Response:
        return pages.page(request, "kit/preferences.html", zones=zones(), back=local(back))

    @router.post(ADDRESS)
    async def choose(request: Request) -> Response:
        form = await read_form(request, 4096)
        answer = RedirectResponse(local(form.text("back", 2000)), 303)
        for name in ("language", "theme", "zone"):
            value = form.text(name)
            if value and value not in choices(name):
                raise BadInput("web.choice", "This choice is not there", where=name, todo="Choose one of the list.")
            if value:
                keep(answer, name, value)
        return answer

    return router


def local(address: str) -> str:
    """`address` where it is a path of this node; the front page for any other, so that no link here leads away."""
    plain = address.isprintable() and "\\" not in address and address.startswith("/") and not address.startswith("//")
    return address if plain else "/"
