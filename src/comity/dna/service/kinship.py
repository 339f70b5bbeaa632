"""Search for relatives: every profile of the node weighed as parent, child, sibling, ... of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from comity.access import service as access
from comity.access.model import Acted
from comity.base.model import Issuer, JsonObject
from comity.dna import rules
from comity.dna.model import RELATIONS, KinSearch, Kinship, Population, Profile
from comity.dna.service.looking import VIEWERS, find
from comity.dna.service.statistics import single
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

UNRELATED: Final = "they are unrelated members of the population"


@dataclass(frozen=True)
class Relative:
    """A profile weighed against another, as each relation that was asked about."""

    profile: Profile
    kinship: Kinship

    def as_dict(self, relation: str) -> JsonObject:
        """The relative as one relation's list shows it: no allele."""
        found = self.kinship.as_dict()[relation]
        told: JsonObject = found if isinstance(found, dict) else {}
        loci = self.kinship.loci[relation]
        shown: JsonObject = {"profile": self.profile.id, "specimen": self.profile.specimen}
        return shown | {"category": self.profile.category, **told, "loci_compared": len(loci)}


@dataclass(frozen=True)
class Relatives:
    """What a search for relatives found: by relation, the best first, among so many profiles."""

    profile: Profile
    population: Population
    asked: KinSearch
    found: Mapping[str, tuple[Relative, ...]]
    weighed: int

    def as_dict(self) -> JsonObject:
        """The search as JSON, with the hypotheses and everything assumed."""
        return _head(self.profile, self.population, self.asked) | {
            "weighed": self.weighed,
            "relations": {code: [one.as_dict(code) for one in found] for code, found in self.found.items()},
        }  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two profiles as relatives, locus by locus."""

    profile: Profile
    other: Profile
    population: Population
    asked: KinSearch
    kinship: Kinship

    def as_dict(self) -> JsonObject:
        """The pair as JSON, with the hypotheses and everything assumed."""
        other: JsonObject = {"profile": self.other.id, "specimen": self.other.specimen}
        return _head(self.profile, self.population, self.asked) | {
            "against": other,
            "relations": self.kinship.as_dict(),
        }


def _head(profile: Profile, population: Population, asked: KinSearch) -> JsonObject:
    return {
        "profile": profile.id, "specimen": profile.specimen, "population": population.name,
        "sha256": population.sha256, "theta": f"{asked.assumptions.theta:g}",
        "least_count": asked.assumptions.least_count, "mutation": asked.mutation.as_dict(),
        "hypotheses": {code: [f"the two are {RELATIONS[code].title}", UNRELATED] for code in asked.relations},
    }  # fmt: skip


def _kin(population: Population, asked: KinSearch) -> rules.Kin:
    rules.check_assumptions(asked.assumptions)
    rules.check_mutation(asked.mutation)
    relations = tuple(rules.relation(code) for code in dict.fromkeys(asked.relations))
    return rules.Kin(population, relations, asked.assumptions, asked.mutation)


def relatives(unit: Unit, issuer: Issuer, ref: str, asked: KinSearch) -> Relatives:
    """The profiles of the node that weigh most as relatives of `ref`, for each relation; for one of `VIEWERS`.

    An act, logged as ``dna.relatives-sought`` with who was listed. Each listed profile is weighed again the plain way.
    BadInput for what makes no sense, or where no locus counts.
    """
    profile, population = find(unit, ref), single(unit, asked.population)
    kin = _kin(population, asked)
    acted = _acted(unit, issuer, profile, population, asked)
    listed, weighed = _looked_up(unit, profile, kin, asked.most)
    found = {
        related.code: tuple(Relative(each, rules.weigh_kin(profile.loci, each.loci, kin)) for each in best)
        for related, best in zip(kin.relations, listed, strict=True)
    }  # fmt: skip
    made = Relatives(profile, population, asked, found, weighed)
    told: JsonObject = {
        code: {one.profile.id: f"{one.kinship.log10_lr(code):.4f}" for one in best} for code, best in found.items()
    }
    _note(unit, acted, asked, told)
    return made


def _looked_up(unit: Unit, profile: Profile, kin: rules.Kin, most: int) -> tuple[list[list[Profile]], int]:
    from comity.dna.service import ranking  # noqa: PLC0415  # numba, which only ranking needs

    tables = rules.kin_tables(profile.loci, kin)
    kinds = np.tile(np.arange(rules.CODES, dtype=np.int64), (len(tables.loci), 1))
    ranking.check_most(most)
    ranked = ranking.best_held(unit, ranking.tables(tables.loci, kinds, tables.values), most + 1)
    others = [[each for each in best if each.specimen != profile.specimen] for best in ranked.questions]
    return [best[:most] for best in others], ranked.weighed


def as_relatives(unit: Unit, issuer: Issuer, ref: str, against: str, asked: KinSearch) -> Pair:
    """Two profiles weighed as relatives, locus by locus: an act of one of `VIEWERS`, logged as the search is."""
    profile, other, population = find(unit, ref), find(unit, against), single(unit, asked.population)
    kin = _kin(population, asked)
    acted = _acted(unit, issuer, profile, population, asked)
    made = rules.weigh_kin(profile.loci, other.loci, kin)
    told: JsonObject = {code: {other.id: f"{made.log10_lr(code):.4f}"} for code in made.loci}
    _note(unit, acted, asked, told)
    return Pair(profile, other, population, asked, made)


def _acted(unit: Unit, issuer: Issuer, profile: Profile, population: Population, asked: KinSearch) -> Acted:
    subject: JsonObject = {
        "profile": profile.id,
        "population": population.sha256,
        "relations": [*dict.fromkeys(asked.relations)],
    }
    return access.act(unit, issuer, "dna.kinship", subject, VIEWERS)


def _note(unit: Unit, acted: Acted, asked: KinSearch, told: JsonObject) -> None:
    payload: JsonObject = {**asked.assumptions.as_dict(), "mutation": asked.mutation.as_dict(), "log10_lr": told}
    record = Record("dna.relatives-sought", acted.actor, acted.act["subject"], payload, auth_hash=acted.auth_hash)
    log.append(unit, record)
