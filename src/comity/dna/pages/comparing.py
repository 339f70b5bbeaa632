"""The laboratory's own search from a profile, and two profiles side by side, at a browser; each is an act."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, NotFound
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import figure
from comity.dna.pages.pages import ADDRESS, Sent, address_of, profile_page
from comity.kit.web.browsers import acting_at_browser
from comity.kit.web.forms import Form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

USUAL: Final = "pruem-2008"
Matchers = Callable[[], Mapping[str, object]]


def comparing(pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> APIRouter:
    """What the forms of ``/dna/profiles/PROFILE`` send to ``/search`` and ``/comparison`` below it."""
    router = APIRouter(prefix=ADDRESS, include_in_schema=False)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/profiles/{ref}/search")
    def search(request: Request, ref: str, form: Sent, issuer: acting) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        try:
            with desk().acting("dna.search", issuer) as unit:
                found = service.search_own(unit, issuer, ref, _sought(form), service.held_by(matchers()))
        except (BadInput, NotFound) as error:
            return profile_page(visit, ref, error)
        return visit.page("dna/hits.html", found=found, at=address_of(found.sample.id))

    @router.post("/profiles/{ref}/comparison")
    def compare(request: Request, ref: str, form: Sent, issuer: acting) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        try:
            found = _compared(visit, ref, form)
        except (BadInput, NotFound) as error:
            return profile_page(visit, ref, error)
        columns = [(w, service.by_locus(w), figure(w.log10_lr) if found.agree else "") for w in found.weights]
        return visit.page("dna/compared.html", found=found, columns=columns, at=address_of(found.one.id))

    return router


def _compared(visit: Visit, ref: str, form: Form, *, weigh: bool = True) -> service.Compared:
    """The two, weighed where something can be weighed."""
    both, rules = (ref, form.text("other", 128)), form.texts("rules") or (USUAL,)
    try:
        with visit.desk.acting("dna.compare", visit.issuer) as unit:
            asked = service.AsCompared(rules, weigh and bool(service.populations(unit)))
            return service.compare(unit, visit.issuer, both, asked)
    except BadInput as error:
        if error.code != "dna.no-weight" or not weigh:
            raise
        return _compared(visit, ref, form, weigh=False)


def _sought(form: Form) -> service.Sought:
    return service.Sought(form.text("by", 64) or USUAL, _number(form, "least"), _number(form, "most"))


def _number(form: Form, name: str) -> int | None:
    text = form.text(name, 4)
    if text and not (text.isascii() and text.isdecimal()):
        raise BadInput("dna.search-figures", f"{text!r} is no number of loci", where=name, todo="Write it as 8.")
    return int(text) if text else None
