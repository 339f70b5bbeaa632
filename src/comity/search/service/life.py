"""What every search verb shares: the key of a query's data, its life cycle, its log record, its legal question."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.access.model import Acted
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Actor, DataKey, Json, JsonObject
from comity.cases import service as cases
from comity.cases.model import Case
from comity.exchange import service as exchange
from comity.exchange.model import Handling, Message, Received
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.log import service as log
from comity.log.model import Record
from comity.search import rules, store
from comity.search.model import Query, Status, Transition
from comity.search.service import timing

MACHINE = "query"
WAITING = frozenset({"legal_review", "waiting"})
"""Where a partner's query stays until a person of this node, or another day, lets it go on."""
TAKEN_BACK = frozenset({"withdraw", "drop", "deny"})
"""What ends a query at any time: nothing more leaves, and an emergency that was not reviewed stays open beside it."""


@dataclass(frozen=True)
class Deed:
    """Who moved a query, why, and the log entry that records it; `human` marks a person's decision."""

    actor: Actor
    entry: int
    reason: str = ""
    human: bool = False


def key_of(unit: Unit, query: Query) -> DataKey:
    """The case's data key on the asking side; the node's own key for partners' queries on the asked side."""
    return cases.data_key(unit, query.case) if query.case else unit.keys.data_key("search")


def step(unit: Unit, query: Query, event: str, deed: Deed) -> Query:
    """Take one step of the life cycle, keep it, and return the query in its new state.

    Conflict when impossible, NotAllowed for a person without a role for it; the node's and partners' steps have none.
    """
    return walk(unit, query, (event,), deed)


Word = tuple[Status, JsonObject]
"""The answer status of a query, as it is at hand, and its reason."""


def walk(unit: Unit, query: Query, events: Sequence[str], deed: Deed, word: Word | None = None) -> Query:
    """Take several steps at once, each as `step` takes one, and settle the answer where there is `word` of it; nothing
    is kept unless all are possible."""
    seq, state = store.steps_taken(unit, query.id), query.state
    taken: list[Transition] = []
    for event in events:
        after = _advanced(unit, query, (state, event), deed)
        taken.append(Transition(
            query.id, seq + len(taken), state, event, after, deed.actor.person, deed.reason, unit.now, deed.entry
        ))  # fmt: skip
        state = after
    store.add_transitions(unit, taken)
    status, reason = word or (query.status, query.reason)
    moved = replace(query, state=state, status=status, reason=reason)
    store.update_query(unit, query.id, state=state, **(_said(unit, query, *word) if word else {}))
    timing.follow(unit, query, moved)
    return moved


def _advanced(unit: Unit, query: Query, step: tuple[str, str], deed: Deed) -> str:
    """The state after `step`, which is a state and an event."""
    state, event = step
    roles = deed.actor.roles if deed.actor.person else None
    after = legal.advance(legal.lifecycle(MACHINE), state, event, human=deed.human, roles=roles)
    if deed.actor.person and after in rules.FINAL_STATES and event not in TAKEN_BACK:
        legal.require_reviewed(unit, timing.holder(query))
    return after


def settle(unit: Unit, query: Query, status: Status, reason: JsonObject) -> Query:
    """Set the answer status of a query, as it is at hand, with its reason."""
    store.update_query(unit, query.id, **_said(unit, query, status, reason))
    return replace(query, status=status, reason=reason)


def _said(unit: Unit, query: Query, status: Status, reason: JsonObject) -> dict[str, object]:
    """The columns of an answer; the first one also says how long it took."""
    ours = query.side == "asking" and reason.get("by") == unit.node
    took = None if ours else rules.answer_time(query, status, unit.now)
    return {"status": status, "reason": reason} | ({} if took is None else {"answered_in": took})


def record(unit: Unit, kind: str, query: Query, payload: JsonObject, acted: Acted | None = None) -> Deed:
    """Append the act's log entry and return the deed that names it; without `acted` the node acted by rule."""
    actor = acted.actor if acted else Actor.system(unit.node)
    rules_hash = query.basis.get("rules_hash")
    instrument, article = (str(query.basis.get(name) or "") for name in ("instrument", "article"))
    entry = log.append(
        unit,
        Record(
            type=f"search.{kind}", actor=actor, subject={"query": query.id, "question": query.question},
            payload=payload, case=query.case, peer=query.partner,
            legal_basis=exchange.basis_code(instrument, article) or None,
            policy_hash=rules_hash if isinstance(rules_hash, str) else None,
            auth_hash=acted.auth_hash if acted else None, key=key_of(unit, query),
        ),
    )  # fmt: skip
    return Deed(actor, entry, human=acted is not None)


def basis_of(decision: Decision) -> JsonObject:
    """What a query keeps and a partner sees of a decision: no facts, no findings."""
    return {
        "instrument": decision.instrument, "article": decision.article, "measure": decision.measure,
        "rules_hash": decision.rules_hash, "decision": decision.id,
    }  # fmt: skip


def findings_of(decision: Decision) -> list[Json]:
    """Only the findings that decided, as JSON."""
    return [finding.as_dict() for finding in decision.reasons]


def own_word(unit: Unit, decision: Decision) -> JsonObject:
    """The reason of a query that this node's own law stopped."""
    return {"by": unit.node, "outcome": decision.outcome, "findings": findings_of(decision)}


def automatic_act(verb: str, received: Received, subject: JsonObject) -> JsonObject:
    """An act that the node does by rule in answer to one partner message; `subject` says about what."""
    return {"v": 1, "verb": verb, "subject": subject | {"message": received.id, "digest": received.digest}}


