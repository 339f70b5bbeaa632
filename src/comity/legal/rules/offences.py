"""The offence against the row: in scope by penalty or list, and known to the law of both states where that matters."""

from typing import Final

from comity.base.model import JsonObject
from comity.legal.model import Condition, Finding, Offence
from comity.legal.rules.matter import Matter, codes, failed, met, unsure
from comity.legal.rules.tables import holds

PROSECUTION: Final = "prosecution"
EXECUTION: Final = "execution"
STATE_IT: Final = "state the offence by its code in the asking state's table, as it stood on that day"


def _stated(m: Matter) -> JsonObject:
    if m.offence is None:
        return {"offence": m.question.facts.get("offence"), "on": m.on.isoformat()}
    return {"offence": m.offence.code, "text": m.offence.text}


def scope(m: Matter, condition: Condition) -> Finding:
    """The asking state's maximum penalty reaches the threshold, or the offence is on the row's list.

    A declared threshold of either state replaces a lower one and switches the list off for penalties below it only
    when the offence is not listed: what the agreement lists needs no threshold at all. Where the row says so the
    sentence decides instead (`sentence_months`), or a list that only the article has (`list_in_words`) may help.
    """
    values, listed = _stated(m), condition.values.get("listed")
    if m.offence is None:
        return unsure("offence_scope", condition.article, values, STATE_IT)
    if isinstance(listed, list) and m.offence.eaw_list in listed:
        return met("offence_scope", condition.article, {**values, "listed": m.offence.eaw_list})
    if "sentence_months" in condition.values and m.question.facts.get("sought_for") != PROSECUTION:
        return sentence(m, condition)
    threshold, source = _threshold(m, condition)
    values |= {"max_penalty_months": m.offence.max_penalty_months, "threshold_months": threshold}
    if source:
        values["declaration"] = source
    if m.offence.max_penalty_months >= threshold:
        return met("offence_scope", condition.article, values)
    words = condition.values.get("list_in_words")
    if isinstance(words, str):
        cure = f"have a lawyer say whether {m.offence.code} is one of: {words}"
        return unsure("offence_scope", condition.article, {**values, "list": words}, cure)
    cure = (
        f"ask on an offence that the facts support and that is punishable by at least {threshold} months or is on the"
        f" instrument's list; {m.offence.code} carries at most {m.offence.max_penalty_months}"
    )
    return failed("offence_scope", condition.article, values, cure)


def _threshold(m: Matter, condition: Condition) -> tuple[int, str]:
    """The highest of the row's and the declared thresholds in months, and the declaration that raised it."""
    base = condition.values["months"]
    threshold, source = (base if isinstance(base, int) else 0), ""
    for declaration in m.declared:
        if declaration.effect == "threshold" and int(declaration.value) > threshold:
            threshold, source = int(declaration.value), declaration.id
    return threshold, source


def sentence(m: Matter, condition: Condition) -> Finding:
    """A person sought to serve a sentence has at least the row's months of it; one sought for prosecution has none."""
    least = condition.values.get("sentence_months", condition.values.get("months"))
    sought, months = m.question.facts.get("sought_for"), m.question.facts.get("sentence_months")
    values: JsonObject = {"sought_for": sought, "sentence_months": months, "threshold_months": least}
    if sought == PROSECUTION:
        return met("sentence", condition.article, values)
    if sought != EXECUTION:
        cure = f"state the fact `sought_for`: {PROSECUTION} or {EXECUTION}"
        return unsure("sentence", condition.article, values, cure)
    if not isinstance(months, int) or isinstance(months, bool) or not isinstance(least, int):
        return unsure("sentence", condition.article, values, "state the fact `sentence_months`: the sentence in months")
    if months >= least:
        return met("sentence", condition.article, values)
    return failed("sentence", condition.article, values, f"the sentence must be of at least {least} months")


def dual_criminality(m: Matter, condition: Condition) -> Finding:
    """The conduct is an offence in both states: same class (ICCS level 1) and same category is enough, one of the two
    is doubtful and refers, neither is a no. Where nothing is known of the asked state's law it refers too.

    `unless_listed` waives it, from a maximum of `unless_months` on where given; `months` is the least maximum that
    the asked state's offence must carry.
    """
    values, article = _stated(m), condition.article
    if m.offence is None:
        return unsure("dual_criminality", article, values, STATE_IT)
    if _waived(m.offence, condition):
        return met("dual_criminality", article, {**values, "waived_for": m.offence.eaw_list})
    theirs = [o for o in m.tables.offences_of.get(m.question.asked, ()) if holds(o, m.on)]
    if not theirs:
        return unsure("dual_criminality", article, values, f"import the offences of {m.question.asked} for that day")
    return _compared(m, condition, m.offence, theirs)


def _waived(offence: Offence, condition: Condition) -> bool:
    """Whether the offence is listed and, where the row says from which maximum on that helps, grave enough."""
    listed, least = condition.values.get("unless_listed"), condition.values.get("unless_months")
    if not isinstance(listed, list) or not offence.eaw_list or offence.eaw_list not in listed:
        return False
    return offence.max_penalty_months >= (least if isinstance(least, int) else 0)


def _compared(m: Matter, condition: Condition, offence: Offence, theirs: list[Offence]) -> Finding:
    same = [o for o in theirs if o.iccs == offence.iccs and o.category == offence.category]
    near = [o.code for o in theirs if o.iccs == offence.iccs or o.category == offence.category]
    values = _stated(m) | {"iccs": offence.iccs, "category": offence.category, "same": codes(o.code for o in same)}
    least = condition.values.get("months")
    if isinstance(least, int):
        values["threshold_months"] = least
        same = [o for o in same if o.max_penalty_months >= least]
    if same:
        return met("dual_criminality", condition.article, values)
    if near:
        cure = f"have a lawyer compare the conduct, and its penalty, with {', '.join(near)}"
        return unsure("dual_criminality", condition.article, {**values, "near": codes(near)}, cure)
    cure = f"{m.question.asked} has no such offence: ask for a measure that needs no dual criminality"
    return failed("dual_criminality", condition.article, values, cure)


def declared_dual_criminality(m: Matter) -> list[Finding]:
    """Dual criminality that a declaration demands although the row does not."""
    if any(c.kind == "dual_criminality" for c in m.row.conditions):
        return []
    demanded = [d for d in m.declared if d.effect == "require_dual_criminality"]
    bare = Condition("dual_criminality", m.row.article, {"unless_listed": []})
    return [dual_criminality(m, bare) for _ in demanded[:1]]
