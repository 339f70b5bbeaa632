"""A mixed trace at a browser: its table is pasted into a form, and the node's profiles are ranked as contributors."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, ComityError, NotFound
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import MixtureModel, MixtureSearch, figure
from comity.dna.pages.pages import ADDRESS, Sent, assumptions_of
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

MIXTURE: Final = f"{ADDRESS}/mixture"
_TRACE: Final = 100_000


def mixing(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/dna/mixture``: the form, and what one search found."""
    router = APIRouter(include_in_schema=False)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.get(MIXTURE)
    def form(request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        return _page(Visit(pages, request, desk(), issuer))

    @router.post(MIXTURE)
    def search(request: Request, form: Sent, issuer: acting) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        try:
            asked, text = _asked(form), form.text("trace", _TRACE)
            trace = service.read_trace(text.encode(), form.text("name") or "trace", _words(form.text("samples")))
            with desk().acting("dna.mixture", issuer) as unit:
                found = service.contributors(unit, issuer, trace, asked)
        except (BadInput, NotFound) as error:
            return _page(visit, error)
        return visit.page("dna/contributors.html", found=found, figure=figure)

    return router


def _page(visit: Visit, wrong: ComityError | None = None) -> Response:
    with visit.desk.reading("dna.populations", visit.issuer) as unit:
        populations = [one.name for one in service.populations(unit)]
    return visit.page("dna/mixture.html", wrong, populations=populations, usual=MixtureModel(2))


def _asked(form: Form) -> MixtureSearch:
    known = dict.fromkeys(_words(form.text("known", 400)))
    drop_out, drop_in = _share(form, "drop_out"), _share(form, "drop_in")
    contributors = form.text("contributors", 2)
    if not contributors.isdecimal():
        raise BadInput("dna.contributors", "Say of how many persons the trace is", todo="Write 1, 2 or 3.")
    usual = MixtureModel(int(contributors), drop_out, theta=assumptions_of(form).theta)
    model = usual if drop_in is None else MixtureModel(usual.contributors, drop_out, drop_in, usual.theta)
    return MixtureSearch(model, form.text("of", 64), tuple(known), 20)


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def _share(form: Form, name: str) -> float | None:
    text = form.text(name, 12).replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError as error:
        raise BadInput(
            "dna.probability", f"{text!r} is no probability", where=name, todo="Write it as 0.05."
        ) from error
