"""The lists of queries that people look through, page by page."""

from dataclasses import replace

from comity.base.model import Actor
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.search import rules, store
from comity.search.model import Listed, Query, Wanted
from comity.search.service.blinding import all_known


def page(unit: Unit, viewer: Actor, wanted: Wanted) -> Listed:
    """One page of the queries that the viewer needs to know of, as `listed` has them; `Wanted.case` is a reference or
    an id, of a case of the viewer's. A page takes a constant number of statements, whatever there is.

    A blind examiner finds a query where it stood before anybody else's verdict, or not at all.
    """
    if wanted.case:
        wanted = replace(wanted, case=cases.require(unit, viewer, wanted.case).id)
    ours = wanted.side != "asked"
    theirs = wanted.side != "asking" and not wanted.case and bool(viewer.roles & rules.READERS)
    states = rules.STAGES[wanted.stage] if wanted.stage else ()
    found = store.listing.page(unit, wanted, states, cases.selection(unit, viewer) if ours else None, theirs=theirs)
    more, found = len(found) > wanted.rows, found[: wanted.rows]
    if wanted.before is not None:
        found.reverse()
    shown = [query for query in all_known(unit, found, viewer) if not states or query.state in states]
    if wanted.before is not None:
        return Listed(tuple(shown), more, after=True)
    return Listed(tuple(shown), wanted.after is not None, more)


def of_question(unit: Unit, query: Query, viewer: Actor) -> list[Query]:
    """The queries of the same question that the viewer needs to know of: one for each state that was asked."""
    same = [one for one in store.queries(unit, question=query.question) if one.case == query.case]
    return all_known(unit, sorted(same, key=lambda one: (one.partner, one.asked_at)), viewer)
