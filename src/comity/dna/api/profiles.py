"""The officer API of DNA: the command line's verbs over HTTP."""

from collections.abc import Callable
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field

from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import PartnerTerms
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.downloads import file_name
from comity.kit.web.officers import Desk, signed_in

Name = Annotated[str, Field(min_length=1, max_length=128)]


class ImportQuery(StrictBody):
    """What is said about a file whose bytes are the body."""

    name: str = Field(min_length=1, max_length=200)
    format: str = "auto"
    corrected: bool = False
    category: str = Field("", max_length=200)
    elimination: bool = False


class ExportBody(StrictBody):
    """Which profiles are given out, and in which format."""

    format: str = Field(max_length=20)
    categories: list[Name] = Field(default_factory=list, max_length=100)
    specimens: list[Name] = Field(default_factory=list, max_length=10_000)
    everything: bool = False
    destination: str = Field("", max_length=128)


class TellBody(StrictBody):
    """Whether a partner is told, or what it was told is withdrawn."""

    tell: bool = True


class PartnerBody(StrictBody):
    """The terms of searches with a partner, all of them."""

    source: str = Field(min_length=1, max_length=500)
    least_loci: int = 0
    profiles: int | None = None
    bound: float = 0.1


def routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/dna``; examiners and officers may read and import; each look at alleles is logged."""
    router = APIRouter(prefix="/dna", tags=["dna"], route_class=StrictRoute)
    _looking(router, desk)
    _files(router, desk)
    _partners(router, desk)
    return router


def _looking(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.get("/profiles", summary="Profiles in the order in which they came, without alleles and persons")
    def list_profiles(
        issuer: Annotated[Issuer, Depends(signed_in(desk, "dna.list"))], after: str = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> dict[str, Any]:  # fmt: skip
        with desk().reading("dna.list", issuer) as unit:
            found = service.list_profiles(unit, issuer, after, limit)
            return {"count": service.count_profiles(unit), "profiles": [profile.outline() for profile in found]}

    @router.get("/profiles/{ref}", summary="One profile with its alleles exactly as written; the look is logged")
    def show(issuer: Annotated[Issuer, person], ref: str) -> dict[str, Any]:
        with desk().acting("dna.view", issuer) as unit:
            found = service.view(unit, issuer, ref)
            flags = [flag.as_dict() for flag in service.flags_of(unit, found)]
        return found.as_dict() | {"flags": flags}

    @router.get("/profiles/{ref}/chance", summary="The hits that a search with a profile is expected to find by chance")
    def chance(issuer: Annotated[Issuer, Depends(signed_in(desk, "dna.list"))], ref: str) -> dict[str, Any]:
        with desk().reading("dna.chance", issuer) as unit:
            return service.expected(unit, issuer, ref)


def _files(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.post(
        "/imports", summary="Take in a laboratory's file, sent as application/octet-stream", status_code=201,
        responses={422: {"description": "Every specimen was refused; the report says why"}},
    )  # fmt: skip
    def import_file(
        issuer: Annotated[Issuer, person],
        data: Annotated[bytes, Body(media_type="application/octet-stream")],
        about: Annotated[ImportQuery, Query()],
        response: Response,
    ) -> dict[str, Any]:
        options = service.Options(about.format, about.corrected, about.category)
        with desk().acting("dna.import", issuer) as unit:
            take_in = service.eliminate if about.elimination else service.take_in
            report = take_in(unit, issuer, data, about.name, options)
        if report.nothing:
            response.status_code = 422
        return report.as_dict()

    @router.post(
        "/exports", summary="Give profiles out as a file, without the persons; the act is logged",
        response_class=Response,
    )  # fmt: skip
    def export(issuer: Annotated[Issuer, person], body: ExportBody) -> Response:
        wanted = service.Wanted(
            body.format, tuple(body.categories), tuple(body.specimens), body.everything, body.destination
        )
        made = BytesIO()
        with desk().acting("dna.export", issuer) as unit:
            report = service.export(unit, issuer, wanted, made.write)
        named = file_name("profiles", report.sha256[:16], service.FORMATS[body.format].ending)
        return Response(made.getvalue(), headers=named, media_type="application/octet-stream")


def _partners(router: APIRouter, desk: Callable[[], Desk]) -> None:
    reader = Depends(signed_in(desk, "dna.list"))

    @router.get("/partners", summary="What searches with each partner need", dependencies=[reader])
    def list_terms() -> dict[str, Any]:
        with desk().database.read("dna.partners") as unit:
            return {
                "partners": [one.as_dict() for one in service.partner_terms(unit)],
                "told": [one.as_dict() for one in service.told_terms(unit)],
            }

    @router.put("/partners/{partner}", summary="Set the terms with a partner, in the place of those before")
    def set_terms(
        issuer: Annotated[Issuer, Depends(signed_in(desk))], partner: str, body: PartnerBody
    ) -> dict[str, Any]:
        terms = PartnerTerms(partner, body.least_loci, body.profiles, body.bound, body.source)
        with desk().acting("dna.partner", issuer) as unit:
            return service.set_terms(unit, issuer, terms).as_dict()

    @router.put("/partners/{partner}/told", summary="Tell a partner how much is held here from now on, or withdraw it")
    def tell(issuer: Annotated[Issuer, Depends(signed_in(desk))], partner: str, body: TellBody) -> dict[str, Any]:
        with desk().acting("dna.tell", issuer) as unit:
            if body.tell:
                return service.tell_terms(unit, issuer, partner).as_dict()
            service.stop_telling(unit, issuer, partner)
            return {"partner": partner, "told": None}
