"""Terms with partners: the loci that a search needs, and how many profiles a partner says that it holds."""

import re
from collections.abc import Sequence
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput, Misconfigured
from comity.base.model import Issuer
from comity.dna.model import AUTOSOMAL, PartnerTerms, PartnerView
from comity.dna.service.telling import tell_again
from comity.dna.store import partners as store
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

VERB: Final = "dna.partner"
SETTERS: Final = frozenset({"approver"})
MAX_SOURCE: Final = 500
_CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,15}")


def set_terms(unit: Unit, issuer: Issuer, terms: PartnerTerms) -> PartnerTerms:
    """Keep the terms with a partner, for one of `SETTERS`: an act, logged with every value. BadInput for terms that no
    search could meet."""
    _check(terms)
    subject = terms.as_dict()
    acted = access.act(unit, issuer, VERB, subject, SETTERS)
    store.keep(unit, terms)
    tell_again(unit)
    log.append(unit, Record("dna.partner-set", acted.actor, subject, None, auth_hash=acted.auth_hash))
    return terms


def _check(terms: PartnerTerms) -> None:
    for sound, what, todo in (
        (_CODE.fullmatch(terms.partner), f"{terms.partner[:20]!r} is no code of a node", "Use one such as XB."),
        (0 <= terms.least_loci <= len(AUTOSOMAL), f"{terms.least_loci} loci cannot be asked for",
         f"Ask for 0 (no more than the rule set does) to {len(AUTOSOMAL)}."),
        (terms.profiles is None or 0 < terms.profiles < 10**10, f"Nobody holds {terms.profiles} profiles",
         "Give the number that the partner says, or none."),
        (0 < terms.bound <= 1000, f"The bound {terms.bound:g} lies outside 0 to 1000", "Use 0.1, or less."),
        (0 < len(terms.source.strip()) <= MAX_SOURCE and terms.source.isprintable(),
         "Where the terms stand is missing or not usable", f"Say in 1 to {MAX_SOURCE} characters who said so, when."),
    ):  # fmt: skip
        if not sound:
            raise BadInput("dna.partner-terms", what, where=terms.partner[:20], todo=todo)


def partner_terms(unit: Unit) -> Sequence[PartnerTerms]:
    """The terms with every partner of which there are any, by partner."""
    return store.listed(unit)


def partner_views(unit: Unit) -> Sequence[PartnerView]:
    """Every partner of the directory, and whoever else there are terms with, by code."""
    terms = {one.partner: one for one in store.listed(unit)}
    told = {(one.partner, one.ours): one for one in store.all_told(unit)}
    takes = _taking(unit)
    codes = sorted({*takes, *terms, *(partner for partner, _ in told)})
    return [
        PartnerView(one, terms.get(one), told.get((one, False)), told.get((one, True)), takes.get(one, False))
        for one in codes
    ]


def _taking(unit: Unit) -> dict[str, bool]:
    """By partner, whether it takes word of terms; nobody before this node has a directory."""
    try:
        return {one.code: "items" in one.capabilities for one in exchange.partners(unit) if not one.revoked}
    except Misconfigured:
        return {}
