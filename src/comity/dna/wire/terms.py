"""What nodes tell each other of their databases: {"format": "comity-dna-terms-1", "profiles", "least_loci", "at"}."""

from typing import Final

from comity.base.clock import parse_rfc3339, rfc3339
from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.dna.model import AUTOSOMAL, ToldTerms

FORMAT: Final = "comity-dna-terms-1"
MOST_PROFILES: Final = 10**10


def terms_body(told: ToldTerms) -> JsonObject:
    """The terms as a message carries them."""
    return {
        "format": FORMAT, "profiles": told.profiles, "least_loci": told.least_loci, "at": rfc3339(told.at),
    }  # fmt: skip


def read_terms(body: JsonObject, partner: str) -> ToldTerms:
    """What a partner tells; BadInput where it is malformed or no database could be so."""
    if body.get("format") != FORMAT:
        raise _bad("`format` is not of this version")
    profiles, least = body.get("profiles"), body.get("least_loci")
    if type(profiles) is not int or not 0 <= profiles < MOST_PROFILES:
        raise _bad(f"`profiles` is no whole number below {MOST_PROFILES}")
    if type(least) is not int or not 0 <= least <= len(AUTOSOMAL):
        raise _bad(f"`least_loci` is no whole number up to {len(AUTOSOMAL)}")
    try:
        at = parse_rfc3339(str(body.get("at")))
    except (ValueError, OverflowError) as error:
        raise _bad("`at` is no time with a zone") from error
    return ToldTerms(partner, False, least, profiles, at)


def _bad(what: str) -> BadInput:
    return BadInput("dna.terms", f"A partner's DNA terms: {what}", todo="Mend or update the partner's node.")
