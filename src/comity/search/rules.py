"""Pure decisions of a search: what candidates amount to, what a correction does, how the core-data clock runs.

Sources: Regulation (EU) 2024/982, articles 6, 47 (confirmation by a qualified person, core data within 48 hours of
confirmation and facts); Council Decision 2008/616/JHA, annex chapter 1 (near matches go back to both laboratories).
"""

from datetime import datetime, timedelta
from typing import Final

from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.model import JsonObject
from comity.search.model import Candidate, Query, Status, Verdict, VerdictKind

CORE_DATA_HOURS: Final = 48
FINAL_STATES: Final = frozenset({"closed_no_hit", "closed_near_match", "released", "refused", "withdrawn", "expired"})
SEARCH_AGAIN_STATES: Final = frozenset({"searching", "waiting", "partial", "both_laboratories"})
DEADLINES: Final = {
    "immediate": timedelta(hours=8),
    "urgent": timedelta(days=3),
    "normal": timedelta(days=7),
}
"""How long an answer is awaited, by urgency (the terms of Directive (EU) 2023/977, article 5)."""

_EVENTS: Final[dict[Status, str]] = {
    "hit": "candidates", "near_match": "near_match", "no_hit": "no_hit", "refused": "partner_refused",
    "unavailable": "unavailable", "partial": "partial",
}  # fmt: skip

_VERDICT_EVENTS: Final[dict[VerdictKind, str]] = {
    "match": "expert_confirm", "no_match": "expert_reject", "inconclusive": "inconclusive",
}  # fmt: skip


def status_of(candidates: list[Candidate]) -> Status:
    """Hit if any candidate fully matches, near match if all differ by the rule's tolerance, no hit if there is none."""
    if any(not c.near for c in candidates):
        return "hit"
    return "near_match" if candidates else "no_hit"


def event_of(status: Status) -> str:
    """The life-cycle event by which an answer of that status enters the machine."""
    return _EVENTS[status]


def verdict_event(kind: VerdictKind) -> str:
    """The life-cycle event of an examiner's verdict."""
    return _VERDICT_EVENTS[kind]


def searches_again(query: Query) -> bool:
    """Whether a correction makes this query search again; otherwise it gets a successor that names it."""
    return query.state in SEARCH_AGAIN_STATES


def visible_verdicts(verdicts: list[Verdict], viewer: str, node: str) -> list[Verdict]:
    """The verdicts that `viewer` may see: all once the viewer has judged, else none of anybody's (blind examination).

    Source: ISO/IEC 17025, 7.2 and forensic practice of blind verification.
    """
    mine = [v for v in verdicts if v.node == node and v.person == viewer]
    return verdicts if mine else []


def start_clock(confirmed_at: datetime, facts_at: datetime) -> JsonObject:
    """The core-data clock: it starts when both the confirmation and the facts of the offence are in."""
    start = max(confirmed_at, facts_at)
    return {
        "article": "2024/982 art. 47", "started": rfc3339(start),
        "due": rfc3339(start + timedelta(hours=CORE_DATA_HOURS)),
        "judicial_from": None, "judicial_to": None, "ended": None, "breached": False,
    }  # fmt: skip


def pause_for_judge(clock: JsonObject, now: datetime) -> JsonObject:
    """A judicial authorisation is awaited: the delay is recorded and is no breach."""
    return clock | {"judicial_from": rfc3339(now)}


def resume_after_judge(clock: JsonObject, now: datetime) -> JsonObject:
    """The judge has decided: the due time moves by the judicial delay."""
    since, due = clock["judicial_from"], clock["due"]
    if not isinstance(since, str) or not isinstance(due, str):
        return clock
    moved = parse_rfc3339(due) + (now - parse_rfc3339(since))
    return clock | {"judicial_to": rfc3339(now), "due": rfc3339(moved)}


def end_clock(clock: JsonObject, now: datetime) -> JsonObject:
    """Core data released or refused: say whether the term was kept."""
    due = clock["due"]
    late = isinstance(due, str) and now > parse_rfc3339(due)
    return clock | {"ended": rfc3339(now), "breached": late}
