"""Files taken in at a browser: profiles of a laboratory, with a report of each specimen, and populations' frequencies.

Forms that work without scripts. What is cut off, or broken, leaves nothing.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import ImportReport
from comity.dna.pages.figures import POPULATIONS, populations_page
from comity.dna.pages.pages import ADDRESS
from comity.kit.web.browsers import FIELD, at_browser, check_form
from comity.kit.web.downloads import file_name
from comity.kit.web.forms import Form
from comity.kit.web.multipart import Upload
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

PROFILES: Final = f"{ADDRESS}/import"
UPLOADS: Final = (PROFILES, POPULATIONS)
MOST: Final = 64 * 1024 * 1024
"""Bytes of a file that comes through a browser; larger ones come at the command line, which shows how far it is."""
_TABLE: Final = 1 << 20


def taking(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/dna/import``, and what the form of ``/dna/populations`` sends."""
    router = APIRouter(include_in_schema=False)
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get(PROFILES)
    def form(request: Request, issuer: person) -> Response:
        return _page(Visit(pages, request, desk(), issuer), {})

    @router.post(PROFILES)
    def take(request: Request, issuer: person) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        fields, data = _sent(request, MOST)
        try:
            report = _take(visit, fields, data)
        except (BadInput, Conflict) as error:
            return _page(visit, fields.kept(), error)
        if fields.text("report"):
            named = file_name("import", report.sha256[:16], "csv")
            return Response(service.as_table(report), headers=named, media_type="text/csv; charset=utf-8")
        return visit.page("dna/imported.html", report=report)

    @router.post(POPULATIONS)
    def take_population(request: Request, issuer: person) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        fields, data = _sent(request, _TABLE)
        try:
            with desk().acting("dna.import-population", issuer) as unit:
                made = service.import_population(unit, issuer, data, fields.text("name"), fields.text("source", 2000))
        except (BadInput, Conflict) as error:
            return populations_page(visit, fields.kept(), error)
        return RedirectResponse(f"{POPULATIONS}/{quote(made.name, safe='')}", 303)

    return router


def _sent(request: Request, most: int) -> tuple[Form, bytes]:
    """The fields of the form, checked to be one of this session's pages, and the file."""
    upload = Upload(request)
    fields = upload.fields()
    check_form(request, fields.text(FIELD))
    return fields, _whole(upload.pieces(), most)


def _whole(pieces: Iterator[bytes], most: int) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > most:
            raise BadInput("dna.file-large", f"The file is larger than {most >> 20} MiB",
                           todo="Take it in at the command line: comity dna import FILE --as examiner-1.")  # fmt: skip
    return bytes(data)


def _take(visit: Visit, fields: Form, data: bytes) -> ImportReport:
    name = fields.text("name") or "file"
    options = service.Options(
        fields.text("format", 20) or "auto", corrected=bool(fields.text("corrected")), category=fields.text("category")
    )
    with visit.desk.acting("dna.import", visit.issuer) as unit:
        take_in = service.eliminate if fields.text("elimination") else service.take_in
        return take_in(unit, visit.issuer, data, name, options)


def _page(visit: Visit, typed: dict[str, str], wrong: ComityError | None = None) -> Response:
    formats = ("auto", *service.READ)
    return visit.page("dna/import.html", wrong, typed=typed, formats=formats)
