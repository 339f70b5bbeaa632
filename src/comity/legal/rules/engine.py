"""The engine: pure, dated, three-valued. Deny overrides; an unknown refers; only all passes allow.

Both sides run it on their own tables. Every finding carries the article, the values compared and the cure; nothing is
skipped after a first no, so that the reader learns everything at once.
"""

from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import (
    JUDICIAL_AUTHORISATION,
    Decision,
    Finding,
    Instrument,
    Outcome,
    Question,
    Row,
    Side,
    Tables,
)
from comity.legal.rules import conditions, handling, offences, standing
from comity.legal.rules.matter import Matter, codes, failed, matter, met, unsure

VERSION: Final = "2"
"""Changes with every change of meaning of a rule; part of the rules hash."""

FAR: Final = frozenset({
    "in_force", "asking_party", "asked_party", "asking_territory", "asked_territory", "modality", "purpose",
    "data_category", "row_reviewed",
})  # fmt: skip
"""Conditions whose failing means that the basis was made for something else, not that the matter falls short of it."""

_RANK: Final = {"allow": 0, "refer": 1, "deny": 2}


def decide(tables: Tables, question: Question, side: Side) -> Decision:
    """The decision of `side` on `question`, under the instrument named or the best of all that have the measure.

    Best is an allow before a refer before a deny, then the one with the least to cure, then the more special one.
    """
    early = _answerable(tables, question)
    if early is not None:
        return _decision(tables, question, side, (early,))
    candidates = _candidates(tables, question)
    if not candidates:
        where = question.instrument or "any instrument"
        values: JsonObject = {"measure": question.measure, "instrument": question.instrument}
        values |= {"article": question.facts["article"]} if "article" in question.facts else {}
        none = failed("measure_available", "", values, f"{where} does not know this measure: use another basis")
        return _decision(tables, question, side, (none,))
    tried = []
    for instrument, row in candidates:
        tried.append(_try(tables, question, side, instrument, row))
        if tried[-1].outcome == "allow":  # none can be better: candidates come in order, the most special first
            return tried[-1]
    return tried[0] if len(tried) == 1 else min(_worth(tried), key=_distance)


def _worth(tried: list[Decision]) -> list[Decision]:
    """All that were tried, without rows that nobody has reviewed where a reviewed one was made for this very matter:
    its no must not be hidden by another's doubt."""
    reviewed = [d for d in tried if all(f.result == "pass" for f in d.findings if f.condition == "row_reviewed")]
    return reviewed if any(_far(d) == 0 for d in reviewed) else tried


def _candidates(tables: Tables, question: Question) -> list[tuple[Instrument, Row]]:
    """The rows of the measure under the instrument named; under none named, of those whose parties somebody knows.
    The fact `article` names the one row on which the asking side rests its question.

    Where no parties are known of any, all are tried, so that the answer says what would have to be imported.
    """
    found = tables.rows.get(question.measure, ())
    if "article" in question.facts:
        found = tuple((i, row) for i, row in found if row.article == question.facts["article"])
    if question.instrument is not None:
        return [(instrument, row) for instrument, row in found if instrument.code == question.instrument]
    return [(instrument, row) for instrument, row in found if instrument.code in tables.joined] or list(found)


def _answerable(tables: Tables, question: Question) -> Finding | None:
    """A question about nothing, or about a day or an instrument of which no table speaks, is not for a machine."""
    values: JsonObject = {"measure": question.measure, "instrument": question.instrument, "on": question.on.isoformat()}
    if question.asking == question.asked:
        return failed("two_states", "", {"asking": question.asking, "asked": question.asked}, "ask another state")
    if question.measure not in tables.vocabulary.codes("measures"):
        return unsure("measure_known", "", values, "name a measure of the vocabulary")
    if question.instrument is not None and question.instrument not in tables.instruments:
        return unsure("instrument_known", "", values, "load the table of this instrument, reviewed by a lawyer")
    if question.on < tables.first_day:
        return unsure("day_known", "", values, f"no table speaks of a day before {tables.first_day}: ask a lawyer")
    return None


def _try(tables: Tables, question: Question, side: Side, instrument: Instrument, row: Row) -> Decision:
    m = matter(tables, question, side, instrument, row)
    available = met("measure_available", row.article, {"measure": row.measure, "instrument": instrument.code})
    requirements = _requirements(m)
    findings = (
        available,
        *standing.findings(m),
        *standing.as_reviewed(m, [*conditions.findings(m), *offences.declared_dual_criminality(m)]),
        *handling.findings(m),
        handling.neutrality(m),
        *standing.as_reviewed(m, handling.refusal_grounds(m)),
        *requirements,
        met("use_limits", row.article, {"limits": codes(f"{c.code} ({c.article})" for c in row.use_limits)}),
    )
    needed = (JUDICIAL_AUTHORISATION,) if requirements else ()
    return _decision(tables, question, side, findings, (instrument.code, row.article, needed))


def _requirements(m: Matter) -> list[Finding]:
    """Acts of other persons that the asked state needs before it releases: from the row, or by its declaration."""
    asked = m.question.asked
    found = [
        met(clause.code, clause.article, {"state": asked, "by": "judge", "basis": m.instrument.code})
        for clause in m.row.requirements
        if not clause.states or asked in clause.states
    ]
    found += [
        met(JUDICIAL_AUTHORISATION, m.row.article, {"state": asked, "by": "judge", "declaration": d.id, "text": d.text})
        for d in m.declared
        if d.effect == "require_judge" and d.state == asked
    ]
    return found[:1]


def _decision(
    tables: Tables, question: Question, side: Side, findings: tuple[Finding, ...],
    basis: tuple[str, str, tuple[str, ...]] = ("", "", ()),
) -> Decision:  # fmt: skip
    instrument, article, requirements = basis
    return Decision(
        id="", outcome=outcome(findings), measure=question.measure, instrument=instrument or question.instrument or "",
        article=article, side=side, findings=findings, rules_hash=tables.rules_hash, on=question.on,
        facts=question.facts, asking=question.asking, asked=question.asked, requirements=requirements, own=question.own,
    )  # fmt: skip


def outcome(findings: tuple[Finding, ...]) -> Outcome:
    """Deny when anything fails; refer when anything is unknown or nothing was tried; allow only when all pass."""
    results = {finding.result for finding in findings}
    if "fail" in results:
        return "deny"
    return "allow" if results == {"pass"} else "refer"


def _far(decision: Decision) -> int:
    """In how many respects the row was made for something else."""
    return sum(f.result != "pass" and f.condition in FAR for f in decision.findings)


def _distance(decision: Decision) -> tuple[int, int, int]:
    far = _far(decision)
    near = sum(f.result != "pass" for f in decision.findings)
    return (_RANK[decision.outcome], far, near)
