"""Searches at a browser: the list of queries, one query, a comparison, the wizard that asks, and word of changes.

A query that is not for who asks is answered as one that does not exist; the attempt is logged.
"""

from collections.abc import Callable

from fastapi import APIRouter, Depends

from comity.access import service as access
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.search.pages import asking, comparing, core, deeds, listing, live, papers, results
from comity.search.pages.live import IsOpen
from comity.search.pages.results import ADDRESS, Matchers
from comity.search.pages.words import WORDS


def routes(pages: Pages, desk: Callable[[], Desk], matchers: Matchers, is_open: IsOpen = access.is_open) -> APIRouter:
    """``/search``, ``/search/new`` and its steps, ``/search/QUERY`` with its forms, comparisons and word of changes."""
    pages.add(__package__ or "", WORDS)
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    listing.add(router, pages, desk)
    comparing.add_waiting(router, pages, desk)
    asking.add(router, pages, desk, matchers)
    shown = results.add(router, pages, desk, matchers)
    comparing.add(router, pages, desk, matchers)
    core.add(router, pages, desk, shown)
    live.add(router, pages, desk, is_open)
    deeds.add(router, desk, matchers, shown)
    papers.add(router, desk, shown)
    return router
