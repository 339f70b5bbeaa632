"""Flags and the elimination database over HTTP: the command line's verbs."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from comity.base.model import Issuer
from comity.dna import service
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class FindingBody(StrictBody):
    """What was found about a flag, and why."""

    finding: str = Field(max_length=20)
    reason: str = Field(min_length=1, max_length=500)


class WhyBody(StrictBody):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


class RecheckBody(StrictBody):
    """Specimens that were corrected, and whether our own questions are asked anew."""

    specimens: list[str] = Field(min_length=1, max_length=1000)
    ask_again: bool = False


def screening_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/dna``; the elimination database is listed by number, and each look is logged."""
    router = APIRouter(prefix="/dna", tags=["dna"], route_class=StrictRoute)
    _flags(router, desk)
    _elimination(router, desk)
    _rechecking(router, desk)
    return router


def _rechecking(router: APIRouter, desk: Callable[[], Desk]) -> None:
    @router.post(
        "/rechecks", summary="After a correction: tell partners of changed answers, ask our own questions anew"
    )
    def recheck(issuer: Annotated[Issuer, Depends(signed_in(desk))], body: RecheckBody) -> dict[str, Any]:
        with desk().reading("dna.recheck", issuer) as unit:
            found = service.to_recheck(unit, issuer, body.specimens)
        with desk().acting("dna.recheck", issuer) as unit:
            return service.recheck(unit, issuer, found, ask_again=body.ask_again).as_dict()


def _flags(router: APIRouter, desk: Callable[[], Desk]) -> None:
    @router.get("/flags", summary="What waits for an examiner: contamination, doubles; with `decided`, all of it")
    def flags(issuer: Annotated[Issuer, Depends(signed_in(desk, "dna.list"))], decided: bool = False) -> dict[str, Any]:
        with desk().database.read("dna.flags") as unit:
            return {"flags": [flag.as_dict() for flag in service.flags(unit, issuer, decided=decided)]}

    @router.post("/flags/{flag}/finding", summary="What an examiner found about a flag")
    def decide(issuer: Annotated[Issuer, Depends(signed_in(desk))], flag: str, body: FindingBody) -> dict[str, Any]:
        with desk().acting("dna.decide-flag", issuer) as unit:
            return service.decide_flag(unit, issuer, flag, body.finding, body.reason).as_dict()


def _elimination(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.get("/elimination", summary="The elimination database by number, without names; the look is logged")
    def elimination(issuer: Annotated[Issuer, person]) -> dict[str, Any]:
        with desk().acting("dna.list-elimination", issuer) as unit:
            return {"profiles": [one.as_dict() for one in service.elimination(unit, issuer)]}

    @router.post("/elimination/{number}/identity", summary="Whose a profile is, for an approver and a reason")
    def open_(issuer: Annotated[Issuer, person], number: str, body: WhyBody) -> dict[str, Any]:
        with desk().acting("dna.open-elimination", issuer) as unit:
            return service.open_elimination(unit, issuer, number, body.reason)

    @router.post("/elimination/{number}/removal", summary="Take a profile out of the elimination database for good")
    def remove(issuer: Annotated[Issuer, person], number: str, body: WhyBody) -> dict[str, Any]:
        with desk().acting("dna.drop-elimination", issuer) as unit:
            service.drop_elimination(unit, issuer, number, body.reason)
        return {"removed": number}
