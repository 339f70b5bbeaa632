"""A candidate beside the record of its query: the examiner looks, judges blind, and goes on to the next one."""

from collections.abc import Callable
from typing import Annotated, Any, Final, get_args
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.errors import BadInput, ComityError, Conflict
from comity.base.model import Issuer
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of
from comity.search import service
from comity.search.model import Compared, Judgeable, VerdictKind
from comity.search.pages.banners import banner
from comity.search.pages.results import ADDRESS, Matchers

WAITING: Final = f"{ADDRESS}/verdicts"
_REASON: Final = 2000
Sent = Annotated[Form, Depends(read_form)]


def add(router: APIRouter, pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> None:
    """``/search/QUERY/candidates/NUMBER`` and its form."""
    person = Annotated[Issuer, Depends(at_browser(desk))]
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    def shown(request: Request, issuer: Issuer, which: tuple[str, str], wrong: ComityError | None = None) -> Response:
        query, number = which
        with desk().acting("search.compare", issuer) as unit:
            found = service.compared(unit, matchers(), issuer.actor, query, number)
        judges = "examiner" in issuer.actor.roles and found.own is None and found.query.state in service.JUDGED
        return pages.page(
            request, "search/compared.html", status=200 if wrong is None else status_of(wrong), found=found,
            given=form_of(request).kept(), wrong=wrong, verdicts=get_args(VerdictKind), judges=judges,
            at=address_of(query, number), **_around(found),
            **banner(found.query, pages.frame(request).preferences.language),
        )  # fmt: skip

    @router.get("/{query}/candidates/{number}")
    def show(request: Request, query: str, number: str, issuer: person) -> Response:
        return shown(request, issuer, (query, number))

    @router.post("/{query}/candidates/{number}")
    def judge(request: Request, query: str, number: str, form: Sent, issuer: acting) -> Response:
        try:
            kind = _kind(form.text("verdict"))
            with desk().acting("search.confirm", issuer) as unit:
                service.confirm(unit, issuer, query, (number, kind), form.text("reason", _REASON))
                waits = service.to_judge(unit, issuer.actor, 1)
        except (BadInput, Conflict) as error:
            return shown(request, issuer, (query, number), error)
        onward = form.text("onward") == "yes" and waits
        to = address_of(waits[0].query, waits[0].number) if onward else address_of(query, number)
        return RedirectResponse(to, 303)


def add_waiting(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    """``/search/verdicts``: what waits for this examiner."""

    @router.get("/verdicts")
    def waiting(request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        with desk().database.read("search.verdicts") as unit:
            found = service.to_judge(unit, issuer.actor)
        return pages.page(
            request, "search/verdicts.html", waits=[(one, address_of(one.query, one.number)) for one in found],
            most=service.MOST_WAITING,
        )  # fmt: skip


def address_of(query: str, number: str) -> str:
    """Where a candidate is compared."""
    return f"{ADDRESS}/{quote(query, safe='')}/candidates/{quote(number, safe='')}"


def _kind(text: str) -> VerdictKind:
    for kind in ("match", "no_match", "inconclusive"):
        if text == kind:
            return kind
    raise BadInput("search.verdict", "No verdict was chosen", todo="Choose one of the three.")


def _around(found: Compared) -> dict[str, Any]:
    """Where this candidate stands among those that wait: its number, how many there are, the ones beside it."""
    keys = [(one.query, one.number) for one in found.waits]
    here = (found.query.id, found.candidate.number)
    at = keys.index(here) if here in keys else -1
    beside: list[Judgeable | None] = [found.waits[at - 1] if at > 0 else None]
    beside.append(found.waits[at + 1] if 0 <= at < len(keys) - 1 else found.waits[0] if at < 0 and keys else None)
    before, after = (address_of(one.query, one.number) if one else "" for one in beside)
    return {"place": at + 1, "waiting": len(keys), "before": before, "after": after}
