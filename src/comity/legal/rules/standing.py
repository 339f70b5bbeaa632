"""May these two states use this row at all on this day: reviewed, in force, both parties, territory, declarations."""

from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import Declaration, Finding, Participation
from comity.legal.rules.matter import Matter, codes, failed, met, text, unsure
from comity.legal.rules.tables import holds

MOST_KEPT: Final = 20_000
"""Findings of so many rows, pairs of states and days are kept before all are forgotten."""


def findings(m: Matter) -> list[Finding]:
    """All findings on the standing of the two states, in the order in which a lawyer asks."""
    return [*lasting(m), *declarations(m)]


def lasting(m: Matter) -> tuple[Finding, ...]:
    """The findings on the row and the parties, which are the same for every matter between the two states on that day,
    and so made once; but where a territory is left out, the matter itself must say which part is concerned."""
    key = (id(m.row), m.question.asking, m.question.asked, m.on)
    known = m.tables.kept.get(key)
    if known is None:
        known = _standing(m)
        if not any(f.condition.endswith("_territory") and f.values["left_out"] for f in known):
            if len(m.tables.kept) >= MOST_KEPT:
                m.tables.kept.clear()
            m.tables.kept[key] = known
    return known


def _standing(m: Matter) -> tuple[Finding, ...]:
    asking = party(m, "asking", m.question.asking)
    return (reviewed(m), in_force(m), *asking, *party(m, "asked", m.question.asked))


def reviewed(m: Matter) -> Finding:
    """A row that no lawyer of the agency has reviewed only ever refers."""
    values: JsonObject = {"status": m.row.status, "confidence": m.row.confidence, "source": m.row.source}
    if m.row.review:
        values["review"] = m.row.review
    if m.row.status == "reviewed":
        return met("row_reviewed", m.row.article, values)
    return unsure("row_reviewed", m.row.article, values, "have the agency's lawyer review and sign this row")


def as_reviewed(m: Matter, found: list[Finding]) -> list[Finding]:
    """The findings on a row's own words. Where nobody has reviewed them a no is as doubtful as a yes: it refers."""
    if m.row.status == "reviewed":
        return found
    cure = "the row as it stands says no, but nobody has reviewed it: have the agency's lawyer read the article"
    return [unsure(f.condition, f.article, f.values, f"{cure}; {f.cure}") if f.result == "fail" else f for f in found]


def in_force(m: Matter) -> Finding:
    """The instrument itself is in force on the day; one whose table states no first day, as its parties' dates say."""
    i = m.instrument
    since = i.valid_from.isoformat() if i.valid_from else None
    until = i.valid_until.isoformat() if i.valid_until else None
    values: JsonObject = {"on": m.on.isoformat(), "from": since, "until": until}
    if not i.in_force:
        cure = f"{i.code} was not in force when its table was made: have a lawyer look up whether it is now"
        return unsure("in_force", m.place("entry"), values, cure)
    if i.valid_from is None and i.code not in m.tables.joined:
        return unsure(
            "in_force", m.place("entry"), values, f"import a table that says since when who is party to {i.code}"
        )
    if holds(i, m.on):
        return met("in_force", m.place("entry"), values)
    return failed("in_force", m.place("entry"), values, "use an instrument that is in force on that day")


def party(m: Matter, role: str, state: str) -> list[Finding]:
    """The state is party on the day, and its participation covers the territory concerned."""
    periods = m.tables.participations.get((m.instrument.code, state), ())
    values: JsonObject = {
        "state": state, "on": m.on.isoformat(),
        "periods": [f"{p.valid_from}..{p.valid_until or ''}" for p in periods],
    }  # fmt: skip
    name = f"{role}_party"
    current = next((p for p in periods if holds(p, m.on)), None)
    if current is not None:
        return [met(name, m.place("entry"), values), territory(m, role, current)]
    if state not in m.tables.states:
        cure = f"import a table that says to which instruments {state} is party"
        return [unsure(name, m.place("entry"), values, cure)]
    if m.instrument.code not in m.tables.joined:
        return [unsure(name, m.place("entry"), values, f"import a table that says who is party to {m.instrument.code}")]
    ended = [p.valid_until for p in periods if p.valid_until is not None and p.valid_until < m.on]
    coming = [p.valid_from for p in periods if p.valid_from > m.on]
    cure = "use an instrument to which both states are party on that day"
    if ended:
        cure = f"{state} ceased to be party on {max(ended)}; {cure}"
    if coming:
        cure = f"{state} becomes party on {min(coming)}; ask again then, or {cure}"
    return [failed(name, m.place("entry"), values, cure)]


def territory(m: Matter, role: str, participation: Participation) -> Finding:
    """Where a state has left parts of its territory out, somebody must say which part is concerned."""
    values: JsonObject = {"state": participation.state, "left_out": codes(participation.territory)}
    name = f"{role}_territory"
    if not participation.territory:
        return met(name, m.place("territory"), values)
    stated = m.question.facts.get("territory")
    part = text(stated.get(participation.state)) if isinstance(stated, dict) else ""
    values["stated"] = part
    if not part:
        return unsure(name, m.place("territory"), values, f"state which part of {participation.state} is concerned")
    if part in participation.territory:
        return failed(name, m.place("territory"), values, f"use an instrument that extends to {part}")
    return met(name, m.place("territory"), values)


def declarations(m: Matter) -> list[Finding]:
    """What the states have declared or reserved to this article; thresholds and dual criminality are tried with the
    offence, where they belong."""
    return [found for d in m.declared if (found := _declaration(m, d)) is not None]


def _declaration(m: Matter, d: Declaration) -> Finding | None:
    values: JsonObject = {
        "declaration": d.id, "state": d.state, "effect": d.effect, "value": d.value,
        "declared": d.valid_from.isoformat(), "text": d.text, "source": d.source,
    }  # fmt: skip
    if d.effect == "exclude_offence_category":
        return _excluded_category(m, d, values)
    if d.effect == "in_words":
        cure = f"have a lawyer say what the words of {d.state} do, and import the declaration with that effect"
        return unsure("declaration", m.row.article, values, cure)
    if d.effect == "exclude_purpose":
        return _excluded_purpose(m, d, values)
    if d.effect == "exclude_measure" and d.value == m.question.measure:
        return failed("declaration", m.row.article, values, f"ask {d.state} for another measure")
    return None


def _excluded_purpose(m: Matter, d: Declaration, values: JsonObject) -> Finding:
    values["purpose"] = purpose = text(m.question.facts.get("purpose"))
    if not purpose:
        return unsure("declaration", m.row.article, values, "state the purpose")
    if purpose == d.value:
        return failed("declaration", m.row.article, values, f"{d.state} excludes this purpose; use another basis")
    return met("declaration", m.row.article, values)


def _excluded_category(m: Matter, d: Declaration, values: JsonObject) -> Finding:
    if m.offence is None:
        return unsure("declaration", m.row.article, values, "state the offence by its code in the asking state's table")
    values["offence"], values["category"] = m.offence.code, m.offence.category
    if m.offence.category == d.value:
        cure = (
            f"{d.state} excludes {d.value} offences since {d.valid_from}: import its declaration {d.id}, and ask only"
            " on another offence that the facts support or on another instrument"
        )
        return failed("declaration", m.row.article, values, cure)
    return met("declaration", m.row.article, values)
