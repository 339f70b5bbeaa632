"""The clocks of queries in the node's registry of deadlines: the answer that is awaited, the core data that are due."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Alarm, Course, Deadline, Holder, Reminder, Term, Watch
from comity.search import rules, store
from comity.search.model import Query

AWAITED: Final = frozenset({"searching", "waiting", "partial"})
REVIEWED: Final = "legal_review"
ANSWER, CORE_DATA = "answer", "core_data"
SOON: Final = Reminder(Term(12, "hours"), before_end=True, to=("approver",), text="core data are due in 12 hours")


def holder(query: Query) -> str:
    """How the registry names a query."""
    return f"search:{query.id}"


def follow(unit: Unit, before: Query, query: Query) -> None:
    """A query has taken a step: its clock of the answer starts, goes on or stops; its end stops every clock."""
    was, runs = _turn(before), _turn(query)
    if runs and (runs, before.deadline) != (was, query.deadline):
        legal.watch(unit, _answer(unit, query, ours=runs == "us"))
    elif was and not runs:
        legal.unwatch(unit, holder(query), ANSWER, "ended" if query.state == "expired" else "kept")
    if query.state in rules.FINAL_STATES and before.state not in rules.UNANSWERED_STATES:
        legal.unwatch(unit, holder(query), CORE_DATA, "stopped")


def _turn(query: Query) -> str:
    """Whose turn it is to answer: ``us`` while a lawyer here must decide, ``them``, or empty where no answer is due."""
    if query.state == REVIEWED:
        return "us"
    return "them" if query.side == "asking" and query.state in AWAITED else ""


def _answer(unit: Unit, query: Query, *, ours: bool) -> Watch:
    """The clock of an answer; a partner's ends by `expire`, which has an entry of its own, and so rings no alarm."""
    lost = "the partner's query ends unanswered" if query.side == "asked" else "the question is too late to be asked"
    return Watch(
        holder=holder(query), clock=ANSWER, title=_title(query), article="Directive (EU) 2023/977 art. 5(1)",
        state="running", started=unit.now, due=query.deadline, effect="breach" if ours else "ends",
        consequence=lost if ours else "the query ends as expired; no answer is no no-hit",
        turn=unit.node if ours else query.partner, alarms=(Alarm(query.deadline, 1, ("lawyer",)),) if ours else (),
        case=query.case,
    )  # fmt: skip


def _title(query: Query) -> str:
    return f"query to {query.partner}" if query.side == "asking" else f"query of {query.partner}"


def keep_clock(unit: Unit, query: Query, clock: JsonObject) -> None:
    """Keep what has happened to the core-data clock of a query, and show it in the registry."""
    store.update_clock(unit, query.id, clock)
    follow_core(unit, query)


def follow_core(unit: Unit, query: Query) -> None:
    """Bring the registry to where the core-data clock stands; a basis that sets no term has none to list."""
    core = store.find_core(unit, query.id)
    term = None if core is None else _term(unit, core["decision"])
    if core is not None and term is not None:
        turn = unit.node if query.side == "asked" else query.partner
        bearer = Holder(holder(query), _title(query), turn, query.case)
        legal.keep_time(unit, bearer, term, _course(unit, query, core["clock"]))


def _course(unit: Unit, query: Query, clock: JsonObject) -> Course:
    """What has happened to the clock, by the days off of the state that is asked."""
    asked = unit.node if query.side == "asked" else query.partner
    return replace(rules.course_of(clock), days_off=legal.tables(unit).calendars.get(asked, ()))


def told_core(unit: Unit, query: Query, core: dict[str, Any], over: datetime | None) -> JsonObject:
    """The core-data clock as JSON, as it stands now or stood when the query ended (`over`)."""
    term = _term(unit, core["decision"])
    due = None if term is None else legal.due(term, _course(unit, query, core["clock"]), over or unit.now)
    return rules.told_clock(core["clock"], due, over=over is not None)


def _term(unit: Unit, decision: str) -> Deadline | None:
    """The time limit of the row on which core data were asked for, with a reminder where its table states none."""
    made = legal.find_decision(unit, decision)
    term = next((deadline for deadline in legal.deadlines(unit, made) if deadline.clock == CORE_DATA), None)
    if term is None:
        return None
    return replace(term, article=f"{made.instrument} {term.article}", reminders=term.reminders or (SOON,))
