"""Guards: what must hold, beyond role and state, before a step may be taken. Each answers a finding with its cure.

A guard on a fact passes only for the values that it names: a fact that nobody has stated is unknown, and unknown never
lets a step pass.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Finding, Move, Step, Taker, Transition
from comity.legal.rules.engine import outcome


@dataclass(frozen=True)
class Situation:
    """What guards look at: the step, who takes it and why, the matter's facts and what was done before."""

    step: Transition
    taker: Taker
    move: Move
    facts: JsonObject
    opened_by: str
    before: tuple[Step, ...]


@dataclass(frozen=True)
class Stated:
    """A guard on one fact: the values with which the step may be taken."""

    fact: str
    values: tuple[Json, ...]
    cure: str


STATED: Final[Mapping[str, Stated]] = {
    "asylum_checked": Stated(
        "asylum", ("none", "finally_refused"), "ask the asylum authority; a pending claim is decided first"
    ),
    "no_bar": Stated(
        "bars", ("none",),
        "name the bar (political or military offence, own national, ne bis in idem, lapse of time, death penalty) and"
        " refuse, or have it removed by an assurance",
    ),
    "assurance_received": Stated(
        "assurance", ("received",), "ask the requesting state for the assurance in writing and state it"
    ),
    "competition_decided": Stated(
        "competing", ("none", "preferred"), "decide between the competing requests, and tell every state concerned"
    ),
    "consent_informed": Stated(
        "consent", ("informed",), "have the person advised by counsel and the consent taken down by a court"
    ),
    "urgency_certified": Stated("urgency", ("certified",), "have the issuing authority certify the urgency"),
    "translated": Stated("language", ("accepted", "translated"), "attach the translation that the state accepts"),
    "assistance_requested": Stated(
        "assistance", ("requested", "consented"), "send a request for assistance, or ask for the consent to use it"
    ),
    "identity_established": Stated("identity", ("established",), "establish who the person is before anything is told"),
    "legal_hold_checked": Stated("legal_hold", ("none",), "erase only what no legal hold keeps"),
}  # fmt: skip
"""Guards on facts that people state."""


def _reasons(s: Situation) -> Finding:
    return _finding(s, "reasons_given", bool(s.move.reason.strip()), {}, "say why, in a few sentences")


def _another(s: Situation) -> Finding:
    """Somebody else than whoever opened the matter or has taken a step in it."""
    taken = {s.opened_by, *(step.person for step in s.before)} - {""}
    fresh = bool(s.taker.person) and s.taker.person not in taken
    return _finding(s, "another_person", fresh, {"person": s.taker.person}, "have another person take this step")


def _basis(s: Situation) -> Finding:
    """The findings that come with the step allow it."""
    result = outcome(s.move.findings)
    values: JsonObject = {"decision": result, "basis": s.move.basis}
    return _finding(s, "basis_allows", result == "allow", values, "decide on the act, and cure what its findings name")


_JUDGED: Final[Mapping[str, Callable[[Situation], Finding]]] = {
    "reasons_given": _reasons, "another_person": _another, "basis_allows": _basis,
}  # fmt: skip

GUARDS: Final = frozenset({*STATED, *_JUDGED})
"""The codes that a machine may name."""


def findings(s: Situation) -> tuple[Finding, ...]:
    """One finding for each guard of the step, in its order."""
    return tuple(_JUDGED[code](s) if code in _JUDGED else _stated(s, code, STATED[code]) for code in s.step.guards)


def _stated(s: Situation, code: str, guard: Stated) -> Finding:
    stated = s.facts.get(guard.fact)
    values: JsonObject = {guard.fact: stated, "allowed": list(guard.values)}
    if stated is None:
        return Finding(code, "unknown", s.step.article, values, f"state the fact `{guard.fact}`: {guard.cure}")
    return _finding(s, code, stated in guard.values, values, guard.cure)


def _finding(s: Situation, code: str, holds: bool, values: JsonObject, cure: str) -> Finding:
    return Finding(code, "pass" if holds else "fail", s.step.article, values, "" if holds else cure)
