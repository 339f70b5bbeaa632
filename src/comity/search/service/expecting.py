"""Before a search: hits by chance, which whoever asks accepts or does not ask; and what terms with a partner want."""

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.base.words import said
from comity.kit.database.unit import Unit
from comity.search.model import Ask, Matcher


def accepted(unit: Unit, matcher: Matcher[Unit], ask: Ask) -> JsonObject:
    """What whoever asks signs to expect by chance, where that is much; BadInput where nobody has accepted it."""
    found = {ref: matcher.chance(unit, ref) for ref in ask.refs}
    many = {ref: too_many for ref, chance in found.items() if chance and (too_many := chance.too_many(ask.recipients))}
    if not many:
        return {}
    if not ask.accepted:
        told = "; ".join(f"{ref}: {said({**each})}" for ref, each in many.items())
        raise BadInput(
            "search.chance-hits", f"So many hits are expected by chance alone: {told}",
            todo="Ask with more loci; or say that you expect them (--accept-chance-hits, or the box on the page).",
        )  # fmt: skip
    return {"chance_hits": {ref: {**each} for ref, each in many.items()}}


def enough(unit: Unit, matcher: Matcher[Unit], record: JsonObject, *partners: str) -> JsonObject:
    """`record`, if it has all that this node asks of searches with these partners; BadInput, with the counts, else."""
    for partner in partners:
        lacking = matcher.lacking(unit, record, partner)
        if lacking:
            raise BadInput("search.too-little", f"The record has {lacking}", where=partner,
                           todo="Ask with a fuller record, or leave that partner out.")  # fmt: skip
    return record
