"""The duty desk over HTTP: the verbs of `comity duty`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from comity.access import service
from comity.access.model import NewShift
from comity.base.model import Issuer
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class ShiftToPlan(StrictBody):
    """A shift of a person of one's own unit."""

    person: str = Field(examples=["officer-2"])
    begins: AwareDatetime
    ends: AwareDatetime

    def shift(self) -> NewShift:
        """The same as the room's noun."""
        begins: datetime = self.begins
        return NewShift(self.person, begins, self.ends)


class Note(StrictBody):
    """What is open, and what to watch."""

    text: str = Field(min_length=1, max_length=4000)
    id: str = Field(default="", description="A UUID; a note that is sent twice under it is one note.")


def duty_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/duty``, each for one's own organisational unit."""
    router = APIRouter(prefix="/duty", tags=["duty"], route_class=StrictRoute)
    person, reader = Depends(signed_in(desk)), Depends(signed_in(desk, "duty.list"))

    @router.get("", summary="The shifts of one's unit that last or come, and its latest hand-overs")
    def rota(issuer: Annotated[Issuer, reader]) -> dict[str, Any]:
        with desk().database.read("duty.list") as unit:
            shifts, notes = service.rota(unit, issuer.actor), service.hand_overs(unit, issuer.actor)
            return {"shifts": [one.as_dict() for one in shifts], "notes": [one.as_dict() for one in notes]}

    @router.get("/past", summary="The shifts of one's unit that are over, the latest first")
    def past(issuer: Annotated[Issuer, reader]) -> dict[str, Any]:
        with desk().database.read("duty.past") as unit:
            return {"shifts": [one.as_dict() for one in service.past_shifts(unit, issuer.actor)]}

    @router.post("/shifts", summary="Put a person on duty", status_code=201)
    def plan(issuer: Annotated[Issuer, person], asked: ShiftToPlan) -> dict[str, Any]:
        with desk().acting("duty.plan", issuer) as unit:
            return service.plan_shift(unit, issuer, asked.shift()).as_dict()

    @router.post("/shifts/{id}/cancellation", summary="Call a shift off before it begins")
    def cancel(issuer: Annotated[Issuer, person], id: str) -> dict[str, Any]:
        with desk().acting("duty.cancel", issuer) as unit:
            return service.cancel_shift(unit, issuer, id).as_dict()

    @router.post("/notes", summary="Hand over to whoever comes next", status_code=201)
    def hand_over(issuer: Annotated[Issuer, person], asked: Note) -> dict[str, Any]:
        with desk().acting("duty.hand-over", issuer) as unit:
            return service.hand_over(unit, issuer, asked.text, asked.id).as_dict()

    @router.post("/notes/{id}/taking-over", summary="Take over from who left")
    def take_over(issuer: Annotated[Issuer, person], id: str) -> dict[str, Any]:
        with desk().acting("duty.take-over", issuer) as unit:
            return service.take_over(unit, issuer, id).as_dict()

    return router
