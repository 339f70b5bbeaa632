"""The profiles at a browser: a list without alleles, one profile (each look is logged), and what can be asked of it."""

from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, NotFound
from comity.base.model import Issuer
from comity.dna import service
from comity.dna.model import RELATIONS, Assumptions, KinSearch, Weight, figure
from comity.dna.pages.words import WORDS
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.visits import Visit

ADDRESS: Final = "/dna"
ROWS: Final = 50
Sent = Annotated[Form, Depends(read_form)]
Text = Annotated[str, Query(max_length=128)]


def profiles(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/dna`` and ``/dna/profiles/PROFILE`` with its forms; what has a name of its own comes before (`routing`)."""
    pages.add(__package__ or "", WORDS)
    router = APIRouter(prefix=ADDRESS, include_in_schema=False)
    _listing(router, pages, desk)
    _showing(router, pages, desk)
    _weighing(router, pages, desk)
    return router


def _listing(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    @router.get("")
    def listed(
        request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))], q: Text = "", after: Text = ""
    ) -> Response:
        with desk().reading("dna.list", issuer) as unit:
            found = service.list_profiles(unit, issuer, after, ROWS + 1)
            if q.strip():
                try:
                    return RedirectResponse(address_of(service.find(unit, q.strip()).id), 303)
                except NotFound:
                    found = []
        onward = found[ROWS - 1].id if len(found) > ROWS else ""
        return Visit(pages, request, desk(), issuer).page(
            "dna/list.html", found=found[:ROWS], q=q, after=after, onward=onward
        )


def _showing(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    @router.get("/profiles/{ref}")
    def show(request: Request, ref: str, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        return profile_page(Visit(pages, request, desk(), issuer), ref)


def profile_page(visit: Visit, ref: str, wrong: ComityError | None = None) -> Response:
    """A profile with its alleles, and the forms of what can be asked of it; the look is logged."""
    with visit.desk.acting("dna.view", visit.issuer) as unit:
        profile = service.view(unit, visit.issuer, ref)
        chance, populations = service.expected(unit, visit.issuer, profile.id), service.populations(unit)
        sets, flags = service.rule_sets(unit), service.flags_of(unit, profile)
    return visit.page(
        "dna/profile.html", wrong, profile=profile, chance=chance, relations=RELATIONS, at=address_of(profile.id),
        populations=[one.name for one in populations], usual=Assumptions(), sets=sets, flags=flags,
        chosen=form_of(visit.request).texts,
    )  # fmt: skip


def _weighing(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/profiles/{ref}/weights")
    def weights(request: Request, ref: str, form: Sent, issuer: acting) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        try:
            with desk().acting("dna.weigh", issuer) as unit:
                profile, found = service.weigh(unit, issuer, ref, form.texts("population"), assumptions_of(form))
        except BadInput as error:
            return profile_page(visit, ref, error)
        columns = [_column(weight) for weight in found]
        return visit.page("dna/weights.html", profile=profile, found=columns, at=address_of(profile.id))

    @router.post("/profiles/{ref}/relatives")
    def relatives(request: Request, ref: str, form: Sent, issuer: acting) -> Response:
        visit = Visit(pages, request, desk(), issuer)
        try:
            asked = KinSearch(form.text("of", 64), form.texts("relation") or tuple(RELATIONS), assumptions_of(form))
            with desk().acting("dna.kinship", issuer) as unit:
                found = service.relatives(unit, issuer, ref, asked)
        except BadInput as error:
            return profile_page(visit, ref, error)
        return visit.page("dna/relatives.html", found=found, figure=figure, at=address_of(found.profile.id))


def _column(weight: Weight) -> dict[str, Any]:
    return {
        "weight": weight, "places": service.by_locus(weight), "all": figure(weight.log10_lr),
        "raised": {one.locus for one in weight.loci if any(one.raised)}, "told": service.weight_in_words(weight),
    }  # fmt: skip


def assumptions_of(form: Form) -> Assumptions:
    """What a form assumes: theta, where it gives one; BadInput for what is no number."""
    text = form.text("theta", 12).replace(",", ".")
    try:
        return Assumptions(theta=float(text)) if text else Assumptions()
    except ValueError as error:
        raise BadInput("dna.theta", f"Theta {text!r} is no number", todo="Write it as 0.01.") from error


def address_of(profile: str) -> str:
    """Where a profile is shown."""
    return f"{ADDRESS}/profiles/{quote(profile, safe='')}"
