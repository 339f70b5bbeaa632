"""The conditions that a row states for itself, tried one by one by their kind."""

from collections.abc import Callable, Mapping
from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Condition, Finding
from comity.legal.rules import offences
from comity.legal.rules.matter import Matter, codes, failed, met, text, unsure


def findings(m: Matter) -> list[Finding]:
    """One finding for each condition of the row, in its order, and one for the channel."""
    return [KINDS[condition.kind](m, condition) for condition in m.row.conditions] + [channel(m)]


def _listed(condition: Condition, key: str) -> list[Json]:
    found = condition.values.get(key)
    return found if isinstance(found, list) else []


def _code_fact(m: Matter, condition: Condition) -> Finding:
    """A fact whose code must be one of the row's."""
    stated, allowed = text(m.question.facts.get(condition.kind)), _listed(condition, "one_of")
    values: JsonObject = {condition.kind: stated, "allowed": allowed}
    if not stated:
        return unsure(condition.kind, condition.article, values, f"state the fact `{condition.kind}`")
    if stated not in allowed:
        cure = f"{condition.kind} must be one of: {', '.join(map(str, allowed))}; use another basis for {stated}"
        return failed(condition.kind, condition.article, values, cure)
    return met(condition.kind, condition.article, values)


def _authority(m: Matter, condition: Condition) -> Finding:
    """Questions leave a node through its own authority; another one is tried when it is stated."""
    if "authority" not in m.question.facts:
        return met("authority", condition.article, {"stated": False, "through": f"the node of {m.question.asking}"})
    return _code_fact(m, condition)


def _data_subject(m: Matter, condition: Condition) -> Finding:
    stated = text(m.question.facts.get("data_subject"))
    allowed, barred = _listed(condition, "one_of"), _listed(condition, "none_of")
    values: JsonObject = {"data_subject": stated, "allowed": allowed, "barred": barred}
    if not stated or stated == "unknown_not_yet_categorised":
        return unsure("data_subject", condition.article, values, "state the category of the person (LED article 6)")
    if stated in barred or (allowed and stated not in allowed):
        return failed("data_subject", condition.article, values, "use a basis that covers this category of person")
    return met("data_subject", condition.article, values)


def _stated(m: Matter, condition: Condition) -> Finding:
    """A fact that must have been stated with one of some values, or may be left out where the row says so."""
    fact, cure = text(condition.values.get("fact")), text(condition.values.get("cure"))
    allowed = _listed(condition, "one_of") or [condition.values.get("equals")]
    stated = m.question.facts.get(fact)
    values: JsonObject = {fact: stated, "allowed": allowed}
    if fact not in m.question.facts:
        if condition.values.get("unless_left_out") is True:
            return met(fact, condition.article, values)
        return unsure(fact, condition.article, values, f"state the fact `{fact}`: {cure}")
    if not isinstance(stated, str | bool) or stated == "":
        return unsure(fact, condition.article, values, f"state the fact `{fact}`: {cure}")
    if any(stated is value or (isinstance(stated, str) and stated == value) for value in allowed):
        return met(fact, condition.article, values)
    return failed(fact, condition.article, values, cure)


def _unclassified(m: Matter, condition: Condition) -> Finding:
    """An instrument under which nothing classified is exchanged, whatever the systems are accredited for."""
    handling = m.question.facts.get("handling")
    stated = handling.get("classification") if isinstance(handling, dict) else None
    if stated in (None, "", "UNCLASSIFIED"):
        return met("unclassified", condition.article, {"classification": "UNCLASSIFIED"})
    return failed(
        "unclassified",
        condition.article,
        {"classification": stated},
        "declassify it, or use a channel approved for that level",
    )


def _text(m: Matter, condition: Condition) -> Finding:
    """A condition that no machine can try refers."""
    return unsure("condition_in_words", condition.article, {"text": condition.text}, "have a lawyer judge it")


def channel(m: Matter) -> Finding:
    """The channel is the node itself unless the facts say otherwise; it must be one of the row's."""
    allowed = [c.code for c in m.row.channels]
    stated = m.question.facts.get("channel", "node")
    article = m.row.channels[0].article if m.row.channels else m.row.article
    values: JsonObject = {"channel": stated, "allowed": codes(allowed)}
    if not isinstance(stated, str) or not stated or not allowed:
        return unsure("channel", article, values, "state the channel")
    if stated not in allowed:
        return failed("channel", article, values, f"use one of: {', '.join(allowed)}")
    return met("channel", article, values)


KINDS: Final[Mapping[str, Callable[[Matter, Condition], Finding]]] = {
    "modality": _code_fact, "purpose": _code_fact, "data_category": _code_fact, "authority": _authority,
    "data_subject": _data_subject, "offence_scope": offences.scope, "dual_criminality": offences.dual_criminality,
    "sentence": offences.sentence, "stated": _stated, "text": _text, "unclassified": _unclassified,
}  # fmt: skip
"""How each kind of condition is tried."""
