"""The verbs of access: add people, sign in, act with proof, approve as one of several.

How an act is proven, and how anybody checks it later (`check_assertion`):

1. ``act_hash`` = SHA-256 of JCS ``{v, verb, node, person, at, subject}`` (RFC 8785);
2. the person's Ed25519 key signs ``comity-assertion-v1``, a line feed and JCS of the assertion without its signature,
   ``{v, kind, person, key_id, act_hash, at}``;
3. ``auth_hash`` = SHA-256 of JCS of the assertion with its signature, committed in the act's log entry.
"""

import functools
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime

from comity.access import rules, store
from comity.access.model import Acted, Approval, NewPerson, Person
from comity.base.clock import rfc3339
from comity.base.codes import ROLES
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound, Tampered
from comity.base.model import Actor, Assertion, Issuer, JsonObject
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical
from comity.kit.crypto import passphrase as passphrases
from comity.kit.crypto.passphrase import Cost
from comity.kit.crypto.signing import SigningKey, VerifyKey
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.model import Record

DEFAULT_COST = Cost()
SECURITY_ADMINS = frozenset({"security_admin"})

_stretching = threading.BoundedSemaphore(2)
"""Stretching a passphrase takes 64 MiB and a whole core: however many try at once, the node keeps its breath."""


@dataclass(frozen=True)
class KeyIssuer:
    """Makes assertions with a person's unsealed key; the key lives as long as this object."""

    actor: Actor
    _key: SigningKey = field(repr=False)

    def assertion(self, act_hash: str, at: datetime) -> Assertion:
        """The person's signature over one act's hash."""
        bare = Assertion("key", self.actor.person, self._key.public.fingerprint, act_hash, rfc3339(at), "")
        return replace(bare, signature=b64.encode(self._key.sign(_signed_bytes(bare))))


# --- people -------------------------------------------------------------------------------------------------------


def add_person(unit: Unit, new: NewPerson, by: Issuer | None, cost: Cost = DEFAULT_COST) -> Person:
    """Adds a person with a key sealed under their passphrase.

    `by` is a security administrator; None only for the node's first person, who must be one. BadInput for unfit names,
    roles, passphrases or keys; Conflict when the name or the key is taken.
    """
    rules.check_person(new)
    if by is None:
        _check_first(unit, new)
    acted = act(unit, by, "person.add", _subject(new), SECURITY_ADMINS) if by is not None else None
    key = SigningKey.from_pem(new.key_pem) if new.key_pem is not None else SigningKey.generate()
    public = VerifyKey.from_raw(key.public.raw)  # the one rule for keys: small-order ones are refused at enrolment
    if store.find_person(unit.connection, new.id) or store.public_key(unit.connection, public.fingerprint):
        raise Conflict(
            "access.person-exists", f"The name {new.id}, or its key, is already in use",
            todo="Choose another name, or bring another key. Names are never used again.",
        )  # fmt: skip
    person = Person(new.id, new.unit, new.roles, public.fingerprint, public.raw, new.qualified_until, active=True)
    sealed = passphrases.lock(key.to_pem(), new.passphrase, cost)
    store.insert_person(unit.connection, person, sealed, unit.now, acted.actor.person if acted else None)
    _log(unit, "person.added", acted, person.as_dict())
    return person


def _subject(new: NewPerson) -> JsonObject:
    until = new.qualified_until.isoformat() if new.qualified_until else None
    return {"person": new.id, "unit": new.unit, "roles": [*sorted(new.roles)], "qualified_until": until}


def _check_first(unit: Unit, new: NewPerson) -> None:
    """The node's first person is added by nobody, and only as a security administrator."""
    if store.anybody(unit.connection):
        raise NotAllowed(
            "access.admin-needed", "Only a security administrator adds people", todo="Sign in as one with --as."
        )  # fmt: skip
    if not new.roles & SECURITY_ADMINS:
        raise BadInput(
            "access.first-person", "A node's first person is its security administrator",
            todo="Give the first person the role security_admin; that person adds the others.",
        )  # fmt: skip


