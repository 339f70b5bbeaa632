"""Use limitation, speciality, onward use and retention: what is meant to be done with the data, against the limits.

Whoever states nothing of the kind is bound by the row's limits as they stand. Another purpose, another offence, use
as evidence or handing on needs the consent of who gave the data; each side goes by its own word on it (`use_consent`).
"""

import re
from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import Clause, Finding, Retention, Row
from comity.legal.rules import standing
from comity.legal.rules.matter import Matter, codes, failed, listed, met, named_offence, text, unsure, whole

FACTS: Final = frozenset({"use_for", "use_as", "use_offence", "onward_to", "retention_months", "retention_record"})
"""Without any of these facts nothing here is tried but the limits as they stand."""

FOR_PURPOSE: Final = ("purpose_bound", "senders_limits_honoured", "joint_team_information")
FOR_OFFENCE: Final = ("speciality", "purpose_bound")
FOR_OTHERS: Final = ("originator_consent", "onward_surrender", "confidential_on_request", "senders_limits_honoured")
AS_EVIDENCE: Final = ("information_only",)

_MONTHS: Final = re.compile(r"retention_(\d+)_months")
_AT_MOST: Final = re.compile(r"(\d+)y(?: max)?")
_REVIEW: Final = re.compile(r"(?:<=)?(\d+)y (?:review|then review/extension)|review <=(\d+)y from start")


def as_limited(row: Row) -> Finding:
    """The finding where nothing beyond the stated purpose is meant to be done: the limits that bind."""
    return met("use_limits", row.article, {"limits": codes(f"{c.code} ({c.article})" for c in row.use_limits)})


def findings(m: Matter) -> list[Finding]:
    """What is meant to be done beyond the stated purpose, and how long the data are to be kept."""
    facts = m.question.facts
    found = [_other_use(m)] if "use_for" in facts and facts["use_for"] != facts.get("purpose") else []
    if "use_offence" in facts:
        found.append(_other_offence(m))
    if facts.get("use_as", "information") != "information" and not _row_asks(m, "use_as"):
        found.append(_evidence(m))
    if "onward_to" in facts:
        found.append(_onward(m))
    if "retention_months" in facts or "retention_record" in facts:
        found += standing.as_reviewed(m, [_retention(m)])
    return found


def _row_asks(m: Matter, fact: str) -> bool:
    return any(c.kind == "stated" and c.values.get("fact") == fact for c in m.row.conditions)


def _clause(m: Matter, wanted: tuple[str, ...]) -> Clause:
    """The row's limit of one of these kinds, or its article alone: the limit follows from what was asked for."""
    named = (c for code in wanted for c in m.row.use_limits if c.code == code)
    return next(named, Clause("", m.row.article, True, ()))


def _consent(m: Matter, condition: str, wanted: tuple[str, ...], values: JsonObject) -> Finding:
    """Held, refused or not known: the consent of who gave the data, as this side states it."""
    clause, consent = _clause(m, wanted), m.question.own.get("use_consent")
    values = values | {"limit": clause.code, "use_consent": consent}
    if consent is True:
        return met(condition, clause.article, values)
    cure = "ask whoever gave the data for its consent in writing, and state `use_consent`"
    return (failed if consent is False else unsure)(condition, clause.article, values, cure)


def _other_use(m: Matter) -> Finding:
    stated, words = m.question.facts["use_for"], m.tables.vocabulary
    values: JsonObject = {"purpose": m.question.facts.get("purpose"), "use_for": stated}
    if text(stated) in words.codes("purposes_not_covered"):
        return failed("other_use", m.row.article, values, "no instrument here may be used for that purpose")
    if text(stated) not in words.codes("purposes"):
        cure = f"state the fact `use_for`: one of {', '.join(words.codes('purposes'))}"
        return unsure("other_use", m.row.article, values, cure)
    return _consent(m, "other_use", FOR_PURPOSE, values)


def _other_offence(m: Matter) -> Finding:
    """Speciality: what was given for one offence serves no other without consent."""
    stated, named = m.question.facts["use_offence"], named_offence(m.question)
    values: JsonObject = {"offence": named[1] if named else None, "use_offence": stated}
    if not text(stated):
        return unsure("speciality", m.row.article, values, "state the fact `use_offence`")
    if named is not None and stated == named[1]:
        return met("speciality", _clause(m, FOR_OFFENCE).article, values)
    return _consent(m, "speciality", FOR_OFFENCE, values)


def _evidence(m: Matter) -> Finding:
    stated = m.question.facts["use_as"]
    if stated != "evidence":
        return unsure(
            "use_as", m.row.article, {"use_as": stated}, "state the fact `use_as`: one of information, evidence"
        )
    if not any(c.code in AS_EVIDENCE for c in m.row.use_limits):
        return met("use_as", m.row.article, {"use_as": stated})
    return _consent(m, "use_as", AS_EVIDENCE, {"use_as": stated})


def _onward(m: Matter) -> Finding:
    """Handing on to anybody but the two states of the question."""
    stated = listed(m.question.facts["onward_to"])
    values: JsonObject = {"onward_to": stated}
    if not all(text(who) for who in stated):
        return unsure("onward_use", m.row.article, values, "state the fact `onward_to`")
    if not set(map(text, stated)) - {m.question.asking, m.question.asked}:
        return met("onward_use", _clause(m, FOR_OTHERS).article, values)
    return _consent(m, "onward_use", FOR_OTHERS, values)


def _retention(m: Matter) -> Finding:
    """The months asked for against the row's limit, or that of the kind of record that the facts name."""
    months, record = whole(m.question.facts.get("retention_months")), m.question.facts.get("retention_record")
    values: JsonObject = {"retention_months": months, "retention_record": record}
    if months is None:
        return unsure("retention", m.row.article, values, "state the fact `retention_months`")
    for clause in m.row.use_limits:
        if limit := _MONTHS.fullmatch(clause.code):
            return _kept(months, int(limit[1]), clause.article, values)
    period = next((r for r in m.tables.vocabulary.retention if r.record == record), None)
    if period is None:
        known = ", ".join(r.record for r in m.tables.vocabulary.retention)
        cure = f"have a lawyer say how long such data may be kept, or name the kind of record: {known}"
        return unsure("retention", m.row.article, values, cure)
    return _by_record(months, period, values)


def _kept(months: int, limit: int, article: str, values: JsonObject) -> Finding:
    values = values | {"limit_months": limit}
    if months <= limit:
        return met("retention", article, values)
    return failed("retention", article, values, f"delete the data after {limit} months at the latest")


def _by_record(months: int, period: Retention, values: JsonObject) -> Finding:
    """A longest time binds; a time of review leaves the longer keeping to a person; other words are for a lawyer."""
    values = values | {"limit": period.limit}
    if longest := _AT_MOST.fullmatch(period.limit):
        return _kept(months, 12 * int(longest[1]), period.article, values)
    review = _REVIEW.fullmatch(period.limit)
    if review is None:
        return unsure("retention", period.article, values, f"have a lawyer hold it against: {period.limit}")
    limit = 12 * int(review[1] or review[2])
    values["review_after_months"] = limit
    if months <= limit:
        return met("retention", period.article, values)
    return unsure("retention", period.article, values, f"have a person review the need after {limit} months")
