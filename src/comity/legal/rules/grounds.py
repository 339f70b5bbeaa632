"""What may stand against an act although its basis fits: the character of the matter, and grounds of refusal.

Acts of a predominantly political, military, religious or racial character are stopped for review, after article 3 of
INTERPOL's constitution, whatever else holds.
"""

from functools import lru_cache

from comity.base.model import Json, JsonObject
from comity.legal.model import Finding, Instrument, Row
from comity.legal.rules.matter import Matter, codes, failed, listed, met, unsure

CLEARED, REFUSED = "cleared", "refused"
"""How a review by this side's own people ends."""


def by_review(m: Matter, name: str, place: tuple[str, str], values: JsonObject, cure: str) -> Finding:
    """The finding (`place`: its condition and article) that rests on a review `name` of this side's own people."""
    condition, article = place
    review = m.question.own.get(name)
    values = values | {"review": review}
    if review == CLEARED:
        return met(condition, article, values)
    if review == REFUSED:
        return failed(condition, article, values, "do not go on with this act; another one needs a review of its own")
    return unsure(condition, article, values, cure)


@lru_cache(maxsize=256)
def _neutral(article: str) -> Finding:
    return met("neutrality", article, {"characters": []})


def neutrality(m: Matter) -> Finding:
    """The characters that were stated, and that of the offence itself, are for a lawyer of this side to review."""
    found: list[Json] = [*listed(m.question.facts.get("characters", []))]
    characters, article = m.tables.vocabulary.codes("characters"), m.place("neutrality")
    if m.offence is not None and m.offence.category in characters:
        found.append(m.offence.category)
    if not found:
        return _neutral(article)
    if not all(c in characters for c in found):
        cure = f"state the character as a list of {', '.join(characters)}"
        return unsure("neutrality", article, {"characters": found}, cure)
    cure = "have a lawyer review the character of the matter"
    return by_review(m, "neutrality_review", ("neutrality", article), {"characters": found}, cure)


def none_raised(instrument: Instrument, row: Row) -> Finding:
    """The finding where nobody has raised a ground."""
    article = instrument.articles.get("refusal") or row.article
    return met("refusal_grounds", article, {"raised": [], "possible": codes(g.code for g in row.refusal_grounds)})


def raised(m: Matter) -> list[Finding]:
    """Grounds that somebody raised: a mandatory one denies, an optional or foreign one is for a person to judge."""
    stated = m.question.facts.get("refusal_grounds", [])
    return [_ground(m, ground) for ground in listed(stated)] or [m.plan.no_grounds]


def _ground(m: Matter, stated: Json) -> Finding:
    ground = next((g for g in m.row.refusal_grounds if g.code == stated), None)
    values: JsonObject = {"raised": stated}
    if ground is None:
        cure = "have a lawyer say whether this ground exists here"
        return unsure("refusal_grounds", m.place("refusal"), values, cure)
    if ground.mandatory:
        cure = "remove the cause of the ground, by assurance or consultation"
        return failed("refusal_grounds", ground.article, values, cure)
    return unsure("refusal_grounds", ground.article, values, "consult the other state, then have a person decide")
