"""Our log goes on in another epoch: two people sign what was lost and why, and what is still owed is proven anew.

A node that is sealed accepts no other act. Partners learn of the new epoch from the directory; until theirs lists it,
they put off what it proves (``exchange.epoch``), and what it sends waits.
"""

from dataclasses import dataclass, field
from typing import Final

from comity.access import service as access
from comity.access.model import Acted, Person
from comity.base.errors import BadInput, Misconfigured
from comity.base.model import Issuer, Json, JsonObject
from comity.exchange.model import Hearing
from comity.exchange.service.directory import directory
from comity.exchange.service.sending import prove_anew
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.signing import Signer
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import EPOCH, Head, Record

VERB: Final = "log.epoch"
ASKING: Final = frozenset({"operator", "security_admin"})
"""Who runs the node says what happened."""
AGREEING: Final = frozenset({"approver", "auditor"})
"""Who does not run it agrees that the log goes on so."""
_MOST: Final = 2000


@dataclass(frozen=True)
class Incident:
    """Why epoch `number` begins: the operator's words, and what others and the lock outside the backups remember."""

    number: int
    reason: str
    planned: bool
    hearing: Hearing
    lock: Head | None = None
    signer: Signer | None = field(default=None, repr=False)
    """Another log key, from then on; None: the present one."""


def next_number(unit: Unit, hearing: Hearing, lock: Head | None) -> int:
    """The number of an epoch that nobody can have seen: above ours, and above those that anybody remembers."""
    known = [log.epoch_of(log.head(unit).origin, unit.node), *(one.epoch for one in hearing.holdings)]
    known += [log.epoch_of(lock.origin, unit.node)] if lock is not None else []
    try:
        me = directory(unit).members.get(unit.node)
    except Misconfigured:  # no directory yet
        me = None
    known += [log.epoch_of(me.log.partition("+")[0], unit.node)] if me is not None else []
    return max(known) + 1


def begin_epoch(unit: Unit, people: tuple[Issuer, Issuer], incident: Incident) -> int:
    """Go on in another epoch; the index of its first entry. What signs in it must be the log key after the commit.

    The entry commits to what is left (size, root, key), to the notes of what is lost, as partners showed them, and to
    the incident, all of which two people sign: one who runs the node, and one who does not, of another unit. What is
    owed to partners is proven anew under the epoch's name. BadInput without a reason; NotAllowed and Conflict
    (``access.four-eyes``) for the wrong people.
    """
    if not incident.reason.strip() or len(incident.reason) > _MOST:
        raise BadInput("log.epoch-reason", f"A reason of 1 to {_MOST} characters is needed",
                       todo="Say what happened: it is told to partners and to courts.")  # fmt: skip
    signer = incident.signer or unit.keys.log
    told = {**log.next_epoch(unit, incident.number, signer.public), **_told(incident)}
    acted = [access.act(unit, who, VERB, told, roles) for who, roles in zip(people, (ASKING, AGREEING), strict=True)]
    for one, slot in zip(acted, ("begins", "agrees"), strict=True):
        access.approve(unit, one, sha256(canonical(told)).hex(), slot)
    signed: list[Json] = [_signed(one, access.find_person(unit, one.actor.person)) for one in acted]
    first = acted[0]
    record = Record(EPOCH, first.actor, {"signed": signed}, told, auth_hash=first.auth_hash)
    entry = log.begin(unit, record, signer)
    prove_anew(unit)
    return entry


def _told(incident: Incident) -> JsonObject:
    """The incident beside what the log itself says: see `docs/court.md`."""
    holdings, lock = incident.hearing.holdings, incident.lock
    return {
        "planned": incident.planned, "reason": incident.reason,
        "witnessed": [{"witness": one.witness, "note": one.note} for one in holdings if one.note],
        "told": [{"witness": one.witness, "size": one.size} for one in holdings if not one.note],
        "silent": [code for code, _ in incident.hearing.silent],
        "lock": None if lock is None else {"origin": lock.origin, "size": lock.size, "root": lock.root.hex()},
    }  # fmt: skip


def _signed(acted: Acted, person: Person) -> JsonObject:
    """A person's signature over the incident, with what checks it: `access.service.acting` says how."""
    return {
        "person": person.id, "unit": person.unit, "public_key": b64.encode(person.public_key),
        "assertion": acted.assertion.as_dict(),
    }  # fmt: skip
