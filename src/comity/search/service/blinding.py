"""What an examiner may know of a query before he or she has judged: nothing that anybody's verdict has moved.

One view for everything that is listed, shown, awaited or told in an error. Source: ISO/IEC 17025, 7.2.
"""

from dataclasses import replace

from comity.base.model import Actor
from comity.kit.database.unit import Unit
from comity.search import rules, store
from comity.search.model import Query, Transition


def is_blind(unit: Unit, query: Query, viewer: Actor) -> bool:
    """Whether the viewer has yet to judge a candidate of this query that somebody else has judged."""
    return "examiner" in viewer.roles and rules.is_blind(store.verdicts(unit, query), viewer)


def life_known(unit: Unit, query: Query, viewer: Actor) -> list[Transition]:
    """The life of a query as far as the viewer may know it."""
    steps = store.transitions(unit, query.id)
    return rules.before_verdicts(steps, viewer.person) if is_blind(unit, query, viewer) else steps


def as_known(unit: Unit, query: Query, viewer: Actor) -> Query:
    """The query as the viewer may know it: for a blind examiner in the state before anybody else's verdict."""
    if not is_blind(unit, query, viewer):
        return query
    return replace(query, state=life_known(unit, query, viewer)[-1].after, reason={})


def all_known(unit: Unit, queries: list[Query], viewer: Actor) -> list[Query]:
    """As `as_known`, of several queries at once: two statements, whatever their number."""
    if "examiner" not in viewer.roles:
        return queries
    given = store.listing.verdicts_of(unit, [query.id for query in queries])
    blind = [
        query for query in queries
        if rules.is_blind([v for v in given.get(query.id, []) if v.round == query.message], viewer)
    ]  # fmt: skip
    lives = store.listing.lives_of(unit, [query.id for query in blind])
    steps = {query.id: rules.before_verdicts(lives.get(query.id, []), viewer.person) for query in blind}
    return [
        replace(query, state=steps[query.id][-1].after, reason={}) if query.id in steps else query for query in queries
    ]
