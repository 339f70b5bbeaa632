"""The asking side: look ahead at what a question would do, and ask it."""

from collections.abc import Mapping
from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import BadInput, NotFound
from comity.base.ids import is_uuid, uuid7
from comity.base.model import Issuer, Json, JsonObject
from comity.cases import service as cases
from comity.cases.model import Case
from comity.exchange import service as exchange
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.log import service as log
from comity.log.model import Record
from comity.search import rules, store
from comity.search.model import Ask, Matcher, Preview, Query, Status
from comity.search.service import batching, capacity, life
from comity.search.service.expecting import accepted, enough

MEASURE = "hit_no_hit"
Records = Mapping[str, tuple[str, JsonObject]]
"""By the question's id, the name here and the content of its record."""
OFFICERS = frozenset({"officer"})


def preview(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, ask: Ask) -> Preview:
    """What asking would do: every state's decision, exactly who would receive it, and what they would see.

    An officer's act with its own log entry, for it shows the record itself.
    """
    case = cases.require(unit, issuer.actor, ask.case)
    _check_known(unit, ask)
    _log_preview(unit, issuer, ask, case)
    record = enough(unit, matcher, matcher.prepare(unit, ask.ref), *_states(unit, ask))
    known = _facts(unit, ask, case, matcher.facts(unit, ask.ref))
    decisions = {state: legal.consider(unit, _question(unit, ask, known, state)) for state in _states(unit, ask)}
    allowed = tuple(state for state, decision in decisions.items() if decision.outcome == "allow")
    withheld = tuple(state for state in decisions if state not in allowed)
    return Preview(allowed, withheld, decisions, _seen(unit, ask, known[0], record), matcher.chance(unit, ask.ref))


def bases(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, ask: Ask) -> dict[str, list[Decision]]:
    """For each state, the bases on which it could be asked, the best first; nothing is kept, and no record shown."""
    case = cases.require(unit, issuer.actor, ask.case)
    life.in_role(issuer.actor, OFFICERS)
    _check_known(unit, ask)
    known = _facts(unit, ask, case, matcher.facts(unit, ask.ref))
    return {state: legal.bases(unit, _question(unit, ask, known, state)) for state in _states(unit, ask)}


def previews(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, ask: Ask) -> dict[str, Preview]:
    """The preview of every record that would be asked about, by its name here."""
    return {ref: preview(unit, matcher, issuer, replace(ask, ref=ref, further=())) for ref in ask.refs}


def told_previews(seen: Mapping[str, Preview]) -> JsonObject:
    """The preview of one record as JSON, or those of several by record."""
    told: JsonObject = {ref: one.as_dict() for ref, one in seen.items()}
    return {"profiles": told} if len(told) > 1 else next(iter(seen.values())).as_dict()


def _seen(unit: Unit, ask: Ask, facts: JsonObject, record: JsonObject) -> JsonObject:
    """What each recipient learns: record and facts as they are sent, the offence's text, and who asks how urgently."""
    here = exchange.directory(unit).members.get(unit.node)
    return {
        "modality": ask.modality, "record": record, "facts": facts, "offence_text": _offence_text(unit, facts),
        "node": unit.node, "agency": here.name if here else None, "urgency": ask.pace,
    }  # fmt: skip


def _offence_text(unit: Unit, facts: JsonObject) -> str | None:
    """The words of the offence in the table of its state, which the recipients hold, too; None for an unknown code."""
    named = facts.get("offence")
    offence = named if isinstance(named, dict) else {"state": unit.node, "code": named}
    rows = legal.tables(unit).offences.get((str(offence.get("state")), str(offence.get("code"))), ())
    return rows[-1].text if rows else None


