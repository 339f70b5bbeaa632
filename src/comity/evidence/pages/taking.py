"""Taking an exhibit in at a browser: its bytes are hashed and sealed as they come, and never held whole.

A form that works without scripts. What is cut off leaves nothing; while a long file comes, the session stays awake.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.clock import monotonic
from comity.base.errors import BadInput, ComityError, Conflict
from comity.base.model import Issuer
from comity.evidence import service
from comity.evidence.model.package import CONTAINER_KINDS, SENSITIVITIES, Acquisition, Details, Digest
from comity.evidence.pages.pages import ADDRESS, Visit, own_case
from comity.kit.web.browsers import FIELD, SESSION, at_browser, check_form
from comity.kit.web.forms import Form
from comity.kit.web.multipart import Upload
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages

UPLOAD: Final = f"{ADDRESS}/new"
_AWAKE_SECONDS: Final = 60.0
_SOURCE: Final = 2000
Text = Annotated[str, Query(max_length=80)]


def taking(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/evidence/new``: the form, and what it sends."""
    router = APIRouter(include_in_schema=False)
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get(UPLOAD)
    def form(request: Request, issuer: person, case: Text = "") -> Response:
        return _page(Visit(pages, request, desk(), issuer), {"case": case})

    @router.post(UPLOAD)
    def take(request: Request, issuer: person) -> Response:
        visit, upload = Visit(pages, request, desk(), issuer), Upload(request)
        fields = upload.fields()
        check_form(request, fields.text(FIELD))
        try:
            item = _take(visit, fields, upload)
        except (BadInput, Conflict) as error:
            return _page(visit, fields.kept(), error)
        return RedirectResponse(f"{ADDRESS}/{item}", 303)

    return router


def _page(visit: Visit, typed: dict[str, str], wrong: ComityError | None = None) -> Response:
    return visit.page("evidence/take.html", wrong, typed=typed, containers=CONTAINER_KINDS, sensitivities=SENSITIVITIES)


def _take(visit: Visit, fields: Form, upload: Upload) -> str:
    """Seal the file and take it in; the item's id. What was sealed for nothing is removed at once."""
    desk, issuer, case = visit.desk, visit.issuer, fields.text("case", 80)
    details = _details(fields, issuer.actor.person)
    with own_case():
        staged = service.stage(desk.database, desk.vault, issuer, case, _awake(visit, upload.pieces()))
    try:
        with desk.acting("evidence.take-in", issuer) as unit:
            return service.take_in(unit, desk.vault, issuer, (case, staged), details).item.id
    finally:
        desk.vault.discard(staged)  # whatever was kept lies in its place by now


def _awake(visit: Visit, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces; while they come, the person's session counts as used."""
    next_at = monotonic() + _AWAKE_SECONDS
    for piece in pieces:
        if monotonic() >= next_at:
            visit.desk.resume(visit.desk.database, visit.request.cookies.get(SESSION, ""))
            next_at = monotonic() + _AWAKE_SECONDS
        yield piece


def _details(fields: Form, person: str) -> Details:
    acquisition = Acquisition(
        fields.text("method") or "file", operator=person, tool=fields.text("tool"), end=fields.text("acquired", 40)
    )
    stated = fields.text("media_sha256", 64).lower()
    return Details(
        fields.text("kind", 64), fields.text("source", _SOURCE), acquisition, fields.text("exhibit", 64), "",
        fields.text("container") or "raw", Digest(stated, _size(fields.text("media_size", 20))) if stated else None,
        sensitivity=fields.text("sensitivity") or "normal",
    )  # fmt: skip


def _size(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise BadInput("evidence.media-size", "The size of the media is a number of bytes", where="media_size",
                       todo="Take both hash and size from the acquisition report, or leave both out.")  # fmt: skip
    return int(text)
