"""Rank candidates of a mixed trace: the profiles of the node, or those of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.access import service as access
from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.dna import rules
from comity.dna.model import Loci, MixtureSearch, MixtureWeight, Population, Specimen, Trace
from comity.dna.service.looking import VIEWERS, find
from comity.dna.service.statistics import single
from comity.dna.wire.mixtures import read_trace as read_trace
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

HEIGHTS: Final = "Which alleles were seen counts; the heights of their peaks do not."


@dataclass(frozen=True)
class Candidate:
    """A profile as a contributor: its id (none for one of a file), specimen, category, and what it weighs."""

    id: str | None
    specimen: str
    category: str
    weight: MixtureWeight

    def as_dict(self) -> JsonObject:
        """The candidate as JSON, without alleles."""
        return {"profile": self.id, "specimen": self.specimen, "category": self.category, **self.weight.as_dict()}


@dataclass(frozen=True)
class Candidates:
    """What a search for contributors found, the best first, among so many profiles."""

    trace: Trace
    population: Population
    asked: MixtureSearch
    left_out: tuple[str, ...]
    found: tuple[Candidate, ...]
    weighed: int

    @property
    def hypotheses(self) -> tuple[str, str]:
        """Both hypotheses in words."""
        known, all_of = len(self.asked.known), self.asked.model.contributors
        with_known = f"{known} known and " if known else ""
        one = f"the trace is of the candidate, {with_known}{_unknown(all_of - known - 1)}"
        return one, f"it is of {with_known}{_unknown(all_of - known)}, none of them the candidate"

    def as_dict(self) -> JsonObject:
        """The search as JSON, with the hypotheses and everything assumed."""
        return {
            "trace": self.trace.name, "replicates": [*self.trace.replicates], "trace_sha256": self.trace.sha256,
            "loci": len(self.trace.loci), "left_out": [*self.left_out], "population": self.population.name,
            "sha256": self.population.sha256, "model": self.asked.model.as_dict(), "known": [*self.asked.known],
            "hypotheses": [*self.hypotheses], "assumed": HEIGHTS, "weighed": self.weighed,
            "candidates": [one.as_dict() for one in self.found],
        }  # fmt: skip


def _unknown(count: int) -> str:
    return f"{count or 'no'} unknown person{'' if count == 1 else 's'}"


def contributors(
    unit: Unit, issuer: Issuer, trace: Trace, asked: MixtureSearch, file: Sequence[Specimen] | None = None
) -> Candidates:
    """The profiles of the node, or of `file`, that weigh most as contributors; for one of `VIEWERS`.

    An act, logged as ``dna.contributors-sought`` with the trace's hash and who was listed. Each listed profile is
    weighed again the plain way. BadInput for what makes no sense, or where no locus counts.
    """
    population = single(unit, asked.population)
    known = [_known(unit, ref, file) for ref in asked.known]
    mixed = rules.mixing(trace, known, population, asked.model)
    subject: JsonObject = {"trace": trace.sha256, "population": population.sha256, "known": [*asked.known]}
    acted = access.act(unit, issuer, "dna.mixture", subject, VIEWERS)
    found, weighed = _ranked(unit, mixed, asked, file)
    made = Candidates(trace, population, asked, mixed.left_out, tuple(found), weighed)
    told: JsonObject = {one.id or one.specimen: f"{one.weight.log10_lr:.4f}" for one in found}
    payload: JsonObject = {"model": asked.model.as_dict(), "weighed": weighed, "log10_lr": told}
    log.append(unit, Record("dna.contributors-sought", acted.actor, subject, payload, auth_hash=acted.auth_hash))
    return made


def _known(unit: Unit, ref: str, file: Sequence[Specimen] | None) -> Loci:
    there = next((specimen.loci for specimen in file or () if specimen.specimen == ref), None)
    return find(unit, ref).loci if there is None else there


def _ranked(
    unit: Unit, mixed: rules.Mixing, asked: MixtureSearch, file: Sequence[Specimen] | None
) -> tuple[list[Candidate], int]:
    from comity.dna.service import ranking  # noqa: PLC0415  # numba, which only ranking needs

    made = rules.mixture_tables(mixed)
    tables, room = ranking.tables(made.loci, made.kinds, made.values, halves=True), asked.most + len(asked.known)
    ranking.check_most(asked.most)
    if file is None:
        (held,), weighed = ranking.best_held(unit, tables, room)
        named = [(one.id, one.specimen, one.category, one.loci) for one in held]
    else:
        best, weighed = [file[at] for at in ranking.best_of([each.loci for each in file], tables, room)], len(file)
        named = [("", one.specimen, one.category, one.loci) for one in best]
    if not weighed:
        raise BadInput("dna.no-candidates", "There is no profile to weigh",
                       todo="Import profiles, or give a file of candidates.")  # fmt: skip
    found = [
        Candidate(id or None, specimen, category, rules.weigh_candidate(loci, mixed))
        for id, specimen, category, loci in named if not {id, specimen} & set(asked.known)
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.weight.log10_lr)[: asked.most], weighed
