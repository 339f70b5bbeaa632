"""The officer API of evidence: the command line's verbs over HTTP; contents as raw bytes."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from fastapi.responses import StreamingResponse

from comity.base.model import Issuer
from comity.evidence import service
from comity.evidence.model.flow import Ask, Offer
from comity.evidence.model.package import Acquisition, Details
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in

_RAW = "application/octet-stream"


class ItemQuery(StrictBody):
    """What is said about an exhibit whose bytes are the body."""

    case: str
    kind: str
    source: str
    exhibit: str = ""


class RequestBody(StrictBody):
    """A request to a partner; `to` may stay empty where `about` names a query."""

    case: str
    wanted: str
    to: str = ""
    about: str = ""
    category: str = "exhibit"
    purpose: str = "criminal_investigation"
    instrument: str | None = None

    def ask(self) -> Ask:
        """The request as the room's noun."""
        return Ask(self.case, self.to, self.wanted, self.category, self.about, self.purpose, self.instrument)


def routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/evidence``; each act needs the role and the need to know that the verb needs."""
    router = APIRouter(prefix="/evidence", tags=["evidence"], route_class=StrictRoute)
    _files(router, desk)
    _requests(router, desk)
    _hand_over(router, desk)
    return router


def _files(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.get("", summary="A case's evidence, or (without a case) the requests that partners have sent")
    def overview(issuer: Annotated[Issuer, person], case: str = "") -> dict[str, Any]:
        with desk().acting("evidence.list", issuer) as unit:
            return service.overview(unit, issuer, case or None)

    @router.post("/items", summary="Take an exhibit in, sent as application/octet-stream", status_code=201)
    def take_in(
        issuer: Annotated[Issuer, person],
        about: Annotated[ItemQuery, Query()],
        data: Annotated[bytes, Body(media_type=_RAW)],
    ) -> dict[str, Any]:
        acquisition = Acquisition("upload", operator=issuer.actor.person)
        details = Details(about.kind, about.source, acquisition, about.exhibit)
        with desk().acting("evidence.take-in", issuer) as unit:
            kept = service.take_in(unit, desk().vault, issuer, (about.case, [data]), details)
        return kept.as_dict() | {"item": kept.item.id}

    @router.get("/{named}", summary="One item, request, release or package")
    def detail(issuer: Annotated[Issuer, person], named: str) -> dict[str, Any]:
        with desk().acting("evidence.show", issuer) as unit:
            return service.detail(unit, issuer, named)

    @router.get("/{named}/package", summary="The package as a file", response_class=Response)
    def package(issuer: Annotated[Issuer, person], named: str) -> Response:
        with desk().acting("evidence.export", issuer) as unit:
            package = service.export(unit, desk().vault, issuer, named).package
        length = {"content-length": str(package.size)}
        return StreamingResponse(package.pieces(), headers=length, media_type="application/zip")

    @router.get("/{named}/receipt", summary="The receipt as a file", response_class=Response)
    def receipt(issuer: Annotated[Issuer, person], named: str) -> Response:
        with desk().acting("evidence.export", issuer) as unit:
            return Response(service.export(unit, desk().vault, issuer, named).receipt, media_type="application/json")


def _requests(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.post("/requests/preview", summary="What a request would send, to whom, and what the law says")
    def preview(issuer: Annotated[Issuer, person], body: RequestBody) -> dict[str, Any]:
        with desk().acting("evidence.preview", issuer) as unit:
            return service.preview(unit, issuer, body.ask()).as_dict()

    @router.post("/requests", summary="Ask a partner for evidence, as information only", status_code=201)
    def request(issuer: Annotated[Issuer, person], body: RequestBody) -> dict[str, Any]:
        with desk().acting("evidence.request", issuer) as unit:
            return service.request(unit, issuer, body.ask()).as_dict()

    @router.post("/requests/{request_id}/refusal", summary="Refuse a partner's request")
    def refuse_request(
        issuer: Annotated[Issuer, person],
        request_id: str,
        ground: Annotated[str, Body()],
        reason: Annotated[str, Body()],
    ) -> dict[str, Any]:
        with desk().acting("evidence.refuse-request", issuer) as unit:
            return service.refuse_request(unit, issuer, request_id, ground, reason).as_dict()

    @router.post("/requests/{request_id}/offer", summary="Propose items; nothing leaves yet", status_code=201)
    def offer(
        issuer: Annotated[Issuer, person], request_id: str, items: Annotated[list[str], Body(embed=True)]
    ) -> dict[str, Any]:
        with desk().acting("evidence.offer", issuer) as unit:
            return service.offer(unit, issuer, Offer(request_id, tuple(items))).as_dict()


def _hand_over(router: APIRouter, desk: Callable[[], Desk]) -> None:
    person = Depends(signed_in(desk))

    @router.post("/{named}/release", summary="Approve and send what another person offered")
    def release(issuer: Annotated[Issuer, person], named: str) -> dict[str, Any]:
        with desk().acting("evidence.release", issuer) as unit:
            return service.release(unit, desk().vault, issuer, named).as_dict()

    @router.post("/{named}/withdrawal", summary="Take a proposal back")
    def withdraw(
        issuer: Annotated[Issuer, person], named: str, reason: Annotated[str, Body(embed=True)]
    ) -> dict[str, Any]:
        with desk().acting("evidence.withdraw", issuer) as unit:
            return service.withdraw(unit, issuer, named, reason).as_dict()

    @router.post("/{named}/acceptance", summary="Accept a package after this node's own re-hash")
    def accept(issuer: Annotated[Issuer, person], named: str) -> dict[str, Any]:
        with desk().acting("evidence.accept", issuer) as unit:
            return service.accept(unit, desk().vault, issuer, named).as_dict()

    @router.post("/{named}/refusal", summary="Refuse a package with a signed receipt")
    def refuse(
        issuer: Annotated[Issuer, person], named: str, reason: Annotated[str, Body(embed=True)]
    ) -> dict[str, Any]:
        with desk().acting("evidence.refuse", issuer) as unit:
            return service.refuse(unit, desk().vault, issuer, named, reason).as_dict()
