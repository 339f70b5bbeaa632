"""The conditions that a row states for itself, each made ready by its kind once, so that trying them is quick.

Whatever depends on the row alone is worked out when the tables are built; what is left is to look the facts up.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Condition, Finding, Row, Vocabulary
from comity.legal.rules import dual, offences
from comity.legal.rules.matter import Matter, Try, codes, failed, met, text, unsure
from comity.legal.rules.vocabulary import LISTS

Kind = Callable[[Condition], Try]
"""Makes a condition of one kind ready."""


def tries(row: Row, words: Vocabulary) -> tuple[Try, ...]:
    """The conditions of a row made ready, in its order; then the purpose where it states none, and the channel."""
    found = [KINDS[condition.kind](condition) for condition in row.conditions]
    if not any(condition.kind == "purpose" for condition in row.conditions):
        found.append(_covered_purpose(row, words))
    return (*found, channel(row))


def _one_of(condition: Condition, key: str = "one_of") -> list[Json]:
    found = condition.values.get(key)
    return found if isinstance(found, list) else []


def _code_fact(condition: Condition) -> Try:
    """A fact whose code must be one of the row's; a code of no list says nothing, and is unknown."""
    kind, article, allowed = condition.kind, condition.article, _one_of(condition)
    passes = {str(code): met(kind, article, {kind: code, "allowed": allowed}) for code in allowed}

    def tried(m: Matter) -> Finding:
        stated = text(m.question.facts.get(kind))
        if stated in passes:
            return passes[stated]
        values: JsonObject = {kind: stated, "allowed": allowed}
        if stated not in m.tables.vocabulary.codes(LISTS[kind]):
            return unsure(kind, article, values, f"state the fact `{kind}`: one of {', '.join(passes)}")
        cure = f"{kind} must be one of: {', '.join(passes)}; use another basis for {stated}"
        return failed(kind, article, values, cure)

    return tried


def _covered_purpose(row: Row, words: Vocabulary) -> Try:
    """Where a row names no purposes, the purpose must still be stated, and one that some instrument may serve."""
    known, barred = words.codes("purposes"), words.codes("purposes_not_covered")
    passes = {code: met("purpose", row.article, {"purpose": code}) for code in known}

    def tried(m: Matter) -> Finding:
        stated = text(m.question.facts.get("purpose"))
        if stated in passes:
            return passes[stated]
        values: JsonObject = {"purpose": stated}
        if stated in barred:
            return failed("purpose", row.article, values, "no instrument here may be used for that purpose")
        return unsure("purpose", row.article, values, f"state the fact `purpose`: one of {', '.join(known)}")

    return tried


def _authority(condition: Condition) -> Try:
    """Questions leave a node through its own authority; another one is tried when it is stated.

    Where a state has declared which authority must ask, its declaration is tried instead (`standing`).
    """
    named, article = _code_fact(condition), condition.article

    def tried(m: Matter) -> Finding:
        demanded = next((d.id for d in m.declared if d.effect == "require_authority"), None)
        if demanded is not None:
            return met("authority", article, {"declaration": demanded})
        return named(m) if "authority" in m.question.facts else _own_authority(article, m.question.asking)

    return tried


@lru_cache(maxsize=1024)
def _own_authority(article: str, asking: str) -> Finding:
    return met("authority", article, {"stated": False, "through": "node", "state": asking})


def _data_subject(condition: Condition) -> Try:
    article, allowed, barred = condition.article, _one_of(condition), _one_of(condition, "none_of")

    def tried(m: Matter) -> Finding:
        stated = text(m.question.facts.get("data_subject"))
        values: JsonObject = {"data_subject": stated, "allowed": allowed, "barred": barred}
        if stated not in m.tables.vocabulary.codes("data_subjects") or stated == "unknown_not_yet_categorised":
            return unsure("data_subject", article, values, "state the category of the person (LED article 6)")
        if stated in barred or (allowed and stated not in allowed):
            return failed("data_subject", article, values, "use a basis that covers this category of person")
        return met("data_subject", article, values)

    return tried