def deactivate(unit: Unit, person: str, by: Issuer) -> Person:
    """Lets `person` act no more; what they did stays provable. The last security administrator must stay."""
    acted = act(unit, by, "person.deactivate", {"person": person}, SECURITY_ADMINS)
    leaving = find_person(unit, person)
    admins = [p.id for p in people(unit) if p.active and p.roles & SECURITY_ADMINS]
    if admins == [person]:
        raise Conflict(
            "access.last-admin", f"{person} is the node's last security administrator", todo="Add another one first."
        )  # fmt: skip
    store.set_active(unit.connection, person, active=False)
    _log(unit, "person.deactivated", acted, {"person": person})
    return replace(leaving, active=False)


def people(unit: Unit) -> list[Person]:
    """Everyone on this node, by name."""
    return store.persons(unit.connection)


def find_person(unit: Unit, person: str) -> Person:
    """The person named `person`, or NotFound."""
    found = store.find_person(unit.connection, person)
    if found is None:
        raise NotFound("access.person-unknown", f"Nobody here is named {person}", todo="See `comity person list`.")
    return found


def qualified(unit: Unit, person: str) -> Person:
    """The person, if qualified today to confirm hits; NotAllowed otherwise."""
    found = find_person(unit, person)
    if not rules.qualified(found.qualified_until, unit.now.date()):
        raise NotAllowed(
            "access.not-qualified", f"{person} is not qualified to confirm hits",
            where=f"qualified until {found.qualified_until or 'never'}",
            todo="Ask a qualified examiner, or have a security administrator renew the qualification.",
        )  # fmt: skip
    return found


# --- signing in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Attempt:
    """A sign-in under way: whose, and the sealed key that the passphrase must open; a decoy's for unknown names."""

    known: Person | None
    sealed: bytes = field(repr=False)


def enter(database: Database, person: str, passphrase: str) -> Issuer:
    """Unseals the person's key; what faces call. Nobody waits for the passphrase to be stretched.

    NotAllowed for an unknown person, a wrong passphrase (the same answer) or during the wait that wrong ones bring.
    1. Read who it is; 2. stretch and unseal in no unit; 3. look again, for failures that came meanwhile; 4. only where
    there is something to count, to log or to forget: one short write unit, committed even on NotAllowed.
    """
    with database.read("access.sign-in") as unit:
        attempt = _attempt(unit, person)
    key = _unlocked(attempt, passphrase)
    with database.read("access.sign-in") as unit:
        if key is not None and attempt.known is not None and not _lock(unit, attempt.known).failures:
            return KeyIssuer(_actor(unit, attempt.known), key)
    refusal: NotAllowed
    with database.unit("access.sign-in") as unit:
        try:
            return _settled(unit, attempt, key)
        except NotAllowed as error:
            refusal = error
    raise refusal


def sign_in(unit: Unit, person: str, passphrase: str) -> Issuer:
    """The same within a unit that is open already. A failure is counted and logged in it: commit before raising on."""
    attempt = _attempt(unit, person)
    return _settled(unit, attempt, _unlocked(attempt, passphrase))


def _lock(unit: Unit, known: Person) -> store.Lock:
    """The lock of the person's key; NotAllowed while it is shut."""
    lock = store.lock_of(unit.connection, known.key_id)
    if lock.blocked_until is not None and unit.now < lock.blocked_until:
        raise NotAllowed(
            "access.wait", "Too many wrong passphrases", where=f"until {rfc3339(lock.blocked_until)}",
            todo="Wait, then try again; if it was not you, tell a security administrator.",
        )  # fmt: skip
    return lock


def _attempt(unit: Unit, person: str) -> _Attempt:
    known = store.find_person(unit.connection, person) if rules.is_name(person) else None
    if known is None or not known.active:
        return _Attempt(None, _decoy())
    return _Attempt(known, _lock(unit, known).sealed)


def _unlocked(attempt: _Attempt, passphrase: str) -> SigningKey | None:
    """The person's key, or None; takes as long for a name that is not known as for one that is."""
    with _stretching:
        try:
            pem = passphrases.unlock(attempt.sealed, passphrase)
        except NotAllowed:
            return None
    return SigningKey.from_pem(pem) if attempt.known is not None else None


