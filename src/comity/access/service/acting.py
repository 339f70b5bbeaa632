"""Acting with proof, and approving as one of several.

How an act is proven, and how anybody checks it later (`check_assertion`):

1. ``act_hash`` = SHA-256 of JCS ``{v, verb, node, person, at, subject}`` (RFC 8785);
2. the person's Ed25519 key signs ``comity-assertion-v1``, a line feed and JCS of the assertion without its signature,
   ``{v, kind, person, key_id, act_hash, at}``;
3. ``auth_hash`` = SHA-256 of JCS of the assertion with its signature, committed in the act's log entry.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from comity.access import rules, store
from comity.access.model import Acted, Approval, Person
from comity.base.clock import rfc3339
from comity.base.errors import BadInput, NotAllowed, NotFound, Tampered
from comity.base.model import Actor, Assertion, Issuer, JsonObject
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.signing import SigningKey, VerifyKey
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit


@dataclass(frozen=True)
class KeyIssuer:
    """Makes assertions with a person's unsealed key; the key lives as long as this object."""

    actor: Actor
    _key: SigningKey = field(repr=False)

    def assertion(self, act_hash: str, at: datetime) -> Assertion:
        """The person's signature over one act's hash."""
        bare = Assertion("key", self.actor.person, self._key.public.fingerprint, act_hash, rfc3339(at), "")
        return replace(bare, signature=b64.encode(self._key.sign(_signed_bytes(bare))))


def act(unit: Unit, issuer: Issuer, verb: str, subject: JsonObject, roles: frozenset[str]) -> Acted:
    """Has the person sign this one act, and checks everything about it.

    `verb` is ``room.verb``; `subject` says on what, in codes and ids; `roles`: any one of them suffices. NotAllowed for
    inactive persons and missing roles, Tampered for an assertion that does not hold. Log it with ``acted.auth_hash``.
    """
    person = store.find_person(unit, issuer.actor.person)
    if person is None or not person.active:
        raise NotAllowed(
            "access.inactive", f"{issuer.actor.person or 'The node itself'} cannot act here",
            todo="Ask a security administrator.",
        )  # fmt: skip
    if not person.roles & roles:
        has, needs = " and ".join(sorted(person.roles)), " or ".join(sorted(roles))
        raise NotAllowed(
            "access.role", f"{person.id} is {has}; {verb} needs {needs}", todo="Ask somebody who holds that role."
        )
    done = rules.act(verb, unit.node, person.id, rfc3339(unit.now), subject)
    act_hash = _hash(done)
    assertion = issuer.assertion(act_hash, unit.now)
    check_assertion(assertion, person, done)
    auth_hash = _hash(assertion.as_dict())
    store.insert_assertion(unit, assertion, auth_hash)
    return Acted(actor_of(unit, person), assertion, done, act_hash, auth_hash)


def check_assertion(assertion: Assertion, person: Person, done: JsonObject) -> None:
    """Tampered unless `assertion` is `person`'s own signature over exactly the act `done`, made at its time."""
    sound = (
        assertion.kind == "key"
        and (assertion.person, assertion.key_id) == (person.id, person.key_id)
        and (assertion.act_hash, assertion.at) == (_hash(done), done["at"])
    )
    try:
        key = VerifyKey.from_raw(person.public_key)
        signature = b64.decode(assertion.signature)
    except BadInput:
        sound = False
    if not sound or key.fingerprint != person.key_id or not key.verify(signature, _signed_bytes(assertion)):
        raise Tampered(
            "access.assertion", f"The assertion is not {person.id}'s signature over this act",
            todo="Sign in again; if it stays, the person's key row was changed: report the incident.",
        )  # fmt: skip


def find_assertion(unit: Unit, auth_hash: str) -> Assertion:
    """The assertion that a log entry's `auth_hash` names."""
    found = store.find_assertion(unit, auth_hash)
    if found is None:
        raise NotFound("access.assertion-unknown", "No act here has this hash", where=auth_hash, todo="Check the hash.")
    return found


def approve(unit: Unit, acted: Acted, target_hash: str, slot: str) -> Approval:
    """Records `acted` as one part, named `slot`, of a decision on `target_hash` that takes several persons.

    Conflict ``access.four-eyes`` when the same slot, person, key or unit has already taken part.
    """
    new = Approval(
        target_hash, slot, acted.actor.person, acted.assertion.key_id, acted.actor.unit, acted.act_hash
    )  # fmt: skip
    rules.check_four_eyes(store.approvals(unit, target_hash), new)
    store.insert_approval(unit, new, unit.now)
    return new


def approvals(unit: Unit, target_hash: str) -> list[Approval]:
    """Who has taken part in the decision on `target_hash`."""
    return store.approvals(unit, target_hash)


def actor_of(unit: Unit, person: Person) -> Actor:
    """The person as acts and entries name them."""
    return Actor(node=unit.node, person=person.id, unit=person.unit, roles=person.roles)


def _hash(value: JsonObject) -> str:
    return sha256(canonical(value)).hex()


def _signed_bytes(assertion: Assertion) -> bytes:
    return rules.DOMAIN + canonical(rules.statement(assertion))
