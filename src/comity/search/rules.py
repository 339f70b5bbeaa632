"""Pure decisions of a search: what candidates amount to, what a correction does, how the core-data clock runs.

Sources: Regulation (EU) 2024/982, articles 6, 47 (confirmation by a qualified person, core data within a term that
starts with confirmation and facts; how long it is, the instrument says); Council Decision 2008/616/JHA, annex chapter
1 (near matches go back to both laboratories).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from comity.base import words
from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.errors import BadInput
from comity.base.model import Actor, Json, JsonObject
from comity.legal.model import Course, Due
from comity.search.model import (
    Candidate,
    HitKind,
    NoteKind,
    Query,
    Side,
    Stage,
    Status,
    Tally,
    Transition,
    Verdict,
    VerdictKind,
)

FINAL_STATES: Final = frozenset({"closed_no_hit", "closed_near_match", "released", "refused", "withdrawn", "expired"})
UNANSWERED_STATES: Final = frozenset({"legal_review", "searching", "waiting"})
STAGES: Final[dict[Stage, tuple[str, ...]]] = {
    "awaited": ("searching", "waiting", "partial"),
    "review": ("legal_review",),
    "hits": (
        "candidate_hit", "both_laboratories", "confirmed", "core_requested", "awaiting_judge", "authorised",
        "clarification", "core_released", "evidence_requested",
    ),
    "ended": tuple(sorted(FINAL_STATES)),
}  # fmt: skip
READERS: Final = frozenset({"officer", "examiner", "approver", "judge", "lawyer"})
"""Roles of which one is needed to look into a partner's query, which belongs to no case here."""
LAWYERS_JUDGEMENTS: Final = frozenset({
    "minor_review", "neutrality_review", "protection_review", "recipient", "specific_authorisation",
})  # fmt: skip
"""Judgements that only a lawyer states, by `comity search answer`, never who asks."""
JUDGEMENTS: Final = LAWYERS_JUDGEMENTS | {
    "accredited", "named_readers", "originator", "originator_consent", "use_consent",
}  # fmt: skip
"""What this node's own people state for this node only: never sent, never taken from a partner."""
CORE_FACTS: Final = frozenset({"data_category", "match", "facts_of_offence"})
"""What a request for core data says otherwise than the query did."""
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
_REST: Final[dict[Status, str]] = {"hit": "rest_arrived", "no_hit": "rest_no_hit"}
FOLLOW_UPS: Final = (timedelta(days=30), timedelta(days=90))
"""How long after its confirmation a hit is asked about."""
ANSWERS: Final = frozenset({"hit", "near_match", "no_hit", "refused", "partial"})
"""What a state has said; of the six answers, unavailable is the one that it did not give."""
NOTE_KINDS: Final[tuple[NoteKind, ...]] = get_args(NoteKind)
HIT_KINDS: Final[frozenset[HitKind]] = frozenset(get_args(HitKind))
MAX_REASON: Final = 2000
Counted = tuple[Side, str, Status, int | None, int]
"""Side, partner, status, seconds to the answer (None: nobody took any), how many. What our own law stopped is refused
in no time of a partner's."""
_GROUND: Final = re.compile("[a-z][a-z_]{0,63}")


def status_of(candidates: list[Candidate]) -> Status:
    """Hit if any candidate fully matches, near match if all differ by the rule's tolerance, no hit if there is none."""
    if any(not c.near for c in candidates):
        return "hit"
    return "near_match" if candidates else "no_hit"


def event_of(status: Status, state: str = "searching") -> str:
    """The life-cycle event by which an answer of that status enters the machine in that state."""
    return _REST.get(status, _EVENTS[status]) if state == "partial" else _EVENTS[status]


def verdict_event(candidates: Iterable[Candidate], verdicts: Iterable[Verdict], latest: Verdict) -> str | None:
    """The life-cycle event of the asking state's `latest` verdict; None where it moves nothing.

    A near match confirms and ends nothing, and the hit is rejected only when every full candidate has been.
    `verdicts` are those of the asking state, `latest` among them.
    """
    full = {c.number for c in candidates if not c.near}
    if latest.number not in full:
        return None
    if latest.kind == "no_match" and full - {v.number for v in verdicts if v.kind == "no_match"}:
        return None
    return _VERDICT_EVENTS[latest.kind]


def withdrawal_event(state: str) -> str:
    """The event by which a withdrawn query leaves that state."""
    return "drop" if state == "confirmed" else "withdraw"


def refusal_event(state: str) -> str:
    """The event by which a partner's refusal enters the machine in that state."""
    return {"searching": "partner_refused", "awaiting_judge": "denied"}.get(state, "refuse")


def refused_by(query: Query) -> Literal["own", "partner"] | None:
    """Whose refusal a refused query met; None for any other query."""
    if query.status != "refused":
        return None
    return "partner" if query.reason.get("by") == query.partner else "own"


def grounds(reason: JsonObject) -> str:
    """The grounds of a refusal in words: what a person gave, or the conditions of the law that did not hold."""
    listed = reason.get("findings")
    told = [_ground_of(finding) for finding in listed if isinstance(finding, dict)] if isinstance(listed, list) else []
    return "; ".join(told) or "no ground was given"


