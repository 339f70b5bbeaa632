"""A threat to life, in one screen: one person asks at once, sees what follows, and another reviews it.

Nothing of the law is waived: where it denies, nothing leaves. What is spared is waiting: quotas do not count, an oral
basis may be confirmed afterwards, and the review by another person comes after the act instead of before it.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.access import service as access
from comity.base.clock import system_clock
from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, NotAllowed, NotFound
from comity.base.ids import is_uuid, uuid7
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.cases.model import Wanted
from comity.exchange import service as exchange
from comity.exchange.model import PartnerStatus
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of
from comity.legal import service as legal
from comity.legal.model import Move
from comity.search import service as search
from comity.search.model import Ask, Matcher

EMERGENCY: Final = "/emergency"
_PURPOSE: Final = "criminal_investigation"
_MOST_CASES: Final = 50
Sent = Annotated[Form, Depends(read_form)]
Matchers = Callable[[], dict[str, Matcher[Any]]]


def emergency_routes(pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> APIRouter:
    """``/emergency``: the form that asks, what waits for a review, and the review."""
    router = APIRouter(prefix=EMERGENCY, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    person = Annotated[Issuer, Depends(at_browser(desk))]
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def shown(request: Request, issuer: Issuer, wrong: ComityError | None = None) -> Response:
        return _page(pages, request, (desk(), issuer, matchers), wrong)

    @router.get("")
    def form_(request: Request, issuer: person) -> Response:
        return shown(request, issuer)

    @router.post("")
    def ask(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            asked = _ask(form)
            with desk().acting("search.ask", issuer) as unit:
                search.ask(unit, search.matcher_of(matchers(), asked.modality), issuer, asked)
        except (BadInput, NotFound, Conflict) as error:
            return shown(request, issuer, error)
        except NotAllowed as error:
            if error.outward is error:
                raise
            return shown(request, issuer, error.outward)
        return RedirectResponse(f"{EMERGENCY}?done={asked.question}", 303)

    @router.post("/{matter}")
    def review(request: Request, matter: str, form: Sent, issuer: acting) -> Response:
        try:
            move = Move(form.text("event"), form.text("reason", 4000))
            with desk().acting("legal.step", issuer) as unit:
                acted = access.act(unit, issuer, "legal.step", legal.step_subject(matter, move.event), legal.MOVERS)
                legal.take_step(unit, matter, move, acted)
        except (BadInput, NotFound, Conflict) as error:
            return shown(request, issuer, error)
        return RedirectResponse(EMERGENCY, 303)

    return router


def _ask(form: Form) -> Ask:
    reason, question = form.text("why", 4000), form.text("question")
    if not reason:
        raise BadInput("search.emergency-reason", "Say why a life is in danger", where="why",
                       todo="One sentence; whoever reviews this reads it.")  # fmt: skip
    if not form.texts("to"):
        raise BadInput("search.recipients", "Nobody was chosen", where="to", todo="Choose at least one state.")
    return Ask(
        form.text("case"), "dna", form.text("record"), form.texts("to"), _PURPOSE, form.text("instrument") or None,
        "immediate", {}, True, form.text("oral") == "yes", question=question if is_uuid(question) else "",
        reason=reason,
    )  # fmt: skip


def _page(pages: Pages, request: Request, at: tuple[Desk, Issuer, Matchers], wrong: ComityError | None) -> Response:
    desk, issuer, matchers = at
    done = request.query_params.get("done", "")
    with desk.database.read("emergency.show") as unit:
        values = _values(unit, issuer, matchers) | {
            "asked": search.asked_under(unit, issuer.actor, done) if is_uuid(done) else [],
            "waiting": legal.reviews(unit, issuer.actor), "now": unit.now, "me": issuer.actor.person,
        }  # fmt: skip
    form = form_of(request)
    return pages.page(
        request, "app/emergency.html", status=200 if wrong is None else status_of(wrong), wrong=wrong,
        given=form.kept(), chosen=form.texts("to"),
        question=uuid7(system_clock()), hours=24, **values,
    )  # fmt: skip


def _values(unit: Any, issuer: Issuer, matchers: Matchers) -> dict[str, Any]:
    """What the form offers to an officer; nothing to anybody else."""
    officer = "officer" in issuer.actor.roles
    if not officer:
        return {"officer": False, "cases": [], "partners": [], "records": []}
    mine, _ = cases.mine(unit, issuer.actor, Wanted(state="open", most=_MOST_CASES))
    matcher = search.matcher_of(matchers(), "dna")
    records = matcher.latest(unit, issuer, _MOST_CASES)
    return {"officer": True, "cases": mine, "partners": _partners(unit), "records": records}


def _partners(unit: Any) -> list[PartnerStatus]:
    try:
        return exchange.partners(unit)
    except Misconfigured:
        return []
