"""The log at the officer API: the signed checkpoint for all, entries for who signs in, sealed values for auditors."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.responses import PlainTextResponse

from comity.base.model import MOST_NUMBER, Issuer
from comity.kit.web.bodies import StrictRoute
from comity.kit.web.officers import Desk, signed_in
from comity.log import service

After = Annotated[int, Query(ge=-1, le=MOST_NUMBER, description="Only entries numbered above this.")]
Index = Annotated[int, Path(ge=0, le=MOST_NUMBER)]
Kind = Annotated[str | None, Query(alias="type", description="Only this type, such as message.sent.")]


def routes(desk: Callable[[], Desk], act: service.Acting, find_key: service.KeyFinder) -> APIRouter:
    """The routes under ``/log``. `act` has a person sign an act, `find_key` finds a case's key by name."""
    router = APIRouter(prefix="/log", tags=["log"], route_class=StrictRoute)
    person = Depends(signed_in(desk))
    shown, verified = Depends(signed_in(desk, "log.show")), Depends(signed_in(desk, "log.verify"))

    @router.get("/checkpoint", summary="The log's signed head (C2SP tlog-checkpoint)", response_class=PlainTextResponse)
    def checkpoint() -> str:
        with desk().database.read("log.checkpoint") as unit:
            return service.checkpoint(unit)

    @router.get("/entries", summary="Entries in their clear fields, oldest first", dependencies=[shown])
    def entries(
        after: After = -1, limit: Annotated[int, Query(ge=1, le=1000)] = 100, kind: Kind = None
    ) -> list[dict[str, Any]]:
        with desk().database.read("log.show") as unit:
            return [one.as_dict() for one in service.entries(unit, after, limit, kind)]

    @router.get("/verify", summary="Recompute the whole log; findings name rows", dependencies=[verified])
    def verify() -> dict[str, Any]:
        with desk().database.read("log.verify") as unit:
            return service.verify(unit, find_key).as_dict()

    @router.post("/entries/{index}/open", summary="Open sealed values of an entry; auditors, with a reason, logged")
    def open_values(
        index: Index, issuer: Annotated[Issuer, person], fields: Annotated[list[str], Body()],
        reason: Annotated[str, Body()],
    ) -> dict[str, Any]:  # fmt: skip
        subject = service.inspection(index, fields, reason)
        with desk().acting("log.open", issuer) as unit:
            acted = act(unit, issuer, "log.open", subject, service.AUDITORS)
            found = service.inspect(unit, acted, subject, find_key)
        return {name: {"r": one.r.hex(), "value": one.value} for name, one in found.items()}

    return router
