"""What is denied by default, whatever an instrument says, unless the condition named here is fulfilled.

1. Kinship search abroad is a measure of its own, for missing persons and human remains only.
2. A mixture of several persons' DNA stays national.
3. Matching faces in public, live, needs a specific authorisation: Regulation (EU) 2024/1689, article 5(1)(h), (2), (3).
4. A score of a person's risk by profiling alone is forbidden: the same, article 5(1)(d).
5. A physical sample travels with the facts of its custody, because it is consumed: seal, rest, hazards, storage.
"""

from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Finding, Question
from comity.legal.rules.matter import codes, failed, met, text, unsure

KINSHIP, LIVE_FACES, RISK_SCORE, SAMPLE = "familial_search", "live_face_matching", "risk_score", "physical_sample"
MEASURES: Final = frozenset({KINSHIP, LIVE_FACES, RISK_SCORE, SAMPLE})
FACTS: Final = frozenset({"familial", "mixture", "live", "profiling_only", "custody"})
"""Without any of these facts and measures, and without a physical sample, nothing here is tried."""

MISSING: Final = ("missing_person", "human_remains_identification")
CUSTODY: Final = ("seal", "remaining", "hazards", "storage")
"""What must be said of a physical sample: its seal, what is left of it, what is dangerous in it, how it is kept."""

PROFILING: Final = "AI Act 5(1)(d)"
LIVE: Final = "AI Act 5(1)(h)"


def concerned(question: Question) -> bool:
    """Whether anything here may be tried at all: quick, because hardly any question is."""
    facts = question.facts
    return (
        not FACTS.isdisjoint(facts) or question.measure in MEASURES or facts.get("data_category") == SAMPLE
    )  # fmt: skip


def findings(question: Question) -> list[Finding]:
    """One finding for each of the five with which the question has to do."""
    measure, facts = question.measure, question.facts
    found = []
    if "familial" in facts or measure == KINSHIP:
        found.append(_kinship(question))
    if "mixture" in facts:
        found.append(_mixture(facts["mixture"]))
    if "live" in facts or measure == LIVE_FACES:
        found.append(_live(question))
    if "profiling_only" in facts or measure == RISK_SCORE:
        found.append(_profiling(facts.get("profiling_only")))
    if "custody" in facts or measure == SAMPLE or facts.get("data_category") == SAMPLE:
        found.append(_sample(facts.get("custody")))
    return found


def _kinship(question: Question) -> Finding:
    familial, purpose = question.facts.get("familial"), text(question.facts.get("purpose"))
    values: JsonObject = {"familial": familial, "measure": question.measure, "purpose": purpose}
    if question.measure != KINSHIP:
        if familial is False:
            return met("kinship_search", "", values)
        if familial is True:
            cure = f"search without relatives, or ask for `{KINSHIP}`, a measure of its own"
            return failed("kinship_search", "", values, cure)
        return unsure("kinship_search", "", values, "state the fact `familial`: true or false")
    if purpose in MISSING:
        return met("kinship_search", "", values)
    if not purpose:
        return unsure("kinship_search", "", values, "state the fact `purpose`")
    return failed("kinship_search", "", values, f"relatives are searched abroad for {', '.join(MISSING)} only")


def _mixture(stated: Json) -> Finding:
    values: JsonObject = {"mixture": stated}
    if stated is False:
        return met("mixture", "", values)
    if stated is True:
        return failed("mixture", "", values, "separate one contributor's profile from the mixture and search with that")
    return unsure("mixture", "", values, "state the fact `mixture`: true or false")


def _live(question: Question) -> Finding:
    """Only live matching in public is barred; a picture held against a collection afterwards is not live."""
    live, granted = question.facts.get("live"), text(question.own.get("specific_authorisation")).strip()
    values: JsonObject = {"live": live, "measure": question.measure, "specific_authorisation": granted}
    if question.measure != LIVE_FACES and live is False:
        return met("live_face_matching", LIVE, values)
    if question.measure != LIVE_FACES and live is not True:
        return unsure("live_face_matching", LIVE, values, "state the fact `live`: true or false")
    if granted:
        return met("live_face_matching", LIVE, values)
    cure = "obtain the specific authorisation of a court or an independent authority and state its reference"
    return failed("live_face_matching", LIVE, values, cure)


def _profiling(stated: Json) -> Finding:
    values: JsonObject = {"profiling_only": stated}
    if stated is False:
        return met("profiling_only", PROFILING, values)
    if stated is True:
        cure = "rest the assessment on objective, verifiable facts about the person's own acts, judged by a person"
        return failed("profiling_only", PROFILING, values, cure)
    return unsure("profiling_only", PROFILING, values, "state the fact `profiling_only`: true or false")


def _sample(stated: Json) -> Finding:
    custody: JsonObject = stated if isinstance(stated, dict) else {}
    missing = [name for name in CUSTODY if not _told(custody.get(name))]
    values: JsonObject = {"custody": custody, "missing": codes(missing)}
    if missing:
        return unsure("sample_custody", "", values, f"state of the sample's custody: {', '.join(missing)}")
    return met("sample_custody", "", values)


def _told(value: Json) -> bool:
    return isinstance(value, bool | int) or text(value).strip() != ""
