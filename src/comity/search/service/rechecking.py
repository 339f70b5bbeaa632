"""A record was corrected, and searches were made with what it was before.

Our own questions about it are asked again, each by `correct`. A partner's question that the corrected record answers
otherwise stays as it was answered: the partner is told that its answer would be another one now, and asks again if it
still needs to know. That word carries no data of a case and says nothing of the record.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from comity.access import service as access
from comity.base.clock import rfc3339
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.exchange import service as exchange
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.search import rules, store, wire
from comity.search.model import Matcher, Query
from comity.search.service import life
from comity.search.service.correcting import correct

RECHECKERS = frozenset({"examiner", "officer"})
CHANGED = "changed_at"
"""In the reason of a query: since when its answer would be another one."""
Differs = Callable[[JsonObject, Mapping[str, int]], bool]
"""Of a record and of what was answered to it (quality by candidate's number): whether it is answered otherwise now."""
_ANSWERED = ("hit", "near_match", "no_hit", "partial")
_PORTION = 500


def outdated(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, refs: Sequence[str], ref: str) -> list[Query]:
    """Our questions about the record of these names, of this person's cases, that were asked with other content than
    `ref` has now, oldest first."""
    found = store.by_refs(unit, refs)
    mine = cases.among(unit, issuer.actor, {query.case for query in found if query.case})
    asked = [
        query for query in found
        if query.case in mine and query.superseded_by is None and query.state != "withdrawn"
    ]  # fmt: skip
    record = matcher.prepare(unit, ref) if asked else {}
    return [query for query in asked if store.body(unit, query.id, life.key_of(unit, query)) != record]


def ask_again(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, queries: Sequence[Query], ref: str) -> dict[str, str]:
    """Ask each anew with the record `ref`: by query, the id of the one that asks now, or the code of the obstacle."""
    done = {}
    for query in queries:
        again = partial(correct, unit, matcher, issuer, query.id, ref)
        moved, code = unit.attempt(f"query {query.id} could not be asked again", again)
        done[query.id] = moved.id if moved else code
    return done


def answered(unit: Unit, modality: str) -> int:
    """How many questions of partners this node has answered, and would look at again."""
    return store.count_answered(unit, modality, _ANSWERED)


def changed(unit: Unit, modality: str, differs: Differs, progress: Callable[[int], Any]) -> list[str]:
    """The ids of partners' answered questions that `differs` says are answered otherwise now.

    Only read, portion by portion, for there may be a million; `progress` is called with the number of each.
    """
    found, last = list[str](), ""
    while portion := store.answered_after(unit, modality, _ANSWERED, last, _PORTION):
        found += [query.id for query in portion if _is_changed(unit, query, differs)]
        last = portion[-1].id
        progress(len(portion))
    return found


def recheck(unit: Unit, issuer: Issuer, modality: str, which: tuple[Sequence[str], Differs]) -> list[Query]:
    """Tell the partners of those questions whose answers differ, each once; (the ids from `changed`, what differs)."""
    acted = access.act(unit, issuer, "search.recheck", {"modality": modality}, RECHECKERS)
    told = []
    for query in (store.find_query(unit, id) for id in which[0]):
        if _is_changed(unit, query, which[1]):
            life.record(unit, "answer_changed", query, {"status": query.status}, acted)
            body = wire.StatusBody(query.id, wire.CHANGED, []).as_json()
            exchange.follow_up(unit, life.message(query, wire.STATUS, body, acted.act_hash))
            told.append(_marked(unit, query))
    return told


def _is_changed(unit: Unit, query: Query, differs: Differs) -> bool:
    if _gone(query):
        return False
    return differs(store.body(unit, query.id, life.key_of(unit, query)), store.numbers(unit, query.id))


def _gone(query: Query) -> bool:
    """Whether nobody waits for another answer: taken back, or told already."""
    over = query.state in ("withdrawn", "expired") or query.state in rules.UNANSWERED_STATES
    return over or CHANGED in query.reason


def _marked(unit: Unit, query: Query) -> Query:
    store.update_query(unit, query.id, reason=query.reason | {CHANGED: rfc3339(unit.now)})
    return query


def on_changed(unit: Unit, query: Query, received: Received) -> None:
    """The partner says that its answer would be another one now: kept beside the answer, which stays as it was."""
    life.record(unit, "answer_changed_abroad", query, {"message": received.id})
    _marked(unit, query)
