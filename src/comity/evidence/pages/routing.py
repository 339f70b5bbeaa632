"""All addresses of the room's pages."""

from collections.abc import Callable

from fastapi import APIRouter

from comity.evidence.pages.acts import acts
from comity.evidence.pages.asking import asking
from comity.evidence.pages.pages import lists
from comity.evidence.pages.seals import seals
from comity.evidence.pages.taking import UPLOAD as UPLOAD
from comity.evidence.pages.taking import taking
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages


def routes(pages: Pages, desk: Callable[[], Desk]) -> list[APIRouter]:
    """``/evidence`` and what lies below it; what has a name of its own comes before what has an id."""
    return [part(pages, desk) for part in (asking, taking, seals, acts, lists)]
