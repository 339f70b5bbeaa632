"""What a search is expected to find by chance, said before it is made."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, rules, store
from comity.dna.model import AUTOSOMAL, LAYOUT, WILDCARD, Assumptions, Profile
from comity.dna.service.looking import find, require_viewer
from comity.dna.service.shipped import DEFAULT_RULE_SET, rule_set
from comity.kit.database.unit import Unit
from comity.search.model import Chance

USUAL: Final = Assumptions()
SAMPLE: Final = 500
"""How many of the node's own profiles are looked at for the loci that profiles are typed at."""
_TYPED: Final = "dna.typed"
BOUND: Final = 0.1
"""Chance hits from which on whoever asks must say that they are expected: one search in ten brings one."""
ASSUMED: Final = (
    "Assumed: whoever else is held is unrelated to the source and typed at the loci that profiles here are typed at;"
    " near relatives fit far more often."
)


def chance(unit: Unit, profile: Profile) -> Chance | None:
    """What a search with this profile finds by chance, in the population that makes it the most probable; None where
    no population is held that knows its loci."""
    under = rule_set(DEFAULT_RULE_SET)
    typed = _strangers(unit)
    fit = rules.most_probable_fit(profile.loci, under, store.populations(unit), typed, USUAL)
    if fit is None:
        return None
    basis = f"population {fit.population}, theta {USUAL.theta:g}, {fit.known} of {fit.of} loci known to its table"
    terms = store.partners.listed(unit)
    sizes = {one.partner: one.profiles for one in store.partners.all_told(unit) if not one.ours}
    sizes |= {one.partner: one.profiles for one in terms if one.profiles is not None}
    return Chance(basis, fit.probability, sizes, BOUND, {one.partner: one.bound for one in terms})


def expected(unit: Unit, issuer: Issuer, ref: str) -> JsonObject:
    """What a search with the profile `ref` finds by chance: for each profile, a million, and those held here; of one
    with no estimate, all three are None. For a person with one of `VIEWERS`."""
    require_viewer(issuer)
    profile, count = find(unit, ref), store.count(unit)
    found = chance(unit, profile)
    shown: JsonObject = {"probability": None, "per_million": None, "here": None, "basis": None, "states": {}}
    if found:
        here = found.probability * count
        told = found.as_dict(found.sizes)
        shown = {name: told[name] for name in ("per_million", "basis", "states")}
        shown |= {"probability": f"{found.probability:.3g}", "here": f"{here:.3g}"}
    return {"profile": profile.id, "specimen": profile.specimen, "profiles": count, "assumed": ASSUMED, **shown}


def _strangers(unit: Unit) -> dict[frozenset[str], int]:
    """How profiles here are typed, sampled once a unit: a day's profiles are asked about in one."""
    known = unit.scratch.get(_TYPED)
    if not isinstance(known, dict):
        known = unit.scratch[_TYPED] = _typed(store.sampled(unit, SAMPLE))
    return known


def _typed(rows: Sequence[bytes]) -> dict[frozenset[str], int]:
    """How many of the packed profiles have exactly these loci typed, both values known."""
    codes = kernel.columns([row for row in rows if row[0] == LAYOUT])
    full = (codes[0::2] > WILDCARD) & (codes[1::2] > WILDCARD)
    patterns = Counter(column.tobytes() for column in full.T)
    return {
        frozenset(locus.name for locus, known in zip(AUTOSOMAL, pattern, strict=True) if known): number
        for pattern, number in patterns.items()
    }
