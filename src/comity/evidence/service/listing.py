"""Lists of evidence over all cases of a reader: a page at a time, in a constant number of statements."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from comity.base.errors import NotFound
from comity.base.model import Actor, Issuer, JsonObject
from comity.cases import service as cases
from comity.evidence import store
from comity.evidence.model.lists import PAGE, Choice, ItemLine, Listed, PackageLine, RequestLine
from comity.evidence.service.offering import OFFERERS
from comity.evidence.service.showing import triage
from comity.kit.database.unit import Unit

L = TypeVar("L")
Make = Callable[[Any, str], L]


def list_items(unit: Unit, actor: Actor, choice: Choice) -> Listed[ItemLine]:
    """The items in the reader's cases."""
    rows = _mine(unit, actor, "item", choice)
    return _page(unit, rows, lambda row, reference: ItemLine(
        row.id, row.case_id, reference, row.exhibit, row.origin, row.container_sha256, row.standing, row.at,
    ))  # fmt: skip


def offerable(unit: Unit, actor: Actor, request: JsonObject) -> tuple[ItemLine, ...]:
    """The items that the reader could offer in answer to a request: held here, in the reader's cases; the newest."""
    if request.get("side") != "asked" or request["state"] != "open" or not actor.roles & OFFERERS:
        return ()
    return list_items(unit, actor, Choice(state="held")).lines


def list_requests(unit: Unit, actor: Actor, choice: Choice) -> Listed[RequestLine]:
    """What this agency asked partners for in the reader's cases; without what an examiner `may_not_know`."""
    choice = replace(choice, without_hits="examiner" in actor.roles)
    return _page(unit, _mine(unit, actor, "request", choice), _request)


def may_not_know(actor: Actor, request: JsonObject) -> bool:
    """Whether a request tells this person a verdict: it follows a hit that was confirmed, and an examiner may have yet
    to judge the candidate, blind."""
    return "examiner" in actor.roles and request.get("side") == "asking" and bool(request.get("about"))


def list_received(unit: Unit, issuer: Issuer, choice: Choice) -> Listed[RequestLine]:
    """What partners ask of this agency, which belongs to no case here: reading it is an act with its entry."""
    triage(unit, issuer, {"requests": "all"})
    return _page(unit, store.listed(unit, "request", None, replace(choice, case=""), PAGE + 1), _request)


def list_packages(unit: Unit, actor: Actor, choice: Choice) -> Listed[PackageLine]:
    """What was released, or came, in the reader's cases."""
    rows = [row for what in ("release", "parcel") for row in _mine(unit, actor, what, choice)]
    return _page(unit, sorted(rows, key=attrgetter("id"), reverse=True)[: PAGE + 1], _package)


def statistics(unit: Unit, since: datetime, until: datetime) -> list[tuple[str, str, str, int]]:
    """The requests made from `since` to before `until`, as (side, partner, state, how many); they name no case."""
    return [tuple(row) for row in store.count_requests(unit, since, until)]


def _request(row: Any, reference: str) -> RequestLine:
    return RequestLine(row.id, row.case_id, reference, row.partner, row.category, row.state, row.at)


def _package(row: Any, reference: str) -> PackageLine:
    out = hasattr(row, "recipient")
    partner = row.recipient if out else row.sender
    return PackageLine(
        row.id, row.case_id, reference, partner, "out" if out else "in", row.state, row.package_size, row.at
    )


def _mine(unit: Unit, actor: Actor, what: str, choice: Choice) -> Sequence[Any]:
    """Rows of the reader's cases, or of the one that is named, if it is the reader's."""
    if choice.case:
        try:
            choice = replace(choice, case=cases.find_id(unit, choice.case))
        except NotFound:
            return ()
    return store.listed(unit, what, partial(cases.known_to, unit, actor), choice, PAGE + 1)


def _page(unit: Unit, rows: Sequence[Any], make: Make[L]) -> Listed[L]:
    shown = rows[:PAGE]
    known = cases.references(unit, _named(row.case_id for row in shown))
    lines = tuple(make(row, known.get(row.case_id, "")) for row in shown)
    return Listed(lines, shown[-1].id if len(rows) > PAGE else "")


def _named(ids: Iterable[str]) -> list[str]:
    return [id for id in ids if id]
