"""The list of queries, ours and partners': its filters and its order stand in the address, so that a search of the list
can be kept as a link."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, cast, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi import Query as Parameter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, Misconfigured, NotAllowed, NotFound
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.exchange import service as exchange
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.search import service
from comity.search.model import Listed, Query, Side, Stage, Status, Wanted
from comity.search.pages.results import ADDRESS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FILTERS: Final = ("side", "stage", "answer", "partner", "case", "order")


class Address(BaseModel):
    """What the address of the list says; empty for whatever is not narrowed."""

    side: Side | str = Field("", max_length=8)
    stage: Stage | str = Field("", max_length=8)
    answer: Status | str = Field("", max_length=16)
    partner: str = Field("", max_length=16)
    case: str = Field("", max_length=80)
    order: str = Field("", max_length=8)
    after: str = Field("", max_length=60)
    before: str = Field("", max_length=60)

    def wanted(self) -> Wanted:
        """The same as the room's noun; BadInput for a word that the list does not know."""
        return Wanted(
            cast("Side | None", _known("side", self.side, get_args(Side))),
            cast("Stage | None", _known("stage", self.stage, get_args(Stage))),
            cast("Status | None", _known("answer", self.answer, get_args(Status))),
            self.partner, self.case.strip(), self.order == "oldest", _place(self.after), _place(self.before),
        )  # fmt: skip

    def filters(self) -> dict[str, str]:
        """What narrows or orders the list."""
        return {name: str(value) for name in _FILTERS if (value := getattr(self, name))}


def add(router: APIRouter, pages: Pages, desk: Callable[[], Desk]) -> None:
    """``/search``."""

    @router.get("")
    def listed(
        request: Request, issuer: Annotated[Issuer, Depends(at_browser(desk))], address: Annotated[Address, Parameter()]
    ) -> Response:
        wanted, unknown = address.wanted(), False
        with desk().database.read("search.list") as unit:
            try:
                found = service.page(unit, issuer.actor, wanted)
            except (NotFound, NotAllowed):
                found, unknown = Listed((), before=False, after=False), True
            named = cases.references(unit, [query.case for query in found.queries if query.case])
            try:
                partners = sorted(exchange.directory(unit).members)
            except Misconfigured:
                partners = []
            to_judge = bool(service.to_judge(unit, issuer.actor, 1))
        return pages.page(
            request, "search/queries.html", queries=found.queries, named=named, asked=address.filters(),
            partners=[code for code in partners if code != desk().code], sides=get_args(Side), stages=get_args(Stage),
            answers=get_args(Status), newer=_onward(address, found, "before"), older=_onward(address, found, "after"),
            sorting=_sorting(address), unknown=unknown, to_judge=to_judge,
        )  # fmt: skip


def _known(name: str, value: str, known: tuple[str, ...]) -> str | None:
    if value and value not in known:
        raise BadInput("search.filter", f"The list knows no such {name}", where=value[:20],
                       todo=f"Use one of {', '.join(known)}, or leave it out.")  # fmt: skip
    return value or None


def _onward(address: Address, found: Listed, way: str) -> str:
    """The address of the page before or after this one; empty where there is none."""
    more = found.before if way == "before" else found.after
    if not more or not found.queries:
        return ""
    at = found.queries[0 if way == "before" else -1]
    return f"{ADDRESS}?{urlencode(address.filters() | {way: _cursor(at)})}"


def _sorting(address: Address) -> str:
    """The address of the same list in the other order, from its beginning."""
    filters = address.filters()
    other = {} if filters.pop("order", "") == "oldest" else {"order": "oldest"}
    return f"{ADDRESS}?{urlencode(filters | other)}"


def _cursor(query: Query) -> str:
    return f"{(query.asked_at - _EPOCH) // timedelta(microseconds=1)}.{query.id}"


def _place(cursor: str) -> tuple[datetime, str] | None:
    """The place that a cursor names; None for none, BadInput for what is none."""
    if not cursor:
        return None
    micros, dot, id = cursor.partition(".")
    if not dot or not micros.isdecimal() or len(micros) > 17:
        raise BadInput("search.cursor", "This is no place in the list", todo="Begin at the front: /search.")
    return _EPOCH + timedelta(microseconds=int(micros)), id
