"""A profile was corrected: what was searched with it, and what it would have answered, is looked at again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, rules, store
from comity.dna.model import Loci, Profile, Quality, RuleSet
from comity.dna.service.looking import find, require_viewer
from comity.dna.service.matching import DnaMatcher
from comity.dna.service.shipped import known_rule_sets, rule_set
from comity.dna.wire import own
from comity.kit.database.unit import Unit
from comity.search import service as search
from comity.search.model import Query


class Rechecked(NamedTuple):
    """What a correction touches: partners' questions whose answer would be another one now, and were told; our own
    that were asked with the earlier alleles, with what became of asking them again."""

    told: list[Query]
    own: list[Query]
    again: dict[str, str]

    def as_dict(self) -> JsonObject:
        """What was found, as JSON."""
        return {
            "told": [{"query": query.id, "partner": query.partner} for query in self.told],
            "own": [
                {"query": query.id, "partner": query.partner, "case": query.case, "again": self.again.get(query.id)}
                for query in self.own
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class ToRecheck:
    """Specimens that were corrected, and the ids of partners' questions that they answer otherwise now."""

    specimens: tuple[str, ...]
    changed: Sequence[str]


def partners_asked(unit: Unit) -> int:
    """How many answered questions of partners `to_recheck` looks at."""
    return search.answered(unit, "dna")


def to_recheck(
    unit: Unit, issuer: Issuer, specimens: Sequence[str], progress: Callable[[int], Any] = lambda _: None
) -> ToRecheck:
    """Find, by reading alone, what corrected specimens touch; `progress` is called with the number of each portion of
    partners' questions. BadInput for a specimen that has no earlier version."""
    require_viewer(issuer)
    names = tuple(dict.fromkeys(specimens))
    differing = _Differing([_versions(unit, specimen) for specimen in names])
    return ToRecheck(names, search.changed(unit, "dna", differing, progress))


def recheck(unit: Unit, issuer: Issuer, found: ToRecheck, *, ask_again: bool = False) -> Rechecked:
    """Look again at the searches that corrected specimens touch: partners are told of changed answers; with `ask_again`
    our own questions of this person's cases are asked anew."""
    corrected = [_versions(unit, specimen) for specimen in found.specimens]
    told = search.recheck(unit, issuer, "dna", (found.changed, _Differing(corrected)))
    matcher, mine, again = DnaMatcher(), list[Query](), dict[str, str]()
    for versions in corrected:
        new, names = versions[-1], [versions[-1].specimen, *(one.id for one in versions)]
        own_ones = search.outdated(unit, matcher, issuer, names, new.id)
        mine += own_ones
        again |= search.ask_again(unit, matcher, issuer, own_ones, new.id) if ask_again else {}
    return Rechecked(told, mine, again)


def _versions(unit: Unit, ref: str) -> list[Profile]:
    """Every version of a specimen, the last one at the end."""
    new = find(unit, ref)
    versions = store.versions_of(unit, new.specimen)
    if len(versions) < 2:
        raise BadInput("dna.not-corrected", f"{new.specimen} has one version only", where=new.id,
                       todo="Import the corrected file with --corrected first.")  # fmt: skip
    return versions


class _Differing:
    """Whether a question finds another thing in any of these specimens now than it was answered."""

    def __init__(self, corrected: Sequence[Sequence[Profile]]) -> None:
        self._last = [versions[-1] for versions in corrected]
        self._place = {one.number: place for place, versions in enumerate(corrected) for one in versions}
        self._matrix = kernel.columns([kernel.pack(one.loci) for one in self._last])

    def __call__(self, record: JsonObject, answered: Mapping[str, int]) -> bool:
        question = own.read_question(record)
        if question.rule_set not in known_rule_sets():
            return False
        before = {self._place[number]: grade for number, grade in answered.items() if number in self._place}
        return before != self._found(question.loci, rule_set(question.rule_set))

    def _found(self, loci: Loci, under: RuleSet) -> dict[int, int]:
        """By the place of a specimen, the grade with which an answer would show it now."""
        rows = kernel.scan(self._matrix, kernel.pack(loci, under.loci), under.minimum_full).rows.tolist()
        graded = {row: _quality(loci, self._last[row], under) for row in rows}
        return {row: quality.grade for row, quality in graded.items() if quality}


def _quality(loci: Loci, profile: Profile, under: RuleSet) -> Quality | None:
    unfit = rules.shortfall(profile.loci, profile.kind, under)
    return None if unfit else rules.compare(loci, profile.loci, under).quality