def hash_of(thing: JsonObject) -> str:
    """The SHA-256 (hex) of an act's or a record's JCS form, by which permits and acts name them."""
    return sha256(canonical(thing)).hex()


def question(unit: Unit, query: Query, measure: str, facts: JsonObject) -> Question:
    """The legal question of this query for `measure`, with this node on the side where it stands."""
    asking, asked = (unit.node, query.partner) if query.side == "asking" else (query.partner, unit.node)
    instrument, own = query.basis.get("instrument"), query.basis.get("own")
    return Question(
        measure=measure, asking=asking, asked=asked, instrument=instrument if isinstance(instrument, str) else None,
        on=unit.now.date(), facts=facts, own=own if isinstance(own, dict) else {},
    )  # fmt: skip


def facts_of(query: Query) -> JsonObject:
    """The facts on which this node decided the query."""
    facts = query.basis.get("facts")
    return facts if isinstance(facts, dict) else {}


def allowed(unit: Unit, query: Query, measure: str, facts: JsonObject) -> Decision:
    """The decision on a further act of a query; NotAllowed with its findings unless it allows."""
    decision = legal.decide(unit, question(unit, query, measure, facts))
    if decision.outcome != "allow":
        why = "; ".join(f"{f.condition}: {f.cure}" for f in decision.reasons)
        raise NotAllowed(
            "search.refer" if decision.outcome == "refer" else "search.deny",
            f"The law says {decision.outcome} for {measure}",
            where=f"{decision.instrument} {decision.article}", todo=why or "See `comity search explain`.",
        )  # fmt: skip
    return decision


def message(query: Query, kind: str, body: JsonObject, act_hash: str) -> Message:
    """A message of this query's conversation, with the handling and purpose on which the basis was decided."""
    facts = facts_of(query)
    purpose = facts.get("purpose")
    return Message(
        type=kind, to=(query.partner,), conversation=query.conversation, body=body, act_hash=act_hash,
        purpose=purpose if isinstance(purpose, str) else "", handling=Handling.of(facts), case=query.case,
    )  # fmt: skip


def tell(unit: Unit, query: Query, said: tuple[str, JsonObject], act_hash: str) -> None:
    """Send `said` (type and body), about a candidate, to the other side of a query, on the query's own basis."""
    decision = allowed(unit, query, "hit_no_hit", facts_of(query))
    permit = legal.permit(unit, decision, act_hash, (query.partner,))
    exchange.send(unit, permit, message(query, *said, act_hash))


def from_partner(unit: Unit, query_id: str, received: Received, side: str) -> Query:
    """The query that a partner's message speaks of; Conflict when it is not that partner's or not on that side."""
    query = store.find_query(unit, query_id)
    if query.partner != received.sender or query.side != side or query.conversation != received.conversation:
        raise Conflict(
            "search.not-yours", f"Query {query_id} is none of {received.sender}'s in this conversation",
            todo="Use the query's own conversation.",
        )  # fmt: skip
    return query


def ours(unit: Unit, query_id: str, viewer: Actor) -> tuple[Query, Case]:
    """A query that this node asked, with its case, for a member of that case.

    Conflict for a partner's query, NotAllowed for everybody else.
    """
    query = store.find_query(unit, query_id)
    if query.side != "asking" or query.case is None:
        raise Conflict("search.side", f"{query.partner} asked this, not we", todo="See `comity search list --side`.")
    return query, cases.require(unit, viewer, query.case, store.unknown(query.id))


def readable(unit: Unit, query: Query, viewer: Actor) -> None:
    """Need to know: the case's members for our query; for a partner's, a role that works on searches."""
    if query.case:
        cases.require(unit, viewer, query.case, store.unknown(query.id))
        return
    try:
        in_role(viewer, rules.READERS)
    except NotAllowed as error:
        raise error.hidden(store.unknown(query.id)) from None


def in_role(actor: Actor, roles: frozenset[str]) -> None:
    """NotAllowed for a person of no such role, before an error could tell where the query stands."""
    if not actor.roles & roles:
        raise NotAllowed(
            "search.role", f"{actor.person or 'The node itself'} takes no part in searches like this",
            todo=f"It takes one of these roles: {', '.join(sorted(roles))}.",
        )  # fmt: skip


def in_state(query: Query, *states: str) -> None:
    """Conflict unless the query is in one of `states`."""
    if query.state not in states:
        raise Conflict(
            "search.state", f"Query {query.id} is {query.state}", where=query.partner,
            todo=f"This act needs {' or '.join(states)}; see `comity search show {query.id}`.",
        )  # fmt: skip


def not_superseded(query: Query) -> None:
    """Conflict when the record was corrected since: nobody's name is given on a profile known to be wrong."""
    if query.superseded_by is not None:
        raise Conflict(
            "search.superseded", f"Query {query.id} was corrected by query {query.superseded_by}",
            todo="Go on with that one.",
        )  # fmt: skip


def acknowledge(unit: Unit, query: Query) -> None:
    """Nobody here needs to act on a partner's query any more; once that holds for all of its message, it is handled."""
    together = (other for other in store.by_message(unit, query.message) if other.id != query.id)
    if not any(other.state in WAITING for other in together):
        exchange.handled(unit, query.partner, query.message)


def ended(query: Query) -> bool:
    """Whether the query's life is over."""
    return query.state in rules.FINAL_STATES


def end_clock(unit: Unit, query: Query) -> None:
    """Core data was released or refused: the clock of a request, if there is one, stops."""
    core = store.find_core(unit, query.id)
    if core is not None:
        timing.keep_clock(unit, query, rules.end_clock(core["clock"], unit.now))