def _check_known(unit: Unit, ask: Ask) -> None:
    """A state or an instrument of which nobody here has heard is a slip of the pen, and no question of law; so is an
    oral basis without a threat to life."""
    batching.urgency(ask.urgency)
    _check_oral(ask)
    members = exchange.directory(unit).members
    for state in _states(unit, ask):
        if state not in members:
            others = ", ".join(sorted(code for code in members if code != unit.node))
            raise NotFound(
                "search.unknown-state", f"{state[:20]} is not in this node's directory",
                todo=f"It lists: {others or 'nobody else'}. See `comity partners`, or import a newer directory.",
            )  # fmt: skip
    instruments = legal.tables(unit).instruments
    if ask.instrument is not None and ask.instrument not in instruments:
        raise NotFound(
            "search.unknown-instrument", f"No table of this node speaks of the instrument {ask.instrument[:40]}",
            todo=f"Use one of {', '.join(sorted(instruments))}, or none: then the best basis is taken.",
        )  # fmt: skip


def _log_preview(unit: Unit, issuer: Issuer, ask: Ask, case: Case) -> None:
    subject: JsonObject = {"case": case.id, "modality": ask.modality, "ref": ask.ref}
    acted = access.act(unit, issuer, "search.preview", subject, OFFICERS)
    log.append(unit, Record(
        type="search.previewed", actor=acted.actor, subject=subject,
        payload={"recipients": list[Json](_states(unit, ask))}, case=case.id, auth_hash=acted.auth_hash,
        key=cases.data_key(unit, case.id),
    ))  # fmt: skip


def ask(unit: Unit, matcher: Matcher[Unit], issuer: Issuer, ask: Ask) -> list[Query]:
    """Ask every recipient that the law allows; a deny ends that state's query here, a refer waits for a lawyer.

    One signed act about all records, of which each is a question of its own. NotFound, and nothing is kept, where a
    state or an instrument is unknown here.
    """
    case = cases.require(unit, issuer.actor, ask.case)
    _check_known(unit, ask)
    if ask.question and (asked_before := _asked_before(unit, ask, case)):
        return asked_before
    states = _states(unit, ask)
    prepared = [(ref, enough(unit, matcher, matcher.prepare(unit, ref), *states)) for ref in ask.refs]
    records = {ask.question or uuid7(unit.now): one for one in prepared}
    subject = _subject(unit, ask, case, records) | accepted(unit, matcher, ask)
    acted = access.act(unit, issuer, "search.ask", subject, OFFICERS)
    asked = [
        weigh(unit, acted, _new(unit, replace(ask, ref=ref), case.id, (question, state), known), record)
        for question, (ref, record) in records.items()
        for known in [_facts(unit, ask, case, matcher.facts(unit, ref))]
        for state in states
    ]
    sent = batching.leave(unit, [(query, decision) for query, decision in asked if decision], acted.act_hash)
    return [sent.get(query.id, query) for query, _ in asked]


def _asked_before(unit: Unit, ask: Ask, case: Case) -> list[Query]:
    """The queries of this very question of the case; BadInput for an id that is none, or is another question's."""
    found = store.queries(unit, question=ask.question) if is_uuid(ask.question) else []
    foreign = any((query.side, query.case, query.ref) != ("asking", case.id, ask.ref) for query in found)
    if not is_uuid(ask.question) or foreign or ask.further:
        raise BadInput("search.question", "This is no id for a new question", todo="Load the page and ask again.")
    return found


def _subject(unit: Unit, ask: Ask, case: Case, records: Records) -> JsonObject:
    """What the officer signs: which questions about which records, for what, to whom."""
    common: JsonObject = {"case": case.id, "recipients": list[Json](_states(unit, ask)), "purpose": ask.purpose}
    common |= _why(ask)
    hashes: list[Json] = [sha256(canonical(record)).hex() for _, record in records.values()]
    if len(records) == 1:
        return common | {"question": next(iter(records)), "record_sha256": hashes[0]}
    return common | {"questions": list[Json](records), "records_sha256": hashes}


def _why(ask: Ask) -> JsonObject:
    """The reason of an emergency, as it is signed and kept; it stays at home."""
    return {"reason": ask.reason} if ask.emergency and ask.reason else {}


