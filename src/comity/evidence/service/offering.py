"""Offering evidence: the first of two persons proposes exactly these items for this request; nothing leaves yet."""

from dataclasses import replace

from comity.access import service as access
from comity.access.model import Acted
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, Conflict
from comity.base.model import Issuer, Json, JsonObject
from comity.cases import service as cases
from comity.evidence import rules, store
from comity.evidence.model.flow import Kept, Offer, Release
from comity.evidence.model.package import INFORMATION_ONLY
from comity.evidence.service import common
from comity.evidence.service.requesting import must_be_open
from comity.kit.codec import jcs
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit

OFFERERS = frozenset({"custodian", "officer", "examiner"})


APPROVERS = frozenset({"approver"})


def offer(unit: Unit, issuer: Issuer, offered: Offer) -> Release:
    """The first person's part: proposes exactly these items for exactly this request. Nothing leaves yet."""
    asked = common.find_request(unit, offered.request)
    must_be_open(asked, "asked")
    items = [mine(unit, issuer, item) for item in sorted(set(offered.items))]
    case = _one_case(items)
    known = live(unit, asked.id)
    if known:
        raise Conflict("evidence.offered", f"The request has a release that is {known[-1].state}", where=known[-1].id,
                       todo="Approve or withdraw that one.")  # fmt: skip
    expires = offered.expires or issuer.moment(unit.now) + rules.OFFER_LIFETIME
    _check(offered, expires > unit.now)
    made = Release(
        id=common.own_id(unit, offered.id), request=asked.id, recipient=asked.partner, case=case,
        items=tuple(kept.item.id for kept in items), use=offered.use, purpose=asked.purpose, expires=expires,
        state="proposed", target="", proposal={}, package=None, message="", conversation=asked.conversation,
        receipt=b"", at=unit.now,
    )  # fmt: skip
    target = target_of(made, items)
    subject: JsonObject = {"release": made.id, "request": asked.id, "recipient": made.recipient, "target": target}
    acted = access.act(unit, issuer, "evidence.offer", subject, OFFERERS)
    access.approve(unit, acted, target, "offer")
    made = replace(made, target=target, proposal=part_of_act("offer", acted))
    store.insert_release(unit, made)
    payload: JsonObject = {"items": list[Json](made.items), "use": made.use, "expires": rfc3339(expires)}
    common.record(unit, acted, common.Note("offered", subject, payload, case, made.recipient, asked.basis))
    return made


def live(unit: Unit, request: str) -> list[Release]:
    """The releases of a request that are under way or done; the others no longer stand in the way of a new one."""
    return [known for known in store.releases(unit, request=request) if rules.is_live(known.state)]


def _check(offered: Offer, in_time: bool) -> None:
    if not in_time:
        raise BadInput("evidence.expired", "The offer would expire in the past", todo="Choose a later moment.")
    if offered.use != INFORMATION_ONLY:
        raise BadInput("evidence.use", "Only information can be released: evidence proper needs assistance behind it",
                       todo="Offer it as information, or wait for the request for assistance.")  # fmt: skip


def mine(unit: Unit, issuer: Issuer, item: str) -> Kept:
    """An item that this agency holds, in a case that the person knows."""
    kept = common.find_item(unit, item)
    cases.require(unit, issuer.actor, kept.item.case, store.unknown("item", item))
    here = rules.position(link.event for link in common.sound_chain(unit, item))
    if kept.standing != "held" or (here.state, here.holder) != ("held", unit.node):
        raise Conflict("evidence.not-held", f"This agency does not hold the item: it is {kept.standing}", where=item,
                       todo="See: comity evidence show ITEM")  # fmt: skip
    return kept


def _one_case(items: list[Kept]) -> str:
    found = {kept.item.case for kept in items}
    if len(found) != 1:
        raise BadInput("evidence.items", "A release takes one or more items of one case", todo="Release case by case.")
    return found.pop()


def target_of(release: Release, items: list[Kept]) -> str:
    """What both persons sign for: any new custody event of an item makes it another target."""
    bound: list[Json] = [kept.head.as_dict() for kept in items]
    return sha256(jcs.canonical({
        "v": 1, "target": "evidence.release", "release": release.id, "request": release.request,
        "recipient": release.recipient, "items": bound, "use": release.use, "expires": rfc3339(release.expires),
    })).hex()  # fmt: skip


def part_of_act(slot: str, acted: Acted) -> JsonObject:
    """One person's part in a release, as the authorisation shows it."""
    return {"slot": slot, "unit": acted.actor.unit, "act_hash": acted.act_hash, "auth_hash": acted.auth_hash}


def withdraw(unit: Unit, issuer: Issuer, release: str, reason: str) -> Release:
    """Takes a proposal back before it has left."""
    known = store.find_release(unit, release)
    cases.require(unit, issuer.actor, known.case, store.unknown("release", release))
    state = rules.step(rules.RELEASE_STEPS, known.state, "withdraw", known.id)
    subject: JsonObject = {"release": known.id, "reason": reason}
    acted = access.act(unit, issuer, "evidence.withdraw", subject, OFFERERS | APPROVERS)
    store.update_release(unit, known.id, state=state, receipt=b"")
    common.record(unit, acted, common.Note("withdrawn", subject, {}, known.case, known.recipient))
    return store.find_release(unit, known.id)
