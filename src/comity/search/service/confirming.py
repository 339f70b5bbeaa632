"""Blind verdicts on candidates, on both sides: a hit is only a candidate until a qualified person confirms it.

Source: Regulation (EU) 2024/982, article 47(1)(b). The asking side's verdicts move the query on both sides; the asked
side's laboratory may judge too. Neither sees the other's verdict before it has given its own.
"""

from dataclasses import replace

from comity.access import service as access
from comity.base.errors import Conflict, NotFound
from comity.base.model import Issuer, JsonObject
from comity.exchange.model import Received
from comity.kit.database.unit import Unit
from comity.search import rules, store, wire
from comity.search.model import Candidate, Query, Verdict, VerdictKind
from comity.search.service import life, outcomes
from comity.search.service.blinding import as_known

EXAMINERS = frozenset({"examiner"})
JUDGED = frozenset({
    "candidate_hit", "confirmed", "core_requested", "awaiting_judge", "authorised", "clarification", "both_laboratories"
})  # fmt: skip
"""The states in which a query takes verdicts."""


def confirm(unit: Unit, issuer: Issuer, query_id: str, judged: tuple[str, VerdictKind], reason: str) -> Query:
    """An examiner's verdict on the candidate `judged[0]`; match, no_match or inconclusive, with a reason.

    Answers the query as this examiner may know it.
    """
    number, kind = judged
    rules.check_reason(reason)
    query = store.find_query(unit, query_id)
    life.readable(unit, query, issuer.actor)
    _judgeable(query)
    candidate(unit, query, number)
    access.qualified(unit, issuer.actor.person)
    subject: JsonObject = {
        "query": query.id, "answer_to": query.message, "number": number, "verdict": kind, "reason": reason,
    }  # fmt: skip
    acted = access.act(unit, issuer, "search.confirm", subject, EXAMINERS)
    _judge_once(unit, query, number, issuer.actor.person)
    verdict = Verdict(query.id, query.message, number, unit.node, issuer.actor.person, kind, reason, unit.now)
    store.insert_verdict(unit, verdict)
    deed = life.record(unit, "judged", query, {"number": number, "verdict": kind}, acted)
    body = wire.VerdictBody(query.id, query.message, number, kind)
    life.tell(unit, query, (wire.CONFIRMATION, body.as_json()), acted.act_hash)
    if query.side == "asking":
        query = _moved(unit, query, verdict, replace(deed, reason=reason))
    return as_known(unit, query, issuer.actor)


def _judgeable(query: Query) -> None:
    """Conflict unless the query takes verdicts; where it stands instead is not told: it would tell others' verdicts."""
    if query.state not in JUDGED:
        raise Conflict(
            "search.no-verdict", f"Query {query.id} takes no verdict now", where=query.partner,
            todo="A verdict needs an answer with candidates, to a query that has not ended.",
        )  # fmt: skip


def _moved(unit: Unit, query: Query, verdict: Verdict, deed: life.Deed) -> Query:
    """The query after a verdict of the asking state, on either side of it."""
    if query.state != "candidate_hit":
        return query
    given = [v for v in store.verdicts(unit, query) if v.node == verdict.node]
    event = rules.verdict_event(store.candidates(unit, query.id, life.key_of(unit, query)), given, verdict)
    if event == "expert_confirm" and query.side == "asking":
        outcomes.begin(unit, query)
    return life.step(unit, query, event, deed) if event else query


def candidate(unit: Unit, query: Query, number: str) -> Candidate:
    """The candidate of that number; NotFound otherwise."""
    for found in store.candidates(unit, query.id, life.key_of(unit, query)):
        if found.number == number:
            return found
    raise NotFound(
        "search.no-candidate", f"Query {query.id} has no candidate {number}", todo="See `comity search show`."
    )


def _judge_once(unit: Unit, query: Query, number: str, person: str) -> None:
    if any(v.person == person and v.node == unit.node for v in store.verdicts(unit, query, number)):
        raise Conflict(
            "search.judged", f"{person} has already judged candidate {number}",
            todo="A second opinion is another examiner's.",
        )  # fmt: skip


def on_confirmation(unit: Unit, received: Received) -> None:
    """The other laboratory's verdict: kept, shown only to those who have judged; the asker's moves the asked side."""
    body = wire.parse_verdict(received.body)
    number, kind = body.number, body.kind
    known = store.find_query(unit, body.query)
    query = life.from_partner(unit, body.query, received, known.side)
    _current(query, body.answer_to)
    candidate(unit, query, number)
    earlier = [v for v in store.verdicts(unit, query, number) if v.node == received.sender]
    judge = f"examiner {len(earlier) + 1}"
    verdict = Verdict(query.id, query.message, number, received.sender, judge, kind, "", received.received)
    store.insert_verdict(unit, verdict)
    deed = life.record(unit, "judged_abroad", query, {"number": number, "verdict": kind, "message": received.id})
    if query.side == "asked":
        _moved(unit, query, verdict, replace(deed, human=True))


def _current(query: Query, answer_to: str) -> None:
    """Conflict when the judged answer is none to the record as it stands."""
    if answer_to != query.message:
        raise Conflict(
            "search.earlier-record", f"The verdict is on an answer to an earlier record of query {query.id}",
            todo="Judge the answer to the corrected record.",
        )  # fmt: skip


def near_match_explained(unit: Unit, issuer: Issuer, query_id: str, reason: str) -> Query:
    """A laboratory found why two profiles differ (typing error elsewhere, relative): the near match is closed."""
    rules.check_reason(reason)
    query = store.find_query(unit, query_id)
    life.readable(unit, query, issuer.actor)
    life.in_state(as_known(unit, query, issuer.actor), "both_laboratories")
    acted = access.act(unit, issuer, "search.explained", {"query": query.id, "reason": reason}, EXAMINERS)
    deed = replace(life.record(unit, "explained", query, {"reason": reason}, acted), reason=reason)
    return life.step(unit, query, "explained", deed)
