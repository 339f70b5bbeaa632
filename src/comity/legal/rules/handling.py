"""How the data may be handled: handling code, TLP, PAP and classification, each by its own scheme and kept apart.

Handling codes are Europol's H0 to H3; H3 is free text, so nothing that bears it is ever released automatically.
TLP says who may read (FIRST), PAP what may be done (MISP); either may be absent, and neither is made into the other.
Classification at or above CONFIDENTIAL never travels; RESTRICTED only between accredited systems; none is
unclassified.
"""

from functools import lru_cache
from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Finding
from comity.legal.rules.matter import Matter, failed, listed, met, text, unsure

FOR_CRIME: Final = frozenset({
    "prevention", "detection", "criminal_investigation", "prosecution", "execution_of_penalty",
    "public_security_threat", "asset_tracing", "extradition_surrender", "witness_protection",
})  # fmt: skip
"""Purposes that prevent or combat crime, as handling code H0 asks."""

ACTIONS: Final = ("undetectable", "passive", "active")
"""What a receiver means to do, the least noticed first: nothing its target could detect, checks at third parties,
or acts that the target will notice. A PAP label names the most that may be done."""

MOST: Final = {"RED": 0, "AMBER": 1, "GREEN": 2, "CLEAR": 2}
"""By PAP label the last of `ACTIONS` that it leaves."""

PLAIN: Final = "UNCLASSIFIED"


def findings(m: Matter) -> list[Finding]:
    """One finding for each scheme."""
    stated = m.question.facts.get("handling")
    handling: JsonObject = stated if isinstance(stated, dict) else {}
    article = m.place("handling")
    return [
        code(m, article, handling.get("code")),
        tlp(m, article, handling),
        pap(m, article, handling.get("pap")),
        classification(m, article, handling.get("classification")),
    ]


@lru_cache(maxsize=1024)
def _plain(condition: str, article: str, scheme: str, stated: str | None) -> Finding:
    """The finding of a code that holds without more; few of them, and the same for ever."""
    return met(condition, article, {scheme: stated})


def code(m: Matter, article: str, stated: Json) -> Finding:
    """One handling code or several: they combine, and the strictest decides."""
    given, scale = listed(stated), m.tables.vocabulary.codes("handling")
    if not given or not all(isinstance(c, str) and c in scale for c in given):
        cure = f"state the handling code: {', '.join(scale)}"
        return unsure("handling_code", article, {"code": stated}, cure)
    if "H3" in given:
        cure = "have a person read the restriction and decide on the release"
        return unsure("handling_code", article, {"code": stated}, cure)
    found = [_originator(m, article, given), _in_court(m, article, given), _against_crime(m, article, given)]
    tried = [finding for finding in found if finding is not None]
    return min(tried, key=_severity, default=None) or _plain(
        "handling_code", article, "code", "/".join(map(text, given))
    )


def _severity(finding: Finding) -> int:
    return ("fail", "unknown", "pass").index(finding.result)


def _originator(m: Matter, article: str, given: list[Json]) -> Finding | None:
    """H2 data, and all data under a row with that limit, go on only with the consent of who first provided them; data
    of which no other is named are the deciding state's own."""
    said = m.question.own
    if said.get("originator", m.here) == m.here:
        return None
    if "H2" not in given and not any(limit.code == "originator_consent" for limit in m.row.use_limits):
        return None
    consent = said.get("originator_consent")
    values: JsonObject = {"code": given, "originator": said["originator"], "consent": consent}
    if consent is True:
        return met("handling_code", article, values)
    cure = f"ask {text(said['originator']) or 'the originator'} for its consent"
    if consent is False:
        return failed("handling_code", article, values, f"{cure}: it has refused so far")
    return unsure("handling_code", article, values, cure)


def _in_court(m: Matter, article: str, given: list[Json]) -> Finding | None:
    """H1 data are not disclosed in judicial proceedings without their provider's permission."""
    if "H1" not in given or m.question.facts.get("use_as") != "evidence":
        return None
    consent = m.question.own.get("use_consent")
    values: JsonObject = {"code": given, "use_as": "evidence", "use_consent": consent}
    if consent is True:
        return met("handling_code", article, values)
    cure = "have the provider permit the use in court, in writing"
    return (failed if consent is False else unsure)("handling_code", article, values, cure)


