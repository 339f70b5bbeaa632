"""The person behind the data: LED article 6 category, minors, protected persons, fact or assessment, evaluation.

All of it is tried where the facts state it; what a row itself demands is tried by its own condition. LED is Directive
(EU) 2016/680; CRC the Convention on the Rights of the Child.
"""

from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Finding, Vocabulary
from comity.legal.rules.grounds import by_review
from comity.legal.rules.matter import Matter, listed, met, text, unsure, whole

AGES: Final = ("age_at_offence", "age_at_sampling", "age")
FACTS: Final = frozenset({"data_subject", "protections", "statement_kind", "evaluation", *AGES})
"""Without any of these facts nothing here is tried."""

OF_AGE: Final = 18
CHILD: Final = "CRC 3, 40; LED 6"


def findings(m: Matter) -> list[Finding]:
    """One finding for each subject that the facts speak of."""
    facts = m.question.facts
    found = [_category(m)] if "data_subject" in facts and not _row_asks(m) else []
    ages: JsonObject = {name: facts[name] for name in AGES if name in facts}
    if ages:
        found.append(_minor(m, ages))
    if "protections" in facts or facts.get("data_subject") == "informant":
        found.append(_protected(m))
    if "statement_kind" in facts:
        found.append(_statement(m))
    if "evaluation" in facts:
        found.append(_evaluation(m))
    return found


def _row_asks(m: Matter) -> bool:
    return any(condition.kind == "data_subject" for condition in m.row.conditions)


def _category(m: Matter) -> Finding:
    stated, scale = m.question.facts["data_subject"], m.tables.vocabulary.codes("data_subjects")
    if text(stated) in scale:
        return met("data_subject", "LED 6", {"data_subject": stated})
    cure = f"state the category of the person: one of {', '.join(scale)}"
    return unsure("data_subject", "LED 6", {"data_subject": stated}, cure)


def _minor(m: Matter, ages: JsonObject) -> Finding:
    """Under eighteen at any of the stated moments: a person decides, whatever the category."""
    years = [whole(age) for age in ages.values()]
    if None in years:
        return unsure("minor", CHILD, ages, "state the age in whole years")
    if all(age is not None and age >= OF_AGE for age in years):
        return met("minor", CHILD, ages)
    cure = "the person is or was under eighteen: have somebody qualified for minors decide"
    return by_review(m, "minor_review", ("minor", CHILD), ages, cure)


def _protected(m: Matter) -> Finding:
    """Witnesses under protection, informants and officers under cover are masked and go to their handler."""
    stated, scale = m.question.facts.get("protections", []), m.tables.vocabulary.codes("protections")
    found: list[Json] = [*listed(stated)]
    if m.question.facts.get("data_subject") == "informant" and "informant" not in found:
        found.append("informant")
    values: JsonObject = {"protections": found}
    if not found:
        return met("protected_person", "LED 6", values)
    if not all(text(code) in scale for code in found):
        cure = f"state the protections as a list of {', '.join(scale)}"
        return unsure("protected_person", "LED 6", values, cure)
    cure = "mask the person and have the handler decide"
    return by_review(m, "protection_review", ("protected_person", "LED 6"), values, cure)


def _statement(m: Matter) -> Finding:
    """A personal assessment travels as one, with an evaluation of its source; it is never taken for a fact."""
    stated, scale = m.question.facts["statement_kind"], m.tables.vocabulary.codes("statement_kinds")
    values: JsonObject = {"statement_kind": stated}
    if text(stated) not in scale:
        return unsure(
            "statement_kind", "LED 7(1)", values, f"state the fact `statement_kind`: one of {', '.join(scale)}"
        )
    if stated == "personal_assessment" and "evaluation" not in m.question.facts:
        cure = "state the evaluation of source and information with the assessment"
        return unsure("statement_kind", "LED 7(2)", values, cure)
    return met("statement_kind", "LED 7(1)", values)


def schemes(words: Vocabulary) -> list[str]:
    """The evaluation schemes of the vocabulary, such as ``europol``."""
    names = (name for name in words.schemes if name.startswith("evaluation_") and name.endswith("_source"))
    return [name.removeprefix("evaluation_").removesuffix("_source") for name in names]


def _evaluation(m: Matter) -> Finding:
    """Scheme and original codes; each code is one of its own scheme, and none is converted into another's."""
    stated, words = m.question.facts["evaluation"], m.tables.vocabulary
    values: JsonObject = {"evaluation": stated}
    known = schemes(words)
    given: JsonObject = stated if isinstance(stated, dict) else {}
    if text(given.get("scheme")) not in known:
        cure = f"state the evaluation's scheme: one of {', '.join(known)}"
        return unsure("source_evaluation", "LED 7(2)", values, cure)
    for part in ("source", "information"):
        scale = words.codes(f"evaluation_{given['scheme']}_{part}")
        if text(given.get(part)) not in scale:
            cure = f"state the evaluation by its own scheme: one of {', '.join(scale)}"
            return unsure("source_evaluation", "LED 7(2)", values, cure)
    return met("source_evaluation", "LED 7(2)", values)
