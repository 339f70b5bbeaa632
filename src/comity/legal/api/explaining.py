"""Explanations at the officer API: a decision, kept or tried out, told to a person in that person's language."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from comity.base.errors import NotAllowed
from comity.base.model import Issuer
from comity.kit.web.bodies import StrictRoute
from comity.kit.web.officers import Desk, signed_in
from comity.legal import service


def explanation_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/legal`` that explain; a kept decision's facts are for officers, lawyers and auditors."""
    router = APIRouter(prefix="/legal", tags=["legal"], route_class=StrictRoute)
    person, trying = Depends(signed_in(desk, "legal.show")), Depends(signed_in(desk, "legal.decide"))

    @router.get("/decisions/{decision_id}/explanation", summary="Why: every finding in words, as text and as HTML")
    def kept(issuer: Annotated[Issuer, person], decision_id: str, language: str = "en") -> dict[str, Any]:
        if not issuer.actor.roles & service.READERS:
            raise NotAllowed(
                "legal.decision-role", f"decisions are explained to {', '.join(sorted(service.READERS))} only",
                todo="Ask somebody who holds that role.",
            )  # fmt: skip
        with desk().database.read("legal.show") as unit:
            return service.told(service.find_decision(unit, decision_id), language)

    @router.post("/explanations", summary="The same for a question tried out; nothing is kept", dependencies=[trying])
    def tried(question: Annotated[dict[str, Any], Body()], language: str = "en") -> dict[str, Any]:
        with desk().database.read("legal.decide") as unit:
            return service.told(service.consider(unit, service.question_from(unit, question)), language)

    return router
