"""The engine: pure, dated, three-valued. Deny overrides; an unknown refers; only all passes allow.

Both sides run it on their own tables. Every finding carries the article, the values compared and the cure; nothing is
skipped after a first no, so that the reader learns everything at once.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import JUDICIAL_AUTHORISATION, Decision, Finding, Outcome, Question, Side, Tables
from comity.legal.rules import (
    barred,
    dual,
    emergency,
    grounds,
    handling,
    limits,
    offences,
    persons,
    recipients,
    standing,
)
from comity.legal.rules.matter import Matter, Plan, failed, offence_of, unsure
from comity.legal.rules.plans import Plans, plans
from comity.legal.rules.tables import version_on

VERSION: Final = "4"
"""Changes with every change of meaning of a rule; part of the rules hash."""

FAR: Final = frozenset({
    "in_force", "asking_party", "asked_party", "asking_territory", "asked_territory", "modality", "purpose",
    "data_category", "row_reviewed",
})  # fmt: skip
"""Conditions whose failing means that the basis was made for something else, not that the matter falls short of it."""

RARE: Final = persons.FACTS | limits.FACTS
"""Facts without which neither a person nor a further use is spoken of."""

_RANK: Final = {"allow": 0, "refer": 1, "deny": 2}

Findings = tuple[Finding, ...]
Tried = tuple[Matter, Findings]
"""A row held against the question, and everything that was found."""


def decide(tables: Tables, question: Question, side: Side) -> Decision:
    """The decision of `side` on `question`, under the instrument named or the best of all that have the measure.

    Best is an allow before a refer before a deny, then the one with the least to cure, then the more special one.
    """
    rows = _candidates(tables, question)
    early = _early(tables, question, rows)
    if early:
        return _decision(tables, question, side, early)
    found: list[Tried] = []
    for tried in _try_each(rows, question, side):
        found.append(tried)
        if outcome(tried[1]) == "allow":  # none can be better: candidates come in order, the most special first
            return _decision(tables, question, side, tried[1], tried[0])
    best = found[0] if len(found) == 1 else min(_worth(found), key=_distance)
    return _decision(tables, question, side, best[1], best[0])


def decide_each(tables: Tables, question: Question, side: Side) -> list[Decision]:
    """The decision under every row that has the measure, parties known or not: an allow before a refer before a deny,
    then the least to cure, then the more special. One decision without an instrument where no row has the measure."""
    rows = _named(tables, question)
    early = _early(tables, question, rows)
    if early:
        return [_decision(tables, question, side, early)]
    found = sorted(_try_each(rows, question, side), key=_distance)
    return [_decision(tables, question, side, findings, m) for m, findings in found]


def _worth(found: list[Tried]) -> list[Tried]:
    """All that were tried, without rows that nobody has reviewed where a reviewed one was made for this very matter:
    its no must not be hidden by another's doubt."""
    reviewed = [tried for tried in found if tried[0].row.status == "reviewed"]
    return reviewed if any(_far(findings) == 0 for _, findings in reviewed) else found


def _candidates(tables: Tables, question: Question) -> Sequence[Plan]:
    """The rows of the measure under the instrument named; under none named, of those whose parties somebody knows.

    Where no parties are known of any, all are tried, so that the answer says what would have to be imported.
    """
    if question.instrument is not None:
        return _named(tables, question)
    ready = plans(tables)
    return _narrowed(ready, ready.known.get(question.measure, ()), question) or _named(tables, question)


def _named(tables: Tables, question: Question) -> Sequence[Plan]:
    """All rows of the measure, or those of the instrument named."""
    ready = plans(tables)
    if question.instrument is None:
        return _narrowed(ready, ready.every.get(question.measure, ()), question)
    return _narrowed(ready, ready.under.get((question.measure, question.instrument), ()), question)


def _narrowed(ready: Plans, rows: Sequence[Plan], question: Question) -> Sequence[Plan]:
    """Of an instrument with several versions, the rows of the one in force on the day; where the asking side rests its
    question on one article (fact `article`), the rows of that."""
    if ready.several:
        rows = [plan for plan in rows if plan.instrument.code not in ready.several or _of_day(plan, question.on)]
    if "article" not in question.facts:
        return rows
    return [plan for plan in rows if plan.row.article == question.facts["article"]]


