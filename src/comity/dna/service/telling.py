"""Telling partners how much is held here and how many loci searches need: versioned state, kept current by itself.

It is no case data: a number of profiles, counted once more when it has changed by a hundredth.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from comity.access import service as access
from comity.base.errors import NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.dna import store
from comity.dna.model import ToldTerms
from comity.dna.store import partners
from comity.dna.wire.terms import read_terms, terms_body
from comity.exchange import service as exchange
from comity.exchange.model import ItemStamp, Message, Received
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

KIND: Final = "dna.terms"
VERB: Final = "dna.tell"
TELLERS: Final = frozenset({"approver"})
_GROWN: Final = 0.01
"""The part by which the number of profiles changes before partners are told again."""


def tell_terms(unit: Unit, issuer: Issuer, partner: str) -> ToldTerms:
    """From now on a partner is told how many profiles are held and how many loci searches with it need: an act, logged.

    NotFound or Conflict for whom nothing can be told: not listed, revoked, or its node takes no items.
    """
    acted = access.act(unit, issuer, VERB, {"partner": partner, "tell": True}, TELLERS)
    told = _tell(unit, partner)
    log.append(unit, Record(
        "dna.terms-told", acted.actor, told.as_dict(), None, peer=partner, auth_hash=acted.auth_hash
    ))  # fmt: skip
    return told


def stop_telling(unit: Unit, issuer: Issuer, partner: str) -> None:
    """What the partner was told is withdrawn: an act, logged. NotFound where it is told nothing."""
    acted = access.act(unit, issuer, VERB, {"partner": partner, "tell": False}, TELLERS)
    if partners.told(unit, partner, ours=True) is None:
        raise NotFound("dna.not-told", f"{partner[:16]} is told nothing of this database", where="partner",
                       todo="See `comity dna partners list`.")  # fmt: skip
    partners.drop_told(unit, partner, ours=True)
    exchange.withdraw(unit, TOPIC, partner)
    log.append(unit, Record(
        "dna.terms-withdrawn", acted.actor, {"partner": partner}, None, peer=partner, auth_hash=acted.auth_hash
    ))  # fmt: skip


def told_terms(unit: Unit) -> Sequence[ToldTerms]:
    """What partners are told and what they tell, by partner."""
    return partners.all_told(unit)


def stale(unit: Unit) -> list[str]:
    """Partners to whom another number of profiles, or of loci, is to be told than they know."""
    ours = [one for one in partners.all_told(unit) if one.ours]
    count = store.count(unit) if ours else 0
    return [
        one.partner for one in ours
        if abs(count - one.profiles) > _GROWN * one.profiles or _least(unit, one.partner) != one.least_loci
    ]  # fmt: skip


def tell_again(unit: Unit) -> None:
    """Tell those who are `stale` what holds now; one to whom nothing can be told is left for later."""
    for partner in stale(unit):
        unit.attempt(f"{partner} is not told how much is held", partial(_tell, unit, partner))


def _tell(unit: Unit, partner: str) -> ToldTerms:
    told = ToldTerms(partner, True, _least(unit, partner), store.count(unit), unit.now)
    partners.keep_told(unit, told)
    exchange.tell(unit, TOPIC, partner, (partner,))
    return told


def _least(unit: Unit, partner: str) -> int:
    terms = partners.of(unit, partner)
    return terms.least_loci if terms else 0


def _say(unit: Unit, stamp: ItemStamp, to: tuple[str, ...]) -> None:
    """Each partner has an item of its own, called by its code."""
    told = partners.told(unit, stamp.id, ours=True)
    if told is not None:
        body = terms_body(told) | {"item": stamp.as_dict()}
        exchange.follow_up(unit, Message(KIND, to, uuid7(unit.now), body))


def _take(unit: Unit, received: Received, _id: str) -> None:
    partners.keep_told(unit, read_terms(received.body, received.sender))


def _drop(unit: Unit, partner: str, _id: str) -> None:
    partners.drop_told(unit, partner, ours=False)


TOPIC: Final = exchange.Topic(KIND, _say, _take, _drop)
