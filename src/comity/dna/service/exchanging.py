"""The daily exchange: every new profile asked of partners that were not asked about it yet, in batches of `search`.

Nothing here asks in a way of its own: each portion is one act of `search.ask`, of which every profile is a question
with its own decision, permit and entries. What was asked is known from the queries, so a run that was stopped, or is
done twice, asks nothing again; what a partner's capacity does not take today is left for the next run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from comity.base.errors import BadInput
from comity.base.model import Issuer, JsonObject
from comity.dna import rules, store
from comity.dna.model import Profile
from comity.dna.service.looking import find, require_viewer
from comity.dna.service.matching import DnaMatcher
from comity.dna.service.shipped import DEFAULT_RULE_SET, rule_set
from comity.kit.database.unit import Unit
from comity.search import service as search
from comity.search.model import Ask

PORTION: Final = 64
"""Profiles of one act, and of one envelope to a partner."""


@dataclass(frozen=True)
class Daily:
    """Whom to ask about which profiles: `ask` has case, recipients, purpose and basis; profiles behind `since`."""

    ask: Ask
    since: str = ""


@dataclass
class Exchanged:
    """What became of profiles: questions asked, or to be asked, and left for another day, by partner; `before` were
    asked before, `unfit` have too few loci, of `chance` too many hits are expected by chance. `last` was looked at."""

    last: str
    asked: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    profiles: int = 0
    before: int = 0
    unfit: int = 0
    chance: int = 0

    def plus(self, other: "Exchanged") -> "Exchanged":
        """Both together."""
        return Exchanged(
            other.last, _sum(self.asked, other.asked), _sum(self.left, other.left), self.profiles + other.profiles,
            self.before + other.before, self.unfit + other.unfit, self.chance + other.chance,
        )  # fmt: skip

    def as_dict(self) -> JsonObject:
        """The figures as JSON."""
        return {
            "profiles": self.profiles, "asked": {**self.asked}, "left": {**self.left}, "asked_before": self.before,
            "unfit": self.unfit, "too_much_by_chance": self.chance, "last": self.last or None,
        }  # fmt: skip


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def exchange_from(unit: Unit, issuer: Issuer, daily: Daily) -> Exchanged:
    """Where a run begins. NotAllowed without a role that may look at profiles; BadInput without a recipient."""
    require_viewer(issuer)
    if not daily.ask.recipients:
        raise BadInput("dna.bulk-to", "Nobody is named to be asked", todo="Name partners with --to.")
    return Exchanged(find(unit, daily.since).id if daily.since else "")


def due(unit: Unit, issuer: Issuer, daily: Daily, stand: Exchanged, ahead: bool) -> tuple[Exchanged, list[Ask]]:
    """What is to be asked of the next profiles behind `stand`, at most `PORTION`, and what becomes of all of them;
    nothing is kept or sent. No profile is counted where none is left. `ahead`: nothing of `stand` was asked yet."""
    page = store.page(unit, stand.last, PORTION)
    made = Exchanged(page[-1].id if page else stand.last, profiles=len(page))
    known = search.asked_about(unit, [name for profile in page for name in (profile.id, profile.specimen)])
    room = {to: search.room_today(unit, issuer, daily.ask, to) for to in daily.ask.recipients}
    if ahead:
        room = {to: None if free is None else free - stand.asked.get(to, 0) for to, free in room.items()}
    groups: dict[tuple[str, ...], list[str]] = {}
    for profile in page:
        partners = tuple(_partners(unit, daily.ask, (profile, known), made))
        chosen = tuple(to for to in partners if _taken(to, room, stand.left, made))
        if chosen:
            groups.setdefault(chosen, []).append(profile.id)
    asks = [replace(daily.ask, ref=refs[0], further=tuple(refs[1:]), recipients=to) for to, refs in groups.items()]
    return made, asks


def exchange_next(unit: Unit, issuer: Issuer, daily: Daily, stand: Exchanged) -> Exchanged:
    """Ask what is due of the next profiles, one act for each group of partners; the figures of all so far."""
    made, asks = due(unit, issuer, daily, stand, False)
    for ask in asks:
        search.ask(unit, DnaMatcher(), issuer, ask)
    return stand.plus(made)


def _partners(unit: Unit, ask: Ask, about: tuple[Profile, set[tuple[str, str]]], made: Exchanged) -> Iterator[str]:
    """Of whom a profile may be asked and was not yet; counts why not."""
    (profile, known), matcher = about, DnaMatcher()
    if rules.shortfall(profile.loci, profile.kind, rule_set(DEFAULT_RULE_SET)):
        made.unfit += 1
        return
    new = [to for to in ask.recipients if not {(profile.id, to), (profile.specimen, to)} & known]
    made.before += len(ask.recipients) - len(new)
    record, chance = matcher.prepare(unit, profile.id), matcher.chance(unit, profile.id)
    much = () if chance is None or ask.accepted else chance.too_many(new)
    for to in new:
        if matcher.lacking(unit, record, to):
            made.unfit += 1
        elif to in much:
            made.chance += 1
        else:
            yield to


def _taken(to: str, room: dict[str, int | None], left: Mapping[str, int], made: Exchanged) -> bool:
    """Whether a partner's capacity takes one more question today; counts it."""
    free = room[to]
    if free is not None and (free <= 0 or left.get(to)):
        made.left[to] = made.left.get(to, 0) + 1
        return False
    if free is not None:
        room[to] = free - 1
    made.asked[to] = made.asked.get(to, 0) + 1
    return True


def exhausted(stand: Exchanged, daily: Daily) -> bool:
    """Whether no partner's capacity takes any more today."""
    return all(stand.left.get(to) for to in daily.ask.recipients)
