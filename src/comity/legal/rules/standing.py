"""May these two states use this row at all on this day: reviewed, in force, both parties, territory, declarations.

Of the question's facts only the part of a territory, the purpose and the offence have a say here. Everything else is
worked out once for each row, pair of states and day.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import JUDICIAL_AUTHORISATION, Declaration, Finding, Participation
from comity.legal.rules.checking import covers
from comity.legal.rules.matter import Matter, Plan, Standing, codes, failed, met, text, unsure
from comity.legal.rules.tables import holds


def findings(m: Matter) -> list[Finding]:
    """All findings on the standing of the two states, in the order in which a lawyer asks."""
    found = [*m.standing.findings]
    found += [territory(m, role, participation) for role, participation in m.standing.parts]
    return found + [BY_FACTS[d.effect](m, d) for d in m.declared if d.effect in BY_FACTS]


@lru_cache(maxsize=16_384)
def standing(plan: Plan, asking: str, asked: str, on: date) -> Standing:
    """How two states stand to the row of this plan on that day."""
    parties, parts = [], []
    for role, state in (("asking", asking), ("asked", asked)):
        finding, current = party(plan, role, state, on)
        parties.append(finding)
        if current is not None and current.territory:
            parts.append((role, current))
        elif current is not None:
            values: JsonObject = {"state": state, "left_out": []}
            parties.append(met(f"{role}_territory", plan.place("territory"), values))
    declared = _declared(plan, (asking, asked), on)
    found = (reviewed(plan), in_force(plan, on), *parties, *_without_facts(plan, declared))
    return Standing(found, tuple(parts), declared, _requirements(plan, declared, asked))


def _declared(plan: Plan, states: tuple[str, str], on: date) -> tuple[Declaration, ...]:
    return tuple(
        declaration
        for state in states
        for declaration in plan.tables.declarations.get((plan.instrument.code, state), ())
        if holds(declaration, on) and covers(declaration.article, plan.row.article)
    )


def _requirements(plan: Plan, declared: tuple[Declaration, ...], asked: str) -> tuple[Finding, ...]:
    """Acts of other persons that the asked state needs before it releases: from the row, or by its declaration."""
    row = plan.row
    found = [
        met(clause.code, clause.article, {"state": asked, "by": "judge", "basis": plan.instrument.code})
        for clause in row.requirements
        if not clause.states or asked in clause.states
    ]
    found += [
        met(JUDICIAL_AUTHORISATION, row.article, {"state": asked, "by": "judge", "declaration": d.id, "text": d.text})
        for d in declared
        if d.effect == "require_judge" and d.state == asked
    ]
    return tuple(found[:1])


def reviewed(plan: Plan) -> Finding:
    """A row that no lawyer of the agency has reviewed only ever refers."""
    row = plan.row
    values: JsonObject = {"status": row.status, "confidence": row.confidence, "source": row.source}
    if row.review:
        values["review"] = row.review
    if row.status == "reviewed":
        return met("row_reviewed", row.article, values)
    return unsure("row_reviewed", row.article, values, "have the agency's lawyer review and sign this row")


def as_reviewed(m: Matter, found: list[Finding]) -> list[Finding]:
    """The findings on a row's own words. Where nobody has reviewed them a no is as doubtful as a yes: it refers."""
    if m.row.status == "reviewed":
        return found
    cure = "the row as it stands says no, but nobody has reviewed it: have the agency's lawyer read the article"
    return [
        Finding(f.condition, "unknown", f.article, f.values, f"{cure}; {f.cure}") if f.result == "fail" else f
        for f in found
    ]


def in_force(plan: Plan, on: date) -> Finding:
    """The instrument itself is in force on the day; one whose table states no first day, as its parties' dates say."""
    i, place = plan.instrument, plan.place("entry")
    since = i.valid_from.isoformat() if i.valid_from else None
    until = i.valid_until.isoformat() if i.valid_until else None
    values: JsonObject = {"on": on.isoformat(), "from": since, "until": until}
    if not i.in_force:
        cure = f"{i.code} was not in force when its table was made: have a lawyer look up whether it is now"
        return unsure("in_force", place, values, cure)
    if i.valid_from is None and i.code not in plan.tables.joined:
        return unsure("in_force", place, values, f"import a table that says since when who is party to {i.code}")
    if holds(i, on):
        return met("in_force", place, values)
    return failed("in_force", place, values, "use an instrument that is in force on that day")


