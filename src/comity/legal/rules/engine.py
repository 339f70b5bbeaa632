"""The engine: pure, dated, three-valued. Deny overrides; an unknown refers; only all passes allow.

Both sides run it on their own tables. Every finding carries the article, the values compared and the cure; nothing is
skipped after a first no, so that the reader learns everything at once.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import JUDICIAL_AUTHORISATION, Decision, Finding, Offence, Outcome, Question, Side, Tables
from comity.legal.rules import barred, dual, grounds, handling, limits, offences, persons, recipients, standing
from comity.legal.rules.matter import Matter, Plan, failed, offence_of, unsure
from comity.legal.rules.plans import plans

VERSION: Final = "3"
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


def decide(tables: Tables, question: Question, side: Side) -> Decision:
    """The decision of `side` on `question`, under the instrument named or the best of all that have the measure.

    Best is an allow before a refer before a deny, then the one with the least to cure, then the more special one.
    """
    early = _early(tables, question)
    if early:
        return _decision(tables, question, side, early)
    found: list[tuple[Plan, Findings]] = []
    for plan, findings in _tried(_candidates(tables, question), question, side):
        if outcome(findings) == "allow":  # none can be better: candidates come in order, the most special first
            return _decision(tables, question, side, findings, plan)
        found.append((plan, findings))
    plan, findings = min(_worth(found), key=lambda tried: _distance(tried[1]))
    return _decision(tables, question, side, findings, plan)


def _worth(found: list[tuple[Plan, Findings]]) -> list[tuple[Plan, Findings]]:
    """All that were tried, without rows that nobody has reviewed where a reviewed one was made for this very matter:
    its no must not be hidden by another's doubt."""
    reviewed = [(plan, findings) for plan, findings in found if plan.row.status == "reviewed"]
    return reviewed if any(_far(findings) == 0 for _, findings in reviewed) else found


def decide_each(tables: Tables, question: Question, side: Side) -> list[Decision]:
    """The decision under every row that has the measure, parties known or not: an allow before a refer before a deny,
    then the least to cure, then the more special. One decision without an instrument where no row has the measure."""
    early = _early(tables, question)
    if early:
        return [_decision(tables, question, side, early)]
    every = _named(plans(tables).every[question.measure], question)
    found = sorted(_tried(every, question, side), key=lambda tried: _distance(tried[1]))
    return [_decision(tables, question, side, findings, plan) for plan, findings in found]


def _candidates(tables: Tables, question: Question) -> Sequence[Plan]:
    """The rows of the measure under the instrument named; under none named, of those whose parties somebody knows.

    Where no parties are known of any, all are tried, so that the answer says what would have to be imported.
    """
    every = _named(plans(tables).every.get(question.measure, ()), question)
    if question.instrument is not None:
        return every
    return _named(plans(tables).known.get(question.measure, ()), question) or every


def _named(rows: Sequence[Plan], question: Question) -> Sequence[Plan]:
    """Those of the instrument named, and of the one article on which the asking side rests it (fact `article`)."""
    if question.instrument is not None:
        rows = [p for p in rows if p.instrument.code == question.instrument]
    if "article" in question.facts:
        rows = [p for p in rows if p.row.article == question.facts["article"]]
    return rows


def _early(tables: Tables, question: Question) -> Findings:
    """Why no row can be tried: a question about nothing, or about what no table knows, is not for a machine."""
    if question.asking == question.asked:
        states: JsonObject = {"asking": question.asking, "asked": question.asked}
        return (failed("two_states", "", states, "ask another state"),)
    doubtful = _unheard_of(tables, question)
    if doubtful is not None:
        return (doubtful,)
    if _candidates(tables, question):
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


def _tried(rows: Sequence[Plan], question: Question, side: Side) -> Iterator[tuple[Plan, Findings]]:
    """Each row with its findings, worked out only when it is asked for."""
    offence: Offence | None = None
    for n, plan in enumerate(rows):
        offence = offence_of(plan.tables, question) if n == 0 else offence
        stands = standing.standing(plan, question.asking, question.asked, question.on)
        yield plan, _findings(Matter(plan, question, side, stands, offence))


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
        *m.standing.requirements,
        m.plan.as_limited,
        *(() if rare else limits.findings(m)),
    )


def _decision(
    tables: Tables, question: Question, side: Side, findings: Findings, plan: Plan | None = None
) -> Decision:  # fmt: skip
    judge = any(f.condition == JUDICIAL_AUTHORISATION for f in findings)
    return Decision(
        id="", outcome=outcome(findings), measure=question.measure,
        instrument=plan.instrument.code if plan else question.instrument or "",
        article=plan.row.article if plan else "", side=side, findings=findings, rules_hash=tables.rules_hash,
        on=question.on, facts=question.facts, asking=question.asking, asked=question.asked,
        requirements=(JUDICIAL_AUTHORISATION,) if judge else (), own=question.own,
    )  # fmt: skip


def outcome(findings: Findings) -> Outcome:
    """Deny when anything fails; refer when anything is unknown or nothing was tried; allow only when all pass."""
    results = {finding.result for finding in findings}
    if "fail" in results:
        return "deny"
    return "allow" if results == {"pass"} else "refer"


def _distance(findings: Findings) -> tuple[int, int, int]:
    """How far a basis is from an allow: its outcome, then what was made for something else, then what is to cure."""
    return (_RANK[outcome(findings)], _far(findings), sum(f.result != "pass" for f in findings))


def _far(findings: Findings) -> int:
    """In how many respects the row was made for something else."""
    return sum(f.result != "pass" and f.condition in FAR for f in findings)
