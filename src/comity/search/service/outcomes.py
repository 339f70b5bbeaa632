"""What became of confirmed hits: said by the case's people, asked again after 30 and 90 days, counted per partner.

A hit that nobody ever hears of again teaches nobody anything: neither whether the exchange is worth its intrusion, nor
that a match was wrong. The partner is not told; whoever wants to, tells it.
"""

from datetime import UTC, date, datetime, timedelta

from comity.access import service as access
from comity.base.errors import BadInput, Conflict
from comity.base.model import Actor, Issuer, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.search import rules, store
from comity.search.model import FollowUp, HitOutcome, Query, Tally
from comity.search.service import life

SAYERS = frozenset({"officer", "examiner"})


def begin(unit: Unit, query: Query) -> None:
    """A hit of ours was confirmed: it is asked about later."""
    due = rules.asked_again(unit.now, unit.now)
    store.outcomes.open_follow_up(unit, FollowUp(query.id, query.partner, query.case or "", unit.now, due, None))


def record_outcome(unit: Unit, issuer: Issuer, query_id: str, kind: str, reason: str) -> HitOutcome:
    """Say what became of a confirmed hit, and why one says so; each word is kept, the latest one counts.

    The same word by the same person again, as by a double click, is that word, unless it was asked for anew. Conflict
    where no hit of the query was ever confirmed.
    """
    known = rules.check_kind(kind)
    rules.check_reason(reason)
    query, _ = life.ours(unit, query_id, issuer.actor)
    subject: JsonObject = {"query": query.id, "outcome": known, "reason": reason}
    acted = access.act(unit, issuer, "search.outcome", subject, SAYERS)
    hit = store.outcomes.find_follow_up(unit, query.id)
    if hit is None:
        raise Conflict(
            "search.no-outcome", f"No hit of query {query.id} was confirmed", where=query.partner,
            todo="An outcome is said of a hit that an examiner has confirmed.",
        )  # fmt: skip
    key = life.key_of(unit, query)
    earlier = store.outcomes.outcomes(unit, query.id, key)
    asked = hit.due_at is not None and hit.due_at <= unit.now
    if earlier and not asked and _word(earlier[-1]) == (known, reason, acted.actor.person):
        return earlier[-1]
    entry = life.record(unit, "outcome", query, {"outcome": known, "reason": reason}, acted).entry
    made = HitOutcome(query.id, len(earlier), known, reason, acted.actor.person, unit.now, entry)
    store.outcomes.insert_outcome(unit, made, key)
    store.outcomes.follow_up(unit, query.id, known, rules.asked_again(hit.confirmed_at, unit.now))
    return made


def _word(said: HitOutcome) -> tuple[str, str, str]:
    return said.kind, said.reason, said.person


def outcomes_of(unit: Unit, query_id: str, viewer: Actor) -> list[HitOutcome]:
    """What was said of the hit of a query of ours, oldest first, for members of its case."""
    query, _ = life.ours(unit, query_id, viewer)
    return store.outcomes.outcomes(unit, query.id, life.key_of(unit, query))


def outcomes_due(unit: Unit, viewer: Actor, limit: int = 50) -> list[FollowUp]:
    """The confirmed hits of the viewer's cases about which somebody should say by now what became of them, the longest
    due first; none for whoever could not say it. Two statements, whatever the number of hits."""
    if not viewer.roles & SAYERS:
        return []
    return store.outcomes.due(unit, cases.selection(unit, viewer), limit)


def span(since: date, until: date) -> tuple[datetime, datetime]:
    """From the beginning of the day `since` to the end of the day `until`, UTC; BadInput where it ends before."""
    if until < since:
        raise BadInput("search.span", "The span ends before it begins", todo="Exchange the two days.")
    start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (since, until))
    return start, end + timedelta(days=1)


def statistics(unit: Unit, since: datetime, until: datetime) -> list[Tally]:
    """The queries asked from `since` to before `until`, counted by partner and side. They name nobody and no case.

    Two statements; what they read grows with the queries of that span.
    """
    return rules.tallies(
        [tuple(row) for row in store.outcomes.counts(unit, since, until)],
        [tuple(row) for row in store.outcomes.said(unit, since, until)],
    )  # fmt: skip