def party(plan: Plan, role: str, state: str, on: date) -> tuple[Finding, Participation | None]:
    """Whether the state is party on the day, and the participation by which it is."""
    periods = plan.tables.participations.get((plan.instrument.code, state), ())
    values: JsonObject = {
        "state": state, "on": on.isoformat(), "periods": [f"{p.valid_from}..{p.valid_until or ''}" for p in periods],
    }  # fmt: skip
    name, place = f"{role}_party", plan.place("entry")
    current = next((p for p in periods if holds(p, on)), None)
    if current is not None:
        return met(name, place, values), current
    if state not in plan.tables.states:
        cure = f"import a table that says to which instruments {state} is party"
        return unsure(name, place, values, cure), None
    if plan.instrument.code not in plan.tables.joined:
        cure = f"import a table that says who is party to {plan.instrument.code}"
        return unsure(name, place, values, cure), None
    return failed(name, place, values, _join(state, periods, on)), None


def _join(state: str, periods: tuple[Participation, ...], on: date) -> str:
    """What to do where a state is known not to be party on the day."""
    ended = [p.valid_until for p in periods if p.valid_until is not None and p.valid_until < on]
    coming = [p.valid_from for p in periods if p.valid_from > on]
    cure = "use an instrument to which both states are party on that day"
    if ended:
        cure = f"{state} ceased to be party on {max(ended)}; {cure}"
    if coming:
        cure = f"{state} becomes party on {min(coming)}; ask again then, or {cure}"
    return cure


def territory(m: Matter, role: str, participation: Participation) -> Finding:
    """Where a state has left parts of its territory out, somebody must say which part is concerned."""
    name, place = f"{role}_territory", m.place("territory")
    stated = m.question.facts.get("territory")
    part = text(stated.get(participation.state)) if isinstance(stated, dict) else ""
    values: JsonObject = {"state": participation.state, "left_out": codes(participation.territory), "stated": part}
    if not part:
        return unsure(name, place, values, f"state which part of {participation.state} is concerned")
    if part in participation.territory:
        return failed(name, place, values, f"use an instrument that extends to {part}")
    return met(name, place, values)


# What the states have declared or reserved to this article. Thresholds and dual criminality are tried with the
# offence, channels with those of the row, where they belong.


def _said(d: Declaration) -> JsonObject:
    return {
        "declaration": d.id, "state": d.state, "effect": d.effect, "value": d.value,
        "declared": d.valid_from.isoformat(), "text": d.text, "source": d.source,
    }  # fmt: skip


def _without_facts(plan: Plan, declared: tuple[Declaration, ...]) -> list[Finding]:
    """The findings on declarations that no fact of the question can change."""
    article, found = plan.row.article, []
    for d in declared:
        if d.effect == "exclude_article" or (d.effect == "exclude_measure" and d.value == plan.row.measure):
            found.append(failed("declaration", article, _said(d), f"ask {d.state} for another measure"))
        if d.effect == "in_words":
            cure = f"have a lawyer say what the words of {d.state} do, and import the declaration with that effect"
            found.append(unsure("declaration", article, _said(d), cure))
    return found


def _excluded_purpose(m: Matter, d: Declaration) -> Finding:
    purpose = text(m.question.facts.get("purpose"))
    values = _said(d) | {"purpose": purpose}
    if not purpose:
        return unsure("declaration", m.row.article, values, "state the purpose")
    if purpose == d.value:
        return failed("declaration", m.row.article, values, f"{d.state} excludes this purpose; use another basis")
    return met("declaration", m.row.article, values)


def _excluded_category(m: Matter, d: Declaration) -> Finding:
    values = _said(d)
    if m.offence is None:
        return unsure("declaration", m.row.article, values, "state the offence by its code in the asking state's table")
    values |= {"offence": m.offence.code, "category": m.offence.category}
    if m.offence.category == d.value:
        cure = (
            f"{d.state} excludes {d.value} offences since {d.valid_from}: import its declaration {d.id}, and ask only"
            " on another offence that the facts support or on another instrument"
        )
        return failed("declaration", m.row.article, values, cure)
    return met("declaration", m.row.article, values)


def _demanded_authority(m: Matter, d: Declaration) -> Finding:
    """Who asks must be of the kind that the state has named, whatever the row itself would let ask."""
    stated = text(m.question.facts.get("authority"))
    values = _said(d) | {"authority": stated}
    if not stated:
        return unsure("declaration", m.row.article, values, "state the fact `authority`")
    if stated != d.value:
        return failed("declaration", m.row.article, values, f"{d.state} answers {d.value} only: have it ask")
    return met("declaration", m.row.article, values)


BY_FACTS: Final[Mapping[str, Callable[[Matter, Declaration], Finding]]] = {
    "exclude_offence_category": _excluded_category, "exclude_purpose": _excluded_purpose,
    "require_authority": _demanded_authority,
}  # fmt: skip
"""How the effects that depend on facts are tried."""
