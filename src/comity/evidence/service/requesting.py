"""Asking a partner for evidence, and being asked. Both sides decide for themselves; refusals travel with findings."""

from dataclasses import replace

from comity.access import service as access
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer, JsonObject
from comity.cases import service as cases
from comity.cases.model import Case
from comity.evidence import store
from comity.evidence.model.flow import Ask, EvidenceRequest
from comity.evidence.service import common
from comity.evidence.wire import messages
from comity.exchange.model import Received
from comity.exchange.service import REFUSAL, defer, directory, handled, send
from comity.exchange.service import refuse as refuse_by_message
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Decision, Question
from comity.search import service as search
from comity.search.model import Preview

OFFICERS = frozenset({"officer"})
REFUSERS = frozenset({"approver", "lawyer"})
_STATES = {"allow": "open", "deny": "refused", "refer": "referred"}
_CONFIRMED = frozenset({
    "confirmed", "core_requested", "awaiting_judge", "authorised", "clarification", "core_released",
    "evidence_requested", "released",
})  # fmt: skip


def request(unit: Unit, issuer: Issuer, ask: Ask) -> EvidenceRequest:
    """Asks a partner for evidence as information only. What the law here does not allow is kept and not sent.

    A request with an id that was made beforehand (`Ask.id`) is made once: asked again, it is answered as it stands.
    """
    case = cases.require(unit, issuer.actor, ask.case)
    if ask.id and store.request_exists(unit, ask.id):
        return _same(unit, ask, case.id)
    ask = _checked(unit, ask, case.id)
    id = common.own_id(unit, ask.id)
    subject: JsonObject = {
        "request": id, "case": case.id, "to": ask.to, "about": ask.about, "category": ask.category,
        "purpose": ask.purpose,
    }  # fmt: skip
    acted = access.act(unit, issuer, "evidence.request", subject, OFFICERS)
    decision = legal.decide(unit, _question(unit, ask, case))
    made = _new(unit, ask, case, (id, decision))
    store.insert_request(unit, made, common.key_of(unit, case.id))
    payload: JsonObject = {"outcome": decision.outcome, "decision": decision.id, "about": ask.about}
    note = common.Note("requested", subject, payload, case.id, ask.to, made.basis)
    common.record(unit, acted, note)
    if decision.outcome != "allow":
        return made
    body = messages.RequestBody(id, ask.about, ask.wanted, ask.category, ask.purpose, made.basis)
    permit = legal.permit(unit, decision, acted.act_hash, (ask.to,))
    sent = send(unit, permit, common.message(made, messages.REQUEST, body.as_json(), acted.act_hash))
    store.set_request_message(unit, id, sent)
    if ask.about:
        search.evidence_requested(unit, ask.about, id, acted)
    return replace(made, message=sent)


def _same(unit: Unit, ask: Ask, case: str) -> EvidenceRequest:
    """The request that was made with this id before; Conflict for another one under its id."""
    row = store.request_row(unit, ask.id)
    if (row.side, row.case_id) != ("asking", case) or common.find_request(unit, ask.id).wanted != ask.wanted:
        raise Conflict("evidence.request-known", "A request of this id is known", where=ask.id,
                       todo="Use a new id for a new request.")  # fmt: skip
    return common.find_request(unit, ask.id)


def preview(unit: Unit, issuer: Issuer, ask: Ask) -> Preview:
    """What requesting would do: the law's findings, exactly who would be asked, and what the partner would see.

    For an officer of the case; NotAllowed for anybody else. Nothing is kept, and nothing is shown that the officer has
    not written.
    """
    case = cases.require(unit, issuer.actor, ask.case)
    if not issuer.actor.roles & OFFICERS:
        raise NotAllowed(
            "evidence.role", f"{issuer.actor.person} is no officer", todo="Evidence is an officer's to ask."
        )
    ask = _checked(unit, ask, case.id)
    decision = legal.consider(unit, _question(unit, ask, case))
    recipients, withheld = ((ask.to,), ()) if decision.outcome == "allow" else ((), (ask.to,))
    seen: JsonObject = {
        "wanted": ask.wanted, "category": ask.category, "purpose": ask.purpose, "about": ask.about or None,
        "offence": decision.facts.get("offence"), "asked_by": f"node {unit.node}",
    }  # fmt: skip
    return Preview(recipients, withheld, {ask.to: decision}, seen)


