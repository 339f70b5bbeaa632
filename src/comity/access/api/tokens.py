"""Access tokens over HTTP: issued and revoked by people; what a token itself may do is in its scopes, and not this."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from comity.access import service
from comity.access.model import TokenToIssue
from comity.base.model import Issuer
from comity.kit.web.bodies import StrictBody, StrictRoute
from comity.kit.web.officers import Desk, signed_in


class TokenBody(StrictBody):
    """An access token to be issued; `holder` is a system's name, or empty for one's own."""

    name: str = Field(examples=["laboratory system"])
    scopes: list[str] = Field(examples=[["search.ask", "search.read"]])
    days: int = Field(default=30, examples=[30], description=f"1 to {service.MOST_DAYS}.")
    holder: str = ""


def token_routes(desk: Callable[[], Desk]) -> APIRouter:
    """The routes under ``/tokens``; everybody has their own, a security administrator sees all."""
    router = APIRouter(prefix="/tokens", tags=["tokens"], route_class=StrictRoute)
    person = Depends(signed_in(desk))

    @router.get("", summary="Your access tokens; everybody's for a security administrator")
    def list_tokens(issuer: Annotated[Issuer, Depends(signed_in(desk, "token.list"))]) -> dict[str, Any]:
        with desk().database.read("token.list") as unit:
            return {"tokens": [one.as_dict() for one in service.tokens(unit, issuer.actor)]}

    @router.post(
        "", summary="Issue an access token; its text is in this answer, and never shown again", status_code=201
    )
    def issue(issuer: Annotated[Issuer, person], asked: TokenBody) -> dict[str, Any]:
        secret = service.new_secret()
        new = TokenToIssue(asked.name, frozenset(asked.scopes), asked.days, asked.holder)
        with desk().acting("token.issue", issuer) as unit:
            return service.issue_token(unit, issuer, new, secret).as_dict() | {"token": secret}

    @router.post("/{id}/revocation", summary="End an access token at once")
    def revoke(issuer: Annotated[Issuer, person], id: str) -> dict[str, Any]:
        with desk().acting("token.revoke", issuer) as unit:
            return service.revoke_token(unit, issuer, id).as_dict()

    return router
