"""The offence against the row: in scope by penalty, list or class, by the sentence, and punishable when it was done."""

from datetime import date
from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Condition, Finding, Question
from comity.legal.rules.matter import Matter, failed, met, named_offence, unsure, whole
from comity.legal.rules.tables import holds

PROSECUTION: Final = "prosecution"
EXECUTION: Final = "execution"
STATE_IT: Final = "state the offence by its code in the asking state's table, as it stood on that day"


def said(m: Matter) -> JsonObject:
    """The offence as it was named, with its text where the table has it."""
    if m.offence is None:
        return {"offence": m.question.facts.get("offence"), "on": m.on.isoformat()}
    return {"offence": m.offence.code, "text": m.offence.text}


def scope(m: Matter, condition: Condition) -> Finding:
    """The asking state's maximum penalty reaches the threshold, or the offence is on the row's list.

    A declared threshold of either state replaces a lower one and switches the list off for penalties below it only
    when the offence is not listed: what the agreement lists needs no threshold at all. A row's list is of keys of the
    European arrest warrant (`listed`) or of classes of level 1 (`classes`). Where the row says so the sentence decides
    instead (`sentence_months`), or a list that only the article has (`list_in_words`) may help.
    """
    values, article = said(m), condition.article
    if m.offence is None:
        return unsure("offence_scope", article, values, STATE_IT)
    if _among(m.offence.eaw_list, condition.values.get("listed")):
        return met("offence_scope", article, {**values, "listed": m.offence.eaw_list})
    if _among(m.offence.iccs, condition.values.get("classes")):
        return met("offence_scope", article, {**values, "class": m.offence.iccs})
    if "sentence_months" in condition.values and m.question.facts.get("sought_for") != PROSECUTION:
        return sentence(m, condition)
    return _by_penalty(m, condition, values)


def _among(code: str, codes: Json) -> bool:
    return isinstance(codes, list) and code in codes


def _by_penalty(m: Matter, condition: Condition, values: JsonObject) -> Finding:
    assert m.offence is not None  # `scope` has seen to that
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
    threshold, source = whole(condition.values["months"]) or 0, ""
    for declaration in m.declared:
        if declaration.effect == "threshold" and int(declaration.value) > threshold:
            threshold, source = int(declaration.value), declaration.id
    return threshold, source


def sentence(m: Matter, condition: Condition) -> Finding:
    """A person sought to serve a sentence has at least the row's months of it; one sought for prosecution has none."""
    least = whole(condition.values.get("sentence_months", condition.values.get("months"))) or 0
    sought, months = m.question.facts.get("sought_for"), whole(m.question.facts.get("sentence_months"))
    values: JsonObject = {"sought_for": sought, "sentence_months": months, "threshold_months": least}
    if sought == PROSECUTION:
        return met("sentence", condition.article, values)
    if sought != EXECUTION:
        cure = f"state the fact `sought_for`: {PROSECUTION} or {EXECUTION}"
        return unsure("sentence", condition.article, values, cure)
    if months is None:
        return unsure("sentence", condition.article, values, "state the fact `sentence_months`: the sentence in months")
    if months >= least:
        return met("sentence", condition.article, values)
    return failed("sentence", condition.article, values, f"the sentence must be of at least {least} months")


def day_of_act(question: Question) -> date | None:
    """The day on which the offence was committed, where the facts state one that is a date."""
    stated = question.facts.get("act_on")
    try:
        return date.fromisoformat(stated) if isinstance(stated, str) else None
    except ValueError:
        return None


def punishable_then(m: Matter) -> list[Finding]:
    """Where the day of the act is stated: the asking state's law made it an offence on that day, too."""
    if "act_on" not in m.question.facts:
        return []
    day, named = day_of_act(m.question), named_offence(m.question)
    values = said(m) | {"act_on": m.question.facts["act_on"]}
    if day is None or day > m.on:
        return [unsure("punishable_then", m.row.article, values, "state the day of the act, such as 2026-01-17")]
    rows = m.tables.offences.get(named, ()) if named else ()
    then = next((o for o in rows if holds(o, day)), None)
    if then is not None:
        values["max_penalty_months_then"] = then.max_penalty_months
        return [met("punishable_then", m.row.article, values)]
    if rows:
        cure = "name the offence that the law of that day knew; no penalty applies to what was none"
        return [failed("punishable_then", m.row.article, values, cure)]
    return [unsure("punishable_then", m.row.article, values, STATE_IT)]
