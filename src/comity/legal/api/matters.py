"""Deadlines, matters and emergencies at the officer API."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from comity.access import service as access
from comity.base.model import Issuer
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in
from comity.legal import service
from comity.legal.model import Move


class EmergencyBody(StrictBody):
    """What one person has done alone because of a threat to life."""

    about: str = Field(min_length=1, max_length=128, description="As ROOM:ID, such as alert:XB-17; never a name.")
    partner: str = ""
    oral: bool = Field(default=False, description="The basis was given orally; its confirmation in writing is due.")
    deferred: bool = Field(default=False, description="A second approval could not be had at once; it is due.")

    def emergency(self) -> service.Emergency:
        """The same as the room's noun."""
        return service.Emergency(self.about, self.partner, self.oral, self.deferred)


def matter_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/legal`` of what is due, and of matters; each for those who need to know."""
    router = APIRouter(prefix="/legal", tags=["legal"], route_class=StrictRoute)
    person, reader = Depends(signed_in(desk)), Depends(signed_in(desk, "legal.deadlines"))

    @router.get("/deadlines", summary="What is due, the soonest first")
    def deadlines(issuer: Annotated[Issuer, reader], ended: bool = False) -> list[dict[str, Any]]:
        with desk().database.read("legal.deadlines") as unit:
            return [service.listed(clock) for clock in service.deadlines_of(unit, issuer.actor, ended=ended)]

    @router.get("/matters/{matter_id}", summary="A matter with its steps, its clocks and what could be done now")
    def matter(issuer: Annotated[Issuer, person], matter_id: str) -> dict[str, Any]:
        with desk().acting("legal.matter", issuer) as unit:
            return service.matter_for(unit, matter_id, issuer.actor)

    @router.post("/matters/{matter_id}/steps", summary="Take one step in a matter")
    def step(
        issuer: Annotated[Issuer, person], matter_id: str, event: Annotated[str, Body()],
        reason: Annotated[str, Body()] = "", facts: Annotated[dict[str, Any] | None, Body()] = None,
    ) -> dict[str, Any]:  # fmt: skip
        with desk().acting("legal.step", issuer) as unit:
            acted = access.act(unit, issuer, "legal.step", service.step_subject(matter_id, event), service.MOVERS)
            return service.summary(service.take_step(unit, matter_id, Move(event, reason, facts=facts or {}), acted))

    @router.post("/emergencies", summary="Threat to life: put on record what one person did alone", status_code=201)
    def emergency(issuer: Annotated[Issuer, person], body: EmergencyBody) -> list[dict[str, Any]]:
        with desk().acting("legal.emergency", issuer) as unit:
            declared = body.emergency()
            acted = access.act(unit, issuer, "legal.emergency", service.emergency_subject(declared), service.MOVERS)
            return [service.summary(opened) for opened in service.declare_emergency(unit, declared, acted)]

    return router
