"""The partners at a browser: health, queues, logs, alarms and files of each. Nothing here changes anything."""

from collections.abc import Callable

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import Misconfigured, NotFound
from comity.exchange import service
from comity.exchange.model import Alarm, PartnerStatus, Transfer
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages


def routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/partners`` and ``/partners/CODE``, for who is signed in."""
    pages.add(__package__)
    router = APIRouter(prefix="/partners", include_in_schema=False, dependencies=[Depends(at_browser(desk))])

    @router.get("")
    def partners(request: Request) -> Response:
        found, alarms, _ = _standing(desk())
        return pages.page(request, "exchange/partners.html", partners=found, alarms=alarms)

    @router.get("/{code}")
    def partner(request: Request, code: str) -> Response:
        found, alarms, files = _standing(desk())
        one = next((one for one in found if one.code == code), None)
        if one is None:
            raise NotFound("exchange.no-partner", "The directory lists no such partner", where=code[:20],
                           todo="Choose one of the list of partners.")  # fmt: skip
        return pages.page(
            request, "exchange/partner.html", one=one, alarms=[alarm for alarm in alarms if alarm.partner == code],
            files=[file for file in files if file.partner == code],
        )  # fmt: skip

    return router


def _standing(desk: Desk) -> tuple[list[PartnerStatus], list[Alarm], list[Transfer]]:
    """The partners (none on a node that has joined no federation), alarms and files on their way, in one snapshot."""
    with desk.database.read("exchange.partners") as unit:
        try:
            found = service.partners(unit)
        except Misconfigured:
            found = []
        return found, service.alarms(unit), service.transfers(unit)
