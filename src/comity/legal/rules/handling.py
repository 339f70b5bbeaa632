"""How the data may be handled: handling code, TLP, PAP and classification, each by its own scheme and kept apart.

Handling codes are Europol's H0 to H3; H3 is free text, so nothing that bears it is ever released automatically.
Classification at or above CONFIDENTIAL never travels; RESTRICTED only between accredited systems; none is
unclassified. TLP and PAP (FIRST, MISP) are labels that may be absent.
"""

from comity.base.model import Json, JsonObject
from comity.legal.model import Finding
from comity.legal.rules.matter import Matter, codes, failed, met, text, unsure


def findings(m: Matter) -> list[Finding]:
    """One finding for each scheme."""
    stated = m.question.facts.get("handling")
    handling: JsonObject = stated if isinstance(stated, dict) else {}
    return [
        code(m, handling.get("code")),
        label(m, "tlp", handling.get("tlp")),
        label(m, "pap", handling.get("pap")),
        classification(m, handling.get("classification")),
    ]


def code(m: Matter, stated: Json) -> Finding:
    """One handling code or several: they combine, and the strictest decides."""
    given, scale = stated if isinstance(stated, list) else [stated], m.tables.vocabulary.codes("handling")
    article = m.place("handling")
    values: JsonObject = {"code": stated}
    if not given or not all(isinstance(c, str) and c in scale for c in given):
        return unsure("handling_code", article, values, f"state the handling code: {', '.join(scale)}")
    if "H3" in given:
        return unsure("handling_code", article, values, "have a person read the restriction and decide on the release")
    if "H2" in given or any(limit.code == "originator_consent" for limit in m.row.use_limits):
        return originator(m, article, values)
    return met("handling_code", article, values)


def originator(m: Matter, article: str, values: JsonObject) -> Finding:
    """H2 data, and all data under a row with that limit, go on only with the consent of who first provided them; data
    of which no other is named are the deciding state's own."""
    said = m.question.own
    here = m.question.asking if m.side == "asking" else m.question.asked
    if "originator" not in said or said["originator"] == here:
        return met("handling_code", article, values)
    values |= {"originator": said["originator"], "consent": said.get("originator_consent")}
    if said.get("originator_consent") is True:
        return met("handling_code", article, values)
    cure = f"ask {text(said['originator']) or 'the originator'} for its consent"
    if said.get("originator_consent") is False:
        return failed("handling_code", article, values, f"{cure}: it has refused so far")
    return unsure("handling_code", article, values, cure)


def label(m: Matter, scheme: str, stated: Json) -> Finding:
    """A TLP or PAP label: absent is no label; RED needs a person, because a node is not a named reader."""
    article, scale = m.place("handling"), m.tables.vocabulary.codes(scheme)
    values: JsonObject = {scheme: stated}
    if stated is None or stated == "":
        return met(f"handling_{scheme}", article, values)
    if not isinstance(stated, str) or stated not in scale:
        return unsure(f"handling_{scheme}", article, values, f"use a {scheme.upper()} label: {', '.join(scale)}")
    if stated == "RED":
        cure = "RED is for named persons: have the source name the readers or lower the label"
        return unsure(f"handling_{scheme}", article, values, cure)
    return met(f"handling_{scheme}", article, values)


def classification(m: Matter, stated: Json) -> Finding:
    """None is unclassified; an unknown marking is never taken for a low one."""
    article = m.place("handling")
    values: JsonObject = {"classification": stated}
    if stated is None or stated in ("", "UNCLASSIFIED"):
        return met("classification", article, {"classification": "UNCLASSIFIED"})
    scale = m.tables.vocabulary.codes("classifications")
    if not isinstance(stated, str) or stated not in scale:
        cure = f"state the classification as one of {', '.join(scale)}"
        return unsure("classification", article, values, cure)
    if stated != "RESTRICTED":
        return failed("classification", article, values, "declassify it, or use a channel approved for that level")
    values["accredited"] = accredited = m.question.own.get("accredited")
    if accredited is True:
        return met("classification", article, values)
    cure = "use systems accredited for RESTRICTED, or declassify it"
    if accredited is False:
        return failed("classification", article, values, cure)
    return unsure("classification", article, values, f"state whether both systems are accredited; {cure}")


def neutrality(m: Matter) -> Finding:
    """Acts of a political, military, religious or racial character are stopped for review, whatever else holds."""
    review = m.question.own.get("neutrality_review")
    stated = m.question.facts.get("characters", [])
    found: list[Json] = list(stated) if isinstance(stated, list) else [stated]
    characters = m.tables.vocabulary.codes("characters")
    if m.offence is not None and m.offence.category in characters:
        found.append(m.offence.category)
    values: JsonObject = {"characters": found, "review": review}
    if not found:
        return met("neutrality", m.place("neutrality"), values)
    if not all(c in characters for c in found):
        cure = f"state the character as a list of {', '.join(characters)}"
        return unsure("neutrality", m.place("neutrality"), values, cure)
    if review == "cleared":
        return met("neutrality", m.place("neutrality"), values)
    return unsure("neutrality", m.place("neutrality"), values, "have a lawyer review the character of the matter")


def refusal_grounds(m: Matter) -> list[Finding]:
    """Grounds that somebody raised: a mandatory one denies, an optional or foreign one is for a person to judge."""
    stated = m.question.facts.get("refusal_grounds", [])
    raised = stated if isinstance(stated, list) else [stated]
    if not raised:
        known_here = codes(g.code for g in m.row.refusal_grounds)
        return [met("refusal_grounds", m.place("refusal"), {"raised": [], "possible": known_here})]
    return [_ground(m, ground) for ground in raised]


def _ground(m: Matter, raised: Json) -> Finding:
    ground = next((g for g in m.row.refusal_grounds if g.code == raised), None)
    values: JsonObject = {"raised": raised}
    if ground is None:
        return unsure(
            "refusal_grounds", m.place("refusal"), values, "have a lawyer say whether this ground exists here"
        )
    if ground.mandatory:
        return failed(
            "refusal_grounds", ground.article, values, "remove the cause of the ground, by assurance or consultation"
        )
    return unsure("refusal_grounds", ground.article, values, "consult the other state, then have a person decide")