def _checked(unit: Unit, ask: Ask, case: str) -> Ask:
    """The request with its partner filled in; BadInput or Conflict when it cannot be asked like this."""
    if not ask.wanted.strip() or len(ask.wanted) > messages.MAX_WANTED:
        raise BadInput("evidence.wanted", "The request does not say what is wanted (at most 2,000 characters)",
                       todo="Describe the exhibit or report in a sentence.")  # fmt: skip
    if not ask.about and not ask.to:
        raise BadInput("evidence.partner", "The request names neither a partner nor a query", todo="Name one of them.")
    if not ask.about:
        _check_known(unit, ask)
        return ask
    query = search.find(unit, ask.about)
    named = replace(ask, to=ask.to or query.partner)
    _must_be_confirmed(unit, ask.about, (named.to, "asking"), case)
    _check_known(unit, named)
    return named


def _check_known(unit: Unit, ask: Ask) -> None:
    """A partner or an instrument of which nobody here has heard is a slip of the pen, and no question of law."""
    members = directory(unit).members
    if ask.to not in members or ask.to == unit.node:
        others = ", ".join(sorted(code for code in members if code != unit.node))
        raise NotFound("evidence.unknown-state", f"{ask.to[:20]} is no partner in this node's directory",
                       todo=f"It lists: {others or 'nobody else'}.")  # fmt: skip
    instruments = legal.tables(unit).instruments
    if ask.instrument is not None and ask.instrument not in instruments:
        raise NotFound("evidence.unknown-instrument", f"No table of this node speaks of {ask.instrument[:40]}",
                       todo=f"Use one of {', '.join(sorted(instruments))}, or none.")  # fmt: skip


def _must_be_confirmed(unit: Unit, about: str, wanted: tuple[str, str], case: str | None) -> None:
    """The request follows a hit of this case between these two parties that an examiner has confirmed."""
    query = search.find(unit, about)
    if (
        (query.partner, query.side, query.case) != (*wanted, case)
        or query.status != "hit"
        or query.state not in _CONFIRMED
    ):
        raise Conflict("evidence.about", "The request does not follow a confirmed hit of its case with this partner",
                       where=about, todo="Name the query whose hit was confirmed, or none.")  # fmt: skip
    if query.superseded_by is not None:
        raise Conflict(
            "evidence.superseded", f"Query {about} was corrected by query {query.superseded_by}", where=about,
            todo=f"Go on with that one: confirm its hit, then name {query.superseded_by}.",
        )  # fmt: skip


def _question(unit: Unit, ask: Ask, case: Case) -> Question:
    known = common.facts({"state": unit.node, "code": case.offence}, ask.category, ask.purpose) | ask.facts
    return common.question((unit.node, ask.to), ask.instrument, unit.now.date(), known)


def _new(unit: Unit, ask: Ask, case: Case, made: tuple[str, Decision]) -> EvidenceRequest:
    id, decision = made
    allowed = decision.outcome == "allow"
    return EvidenceRequest(
        id=id, side="asking", partner=ask.to, case=case.id, about=ask.about, wanted=ask.wanted, category=ask.category,
        purpose=ask.purpose, conversation=uuid7(unit.now), message="", state=_STATES[decision.outcome],
        reason={} if allowed else {"by": unit.node, **common.reason_of(decision)},
        basis=common.basis_of(decision) | {"facts": decision.facts}, at=unit.now,
    )  # fmt: skip


