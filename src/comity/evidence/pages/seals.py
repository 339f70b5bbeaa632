"""The seal of an item as a picture: what a verifier compares, for a label on a bag or the last page of a report."""

from collections.abc import Callable
from io import BytesIO
from typing import Annotated, Final

import segno
from fastapi import APIRouter, Depends
from starlette.responses import Response

from comity.base.model import Issuer
from comity.evidence import service
from comity.evidence.pages.pages import ADDRESS
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages

_QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004, 6.3.8)."""


def seals(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/evidence/ITEM/seal.svg``, for members of the item's case."""
    router = APIRouter(prefix=ADDRESS, include_in_schema=False)
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get("/{named}/seal.svg")
    def seal(issuer: person, named: str) -> Response:
        with desk().reading("evidence.seal", issuer) as unit:
            said = service.seal_of(unit, issuer, named)
        return Response(picture(said), media_type="image/svg+xml")

    return router


def picture(said: str) -> bytes:
    """A QR code (ISO/IEC 18004, level M) that says `said`, black on white whatever the page's colours are."""
    out = BytesIO()
    made = segno.make_qr(said, error="m")
    made.save(out, kind="svg", scale=4, border=_QUIET, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue()
