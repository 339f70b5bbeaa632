"""Statistics for oversight: what was asked, answered and refused, with each partner, in a month; also as CSV."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput
from comity.evidence import service as evidence
from comity.kit.web.browsers import at_browser
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.search import service as search
from comity.search.model import Tally

STATISTICS: Final = "/oversight/statistics"
ANSWERS: Final = ("hit", "near_match", "no_hit", "refused", "unavailable", "partial", "pending", "withheld")
OUTCOMES: Final = ("useful", "known", "wrong", "arrest", "exculpation", "open", "none")
Month = Annotated[str, Query(max_length=7)]


@dataclass(frozen=True)
class Counts:
    """A month's counts; queries by partner and side, requests for evidence as (side, partner, state, how many)."""

    month: str
    earlier: str
    later: str
    """The months beside it, the later one empty for the present month."""
    queries: list[Tally]
    requests: list[tuple[str, str, str, int]]


def counting(pages: Pages, desk: Callable[[], Desk]) -> APIRouter:
    """``/oversight/statistics`` and ``statistics.csv``, for who is signed in: they name nobody and no case."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(at_browser(desk))])

    @router.get(STATISTICS)
    def shown(request: Request, month: Month = "") -> Response:
        found = _counts(desk(), month)
        return pages.page(request, "app/statistics.html", found=found, answers=ANSWERS, outcomes=OUTCOMES)

    @router.get(f"{STATISTICS}.csv")
    def table(month: Month = "") -> Response:
        found, text = _counts(desk(), month), StringIO()
        csv.writer(text).writerows(_rows(found))
        named = f'attachment; filename="statistics-{found.month}.csv"'
        return Response(text.getvalue(), media_type="text/csv", headers={"content-disposition": named})

    return router


def _counts(desk: Desk, month: str) -> Counts:
    now = desk.database.clock()
    start = _month(month) if month else datetime(now.year, now.month, 1, tzinfo=UTC)
    end = _beside(start, 1)
    with desk.database.read("oversight.statistics") as unit:
        queries, requests = search.statistics(unit, start, end), evidence.statistics(unit, start, end)
    return Counts(_name(start), _name(_beside(start, -1)), _name(end) if end <= now else "", queries, requests)


def _month(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput("node.month", f"{text!r} is no month", where="month", todo="Write it as 2026-10.") from error


def _beside(start: datetime, months: int) -> datetime:
    count = start.year * 12 + start.month - 1 + months
    if not 12 <= count < 9999 * 12:
        raise BadInput("node.month", "No month lies there", where="month", todo="Write it as 2026-10.")
    return start.replace(year=count // 12, month=count % 12 + 1)


def _name(start: datetime) -> str:
    return f"{start.year:04}-{start.month:02}"


def _rows(found: Counts) -> Iterator[tuple[str | int, ...]]:
    """One line for each number, which any program can sum: what, partner, side, kind, number."""
    yield "month", "what", "partner", "side", "kind", "number"
    for one in found.queries:
        who = (one.partner, one.side)
        yield found.month, "queries", *who, "all", one.asked
        for kind, number in sorted(one.answers.items()):
            yield found.month, "answers", *who, kind, number
        if one.median_seconds is not None:
            yield found.month, "median seconds to the answer", *who, "all", one.median_seconds
        for kind, number in sorted(one.outcomes.items()):
            yield found.month, "outcomes", *who, kind, number
    for side, partner, state, number in found.requests:
        yield found.month, "requests for evidence", partner, side, state, number