def _against_crime(m: Matter, article: str, given: list[Json]) -> Finding | None:
    """H0 data serve the prevention and combating of crime only."""
    purpose = m.question.facts.get("purpose")
    if "H0" not in given or text(purpose) in FOR_CRIME:
        return None
    cure = "H0 data serve the fight against crime: state such a purpose, or have the provider agree to another"
    return unsure("handling_code", article, {"code": given, "purpose": purpose}, cure)


def tlp(m: Matter, article: str, handling: JsonObject) -> Finding:
    """Who may read. RED is for named persons, and a node is none: they are named, and a person has seen to it that
    only they will open it. AMBER stays with the receiver, so that handing it on needs the source's consent."""
    stated, scale = handling.get("tlp"), m.tables.vocabulary.codes("tlp")
    if stated is None or stated == "":
        return _plain("handling_tlp", article, "tlp", None)
    if not isinstance(stated, str) or stated not in scale:
        return unsure("handling_tlp", article, {"tlp": stated}, f"use a TLP label: {', '.join(scale)}")
    if stated == "RED":
        return _named_readers(m, article, handling.get("readers"))
    if stated in ("AMBER", "AMBER+STRICT") and m.question.facts.get("onward_to"):
        values: JsonObject = {"tlp": stated, "onward_to": m.question.facts["onward_to"]}
        if m.question.own.get("use_consent") is True:
            return met("handling_tlp", article, values)
        return unsure("handling_tlp", article, values, "have the source consent to the new readers or lower the label")
    return _plain("handling_tlp", article, "tlp", stated)


def _named_readers(m: Matter, article: str, readers: Json) -> Finding:
    values: JsonObject = {"tlp": "RED", "readers": readers, "named_readers": m.question.own.get("named_readers")}
    named = isinstance(readers, list) and readers and all(isinstance(r, str) and r for r in readers)
    if named and m.question.own.get("named_readers") is True:
        return met("handling_tlp", article, values)
    cure = "RED is for named persons: have the source name the readers or lower the label"
    if named:
        cure = "have a person of this side make sure that only the named readers will open it"
    return unsure("handling_tlp", article, values, cure)


def pap(m: Matter, article: str, stated: Json) -> Finding:
    """What may be done with it, held against what the receiver means to do where that is stated (`actions`)."""
    scale = m.tables.vocabulary.codes("pap")
    if stated is None or stated == "":
        return _plain("handling_pap", article, "pap", None)
    if not isinstance(stated, str) or stated not in scale:
        return unsure("handling_pap", article, {"pap": stated}, f"use a PAP label: {', '.join(scale)}")
    if "actions" not in m.question.facts and stated != "RED":
        return _plain("handling_pap", article, "pap", stated)
    return _actions(article, stated, m.question.facts.get("actions"))


def _actions(article: str, label: str, actions: Json) -> Finding:
    values: JsonObject = {"pap": label, "actions": actions}
    if actions not in ACTIONS:
        return unsure("handling_pap", article, values, f"state the fact `actions`: one of {', '.join(ACTIONS)}")
    if ACTIONS.index(str(actions)) <= MOST[label]:
        return met("handling_pap", article, values)
    cure = f"do no more than what is {ACTIONS[MOST[label]]}, or have the source lower the label"
    return failed("handling_pap", article, values, cure)


def classification(m: Matter, article: str, stated: Json) -> Finding:
    """None is unclassified; an unknown marking is never taken for a low one."""
    if stated is None or stated in ("", PLAIN):
        return _plain("classification", article, "classification", PLAIN)
    values, scale = JsonObject(classification=stated), m.tables.vocabulary.codes("classifications")
    if not isinstance(stated, str) or stated not in scale:
        return unsure("classification", article, values, f"state the classification as one of {', '.join(scale)}")
    if stated != "RESTRICTED":
        return failed("classification", article, values, "declassify it, or use a channel approved for that level")
    values["accredited"] = accredited = m.question.own.get("accredited")
    if accredited is True:
        return met("classification", article, values)
    cure = "use systems accredited for RESTRICTED, or declassify it"
    if accredited is False:
        return failed("classification", article, values, cure)
    return unsure("classification", article, values, f"state whether both systems are accredited; {cure}")
