"""All addresses of the room's pages."""

from collections.abc import Callable

from fastapi import APIRouter

from comity.dna.pages.comparing import Matchers, comparing
from comity.dna.pages.figures import figures
from comity.dna.pages.flagging import flagging
from comity.dna.pages.mixing import mixing
from comity.dna.pages.pages import profiles
from comity.dna.pages.partnering import partnering
from comity.dna.pages.taking import UPLOADS as UPLOADS
from comity.dna.pages.taking import taking
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages


def routes(pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> list[APIRouter]:
    """``/dna`` and what lies below it; `matchers`: what answers searches at this node."""
    parts = (taking, mixing, figures, flagging, partnering, profiles)
    return [*(part(pages, desk) for part in parts), comparing(pages, desk, matchers)]
