"""The clocks of queries in the node's registry of deadlines: the answer that is awaited, the core data that are due."""

from datetime import timedelta
from typing import Any, Final

from comity.base.clock import parse_rfc3339
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Alarm, Watch
from comity.search import rules, store
from comity.search.model import Query

AWAITED: Final = frozenset({"searching", "waiting", "partial"})
REVIEWED: Final = "legal_review"
ANSWER, CORE_DATA = "answer", "core_data"
SOON: Final = timedelta(hours=12)
"""So long before its end the asked side is reminded of core data."""


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
    if query.state in rules.FINAL_STATES:
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
    """Keep the core-data clock of a query, and show it in the registry."""
    store.update_clock(unit, query.id, clock)
    follow_core(unit, query, clock)


def follow_core(unit: Unit, query: Query, clock: JsonObject) -> None:
    """Show the core-data clock as it stands; a judge's time is none of it."""
    told: Any = clock
    if told["ended"] is not None:
        legal.unwatch(unit, holder(query), CORE_DATA, "kept")
        return
    judged = told["judicial_from"] is not None and told["judicial_to"] is None
    started = parse_rfc3339(told["started"])
    due = parse_rfc3339(told["due"]) if told["due"] and not judged else None
    soon = (Alarm(due - SOON, 1, ("approver",), "core data are due in 12 hours"),) if due else ()
    alarms = (*(a for a in soon if a.at > started), Alarm(due, 2, ("approver",))) if due else ()
    legal.watch(unit, Watch(
        holder=holder(query), clock=CORE_DATA, title=_title(query), article=str(told["article"]),
        state="extended" if judged else "running", started=started, due=due, effect="breach",
        consequence="the term for core data is breached", turn=unit.node if query.side == "asked" else query.partner,
        alarms=alarms, case=query.case,
    ))  # fmt: skip