def _check_oral(ask: Ask) -> None:
    if ask.emergency and ask.reason:
        rules.check_reason(ask.reason)
    if ask.oral and not ask.emergency:
        raise BadInput(
            "search.oral", "Only a threat to life may rest on an oral basis",
            todo="Add --emergency, or put the basis in writing first.",
        )  # fmt: skip


def _states(unit: Unit, ask: Ask) -> tuple[str, ...]:
    states = tuple(dict.fromkeys(ask.recipients))
    if not states or unit.node in states:
        raise BadInput("search.recipients", "A search abroad needs at least one other state", todo="Name it with --to.")
    return states


Known = tuple[JsonObject, JsonObject]
"""The facts that travel, and the judgements that stay."""


def _facts(unit: Unit, ask: Ask, case: Case, settled: JsonObject) -> Known:
    """What case, officer and record say to the law; of what the record settles, nobody's word is taken.

    Reviewing the character of a matter is a lawyer's.
    """
    handling: JsonObject = {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"}
    known: JsonObject = {
        "offence": {"state": unit.node, "code": case.offence}, "purpose": ask.purpose, "handling": handling,
    }  # fmt: skip
    stated, own = rules.split_judgements(ask.facts)
    if rules.LAWYERS_JUDGEMENTS & set(own):
        raise BadInput(
            "search.judgement", "Reviews and findings on a recipient are a lawyer's, not stated by who asks",
            todo="Ask without it; the query waits for a lawyer's `comity search answer`.",
        )  # fmt: skip
    urgent: JsonObject = {"emergency": "threat_to_life"} if ask.emergency else {}
    return rules.merged(known, stated) | rules.of_modality(ask.modality) | settled | urgent, own


def _question(unit: Unit, ask: Ask, known: Known, state: str) -> Question:
    return Question(MEASURE, unit.node, state, ask.instrument, unit.now.date(), *known)


def _new(unit: Unit, ask: Ask, case: str, which: tuple[str, str], known: Known) -> tuple[Query, Decision]:
    """The query of a question to one state (`which`), with this node's decision on it."""
    question, state = which
    decision = legal.decide(unit, _question(unit, ask, known, state))
    query = Query(
        id=uuid7(unit.now), question=question, side="asking", partner=state, modality=ask.modality, case=case,
        ref=ask.ref, state="draft", status="pending", reason={}, conversation=uuid7(unit.now), message="",
        asked_at=unit.now, deadline=unit.now + rules.DEADLINES[batching.urgency(ask.pace)],
        basis=life.basis_of(decision) | {"facts": decision.facts, "own": decision.own, "urgency": ask.pace}
        | ({"oral": True} if ask.oral else {}) | _why(ask),
    )  # fmt: skip
    return query, decision


Weighed = tuple[Query, Decision | None]
"""A query that is kept, and the decision on which it may leave now; None where it stays."""


def weigh(unit: Unit, acted: Acted, new: tuple[Query, Decision], record: JsonObject) -> Weighed:
    """Keep a new query and take it as far as the law and the quotas let it go; it has yet to leave."""
    query, decision, exceeded = capacity.spend(unit, *new, acted.actor.person)
    store.insert_query(unit, query, record, life.key_of(unit, query))
    payload: JsonObject = {"outcome": decision.outcome, "decision": decision.id, "act": acted.act_hash}
    deed = life.record(unit, "asked", query, payload, acted)
    query = life.walk(unit, query, ("submit", decision.outcome), deed)
    if exceeded is not None:
        return capacity.park(unit, query, exceeded, deed, acted.act_hash), None
    if decision.outcome == "allow":
        capacity.after_emergency(unit, query, acted)
        return query, decision
    status: Status = "refused" if decision.outcome == "deny" else "pending"
    return life.settle(unit, query, status, life.own_word(unit, decision)), None
