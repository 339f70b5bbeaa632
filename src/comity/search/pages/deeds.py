"""What is done with a query at a browser: every verb has its form on the query's page, and answers with that page."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, Conflict
from comity.base.model import Issuer
from comity.kit.web.browsers import acting_at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.search import service
from comity.search.pages.results import ADDRESS, Matchers, Shown

REASON = 2000
ACCOUNT = 20_000
Sent = Annotated[Form, Depends(read_form)]
Deed = Callable[[Any, Issuer, str, Form], Any]
"""(unit, who acts, the query, the form) to what the verb answers."""


def add(router: APIRouter, desk: Callable[[], Desk], matchers: Matchers, shown: Shown) -> None:
    """``POST /search/QUERY/...`` of every verb but verdicts and core data requests, which have pages of their own."""
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def form_of(name: str, verb: str, deed: Deed) -> None:
        @router.post(f"/{{query}}/{name}", name=f"search-{name}")
        def do(request: Request, query: str, form: Sent, issuer: acting) -> Response:
            try:
                with desk().acting(verb, issuer) as unit:
                    moved = deed(unit, issuer, query, form)
            except (BadInput, Conflict) as error:
                return shown(request, issuer, query, name, error)
            return RedirectResponse(f"{ADDRESS}/{getattr(moved, 'id', '') or query}", 303)

    form_of("withdrawal", "search.withdraw", lambda u, i, q, f: service.withdraw(u, i, q, _why(f, "withdrawal")))
    form_of("correction", "search.correct", _corrected(matchers))
    form_of(
        "explained", "search.explained", lambda u, i, q, f: service.near_match_explained(u, i, q, _why(f, "explained"))
    )
    form_of("note", "search.note", lambda u, i, q, f: service.note(
        u, i, q, f.text("note_finding"), f.text("note_words", REASON)
    ))  # fmt: skip
    form_of("authorisation", "search.authorise", _authorised)
    form_of("release", "search.release", lambda u, i, q, _: service.release(u, _matcher(u, matchers, q), i, q))
    form_of("alone", "search.release-alone", lambda u, i, q, f: service.release_alone(
        u, _matcher(u, matchers, q), i, q, _why(f, "alone")
    ))  # fmt: skip
    form_of("refusal", "search.refuse", lambda u, i, q, f: service.refuse(
        u, i, q, f.text("refusal_ground"), _why(f, "refusal")
    ))  # fmt: skip
    form_of("review", "search.answer", _reviewed(matchers))
    form_of("turned-down", "search.answer", _turned_down)
    form_of("outcome", "search.outcome", _outcome)


def _why(form: Form, name: str) -> str:
    return form.text(f"{name}_reason", REASON)


def _matcher(unit: Any, matchers: Matchers, query: str) -> Any:
    return service.matcher_of(matchers(), service.find(unit, query).modality)


def _corrected(matchers: Matchers) -> Deed:
    def deed(unit: Any, issuer: Issuer, query: str, form: Form) -> Any:
        return service.correct(unit, _matcher(unit, matchers, query), issuer, query, form.text("correction_record"))

    return deed


def _authorised(unit: Any, issuer: Issuer, query: str, form: Form) -> Any:
    granted = form.text("authorisation_granted")
    if granted not in ("yes", "no"):
        raise BadInput("search.ruling", "Neither granted nor denied", todo="Choose one of the two.")
    ruling = service.Ruling(granted == "yes", form.text("authorisation_reference", REASON), _why(form, "authorisation"))
    return service.authorise(unit, issuer, query, ruling)


def _reviewed(matchers: Matchers) -> Deed:
    def deed(unit: Any, issuer: Issuer, query: str, form: Form) -> None:
        lines = (line.strip() for line in form.text("review_facts", REASON).split("\n"))
        service.review(unit, matchers(), issuer, query, service.read_facts(line for line in lines if line))

    return deed


def _turned_down(unit: Any, issuer: Issuer, query: str, form: Form) -> None:
    service.turn_down(unit, issuer, query, form.text("turned-down_ground"), _why(form, "turned-down"))


def _outcome(unit: Any, issuer: Issuer, query: str, form: Form) -> None:
    service.record_outcome(unit, issuer, query, form.text("outcome_kind"), _why(form, "outcome"))