def _stated(condition: Condition) -> Try:
    """A fact that must have been stated with one of some values, or may be left out where the row says so."""
    fact, cure, article = text(condition.values.get("fact")), text(condition.values.get("cure")), condition.article
    allowed = _one_of(condition) or [condition.values.get("equals")]
    plain = [value for value in allowed if isinstance(value, str | bool)]
    passes = {(type(value), value): met(fact, article, {fact: value, "allowed": allowed}) for value in plain}
    left_out = met(fact, article, {fact: None, "allowed": allowed})
    optional = condition.values.get("unless_left_out") is True

    def tried(m: Matter) -> Finding:
        stated = m.question.facts.get(fact)
        if optional and fact not in m.question.facts:
            return left_out
        values: JsonObject = {fact: stated, "allowed": allowed}
        if not isinstance(stated, str | bool) or stated == "":
            return unsure(fact, article, values, f"state the fact `{fact}`: {cure}")
        return passes.get((type(stated), stated)) or failed(fact, article, values, cure)

    return tried


def _unclassified(condition: Condition) -> Try:
    """An instrument under which nothing classified is exchanged, whatever the systems are accredited for."""
    article = condition.article
    plain = met("unclassified", article, {"classification": "UNCLASSIFIED"})

    def tried(m: Matter) -> Finding:
        handling = m.question.facts.get("handling")
        stated = handling.get("classification") if isinstance(handling, dict) else None
        if stated in (None, "", "UNCLASSIFIED"):
            return plain
        cure = "declassify it, or use a channel approved for that level"
        return failed("unclassified", article, {"classification": stated}, cure)

    return tried


def _text(condition: Condition) -> Try:
    """A condition that no machine can try refers."""
    words: JsonObject = {"text": condition.text}
    doubtful = unsure("condition_in_words", condition.article, words, "have a lawyer judge it")
    return lambda m: doubtful


def _of_the_offence(rule: Callable[[Matter, Condition], Finding]) -> Kind:
    return lambda condition: lambda m: rule(m, condition)


def channel(row: Row) -> Try:
    """The channel is the node itself unless the facts say otherwise; it must be one of the row's.

    Where a row does not name the node, somebody must say which way the request goes, because the node may carry it for
    an authority that the row names. A declared channel takes the place of the row's.
    """
    allowed = [c.code for c in row.channels]
    article = row.channels[0].article if row.channels else row.article
    passes = {code: met("channel", article, {"channel": code, "allowed": codes(allowed)}) for code in allowed}

    def tried(m: Matter) -> Finding:
        demanded = [d for d in m.declared if d.effect == "require_channel"]
        stated = text(m.question.facts.get("channel", "node"))
        if not demanded and stated in passes:
            return passes[stated]
        ways = [d.value for d in demanded] or allowed
        values: JsonObject = {"channel": stated, "allowed": codes(ways), "declarations": codes(d.id for d in demanded)}
        if set(ways) == {stated}:
            return met("channel", article, values)
        if not stated or not ways or "channel" not in m.question.facts:
            cure = f"state the channel: one of {', '.join(ways)}" if ways else "state the channel"
            return unsure("channel", article, values, cure)
        return failed("channel", article, values, f"use one of: {', '.join(ways)}")

    return tried


KINDS: Final[Mapping[str, Kind]] = {
    "modality": _code_fact, "purpose": _code_fact, "data_category": _code_fact, "authority": _authority,
    "data_subject": _data_subject, "offence_scope": _of_the_offence(offences.scope),
    "dual_criminality": _of_the_offence(dual.criminality), "sentence": _of_the_offence(offences.sentence),
    "stated": _stated, "text": _text, "unclassified": _unclassified,
}  # fmt: skip
"""How each kind of condition is made ready."""
