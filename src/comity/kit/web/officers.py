"""Officers at the HTTP interface: HTTP Basic (RFC 7617) on the node's own machine, answered with an Issuer."""

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from comity.base.errors import NotAllowed
from comity.base.model import Issuer
from comity.kit.vault.desk import Desk as Desk

_basic = HTTPBasic(realm="Comity", description="Person and passphrase, on the machine of the node only")


def signed_in(desk: Callable[[], Desk]) -> Callable[..., Issuer]:
    """A FastAPI dependency, ``Depends(signed_in(desk))``: the person of an HTTP Basic sign-in (RFC 7617) as an Issuer.

    Only over loopback, and not for a page of another site that a browser has open. A failed sign-in
    counts. NotAllowed with the reason otherwise. The act goes into ``with desk().acting("room.verb", issuer) as unit``.
    """

    def dependency(request: Request, credentials: Annotated[HTTPBasicCredentials, Depends(_basic)]) -> Issuer:
        _require_local(request)
        return desk().enter(credentials.username, credentials.password)

    return dependency


def _require_local(request: Request) -> None:
    host = request.client.host if request.client else ""
    if not is_loopback(host) or not is_loopback(request.url.hostname or ""):
        raise NotAllowed("web.not-local", "Officers sign in on the node's own machine only", where=host,
                         todo="Use the address 127.0.0.1 on that machine, for instance through SSH.")  # fmt: skip
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise NotAllowed("web.other-site", "Another site's page tried to act for you",
                         todo="Close that page and start from the node's own address.")  # fmt: skip


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")
