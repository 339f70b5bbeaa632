"""A query, its answer or its refusal as a sealed PDF, to be kept."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput
from comity.base.languages import LANGUAGES
from comity.base.model import Issuer
from comity.kit.papers.setting import drawing
from comity.kit.web.browsers import acting_at_browser
from comity.kit.web.downloads import pdf_file
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.search import service
from comity.search.pages.results import Shown

Sent = Annotated[Form, Depends(read_form)]


def add(router: APIRouter, desk: Callable[[], Desk], shown: Shown) -> None:
    """``POST /search/QUERY/paper``: an act, for its file is sealed in the log."""
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/{query}/paper")
    def paper(request: Request, query: str, form: Sent, issuer: acting) -> Response:
        language = form.text("paper_language", 8)
        wanted = (form.text("paper_kind", 40), language if language in LANGUAGES else LANGUAGES[0])
        try:
            with desk().acting("search.paper", issuer) as unit:
                made, file = service.issue_paper(unit, issuer, query, wanted, drawing(desk()))
        except BadInput as error:
            return shown(request, issuer, query, "paper", error)
        return pdf_file(file, wanted[0], made.id)