def _ground_of(finding: JsonObject) -> str:
    values = finding.get("values")
    given = values if isinstance(values, dict) else {}
    if finding.get("condition") == "human_decision" and given.get("ground"):
        why = f" ({given['reason']})" if given.get("reason") else ""
        return f"{words.name(str(given['ground']))}{why}"
    return f"{words.name(str(finding.get('condition')))}, article {finding.get('article')}"


def searches_again(query: Query) -> bool:
    """Whether a correction makes this query search again; otherwise it gets a successor that names it.

    Only a near match waits for a correction at both ends. Wherever else a query stands, an answer to the uncorrected
    record may be on its way, and would be taken for an answer to the corrected one.
    """
    return query.state == "both_laboratories"


def merged(known: JsonObject, added: JsonObject) -> JsonObject:
    """`known` with `added`; objects are merged field by field, so that a new TLP label keeps the handling code."""
    result = known | added
    for name, value in added.items():
        before = known.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = before | value
    return result


def of_modality(modality: str) -> JsonObject:
    """The facts that a record's own modality settles; nobody's word about them is needed, or taken."""
    return {"modality": modality, "data_category": f"{modality}_profile"}


def matter_of(facts: Json) -> JsonObject:
    """The facts of the matter itself: without those that a request for core data adds or changes."""
    known = facts if isinstance(facts, dict) else {}
    return {name: value for name, value in known.items() if name not in CORE_FACTS}


def split_judgements(facts: JsonObject) -> tuple[JsonObject, JsonObject]:
    """`facts` without and with only the judgements of this node's own people."""
    own = {name: value for name, value in facts.items() if name in JUDGEMENTS}
    return {name: value for name, value in facts.items() if name not in JUDGEMENTS}, own


def check_reason(text: str, what: str = "reason") -> None:
    """BadInput unless `text` says something, in at most 2,000 characters."""
    if not text.strip() or len(text) > MAX_REASON:
        raise BadInput(
            "search.reason", f"The {what} is missing or longer than {MAX_REASON} characters",
            todo="Say it in a few sentences; it is kept in the log.",
        )  # fmt: skip


def read_facts(pairs: Iterable[str]) -> JsonObject:
    """`name=value` pairs; `true` and `false` are Booleans, `a.b=x` sets a field of an object, `a,b` is a text."""
    facts: JsonObject = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput("search.fact", f"`{pair}` is no NAME=VALUE", todo="Write it like neutrality_review=cleared.")
        known: Json = {"true": True, "false": False}.get(value, value)
        outer, dot, inner = name.partition(".")
        held = facts.setdefault(outer, {}) if dot else None
        if isinstance(held, dict):
            held[inner] = known
        else:
            facts[name] = known
    return facts


def check_ground(ground: str) -> None:
    """BadInput unless `ground` is a code, such as ``prejudice_ongoing_case``."""
    if not _GROUND.fullmatch(ground):
        raise BadInput(
            "search.ground", "The ground of a refusal is a code of the instrument",
            todo="See the instrument's refusal grounds, such as prejudice_ongoing_case; put words into the reason.",
        )  # fmt: skip


def check_finding(text: str) -> NoteKind:
    """What a laboratory found about a near match; BadInput for anything else."""
    for kind in NOTE_KINDS:
        if text == kind:
            return kind
    raise BadInput(
        "search.finding", f"`{text[:40]}` is no finding about a near match", todo=f"Use one of {', '.join(NOTE_KINDS)}."
    )


def check_kind(text: str) -> HitKind:
    """The kind of a hit's outcome; BadInput for any other word."""
    for kind in HIT_KINDS:
        if text == kind:
            return kind
    raise BadInput(
        "search.outcome", f"`{text[:40]}` is no outcome of a hit", todo=f"Use one of {', '.join(sorted(HIT_KINDS))}."
    )


def asked_again(confirmed: datetime, now: datetime) -> datetime | None:
    """When a hit that was confirmed then is asked about next; None when it was asked often enough."""
    return next((confirmed + after for after in FOLLOW_UPS if confirmed + after > now), None)


def answer_time(query: Query, status: Status, now: datetime) -> int | None:
    """Whole seconds to the first answer of a query, where `status` is it; None for what is none, or a later one."""
    first = query.status in ("pending", "unavailable") and "corrects" not in query.reason
    return max(0, int((now - query.asked_at).total_seconds())) if first and status in ANSWERS else None


def median(times: Sequence[tuple[int, int]]) -> int | None:
    """The median of values with their numbers, the lowest value first: the lower of the two middle ones."""
    left = (sum(number for _, number in times) + 1) // 2
    for value, number in times:
        left -= number
        if left <= 0:
            return value
    return None


