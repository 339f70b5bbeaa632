"""The offence against the row: in scope by penalty or list, and known to the law of both states where that matters."""

from comity.base.model import JsonObject
from comity.legal.model import Condition, Finding
from comity.legal.rules.matter import Matter, codes, failed, met, unsure
from comity.legal.rules.tables import holds

STATE_IT = "state the offence by its code in the asking state's table, as it stood on that day"


def _stated(m: Matter) -> JsonObject:
    if m.offence is None:
        return {"offence": m.question.facts.get("offence"), "on": m.on.isoformat()}
    return {"offence": m.offence.code, "text": m.offence.text}


def scope(m: Matter, condition: Condition) -> Finding:
    """The asking state's maximum penalty reaches the threshold, or the offence is on the row's list.

    A declared threshold of either state replaces a lower one and switches the list off for penalties below it only
    when the offence is not listed: what the agreement lists needs no threshold at all.
    """
    values, listed = _stated(m), condition.values.get("listed")
    if m.offence is None:
        return unsure("offence_scope", condition.article, values, STATE_IT)
    if isinstance(listed, list) and m.offence.eaw_list in listed:
        return met("offence_scope", condition.article, {**values, "listed": m.offence.eaw_list})
    base = condition.values["months"]
    threshold, source = (base if isinstance(base, int) else 0), ""
    for declaration in m.declared:
        if declaration.effect == "threshold" and int(declaration.value) > threshold:
            threshold, source = int(declaration.value), declaration.id
    values |= {"max_penalty_months": m.offence.max_penalty_months, "threshold_months": threshold}
    if source:
        values["declaration"] = source
    if m.offence.max_penalty_months >= threshold:
        return met("offence_scope", condition.article, values)
    cure = (
        f"ask on an offence that the facts support and that is punishable by at least {threshold} months or is on the"
        f" instrument's list; {m.offence.code} carries at most {m.offence.max_penalty_months}"
    )
    return failed("offence_scope", condition.article, values, cure)


def dual_criminality(m: Matter, article: str, unless_listed: list[str]) -> Finding:
    """The conduct is an offence in both states: same class (ICCS level 1) and same category is enough, one of the two
    is doubtful and refers, neither is a no. Where nothing is known of the asked state's law it refers too."""
    values = _stated(m)
    if m.offence is None:
        return unsure("dual_criminality", article, values, STATE_IT)
    if m.offence.eaw_list and m.offence.eaw_list in unless_listed:
        return met("dual_criminality", article, {**values, "waived_for": m.offence.eaw_list})
    theirs = [o for o in m.tables.offences_of.get(m.question.asked, ()) if holds(o, m.on)]
    if not theirs:
        return unsure("dual_criminality", article, values, f"import the offences of {m.question.asked} for that day")
    offence = m.offence
    same = [o.code for o in theirs if o.iccs == offence.iccs and o.category == offence.category]
    near = [o.code for o in theirs if o.iccs == offence.iccs or o.category == offence.category]
    values |= {"iccs": offence.iccs, "category": offence.category, "same": codes(same)}
    if same:
        return met("dual_criminality", article, values)
    if near:
        cure = f"have a lawyer compare the conduct with {', '.join(near)}"
        return unsure("dual_criminality", article, {**values, "near": codes(near)}, cure)
    cure = f"{m.question.asked} has no such offence: ask for a measure that needs no dual criminality"
    return failed("dual_criminality", article, values, cure)


def declared_dual_criminality(m: Matter) -> list[Finding]:
    """Dual criminality that a declaration demands although the row does not."""
    if any(c.kind == "dual_criminality" for c in m.row.conditions):
        return []
    demanded = [d for d in m.declared if d.effect == "require_dual_criminality"]
    return [dual_criminality(m, m.row.article, []) for _ in demanded[:1]]