def _of_day(plan: Plan, on: date) -> bool:
    return version_on(plan.tables.versions[plan.instrument.code], on) is plan.instrument


def _early(tables: Tables, question: Question, rows: Sequence[Plan]) -> Findings:
    """Why no row can be tried: a question about nothing, or about what no table knows, is not for a machine."""
    if question.asking == question.asked:
        states: JsonObject = {"asking": question.asking, "asked": question.asked}
        return (failed("two_states", "", states, "ask another state"),)
    doubtful = _unheard_of(tables, question)
    if doubtful is not None:
        return (doubtful,)
    if rows:
        return ()
    where = question.instrument or "any instrument"
    values: JsonObject = {"measure": question.measure, "instrument": question.instrument}
    if "article" in question.facts:
        values["article"] = question.facts["article"]
    cure = f"{where} does not know this measure: use another basis"
    return (failed("measure_available", "", values, cure), *barred.findings(question))


def _unheard_of(tables: Tables, question: Question) -> Finding | None:
    """A measure, an instrument or a day of which no table speaks."""
    values: JsonObject = {"measure": question.measure, "instrument": question.instrument}
    if question.measure not in plans(tables).measures:
        return unsure("measure_known", "", values, "name a measure of the vocabulary")
    if question.instrument is not None and question.instrument not in tables.instruments:
        return unsure("instrument_known", "", values, "load the table of this instrument, reviewed by a lawyer")
    if question.on < tables.first_day:
        values["on"] = question.on.isoformat()
        return unsure("day_known", "", values, f"no table speaks of a day before {tables.first_day}: ask a lawyer")
    return None


def _try_each(rows: Sequence[Plan], question: Question, side: Side) -> Iterator[Tried]:
    """Each row with its findings, worked out only when it is asked for."""
    offence = offence_of(rows[0].tables, question)
    for plan in rows:
        stands = standing.standing(plan, question.asking, question.asked, question.on)
        m = Matter(plan, question, side, stands, offence)
        yield m, _findings(m)


def _findings(m: Matter) -> Findings:
    """Everything that is tried of one row, in the order in which a lawyer asks."""
    own_words = [*(tried(m) for tried in m.plan.tries), *dual.declared(m), *offences.punishable_then(m)]
    rare = RARE.isdisjoint(m.question.facts)
    return (
        m.plan.available,
        *standing.findings(m),
        *standing.as_reviewed(m, own_words),
        *(barred.findings(m.question) if barred.concerned(m.question) else ()),
        *(() if rare else persons.findings(m)),
        *recipients.findings(m),
        *handling.findings(m),
        grounds.neutrality(m),
        *standing.as_reviewed(m, grounds.raised(m)),
        *emergency.findings(m),
        *m.standing.requirements,
        m.plan.as_limited,
        *(() if rare else limits.findings(m)),
    )


def _decision(
    tables: Tables, question: Question, side: Side, findings: Findings, m: Matter | None = None
) -> Decision:  # fmt: skip
    return Decision(
        id="", outcome=outcome(findings), measure=question.measure,
        instrument=m.plan.instrument.code if m else question.instrument or "", article=m.row.article if m else "",
        side=side, findings=findings, rules_hash=tables.rules_hash, on=question.on, facts=question.facts,
        asking=question.asking, asked=question.asked, own=question.own,
        requirements=(JUDICIAL_AUTHORISATION,) if m and m.standing.requirements else (),
    )  # fmt: skip


def outcome(findings: Findings) -> Outcome:
    """Deny when anything fails; refer when anything is unknown or nothing was tried; allow only when all pass."""
    results = {finding.result for finding in findings}
    if "fail" in results:
        return "deny"
    return "allow" if results == {"pass"} else "refer"


def _distance(tried: Tried) -> tuple[int, int, int]:
    """How far a basis is from an allow: its outcome, then what was made for something else, then what is to cure."""
    return (_RANK[outcome(tried[1])], _far(tried[1]), sum(f.result != "pass" for f in tried[1]))


def _far(findings: Findings) -> int:
    """In how many respects the row was made for something else."""
    return sum(f.result != "pass" and f.condition in FAR for f in findings)
