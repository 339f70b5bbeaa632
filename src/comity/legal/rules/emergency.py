"""Threat to life: a stated fact that opens the way of one person, reviewed afterwards; it waives no article."""

from collections.abc import Mapping
from typing import Final

from comity.base.model import Json
from comity.legal.model import Finding
from comity.legal.rules.matter import Matter, met, unsure

FACT: Final = "emergency"
THREAT_TO_LIFE: Final = "threat_to_life"
REVIEW_HOURS: Final = 24
"""Within so many hours another person reviews what one has done alone (`lifecycles/emergency_review.yaml`)."""


def is_emergency(facts: Mapping[str, Json]) -> bool:
    """Whether these facts state a threat to life."""
    return facts.get(FACT) == THREAT_TO_LIFE


def findings(m: Matter) -> list[Finding]:
    """None where no emergency is stated; a code that nobody knows refers."""
    if FACT not in m.question.facts:
        return []
    stated = m.question.facts[FACT]
    if stated == THREAT_TO_LIFE:
        return [met("emergency", m.row.article, {FACT: stated, "review_within_hours": REVIEW_HOURS})]
    return [unsure("emergency", m.row.article, {FACT: stated}, f"state the fact `{FACT}`")]
