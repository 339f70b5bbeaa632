"""Going on after the idle lock: the form that came too late is offered again once the same person has signed in.

Nothing is kept on the node meanwhile: what was typed travels in the pages of the sign-in themselves. Only a form of the
browser's own earlier session is taken, and it is sent again by the person, never by itself.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from comity.access import service
from comity.access.model import Session
from comity.base.errors import ComityError
from comity.kit.web import browsers
from comity.kit.web.choosing import local
from comity.kit.web.forms import Form, form_of
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages

MOST_KEPT: Final = 100_000
"""Characters of a form that is carried through a sign-in."""
_OWN: Final = frozenset({browsers.FIELD, browsers.CEREMONY, browsers.ANSWER})
_UNSHOWN: Final = frozenset({"secret"})


def own_fields(form: Form) -> list[tuple[str, str]]:
    """The fields of a form without those of sessions and passkeys."""
    return [(name, value) for name, values in form.fields.items() if name not in _OWN for value in values]


def locked(pages: Pages, request: Request) -> Response | None:
    """The page that a person gets whose form came after the session was over; None where there is no form to keep, or
    it is none of this browser's own."""
    form = form_of(request)
    fields = own_fields(form)
    try:
        browsers.check_form(request, form.text(browsers.FIELD))
    except ComityError:
        return None
    kept = json.dumps({"path": request.url.path, "fields": fields})
    if not fields or len(kept) > MOST_KEPT:
        return None
    return pages.page(request, "access/locked.html", status=403, kept=kept)


def again(
    pages: Pages, desk: Callable[[], Desk], request: Request, entered: tuple[Session, str], kept: str
) -> Response | None:
    """The page on which the same person sends the kept form again, in the new session; None without such a form."""
    session, token = entered
    path, fields = _read(kept)
    with desk().database.read("access.resumed") as unit:
        before = service.session_person(unit, request.cookies.get(browsers.SESSION, ""))
    if not path or before != session.person:
        return None
    request.cookies[browsers.SESSION] = token  # this page is of the new session already
    shown = [(name, value) for name, value in fields if value and name not in _UNSHOWN]
    return pages.page(request, "access/resumed.html", path=path, fields=fields, shown=shown)


def _read(kept: str) -> tuple[str, list[tuple[str, str]]]:
    """Path and fields of a kept form; no path where it does not read as one."""
    try:
        found: Any = json.loads(kept or "null")
        fields = [(str(name), str(value)) for name, value in found["fields"]]
        return (path if (path := local(str(found["path"]))) != "/" else ""), fields
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", []
