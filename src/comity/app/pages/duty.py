"""The duty desk at a browser: who is on duty, what was handed over, and the alarms that nobody has seen.

Composed here: the rota is access's, alarms are the exchange's. Times in its forms are in the reader's zone, as those
that are shown.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.access import service as access
from comity.access.model import NewShift
from comity.base.errors import BadInput, ComityError, Conflict, NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.exchange import service as exchange
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.preferences import preferences
from comity.kit.web.problems import status_of

DUTY = "/duty"
Sent = Annotated[Form, Depends(read_form)]
Acting = Callable[..., Issuer]


def duty_routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/duty``, ``/duty/past`` and what their forms send."""
    router = APIRouter(prefix=DUTY, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get("")
    def now(request: Request, issuer: person) -> Response:
        return _page(pages, request, (desk(), issuer))

    @router.get("/past")
    def past(request: Request, issuer: person, before: str = "") -> Response:
        with desk().database.read("duty.past") as unit:
            last = access.find_shift(unit, issuer.actor, before)
            found = access.past_shifts(unit, issuer.actor, last, 51)
        older = f"{DUTY}/past?before={found[49].id}" if len(found) > 50 else ""
        return pages.page(request, "app/duty_past.html", shifts=found[:50], older=older)

    _sending(router, pages, desk)
    return router


def _sending(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def done(request: Request, issuer: Issuer, verb: str, deed: Callable[[Any], object]) -> Response:
        """Does it, and leads back; what was wrong is told beside what was typed."""
        try:
            with desk().acting(verb, issuer) as unit:
                deed(unit)
        except (BadInput, Conflict, NotFound) as error:
            if error.code == "access.handed-over":  # the same form, sent twice
                return RedirectResponse(DUTY, 303)
            return _page(pages, request, (desk(), issuer), error)
        return RedirectResponse(DUTY, 303)

    @router.post("/shifts")
    def plan(request: Request, form: Sent, issuer: acting) -> Response:
        zone = preferences(request).zone_info

        def deed(unit: Any) -> None:
            begins, ends = _moment(form.text("begins"), zone), _moment(form.text("ends"), zone)
            access.plan_shift(unit, issuer, NewShift(form.text("person"), begins, ends))

        return done(request, issuer, "duty.plan", deed)

    @router.post("/shifts/{id}/cancellation")
    def cancel(request: Request, id: str, issuer: acting) -> Response:
        return done(request, issuer, "duty.cancel", lambda unit: access.cancel_shift(unit, issuer, id))

    @router.post("/notes")
    def hand_over(request: Request, form: Sent, issuer: acting) -> Response:
        def deed(unit: Any) -> None:
            access.hand_over(unit, issuer, form.text("text", 8000), form.text("id"))

        return done(request, issuer, "duty.hand-over", deed)

    @router.post("/notes/{id}/taking-over")
    def take_over(request: Request, id: str, issuer: acting) -> Response:
        return done(request, issuer, "duty.take-over", lambda unit: access.take_over(unit, issuer, id))

    @router.post("/alarms/{id}")
    def acknowledge(request: Request, id: str, form: Sent, issuer: acting) -> Response:
        def deed(unit: Any) -> None:
            exchange.acknowledge(unit, issuer, id, form.text("note", 8000))

        return done(request, issuer, "duty.acknowledge", deed)


def _page(pages: Pages, request: Request, who: tuple[Desk, Issuer], wrong: ComityError | None = None) -> Response:
    desk, issuer = who
    me = issuer.actor
    with desk.database.read("duty.show") as unit:
        shifts = access.rota(unit, me)
        people = [
            one.id for one in access.people(unit) if one.active and one.unit == me.unit and one.roles & access.DUTIFUL
        ]
        values: Mapping[str, Any] = {
            "shifts": shifts, "on_duty": access.on_duty(shifts, unit.now), "notes": access.hand_overs(unit, me),
            "alarms": exchange.alarms_seen(unit), "now": unit.now, "people": people, "fresh": uuid7(unit.now),
        }  # fmt: skip
    return pages.page(
        request, "app/duty.html", status=200 if wrong is None else status_of(wrong), wrong=wrong,
        given=form_of(request).kept(), me=me.person,
        dutiful=bool(me.roles & access.DUTIFUL), **values,
    )  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment as a browser's field for day and time has it; BadInput for anything else."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is None or local.tzinfo is not None:
        raise BadInput("web.moment", "This is no day and time", where="begins", todo="Write it as 2026-11-22T20:00.")
    return local.replace(tzinfo=zone)
