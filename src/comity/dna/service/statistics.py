"""Populations and what a profile weighs in them."""

import contextlib
from collections.abc import Sequence
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.model import Issuer, JsonObject
from comity.dna import rules, store
from comity.dna.model import Assumptions, Comparison, Loci, Population, Profile, Weight, figure
from comity.dna.service.importing import IMPORTERS
from comity.dna.service.looking import VIEWERS, find
from comity.dna.wire.frequencies import read_frequencies
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record
from comity.search.model import Weighing

VERB: Final = "dna.import-population"
USUAL: Final = Assumptions()
MAX_NAME: Final = 64
MAX_SOURCE: Final = 500


def import_population(unit: Unit, issuer: Issuer, data: bytes, name: str, source: str) -> Population:
    """Take in a population's frequencies under a name, with where they were published: an act, logged with the hash.

    BadInput where the table does not hold, or a name or source is missing; Conflict where the name is taken. A table
    once here never changes, for figures were made with it: a newer one takes a name of its own.
    """
    _check_label(name, "name", MAX_NAME)
    _check_label(source, "source", MAX_SOURCE)
    made = Population(name, source, symmetric.sha256(data).hex(), unit.now, read_frequencies(data))
    if store.populations(unit, name=name):
        raise Conflict("dna.population-held", f"A population named {name} is held here",
                       todo="Give the newer table a name of its own, such as one with its year.")  # fmt: skip
    subject: JsonObject = {"population": name, "sha256": made.sha256}
    acted = access.act(unit, issuer, VERB, subject, IMPORTERS)
    store.add_population(unit, made)
    log.append(unit, Record(VERB, acted.actor, subject, made.outline(), auth_hash=acted.auth_hash))
    return made


def _check_label(text: str, what: str, most: int) -> None:
    if not text.strip() or text != text.strip() or len(text) > most or not text.isprintable():
        raise BadInput("dna.population-label", f"The {what} of the population is missing or not usable",
                       todo=f"Give a {what} of 1 to {most} printable characters.")  # fmt: skip


def populations(unit: Unit) -> list[Population]:
    """Every population held here, by name. Frequencies are published facts: whoever reaches the node may see them."""
    return store.populations(unit)


def population(unit: Unit, name: str) -> Population:
    """The population of this name; NotFound otherwise."""
    found = store.populations(unit, name=name)
    if not found:
        raise NotFound(
            "dna.population", f"No population {name[:60]!r} is held here", todo="See `comity dna stats list`."
        )
    return found[0]


def chosen(unit: Unit, names: Sequence[str]) -> list[Population]:
    """The populations named, or all; NotFound for an unknown one, BadInput where none is held."""
    found = [population(unit, name) for name in dict.fromkeys(names)] if names else store.populations(unit)
    if not found:
        raise BadInput("dna.no-population", "No population's allele frequencies are held here",
                       todo="Import a published table: `comity dna stats import --help`.")  # fmt: skip
    return found


def single(unit: Unit, name: str) -> Population:
    """The population named, or the only one; BadInput where several are held and none is named."""
    found = chosen(unit, [name] if name else [])
    if len(found) > 1:
        raise BadInput("dna.which-population", f"{len(found)} populations are held, and one must be chosen",
                       todo=f"Name one of {', '.join(each.name for each in found[:10])}.")  # fmt: skip
    return found[0]


def weigh(
    unit: Unit, issuer: Issuer, ref: str, names: Sequence[str] = (), assumptions: Assumptions = USUAL
) -> tuple[Profile, list[Weight]]:
    """What the profile `ref` weighs in each population, side by side, for a person with one of `VIEWERS`.

    An act, logged as ``dna.weighed``; the ratios themselves stand in the entry. BadInput as `rules.weigh`.
    """
    profile = find(unit, ref)
    found = chosen(unit, names)
    weights = [rules.weigh(profile.loci, each, assumptions) for each in found]
    subject: JsonObject = {"profile": profile.id, "populations": [each.sha256 for each in found]}
    acted = access.act(unit, issuer, "dna.weigh", subject, VIEWERS)
    told: JsonObject = {weight.population: f"{weight.log10_lr:.4f}" for weight in weights}
    payload: JsonObject = {**assumptions.as_dict(), "log10_lr": told}
    log.append(unit, Record("dna.weighed", acted.actor, subject, payload, auth_hash=acted.auth_hash))
    return profile, weights


def weighed(unit: Unit, comparison: Comparison, loci: Loci) -> tuple[Weighing, ...]:
    """What the agreement of two compared profiles weighs in each population held here; `loci` are those of one of them.

    Where a compared locus is not fully equal there are figures of the equal loci, and no ratio over all: one that left
    the difference out would say too much.
    """
    equal = {finding.locus for finding in comparison.findings if finding.difference == "equal"}
    agreed = {name: alleles for name, alleles in loci.items() if name in equal}
    whole, found = len(equal) == len(comparison.findings), []
    for each in store.populations(unit):
        with contextlib.suppress(BadInput):  # none of these loci is in its table
            found.append(_as_weighing(each, rules.weigh(agreed, each, USUAL), whole=whole))
    return tuple(found)


def _as_weighing(population: Population, weight: Weight, *, whole: bool) -> Weighing:
    assumed, ratio = f"theta {USUAL.theta:g}, {USUAL.formula}, {len(weight.loci)} loci", figure(weight.log10_lr)
    return Weighing(population.name, population.source, assumed, by_locus(weight), ratio if whole else "")


def by_locus(weight: Weight) -> dict[str, str]:
    """By locus its ratio and, in brackets, the frequencies that it was made of."""
    return {
        one.locus: f"{1 / one.probability:.4g} ({' · '.join(f'{p:.4g}' for p in dict.fromkeys(one.frequencies))})"
        for one in weight.loci
    }


WEIGHED_AS: Final = (
    "Assumed: no value was lost (drop-out) or added (drop-in), loci are independent given theta, and who else could be",
    "the source is not related to the person in question. Near relatives make such a finding far less rare.",
)


def weights_as_json(profile: Profile, weights: Sequence[Weight]) -> JsonObject:
    """Weights side by side as JSON, with both hypotheses and what was assumed."""
    return {
        "profile": profile.id, "specimen": profile.specimen, "hypotheses": [*rules.HYPOTHESES],
        "assumed": " ".join(WEIGHED_AS), "populations": [weight.as_dict() for weight in weights],
    }  # fmt: skip


def weight_in_words(weight: Weight) -> str:
    """One sentence for a report: two hypotheses and the ratio, never who it is."""
    return rules.weight_in_words(weight)
