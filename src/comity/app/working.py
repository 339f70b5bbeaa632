"""One person's day: what waits, what is due, what went wrong, and where the person was. By role and by case.

Every room says what waits in it; here it is laid together as lines that lead to where a thing is done. The number of
statements does not depend on how much there is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from comity.access import service as access
from comity.access.model import Look
from comity.app.around import CLOCKS, may_know
from comity.base.model import Actor
from comity.cases import service as cases
from comity.evidence import service as evidence
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Watch
from comity.search import service as search
from comity.search.model import Query

SHOWN: Final = 20
"""Lines of a kind on the page."""
_PAGES: Final = {"search": "/search/", "case": "/cases/", "evidence": "/evidence/"}
_TELLING: Final = frozenset({"search.confirmation", "search.core_request"})
"""Messages of which only to know tells an examiner another's verdict."""


@dataclass(frozen=True)
class Line:
    """One thing: where it is done, what it is (a code or words of its own), with whom, of which case."""

    address: str
    what: str
    partner: str = ""
    case: str = ""
    at: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class Section:
    """The lines of one kind; `more` leads to where the rest is listed."""

    kind: str
    lines: Sequence[Line]
    more: str = ""


def work(unit: Unit, viewer: Actor) -> list[Section]:
    """What waits for this person, the most pressing kind first; kinds of which nothing waits are left out."""
    waits = search.awaiting(unit, viewer)
    found = [
        Section("alarm", _counted(exchange.unseen_alarms(unit), "/duty")),
        Section("hand_over", [
            Line("/duty", person, at=at) for _, person, at in access.waiting_hand_overs(unit, viewer)
        ]),
        Section("emergency", _emergencies(unit, viewer), "/emergency"),
        Section("verdict", _verdicts(unit, viewer), "/search/verdicts"),
        Section("ruling", _queries(waits.rulings)),
        Section("release", _queries(waits.releases)),
        Section("offer", [
            Line(f"/evidence/{one.id}", "", one.recipient, one.case, one.at, one.expires)
            for one in evidence.to_release(unit, viewer)
        ]),
        Section("law", _queries(waits.reviews)),
        Section("package", [
            Line(f"/evidence/{one.id}", "", one.sender, one.case, one.at) for one in evidence.to_accept(unit, viewer)
        ]),
        Section("laboratory", _queries(waits.laboratories)),
        Section("answer", _queries(waits.answers), "/search?side=asking"),
        Section("outcome", [
            Line(f"/search/{one.query}", "", one.partner, one.case, one.confirmed_at)
            for one in search.outcomes_due(unit, viewer, SHOWN + 1)
        ]),
        Section("request", _counted(evidence.open_requests(unit, viewer), "/evidence/received?state=open")),
        Section("erasure", _counted(len(cases.erasures(unit, viewer)), "/cases/erasures")),
        Section("failed", _failed(unit, viewer)),
        Section("deadline", _deadlines(unit, viewer)),
    ]  # fmt: skip
    return [section for section in found if section.lines]


def recent(unit: Unit, viewer: Actor) -> list[Line]:
    """Where the person was, the latest first."""
    return [_looked(look) for look in access.recent(unit, viewer)]


def references(unit: Unit, lines: Iterable[Line]) -> dict[str, str]:
    """The references of the lines' cases by id, one statement; they are the person's own."""
    return cases.references(unit, {line.case for line in lines if line.case})


def _counted(count: int, address: str) -> list[Line]:
    return [Line(address, str(count))] if count else []


def _queries(found: Iterable[Query]) -> list[Line]:
    return [Line(f"/search/{one.id}", one.status, one.partner, one.case or "", one.asked_at) for one in found]


def _verdicts(unit: Unit, viewer: Actor) -> list[Line]:
    waiting = search.to_judge(unit, viewer, SHOWN + 1)
    return [
        Line(f"/search/{one.query}/candidates/{one.number}", "near_match" if one.near else "hit", one.partner, "",
             one.asked_at)
        for one in waiting
    ]  # fmt: skip


def _emergencies(unit: Unit, viewer: Actor) -> list[Line]:
    waiting = [one for one in legal.reviews(unit, viewer) if one.events]
    return [
        Line(f"/emergency#{one.matter.id}", one.matter.machine, one.matter.partner, "", one.matter.opened_at, one.due)
        for one in waiting
    ]


def _failed(unit: Unit, viewer: Actor) -> list[Line]:
    blind = _TELLING if "examiner" in viewer.roles else frozenset()
    return [
        Line(f"/partners/{one.recipient}", one.type, one.recipient, one.case, one.at)
        for one in exchange.failed(unit, viewer, SHOWN + 1) if one.type not in blind
    ]  # fmt: skip


def _deadlines(unit: Unit, viewer: Actor) -> list[Line]:
    clocks = [clock for clock in legal.soonest(unit, viewer, SHOWN + 1) if may_know(viewer, clock)]
    return [Line(_place(one), told(one), one.turn, one.case or "", None, one.due) for one in clocks]


def told(clock: Watch) -> str:
    """A clock by its code, where pages have words for it; else by its title and name."""
    return clock.clock if clock.clock in CLOCKS else f"{clock.title}: {clock.clock}"


def _place(clock: Watch) -> str:
    """The page on which a clock's matter is looked at."""
    room, _, id = clock.holder.partition(":")
    if room == "search":
        return f"/search/{id}"
    return f"/cases/{clock.case}" if clock.case else "/emergency"


def _looked(look: Look) -> Line:
    room, _, id = look.thing.partition(":")
    return Line(_PAGES.get(room, "/") + id, room, "", id if room == "case" else "", look.at)
