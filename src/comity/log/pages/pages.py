"""The log at a browser: its entries in their clear fields, one entry with its proof, and the signed head.

Nothing sealed is shown but to an auditor who says why: opening values, and looking through what lies behind many
entries, are acts of their own (`looking`); and people have the log verified while they work on (`verifying`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from comity.base.errors import BadInput
from comity.base.model import MOST_NUMBER, Issuer
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, form_of, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.log import service
from comity.log.model import FIELDS
from comity.log.pages.verifying import SHORT, Verifier
from comity.log.pages.words import WORDS

ROWS: Final = 50
"""Entries on a page."""
SPAN: Final = 20_000
"""Entries that a page of one type looks through: a rare type is sought page by page."""
ADDRESS: Final = "/oversight"
Sent = Annotated[Form, Depends(read_form)]
Index = Annotated[int, Path(ge=0, le=MOST_NUMBER)]
REASON: Final = 2000


@dataclass(frozen=True)
class Upstairs:
    """What these pages need of rooms above: how people act, and whose keys and ids those of cases are."""

    act: service.Acting
    find_key: service.KeyFinder
    find_case: Callable[[Any, str], str]
    """(unit, case by id or reference) to the name of its data key; NotFound where there is none."""


def routes(pages: Pages, desk: Callable[[], Desk], above: Upstairs) -> APIRouter:
    """``/oversight``, ``/oversight/entries/INDEX`` with its proof and openings, and ``/oversight/verify``."""
    pages.add(__package__, WORDS)
    router = APIRouter(prefix=ADDRESS, include_in_schema=False, dependencies=[Depends(at_browser(desk))])
    _reading(router, pages, desk)
    _opening(router, pages, desk, above)
    _verifying(router, pages, desk, above)
    return router


def _reading(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get("")
    def entries(
        request: Request, after: Annotated[int | None, Query(ge=-1, le=MOST_NUMBER)] = None,
        kind: Annotated[str, Query(alias="type", max_length=60)] = "",
    ) -> Response:  # fmt: skip
        with desk().database.read("log.show") as unit:
            head = service.head(unit)
            start = after if after is not None else (-1 if kind else max(-1, head.size - 1 - ROWS))
            found = service.entries(unit, start, ROWS + 1, kind or None, start + SPAN)
        shown = found[:ROWS]
        onward = _address(shown[-1].index, kind) if len(found) > ROWS else ""
        if kind and not onward and start + SPAN < head.size - 1:
            onward = _address(start + SPAN, kind)
        back = _address(max(-1, start - ROWS), kind) if start >= 0 and not kind else ""
        return pages.page(
            request, "log/entries.html", head=head, entries=shown, kind=kind, onward=onward, back=back, start=start
        )

    @router.get("/entries/{index}")
    def entry(request: Request, issuer: person, index: Index) -> Response:
        return _entry(pages, request, (desk(), issuer), index)

    @router.get("/entries/{index}/proof")
    def proof(index: Index) -> Response:
        with desk().database.read("log.prove") as unit:
            text = service.proof_file(unit, str(index))
        return PlainTextResponse(
            text, headers={"content-disposition": f'attachment; filename="entry-{index}.tlog-proof"'}
        )


def _entry(
    pages: Pages, request: Request, seen: tuple[Desk, Issuer], index: int, came: BadInput | dict[str, str] | None = None
) -> Response:
    """The page of an entry, with what came of its form: what was wrong, or the values that were opened."""
    desk, issuer = seen
    with desk.database.read("log.entry") as unit:
        found = service.entry(unit, index)
    form, wrong = form_of(request), came if isinstance(came, BadInput) else None
    return pages.page(
        request, "log/entry.html", status=400 if wrong else 200, entry=found, clear=found.clear, wrong=wrong,
        opened=came if isinstance(came, dict) else {}, auditor=bool(issuer.actor.roles & service.AUDITORS),
        fields=FIELDS, given=form.kept(), chosen=form.texts("field"),
    )  # fmt: skip


def _opening(router: APIRouter, pages: Pages, desk: Callable[[], Desk], above: Upstairs) -> None:
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]

    @router.post("/entries/{index}")
    def open_values(request: Request, issuer: acting, form: Sent, index: Index) -> Response:
        """Shown once, to the auditor who asked, behind the commit of the entry about it."""
        try:
            subject = service.inspection(index, _fields(form), form.text("reason", REASON))
        except BadInput as error:
            return _entry(pages, request, (desk(), issuer), index, error)
        with desk().acting("log.open", issuer) as unit:
            acted = above.act(unit, issuer, "log.open", subject, service.AUDITORS)
            found = service.inspect(unit, acted, subject, above.find_key)
        told = {name: json.dumps(one.value, ensure_ascii=False, indent=2) for name, one in found.items()}
        return _entry(pages, request, (desk(), issuer), index, told)


def _fields(form: Form) -> list[str]:
    chosen = [name for name in form.texts("field") if name in FIELDS]
    if not chosen:
        raise BadInput("log.no-field", "Nothing was chosen to be opened", where="field", todo="Choose what to open.")
    return chosen


def _verifying(router: APIRouter, pages: Pages, desk: Callable[[], Desk], above: Upstairs) -> None:
    verifier = Verifier(desk, above.find_key)
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]
    person = Annotated[Issuer, Depends(at_browser(desk))]

    @router.get("/verify")
    def shown(request: Request, issuer: person) -> Response:
        run, last = verifier.run, verifier.last
        with desk().database.read("log.head") as unit:
            head = service.head(unit)
        return pages.page(
            request, "log/verify.html", run=run, last=last, head=head, short=head.size <= SHORT,
            may=bool(issuer.actor.roles & service.VERIFIERS),
        )  # fmt: skip

    @router.post("/verify")
    def start(issuer: acting, form: Sent) -> Response:
        full = form.text("what") == "full"
        if not desk().database.sealed:  # a node that only reads can verify, and log nothing
            with desk().acting("log.verify", issuer) as unit:
                acted = above.act(unit, issuer, "log.verify", {"full": full}, service.VERIFIERS)
                service.note_started(unit, acted, full)
        verifier.start(full)
        return RedirectResponse(f"{ADDRESS}/verify", 303)


def _address(after: int, kind: str) -> str:
    return f"{ADDRESS}?{urlencode({'after': after} | ({'type': kind} if kind else {}))}"
