"""The officer API of the exchange: alarms, and who has seen them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from comity.base.clock import rfc3339
from comity.base.model import Issuer
from comity.exchange import service
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class SeenBody(StrictBody):
    """What was done about an alarm, or found out."""

    note: str = Field(min_length=1, max_length=2000)


def alarm_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/alarms``, for everybody who signs in."""
    router = APIRouter(prefix="/alarms", tags=["alarms"], route_class=StrictRoute)
    person, reader = Depends(signed_in(desk)), Depends(signed_in(desk, "duty.alarms"))

    @router.get("", summary="The newest alarms, with who has seen them", dependencies=[reader])
    def alarms() -> dict[str, Any]:
        with desk().database.read("duty.alarms") as unit:
            found = service.alarms_seen(unit)
        return {"alarms": [
            {"alarm": alarm.id, "at": rfc3339(alarm.at), "kind": alarm.kind, "partner": alarm.partner,
             "seen": [one.as_dict() for one in seen]}
            for alarm, seen in found
        ]}  # fmt: skip

    @router.post("/{id}/acknowledgement", summary="Say that one has seen an alarm, and what one did", status_code=201)
    def acknowledge(issuer: Annotated[Issuer, person], id: str, asked: SeenBody) -> dict[str, Any]:
        with desk().acting("duty.acknowledge", issuer) as unit:
            return service.acknowledge(unit, issuer, id, asked.note).as_dict()

    return router