def _settled(unit: Unit, attempt: _Attempt, key: SigningKey | None) -> Issuer:
    """The person, or NotAllowed; failures are counted from what is stored now, so that no parallel one is lost."""
    known = attempt.known
    if known is None:
        _note_unknown(unit)
        raise _refusal()
    lock = _lock(unit, known)
    if key is None:
        failures = lock.failures + 1
        until = unit.now + rules.wait_after(failures)
        store.set_lock(unit.connection, known.key_id, failures=failures, blocked_until=until)
        _note_failure(unit, {"person": known.id, "failures": failures})
        raise _refusal()
    if lock.failures:
        store.set_lock(unit.connection, known.key_id, failures=0, blocked_until=None)
    return KeyIssuer(_actor(unit, known), key)


def _note_unknown(unit: Unit) -> None:
    """Counts a try under an unknown name; at most one entry a minute tells how many there were since the last one.

    The name is never logged: it may be a passphrase typed into the wrong field.
    """
    last, silent = store.strangers(unit.connection)
    if last is not None and unit.now < last + rules.STRANGERS_EVERY:
        store.set_strangers(unit, last, silent + 1)
        return
    _note_failure(unit, {"person": None, "failures": silent + 1})
    store.set_strangers(unit, unit.now, 0)


def _note_failure(unit: Unit, subject: JsonObject) -> None:
    log.append(unit, Record(type="access.failed", actor=Actor.system(unit.node), subject=subject, payload=None))


def _refusal() -> NotAllowed:
    return NotAllowed(
        "access.passphrase", "Person and passphrase do not belong together",
        todo="Check both and try again; repeated mistakes make the wait longer.",
    )  # fmt: skip


def change_passphrase(unit: Unit, issuer: Issuer, old: str, new: str, cost: Cost = DEFAULT_COST) -> Person:
    """Seals the person's own key under a new passphrase; the key, and all it has signed, stay the same."""
    rules.check_passphrase(new)
    acted = act(unit, issuer, "person.passphrase", {"person": issuer.actor.person}, ROLES)
    person = find_person(unit, acted.actor.person)
    pem = passphrases.unlock(store.lock_of(unit.connection, person.key_id).sealed, old)
    store.set_lock(unit.connection, person.key_id, sealed=passphrases.lock(pem, new, cost))
    _log(unit, "person.passphrase", acted, {"person": person.id})
    return person


@functools.cache
def _decoy() -> bytes:
    return passphrases.lock(b"", SigningKey.generate().public.fingerprint)


# --- acting -------------------------------------------------------------------------------------------------------


def act(unit: Unit, issuer: Issuer, verb: str, subject: JsonObject, roles: frozenset[str]) -> Acted:
    """Has the person sign this one act, and checks everything about it.

    `verb` is ``room.verb``; `subject` says on what, in codes and ids; `roles`: any one of them suffices. NotAllowed for
    inactive persons and missing roles, Tampered for an assertion that does not hold. Log it with ``acted.auth_hash``.
    """
    person = store.find_person(unit.connection, issuer.actor.person)
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
    return Acted(_actor(unit, person), assertion, done, act_hash, auth_hash)


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
    found = store.find_assertion(unit.connection, auth_hash)
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
    rules.check_four_eyes(store.approvals(unit.connection, target_hash), new)
    store.insert_approval(unit.connection, new, unit.now)
    return new


def approvals(unit: Unit, target_hash: str) -> list[Approval]:
    """Who has taken part in the decision on `target_hash`."""
    return store.approvals(unit.connection, target_hash)


def _actor(unit: Unit, person: Person) -> Actor:
    return Actor(node=unit.node, person=person.id, unit=person.unit, roles=person.roles)


def _log(unit: Unit, kind: str, acted: Acted | None, payload: JsonObject) -> None:
    actor = acted.actor if acted else Actor.system(unit.node)
    auth_hash = acted.auth_hash if acted else None
    subject: JsonObject = {"person": payload.get("id") or payload.get("person")}
    log.append(unit, Record(type=kind, actor=actor, subject=subject, payload=payload, auth_hash=auth_hash))


def _hash(value: JsonObject) -> str:
    return sha256(canonical(value)).hex()


def _signed_bytes(assertion: Assertion) -> bytes:
    return rules.DOMAIN + canonical(rules.statement(assertion))
