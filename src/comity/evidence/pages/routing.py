"""All addresses of the room's pages, in one router."""

from collections.abc import Callable

from fastapi import APIRouter

from comity.evidence.pages.acts import acts
from comity.evidence.pages.asking import asking
from comity.evidence.pages.pages import lists
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages


def routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/evidence`` and what lies below it; what has a name of its own comes before what has an id."""
    router = APIRouter()
    for part in (asking, acts, lists):
        router.include_router(part(pages, desk))
    return router
