"""Rules of comparing over HTTP: the command line's verbs."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from pydantic import Field

from comity.base.model import Issuer
from comity.dna import service
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class RuleSetQuery(StrictBody):
    """What is said about a rule set whose bytes are the body."""

    name: str = Field(min_length=1, max_length=200)


def rule_set_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/dna/rule-sets`` for examiners and officers; taking one in is an act, and logged."""
    router = APIRouter(prefix="/dna", tags=["dna"], route_class=StrictRoute)
    reader = Depends(signed_in(desk, "dna.list"))

    @router.get("/rule-sets", summary="The rules by which profiles are compared", dependencies=[reader])
    def list_rule_sets() -> dict[str, Any]:
        with desk().database.read("dna.rules") as unit:
            return {"rule_sets": [each.as_dict() for each in service.rule_sets(unit)]}

    @router.get("/rule-sets/{id}", summary="One rule set, with its source and its doubts", dependencies=[reader])
    def show_rule_set(id: str) -> dict[str, Any]:
        with desk().database.read("dna.rules") as unit:
            return service.rule_set_held(unit, id).as_dict()

    @router.post(
        "/rule-sets", summary="Take in a rule set of the agency's own, sent as application/octet-stream",
        status_code=201,
    )  # fmt: skip
    def import_rule_set(
        issuer: Annotated[Issuer, Depends(signed_in(desk))],
        data: Annotated[bytes, Body(media_type="application/octet-stream")],
        about: Annotated[RuleSetQuery, Query()],
    ) -> dict[str, Any]:
        with desk().acting("dna.import-rules", issuer) as unit:
            return service.import_rule_set(unit, issuer, data, about.name).as_dict()

    return router
