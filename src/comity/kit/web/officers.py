"""Officers and programs at the HTTP interface: HTTP Basic (RFC 7617) or an access token (RFC 6750, 2.1: in the header
alone, never in an address), on the node's own machine, answered with an Issuer."""

import base64
import ipaddress
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from comity.base.errors import NotAllowed
from comity.base.model import Issuer
from comity.kit.vault.desk import Desk as Desk


class Utf8Basic(HTTPBasic):
    """HTTP Basic whose person and passphrase are UTF-8, and whose challenge says so (RFC 7617, 2.1)."""

    def make_authenticate_headers(self) -> dict[str, str]:
        """The challenge."""
        return {"WWW-Authenticate": f'Basic realm="{self.realm}", charset="UTF-8"'}

    async def __call__(  # type: ignore[override]  # as FastAPI has it in HTTPBasic
        self, request: HTTPConnection
    ) -> HTTPBasicCredentials | None:
        """What was sent; 401 with the challenge where nothing was, or nothing that reads as person:passphrase. None
        where an access token was."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return None
        try:
            person, colon, passphrase = base64.b64decode(token.strip(), validate=True).decode("utf-8").partition(":")
        except ValueError as error:
            raise self.make_not_authenticated_error() from error
        if scheme.lower() != "basic" or not colon:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username=person, password=passphrase)


_basic = Utf8Basic(
    scheme_name="HTTPBasic", realm="Comity", description="Person and passphrase, on the machine of the node only"
)


_bearer = HTTPBearer(
    scheme_name="AccessToken", auto_error=False, description="An access token: comity token issue. Here only, too"
)


@dataclass(frozen=True)
class SignedIn:
    """What `signed_in` gives: `verb` is what an access token must be for, where the route signs nothing."""

    desk: Callable[[], Desk]
    verb: str = ""

    def __call__(
        self, request: Request, credentials: Annotated[HTTPBasicCredentials | None, Depends(_basic)],
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Issuer:  # fmt: skip
        """The person or system of the request."""
        _require_local(request)
        if credentials is not None:
            return self.desk().enter(credentials.username, credentials.password)
        issuer = self.desk().bearer(self.desk().database, bearer.credentials if bearer else "")
        if self.verb:
            self.desk().require(self.verb, issuer)
        return issuer


def signed_in(desk: Callable[[], Desk], verb: str = "") -> SignedIn:
    """A FastAPI dependency, ``Depends(signed_in(desk))``: the person of an HTTP Basic sign-in (RFC 7617), or for whom
    the program with an access token (RFC 6750) acts, as an Issuer.

    Only over loopback, and not for a page of another site that a browser has open. A failed sign-in counts. NotAllowed
    with the reason otherwise. The act goes into ``with desk().acting("room.verb", issuer) as unit``; a route that reads
    otherwise names its `verb` here, so that an access token that is not for it is refused, and that is logged.
    """
    return SignedIn(desk, verb)


def _require_local(request: Request) -> None:
    host = request.client.host if request.client else ""
    if not is_loopback(host) or not is_loopback(request.url.hostname or ""):
        raise NotAllowed("web.not-local", "Officers sign in on the node's own machine only", where=host,
                         todo="Use the address 127.0.0.1 on that machine, for instance through SSH.")  # fmt: skip
    if is_other_site(request):
        raise other_site()


def is_other_site(request: Request) -> bool:
    """Whether a browser says that another site's page makes this request: by Fetch Metadata (Sec-Fetch-Site), or by an
    Origin (RFC 6454) that is not the address asked. Programs send neither."""
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    own = f"{request.url.scheme}://{request.headers.get('host', '')}".casefold()
    return any(origin.casefold() != own for origin in request.headers.getlist("origin"))


def other_site() -> NotAllowed:
    """What such a request is told."""
    return NotAllowed("web.other-site", "Another site's page tried to act for you",
                      todo="Close that page and start from the node's own address.")  # fmt: skip


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")
