"""The people of this node at a browser: who may act, who can sign in, and what a security administrator does about it.

Everybody who is signed in may read; what changes somebody's power is confirmed with the administrator's passkey.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.access import service
from comity.access.model import NewPerson, Person
from comity.access.pages import tokens
from comity.base.codes import ROLES
from comity.base.errors import BadInput
from comity.base.model import Issuer
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages

ADDRESS = "/admin"
Sent = Annotated[Form, Depends(read_form)]


def routes(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/admin``: the people, and forms that add one, make a link, renew a qualification, let somebody go; tokens."""
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.get("")
    def people(request: Request) -> Response:
        return _page(pages, request, desk(), {})

    @router.post("/people")
    def add(request: Request, form: Sent, issuer: acting) -> Response:
        try:
            with desk().acting("person.add", issuer) as unit:
                service.add_person(unit, _new(form), issuer)
        except BadInput as error:
            return _page(pages, request, desk(), form.kept(), error)
        return RedirectResponse(ADDRESS, 303)

    @router.post("/people/{person}/link")
    def link(request: Request, person: str, issuer: acting) -> Response:
        with desk().acting("person.link", issuer) as unit:
            token = service.link(unit, issuer, person)
        return pages.page(request, "access/link.html", person=person, link=f"{desk().address}/join/{token}")

    @router.post("/people/{person}/qualify")
    def qualify(person: str, form: Sent, issuer: acting) -> Response:
        with desk().acting("person.qualify", issuer) as unit:
            service.qualify(unit, person, _day(form.text("until")), issuer)
        return RedirectResponse(ADDRESS, 303)

    @router.post("/people/{person}/deactivate")
    def deactivate(person: str, issuer: acting) -> Response:
        with desk().acting("person.deactivate", issuer) as unit:
            service.deactivate(unit, person, issuer)
        return RedirectResponse(ADDRESS, 303)

    router.include_router(tokens.routes(pages, desk))
    return router


def _page(pages: Pages, request: Request, desk: Desk, given: dict[str, str], wrong: BadInput | None = None) -> Response:
    with desk.database.read("person.list") as unit:
        keys = service.holders(unit)
        found: list[tuple[Person, bool]] = [(one, one.id in keys) for one in service.people(unit)]
    return pages.page(
        request, "access/people.html", status=200 if wrong is None else 400, people=found, roles=sorted(ROLES),
        given=given, wrong=wrong,
    )  # fmt: skip


def _new(form: Form) -> NewPerson:
    """The person in the form. The key is sealed under a passphrase that nobody knows: a browser needs none."""
    until = form.text("until")
    return NewPerson(
        form.text("person"), form.text("unit"), frozenset(form.texts("role")), service.no_passphrase(),
        _day(until) if until else None,
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("access.date", f"{text[:20]!r} is no day", todo="Write it as 2027-12-31.") from error