def tallies(counts: Iterable[Counted], said: Iterable[tuple[str, HitKind | None, int]]) -> list[Tally]:
    """Counts by side, partner and answer, times to the answer, and words on hits, laid together by side and partner."""
    found: dict[tuple[Side, str], Tally] = {}
    times: dict[tuple[Side, str], list[tuple[int, int]]] = {}
    for side, partner, status, seconds, number in counts:
        known = found.get((side, partner), Tally(side, partner, 0, {}, None, {}))
        answer = "withheld" if (side, status, seconds) == ("asking", "refused", None) else status
        answers = {**known.answers, answer: known.answers.get(answer, 0) + number}
        found[side, partner] = replace(known, asked=known.asked + number, answers=answers)
        if seconds is not None:
            times.setdefault((side, partner), []).append((seconds, number))
    for key, taken in times.items():
        found[key] = replace(found[key], median_seconds=median(sorted(taken)))
    for partner, kind, number in said:
        known = found.get(("asking", partner), Tally("asking", partner, 0, {}, None, {}))
        found["asking", partner] = replace(known, outcomes={**known.outcomes, kind or "none": number})
    return sorted(found.values(), key=lambda one: (one.partner, one.side))


def visible_verdicts(verdicts: list[Verdict], viewer: str, node: str) -> list[Verdict]:
    """The verdicts that `viewer` may see: those on candidates that the viewer has judged, too (blind examination).

    Source: ISO/IEC 17025, 7.2 and forensic practice of blind verification.
    """
    judged = {v.number for v in verdicts if v.node == node and v.person == viewer}
    return [v for v in verdicts if v.number in judged]


def is_blind(verdicts: list[Verdict], viewer: Actor) -> bool:
    """Whether the viewer is an examiner who has yet to judge a candidate that somebody else has judged."""
    return "examiner" in viewer.roles and visible_verdicts(verdicts, viewer.person, viewer.node) != verdicts


def before_verdicts(life: list[Transition], viewer: str) -> list[Transition]:
    """The life of a query up to the first move by another's verdict: what a blind examiner may know of it."""
    others = [step.event in _VERDICT_EVENTS.values() and step.person != viewer for step in life]
    moved = next((n for n, step in enumerate(life) if others[n] and step.after != step.before), len(life))
    return [step for step, by_another in zip(life[:moved], others, strict=False) if not by_another]


def begin_clock(article: str, confirmed_at: datetime, facts_at: datetime) -> JsonObject:
    """What has happened to the core-data clock of an article: the hit was confirmed, the facts of the offence are in.

    When it starts and ends, the article's deadline says (`legal.due`); only what happened is kept here.
    """
    return {
        "article": article, "match_confirmed": rfc3339(confirmed_at), "facts_received": rfc3339(facts_at),
        "judicial_from": None, "judicial_to": None, "ended": None,
    }  # fmt: skip


def pause_for_judge(clock: JsonObject, now: datetime) -> JsonObject:
    """A judicial authorisation is awaited."""
    return clock | {"judicial_from": rfc3339(now)}


def resume_after_judge(clock: JsonObject, now: datetime) -> JsonObject:
    """The judge has decided, if one was asked."""
    return clock if clock["judicial_from"] is None else clock | {"judicial_to": rfc3339(now)}


def end_clock(clock: JsonObject, now: datetime) -> JsonObject:
    """Core data released or refused: what was due is done."""
    return clock | {"ended": rfc3339(now)}


def course_of(clock: JsonObject) -> Course:
    """The same as the law's clocks read it: events, the judge's time as a delay, and when it was done."""
    events = {name: _moment(clock, name) for name in ("match_confirmed", "facts_received")}
    since = _moment(clock, "judicial_from")
    delays = {} if since is None else {"judicial_authorisation": [(since, _moment(clock, "judicial_to"))]}
    return Course({name: at for name, at in events.items() if at is not None}, delays, _moment(clock, "ended"))


def _moment(clock: JsonObject, name: str) -> datetime | None:
    said = clock[name]
    return parse_rfc3339(said) if isinstance(said, str) else None


ClockState = Literal["no term", "running", "with the judge", "overdue", "kept", "breached", "stopped"]
_CLOCK_STATES: Final[dict[str, ClockState]] = {
    "waiting": "running", "running": "running", "extended": "with the judge", "kept": "kept", "breached": "overdue",
    "ended": "overdue",
}  # fmt: skip


def told_clock(clock: JsonObject, due: Due | None, *, over: bool) -> JsonObject:
    """The clock as JSON. `due` is where it stands, None where the basis sets no term, and nothing can be late.

    `over`: the query itself has ended, and `due` is of that moment. `kept` and `breached` say how the clock ended;
    `stopped`: the query ended before anything was due, as by a withdrawal.
    """
    known = due is not None and due.at is not None and due.state != "extended"
    return {
        "article": clock["article"], "started": rfc3339(due.started) if due and due.started else None,
        "due": rfc3339(due.at) if known and due and due.at else None, "judicial_from": clock["judicial_from"],
        "judicial_to": clock["judicial_to"], "ended": clock["ended"], "state": _clock_state(clock, due, over=over),
    }  # fmt: skip


def _clock_state(clock: JsonObject, due: Due | None, *, over: bool) -> ClockState:
    late = due is not None and due.state in ("breached", "ended")
    if clock["ended"] is not None:
        return "breached" if late else "kept"
    if over:
        return "breached" if late else "stopped"
    return "no term" if due is None else _CLOCK_STATES[due.state]
