"""A lawyer's part, on either side: what the law could not decide alone is decided anew with what the lawyer states.

Facts complete the question. Judgements, such as that a matter is not political, are this node's own and stay here.
"""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.model import Issuer, JsonObject
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision
from comity.search import rules, store
from comity.search.model import Matcher, Query
from comity.search.service import answering, batching, capacity, life

MEASURE = "hit_no_hit"
LAWYERS = frozenset({"lawyer"})


def review(
    unit: Unit, matchers: dict[str, Matcher[Unit]], issuer: Issuer, query_id: str, facts: JsonObject
) -> Decision:
    """Decide a referred query anew: a partner's is answered or refused, our own leaves or ends; or neither."""
    query = store.find_query(unit, query_id)
    life.readable(unit, query, issuer.actor)
    record = store.body(unit, query.id, life.key_of(unit, query))
    subject: JsonObject = {"query": query.id, "facts": facts, "record_sha256": life.hash_of(record)}
    acted = access.act(unit, issuer, "search.answer", subject, LAWYERS)
    life.in_state(query, "legal_review")
    added, judged = rules.split_judgements(facts)
    own = query.basis.get("own")
    query = replace(query, basis=query.basis | {"own": (own if isinstance(own, dict) else {}) | judged})
    stated = rules.merged(life.facts_of(query), added) | rules.of_modality(query.modality)
    decision = legal.decide(unit, life.question(unit, query, MEASURE, stated))
    query = replace(query, basis=query.basis | life.basis_of(decision) | {"facts": decision.facts})
    store.update_query(unit, query.id, basis=query.basis)
    deed = life.record(unit, "reviewed", query, {"outcome": decision.outcome, "decision": decision.id}, acted)
    if decision.outcome == "refer":
        life.settle(unit, query, query.status, life.own_word(unit, decision))
    else:
        moved = life.step(unit, query, "approve" if decision.outcome == "allow" else "reject", deed)
        _carry_out(unit, matchers, moved, decision, acted)
    return decision


def turn_down(unit: Unit, issuer: Issuer, query_id: str, ground: str, reason: str) -> Decision:
    """A lawyer refuses a referred query with a ground of the instrument and a reason; a partner receives both."""
    rules.check_ground(ground)
    rules.check_reason(reason)
    query = store.find_query(unit, query_id)
    life.readable(unit, query, issuer.actor)
    subject: JsonObject = {"query": query.id, "ground": ground, "reason": reason}
    acted = access.act(unit, issuer, "search.answer", subject, LAWYERS)
    life.in_state(query, "legal_review")
    before = legal.find_decision(unit, str(query.basis["decision"]))
    decision = legal.refuse_by_person(unit, before, ground, reason)
    query = replace(query, basis=query.basis | life.basis_of(decision))
    store.update_query(unit, query.id, basis=query.basis)
    payload: JsonObject = {"outcome": decision.outcome, "decision": decision.id, "ground": ground, "reason": reason}
    deed = replace(life.record(unit, "reviewed", query, payload, acted), reason=reason)
    _carry_out(unit, {}, life.step(unit, query, "reject", deed), decision, acted)
    return decision


def _carry_out(unit: Unit, matchers: dict[str, Matcher[Unit]], query: Query, decision: Decision, acted: Acted) -> None:
    """What an allow or a deny means: on the asking side to send or to end, on the asked side to answer or to refuse."""
    if query.side == "asking":
        if decision.outcome == "allow":
            batching.send(unit, query, decision, acted.act_hash)
            capacity.after_emergency(unit, query, acted)
            life.settle(unit, query, "pending", {})
        else:
            life.settle(unit, query, "refused", life.own_word(unit, decision))
        return
    if decision.outcome == "allow":
        matcher = answering.matcher_of(matchers, query.modality)
        answering.answer(unit, matcher, query, decision, acted.act)
        capacity.after_emergency(unit, query, acted)
    else:
        answering.refuse(unit, query, decision, query.message)
    life.acknowledge(unit, query)
