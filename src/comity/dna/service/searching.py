"""The agency's own search: the profiles of the node that fit one under a rule set, the best first, each explained."""

from dataclasses import dataclass, replace
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, rules, store
from comity.dna.model import Comparison, Profile, RuleSet
from comity.dna.service.held import Held
from comity.dna.service.looking import VIEWERS
from comity.dna.service.rulesets import rule_set_held
from comity.dna.service.sampling import Sample, sampled
from comity.dna.service.shipped import DEFAULT_RULE_SET
from comity.dna.wire.rulesets import MOST_MISMATCHES
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

MAX_SHOWN: Final = 1000


@dataclass(frozen=True)
class Sought:
    """By which rules is searched; `least` and `most_mismatches` in the place of the rule set's own figures."""

    rules: str = DEFAULT_RULE_SET
    least: int | None = None
    most_mismatches: int | None = None
    limit: int = 20


@dataclass(frozen=True)
class OwnHit:
    """A profile that fits, and how."""

    profile: Profile
    comparison: Comparison

    def as_dict(self) -> JsonObject:
        """The hit as JSON: counts, and every difference."""
        held = self.profile
        return {"profile": held.id, "specimen": held.specimen, "category": held.category} | self.comparison.as_dict()


@dataclass(frozen=True)
class OwnSearch:
    """What a search found: the best of `met` profiles that fit, among all `looked_through`."""

    sample: Sample
    under: RuleSet
    sha256: str
    hits: tuple[OwnHit, ...]
    met: int
    looked_through: int

    def as_dict(self) -> JsonObject:
        """The search as JSON, with the rules that it was made by."""
        return self.sample.as_dict() | {
            "rules": self.under.as_dict() | {"sha256": self.sha256}, "looked_through": self.looked_through,
            "met": self.met, "hits": [hit.as_dict() for hit in self.hits],
        }  # fmt: skip


def search_own(unit: Unit, issuer: Issuer, given: str | Sample, sought: Sought, held: Held) -> OwnSearch:
    """The profiles of the node that fit a sample, or a profile of the node, itself left out; for one of `VIEWERS`.

    An act, logged as ``dna.searched`` with the rules and who was listed. `held` finds them; each that is listed is
    compared again by the plain rules. NotFound for an unknown rule set; BadInput for figures that make no sense, or
    too few loci.
    """
    sample, of = sampled(unit, given), rule_set_held(unit, sought.rules)
    under = _asked(of.rules, sought)
    rules.check_searchable(sample.loci, "stain", under)
    subject: JsonObject = sample.subject() | {"rule_set": under.id, "sha256": of.sha256}
    acted = access.act(unit, issuer, "dna.search", subject, VIEWERS)
    by = kernel.limits(under)
    found = held.fitting(unit, kernel.pack(sample.loci, under.loci), by)
    best = store.by_seq(unit, found.best(by, sought.limit + 1))
    listed = [best[seq] for seq in found.best(by, sought.limit + 1)]
    hits = [OwnHit(each, rules.compare(sample.loci, each.loci, under)) for each in listed if each.id != sample.id]
    itself = int(len(hits) < len(listed))
    made = OwnSearch(sample, under, of.sha256, tuple(hits[: sought.limit]), len(found.rows) - itself, store.count(unit))
    _note(unit, made, Record("dna.searched", acted.actor, subject, None, auth_hash=acted.auth_hash))
    return made


def _asked(under: RuleSet, sought: Sought) -> RuleSet:
    """The rule set with the figures that were asked for."""
    least = under.minimum_full if sought.least is None else sought.least
    most = under.most_mismatches if sought.most_mismatches is None else sought.most_mismatches
    if not 1 <= least <= len(under.loci) or not 0 <= most <= MOST_MISMATCHES:
        raise BadInput("dna.search-figures", f"{least} loci that fit and {most} that do not cannot be asked for",
                       todo=f"Ask for 1 to {len(under.loci)} and 0 to {MOST_MISMATCHES}.")  # fmt: skip
    if not 1 <= sought.limit <= MAX_SHOWN:
        raise BadInput("dna.most", f"{sought.limit} profiles cannot be listed", todo=f"Ask for 1 to {MAX_SHOWN}.")
    return replace(under, minimum_full=least, most_mismatches=most)


def _note(unit: Unit, made: OwnSearch, record: Record) -> None:
    hits: JsonObject = {hit.profile.id: hit.comparison.quality.grade for hit in made.hits if hit.comparison.quality}
    figures: JsonObject = {"least": made.under.minimum_full, "most_mismatches": made.under.most_mismatches}
    log.append(unit, replace(record, payload=figures | {"met": made.met, "hits": hits}))
