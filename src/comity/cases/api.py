"""The officer API of cases: the command line's verbs over HTTP."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from comity.base.model import Issuer
from comity.cases import service
from comity.cases.model import NewCase
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class CaseToOpen(StrictBody):
    """A case to be opened; whoever opens it is its first member."""

    reference: str = Field(examples=["XA-2026-0117"])
    title: str = Field(examples=["Homicide at the harbour"])
    offence: str = Field(examples=["XA-CC-101"], description="Code of the state's offence list.")


class Admission(StrictBody):
    """Who is to be let into a case."""

    person: str = Field(examples=["examiner-1"])


class Erasure(StrictBody):
    """Why a case is to be erased, or is; a member asks, an approver of another unit confirms."""

    reason: str = Field(examples=["The time of retention has ended"])


def routes(
    desk: Callable[[], Desk], check_offence: service.OffenceCheck, forget: Callable[[Desk], service.Forget]
) -> APIRouter:
    """The routes under ``/cases``; a case answers to its members only.

    `check_offence` knows the state's offences, `forget` what other rooms keep of a case.
    """
    router = APIRouter(prefix="/cases", tags=["cases"], route_class=StrictRoute)
    person = Depends(signed_in(desk))

    @router.get("", summary="The cases of which the signed-in person is a member")
    def list_cases(issuer: Annotated[Issuer, Depends(signed_in(desk, "case.list"))]) -> dict[str, Any]:
        with desk().database.read("case.list") as unit:
            return {"cases": [case.as_dict() for case in service.list_cases(unit, issuer.actor)]}

    @router.post("", summary="Open a case", status_code=201)
    def open_case(issuer: Annotated[Issuer, person], asked: CaseToOpen) -> dict[str, Any]:
        new = NewCase(asked.reference, asked.title, asked.offence)
        with desk().acting("case.open", issuer) as unit:
            check_offence(unit, new.offence)
            return service.open_case(unit, issuer, new).as_dict()

    @router.get("/{case}", summary="One case, by id; the reading is logged")
    def show(issuer: Annotated[Issuer, person], case: str) -> dict[str, Any]:
        with desk().acting("case.show", issuer) as unit:
            return service.show(unit, issuer, case).as_dict()

    @router.post("/{case}/members", summary="Let a person into a case", status_code=201)
    def admit(issuer: Annotated[Issuer, person], case: str, asked: Admission) -> dict[str, Any]:
        with desk().acting("case.admit", issuer) as unit:
            return service.add_member(unit, issuer, case, asked.person).as_dict()

    @router.post("/{case}/erasure", summary="Ask that a case be erased", status_code=202)
    def request_erasure(issuer: Annotated[Issuer, person], case: str, asked: Erasure) -> dict[str, Any]:
        with desk().acting("case.erase", issuer) as unit:
            return service.request_erasure(unit, issuer, case, asked.reason).as_dict()

    @router.post("/{case}/erasure/confirmation", summary="Erase a case for good, as a member has asked")
    def erase(issuer: Annotated[Issuer, person], case: str, asked: Erasure) -> dict[str, Any]:
        with desk().acting("case.erase", issuer) as unit:
            return {"case": case, "entry": service.erase(unit, issuer, case, asked.reason, forget(desk()))}

    return router
