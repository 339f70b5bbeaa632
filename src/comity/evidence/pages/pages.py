"""Evidence at a browser: lists, an item with its custody, a request, a package. `acts` holds what the forms do.

What is not the reader's is not there: an id of somebody else's case is answered as one that nobody has.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, ComityError, NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.evidence import service
from comity.evidence.model.lists import Choice, Listed
from comity.evidence.pages.words import WORDS
from comity.exchange.model import Handling
from comity.kit.web import visits
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.legal import service as legal

ADDRESS: Final = "/evidence"
Text = Annotated[str, Query(max_length=80)]


def lists(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/evidence`` and its lists of requests, of partners' requests and of packages; items and the others by id."""
    pages.add(__package__, WORDS)
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    person = Annotated[Issuer, Depends(at_browser(desk))]
    _own(router, pages, desk)

    @router.get("/received")
    def received(request: Request, issuer: person, choice: Annotated[Choice, Depends(_choice)]) -> Response:
        with desk().acting("evidence.list", issuer) as unit:
            found = service.list_received(unit, issuer, choice)
        return _list(pages, request, "received", (choice, found))

    @router.get("/requests/{named}")
    def one_request(request: Request, issuer: person, named: str) -> Response:
        return request_page(Visit(pages, request, desk(), issuer), named)

    @router.get("/{named}")
    def one(request: Request, issuer: person, named: str) -> Response:
        return detail_page(Visit(pages, request, desk(), issuer), named)

    return router


def _own(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    """The lists of what belongs to the reader's cases."""
    person = Annotated[Issuer, Depends(at_browser(desk))]
    which = Annotated[Choice, Depends(_choice)]

    @router.get("")
    def items(request: Request, issuer: person, choice: which) -> Response:
        with desk().reading("evidence.list", issuer) as unit:
            found = service.list_items(unit, issuer.actor, choice)
        return _list(pages, request, "", (choice, found))

    @router.get("/requests")
    def requests(request: Request, issuer: person, choice: which) -> Response:
        with desk().reading("evidence.list", issuer) as unit:
            found = service.list_requests(unit, issuer.actor, choice)
        return _list(pages, request, "requests", (choice, found))

    @router.get("/packages")
    def packages(request: Request, issuer: person, choice: which) -> Response:
        with desk().reading("evidence.list", issuer) as unit:
            found = service.list_packages(unit, issuer.actor, choice)
        return _list(pages, request, "packages", (choice, found))


def _choice(case: Text = "", state: Text = "", partner: Text = "", before: Text = "") -> Choice:
    return Choice(case.strip(), state.strip(), partner.strip(), before)


def _list(pages: Pages, request: Request, which: str, shown: tuple[Choice, Listed[Any]]) -> Response:
    choice, found = shown
    kept = {name: value for name, value in asdict(choice).items() if value and name != "before"}
    address = f"{ADDRESS}/{which}".rstrip("/")
    older = f"{address}?{urlencode(kept | {'before': found.older})}" if found.older else ""
    newest = f"{address}?{urlencode(kept)}" if choice.before else ""
    return pages.page(
        request, "evidence/list.html", which=which, choice=choice, lines=found.lines, older=older, newest=newest
    )


# --- one of them ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit(visits.Visit):
    """One request of somebody who is signed in; its pages say why they are looked at, and how they must be handled."""

    def _banner(self, found: Any) -> dict[str, str]:
        """Why what was found is looked at (its purpose, its case or partner) and, of what passes between two states,
        how it must be handled."""
        if not found:
            return {}
        purpose = legal.label("purposes", str(found.get("purpose", "")), self.language)
        why = (purpose, str(found.get("reference") or found.get("partner") or ""))
        head = {"purpose": " · ".join(word for word in why if word)}
        return head | ({"handling": Handling.of(found).line} if "handling" in found else {})

    def page(self, template: str, wrong: ComityError | None = None, **values: Any) -> Response:
        """The page that `template` makes, with what was `wrong` in its form and what was typed there."""
        return self.pages.page(
            self.request, template, status=200 if wrong is None else 400, roles=self.issuer.actor.roles, wrong=wrong,
            given=self.given, **self._banner(values.get("found")), **values,
        )  # fmt: skip


@contextmanager
def own_case() -> Iterator[None]:
    """A case that is not the reader's, and one that does not exist, are one slip of the pen in a form."""
    try:
        yield
    except (NotAllowed, NotFound) as error:
        if error.outward.code != "cases.unknown":
            raise
        raise BadInput("evidence.case", "This is none of your cases", where="case",
                       todo="Give the reference of a case in which you are a member.") from None  # fmt: skip


def detail_page(visit: Visit, named: str, wrong: ComityError | None = None) -> Response:
    """The page of an item, a release or a package, or of a request, which has an address of its own, too."""
    with visit.desk.reading("evidence.show", visit.issuer) as unit:  # a snapshot
        found = service.detail_in_case(unit, visit.issuer, named)
    if found is None:
        return request_page(visit, named, wrong)
    template = "item" if found["what"] == "item" else "package"
    return visit.page(f"evidence/{template}.html", wrong, found=found)


def request_page(visit: Visit, named: str, wrong: ComityError | None = None) -> Response:
    """The page of one request, on either side, with the forms of those who may answer it."""
    with visit.desk.acting("evidence.show", visit.issuer) as unit:
        found = service.detail(unit, visit.issuer, named)
        ours = service.offerable(unit, visit.issuer.actor, found)
    if found["what"] != "request" or service.may_not_know(visit.issuer.actor, found):
        raise service.unknown(named)
    own_id = visit.given.get("id") or uuid7(visit.desk.database.clock())
    grounds, purposes = (legal.labels(scheme, visit.language) for scheme in ("refusal_grounds", "purposes"))
    return visit.page(
        "evidence/request.html", wrong, found=found, items=ours, grounds=grounds, purposes=dict(purposes), own_id=own_id
    )
