"""The officer API of DNA: the command line's verbs over HTTP."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query

from comity.base.model import Issuer
from comity.dna import service
from comity.kit.web.bodies import StrictRoute
from comity.kit.web.officers import Desk, signed_in


def routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/dna``; examiners and officers may read and import; each look at alleles is logged."""
    router = APIRouter(prefix="/dna", tags=["dna"], route_class=StrictRoute)
    person = Depends(signed_in(desk))

    @router.get("/profiles", summary="Profiles in the order in which they came, without alleles and persons")
    def list_profiles(
        issuer: Annotated[Issuer, person], after: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 50
    ) -> dict[str, Any]:
        with desk().database.read("dna.list") as unit:
            found = service.list_profiles(unit, issuer, after, limit)
            return {"count": service.count_profiles(unit), "profiles": [profile.outline() for profile in found]}

    @router.get("/profiles/{ref}", summary="One profile with its alleles exactly as written; the look is logged")
    def show(issuer: Annotated[Issuer, person], ref: str) -> dict[str, Any]:
        with desk().acting("dna.view", issuer) as unit:
            return service.view(unit, issuer, ref).as_dict()

    @router.post("/imports", summary="Take in a laboratory's file, sent as application/octet-stream", status_code=201)
    def import_file(
        issuer: Annotated[Issuer, person],
        data: Annotated[bytes, Body(media_type="application/octet-stream")],
        name: Annotated[str, Query(min_length=1, max_length=200)],
        format: str = "auto",
        corrected: bool = False,
    ) -> dict[str, Any]:
        options = service.Options(format, corrected)
        with desk().acting("dna.import", issuer) as unit:
            acted = service.sign_import(unit, issuer, data, name)
            return service.import_file(unit, acted, data, name, options).as_dict()

    return router