def on_request(unit: Unit, received: Received) -> None:
    """A partner asks for evidence: a deny is answered at once; anything else waits for persons of this agency."""
    body = messages.parse_request(received.body)
    if store.request_exists(unit, body.request):
        raise Conflict(
            "evidence.request-known", "A request of this id is known", todo="Use a new id for a new request."
        )
    if body.about:
        _must_be_confirmed(unit, body.about, (received.sender, "asked"), None)
    asked_facts, instrument = body.legal.get("facts"), body.legal.get("instrument")
    known = asked_facts if isinstance(asked_facts, dict) else {}
    parties = (received.sender, unit.node)
    named = instrument if isinstance(instrument, str) else None
    decision = legal.decide(unit, common.question(parties, named, unit.now.date(), known))
    denied = decision.outcome == "deny"
    made = EvidenceRequest(
        id=body.request, side="asked", partner=received.sender, case="", about=body.about, wanted=body.wanted,
        category=body.category, purpose=body.purpose, conversation=received.conversation, message=received.id,
        state="refused" if denied else "open",
        reason={"by": unit.node, **common.reason_of(decision)} if decision.outcome != "allow" else {},
        basis=common.basis_of(decision) | {"facts": known}, at=unit.now,
    )  # fmt: skip
    store.insert_request(unit, made, common.key_of(unit, ""))
    subject: JsonObject = {"request": made.id, "message": received.id}
    payload: JsonObject = {"outcome": decision.outcome, "decision": decision.id, "about": made.about}
    common.record(unit, None, common.Note("request-received", subject, payload, "", made.partner, made.basis))
    if denied:
        refuse_by_message(unit, decision, common.message(made, REFUSAL, {"request": made.id}, ""))
        return
    if made.about:
        search.evidence_requested(unit, made.about, made.id)
    defer(unit, received)


def refuse_request(unit: Unit, issuer: Issuer, request: str, ground: str, reason: str) -> EvidenceRequest:
    """A person of the asked agency refuses a request, with ground and reason; the partner gets both."""
    known = common.find_request(unit, request)
    must_be_open(known, "asked")
    subject: JsonObject = {"request": known.id, "ground": ground, "reason": reason}
    acted = access.act(unit, issuer, "evidence.refuse-request", subject, REFUSERS)
    common.record(unit, acted, common.Note("request-refused", subject, {}, "", known.partner, known.basis))
    told = common.message(known, REFUSAL, {"request": known.id, "ground": ground, "reason": reason}, acted.act_hash)
    refuse_by_message(unit, legal.refuse_by_person(unit, common.decided(unit, known), ground, reason), told)
    _close(unit, known)
    store.update_request(unit, known.id, state="refused", reason={"by": unit.node, "ground": ground, "reason": reason})
    handled(unit, known.partner, known.message)
    return common.find_request(unit, known.id)


def must_be_open(known: EvidenceRequest, side: str) -> None:
    """Conflict unless the request is open and stands on that side here."""
    if known.side != side or known.state != "open":
        raise Conflict("evidence.request-state", f"The request is {known.state}, and this node is {known.side}",
                       where=known.id, todo="See: comity evidence show")  # fmt: skip


def speaks_of(unit: Unit, received: Received) -> bool:
    """Whether a message of a type that rooms share (a refusal) belongs to a conversation about evidence."""
    return store.request_in(unit, received.conversation) is not None


def on_refusal(unit: Unit, received: Received) -> None:
    """The partner refuses our request: an answer of its own, kept with its findings."""
    id = store.request_in(unit, received.conversation)
    known = common.find_request(unit, id) if id else None
    if known is None or known.partner != received.sender:
        raise Conflict("evidence.not-yours", "The refusal speaks of no request of ours", todo="Ask the partner.")
    must_be_open(known, "asking")
    told = messages.parse_refusal(received.body)
    subject: JsonObject = {"request": known.id, "message": received.id}
    common.record(unit, None, common.Note("request-refused", subject, {}, known.case, known.partner, known.basis))
    store.update_request(unit, known.id, state="refused", reason=told | {"by": received.sender})
    _close(unit, known)


def _close(unit: Unit, known: EvidenceRequest) -> None:
    """The query that the request followed has no more to wait for."""
    if known.about:
        search.evidence_settled(unit, known.about, "refused", known.id)
