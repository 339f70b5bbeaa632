"""Signing in: a passphrase unseals the person's key; wrong ones are counted, logged and make the next try wait."""

import functools
import threading
from dataclasses import dataclass, field

from comity.access import rules, store
from comity.access.model import Person
from comity.access.service.acting import KeyIssuer, act, actor_of
from comity.access.service.people import DEFAULT_COST, find_person, log_change
from comity.base.clock import rfc3339
from comity.base.codes import ROLES
from comity.base.errors import NotAllowed
from comity.base.model import Actor, Issuer, JsonObject
from comity.kit.crypto import passphrase as passphrases
from comity.kit.crypto.passphrase import Cost
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.model import Record

_stretching = threading.BoundedSemaphore(2)
"""Stretching a passphrase takes 64 MiB and a whole core: however many try at once, the node keeps its breath."""


@dataclass(frozen=True)
class _Attempt:
    """A sign-in under way: whose, and the sealed key that the passphrase must open; a decoy's for unknown names."""

    known: Person | None
    sealed: bytes = field(repr=False)


def enter(database: Database, person: str, passphrase: str) -> Issuer:
    """Unseals the person's key; what faces call. Nobody waits for the passphrase to be stretched.

    NotAllowed for an unknown person, a wrong passphrase (the same answer) or during the wait that wrong ones bring.
    1. Read who it is; 2. stretch and unseal in no unit; 3. look again, for failures that came meanwhile; 4. only where
    there is something to count, to log or to forget: one short write unit, committed even on NotAllowed; a sealed node
    writes nothing.
    """
    with database.read("access.sign-in") as unit:
        attempt = _attempt(unit, person)
    key = _unlocked(attempt, passphrase)
    with database.read("access.sign-in") as unit:
        if (
            key is not None
            and attempt.known is not None
            and (not _lock(unit, attempt.known).failures or database.sealed)
        ):
            return KeyIssuer(actor_of(unit, attempt.known), key)
    if database.sealed:  # it can neither count nor log: whoever tries goes on paying for each try
        raise _refusal()
    refusal: NotAllowed
    with database.unit("access.sign-in") as unit:
        try:
            return _settled(unit, attempt, key)
        except NotAllowed as error:
            refusal = error
    raise refusal


def _lock(unit: Unit, known: Person) -> store.Lock:
    """The lock of the person's key; NotAllowed while it is shut."""
    lock = store.lock_of(unit, known.key_id)
    if lock.blocked_until is not None and unit.now < lock.blocked_until:
        raise NotAllowed(
            "access.wait", "Too many wrong passphrases", where=f"until {rfc3339(lock.blocked_until)}",
            todo="Wait, then try again; if it was not you, tell a security administrator.",
        )  # fmt: skip
    return lock


def _attempt(unit: Unit, person: str) -> _Attempt:
    known = store.find_person(unit, person) if rules.is_name(person) else None
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
        note_stranger(unit)
        raise _refusal()
    lock = _lock(unit, known)
    if key is None:
        failures = lock.failures + 1
        until = unit.now + rules.wait_after(failures)
        store.set_lock(unit, known.key_id, failures=failures, blocked_until=until)
        _note_failure(unit, {"person": known.id, "failures": failures})
        raise _refusal()
    if lock.failures:
        store.set_lock(unit, known.key_id, failures=0, blocked_until=None)
    return KeyIssuer(actor_of(unit, known), key)


def note_stranger(unit: Unit) -> None:
    """Counts a try under an unknown name; at most one entry a minute tells how many there were since the last one.

    The name is never logged: it may be a passphrase typed into the wrong field.
    """
    last, silent = store.strangers(unit)
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
    pem = passphrases.unlock(store.lock_of(unit, person.key_id).sealed, old)
    store.set_lock(unit, person.key_id, sealed=passphrases.lock(pem, new, cost))
    log_change(unit, "person.passphrase", acted, {"person": person.id})
    return person


@functools.cache
def _decoy() -> bytes:
    return passphrases.lock(b"", SigningKey.generate().public.fingerprint)
