"""An auditor looks through the log: who, what, about which record or case, with whom, when; each look is an act."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, NotFound
from comity.base.model import Issuer
from comity.base.words import said
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.log import service
from comity.log.model import Line, Looked, Sought
from comity.log.pages.pages import ADDRESS, REASON, Upstairs

LOOK: Final = f"{ADDRESS}/search"
Sent = Annotated[Form, Depends(read_form)]
_CARRIED: Final = ("person", "type", "case", "record", "peer", "since", "until", "reason")


def looking(pages: Pages, desk: Callable[[], Desk], above: Upstairs) -> APIRouter:
    """``/oversight/search``: the form, and what one look found. Behind `pages.routes`, which adds the templates."""
    router = APIRouter(include_in_schema=False)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get(LOOK)
    def form(request: Request, issuer: person) -> Response:
        return _page(pages, request, issuer, {})

    @router.post(LOOK)
    def look(request: Request, issuer: acting, form: Sent) -> Response:
        try:
            with desk().database.read("log.case") as unit:
                sought = _sought(form, _key(unit, above, form.text("case", 80)))
            subject = service.looking(sought, form.text("reason", REASON))
        except (BadInput, NotFound) as error:
            return _page(pages, request, issuer, form.kept(), error)
        with desk().acting("log.search", issuer) as unit:
            acted = above.act(unit, issuer, "log.search", subject, service.AUDITORS)
            found = service.look(unit, acted, subject, sought, above.find_key)
        return _page(pages, request, issuer, form.kept(), found)

    return router


def _page(
    pages: Pages,
    request: Request,
    issuer: Issuer,
    given: dict[str, str],
    came: BadInput | NotFound | Looked | None = None,
) -> Response:
    """The form with what was typed, and what came of it: what was wrong, or what was found."""
    found = came if isinstance(came, Looked) else None
    wrong = None if isinstance(came, Looked) else came
    lines = [] if found is None else [(line, _about(line)) for line in found.lines]
    return pages.page(
        request, "log/search.html", status=400 if wrong else 200, given=given, wrong=wrong, found=found, lines=lines,
        carried={name: given.get(name, "") for name in _CARRIED},
        auditor=bool(issuer.actor.roles & service.AUDITORS),
    )  # fmt: skip


def _about(line: Line) -> str:
    return said(line.subject) if isinstance(line.subject, dict) else ""


def _key(unit: Any, above: Upstairs, case: str) -> str:
    return above.find_case(unit, case) if case else ""


def _sought(form: Form, key_id: str) -> Sought:
    """What the form asks for; days are those of UTC, the last one included."""
    until = _day(form, "until")
    before = form.text("before", 20)
    return Sought(
        person=form.text("person", 63), type=form.text("type", 60), key_id=key_id, record=form.text("record", 80),
        peer=form.text("peer", 16), since=_day(form, "since"), until=until + timedelta(days=1) if until else None,
        before=int(before) if before.isascii() and before.isdecimal() else None,
    )  # fmt: skip


def _day(form: Form, name: str) -> datetime | None:
    text = form.text(name, 10)
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC) if text else None
    except ValueError as error:
        raise BadInput("log.day", f"{text!r} is no day", where=name, todo="Write it as 2027-12-31.") from error
