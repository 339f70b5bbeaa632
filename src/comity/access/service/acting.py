"""Acting with proof, and approving as one of several.

How an act is proven, and how anybody checks it later (`check_assertion`):

1. ``act_hash`` = SHA-256 of JCS ``{v, verb, node, person, at, subject}`` (RFC 8785);
2. the person's Ed25519 key, that of the session which the person opened with a passkey, or that of an access token
   which such an act issued, signs ``comity-assertion-v1``, a line feed and JCS of the assertion without its signature,
   ``{v, kind, person, key_id, act_hash, at}``; or, for acts that must be confirmed, a passkey signs the act itself
   (`confirming`);
3. ``auth_hash`` = SHA-256 of JCS of the assertion with its signature, committed in the act's log entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from comity.access import rules, store
from comity.access.model import AccessToken, Acted, Approval, Person, Session
from comity.access.service import confirming
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

    def moment(self, now: datetime) -> datetime:
        """Now: a key signs what is done at once."""
        return now

    def require(self, verb: str) -> None:
        """A person's own key is for every verb."""

    def assertion(self, act: JsonObject, act_hash: str) -> Assertion:
        """The person's signature over one act's hash."""
        return signed(Assertion("key", self.actor.person, "", act_hash, str(act["at"]), ""), self._key)


def signed(bare: Assertion, key: SigningKey) -> Assertion:
    """The assertion with that key's name and signature."""
    named = replace(bare, key_id=key.public.fingerprint)
    return replace(named, signature=b64.encode(key.sign(_signed_bytes(named))))


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
    done = rules.act(verb, unit.node, person.id, rfc3339(issuer.moment(unit.now)), subject)
    act_hash = _hash(done)
    assertion = issuer.assertion(done, act_hash)
    _accept(unit, assertion, person, done)
    auth_hash = _hash(assertion.as_dict())
    store.insert_assertion(unit, assertion, auth_hash)
    return Acted(actor_of(unit, person), assertion, done, act_hash, auth_hash)


def check_assertion(assertion: Assertion, person: Person, done: JsonObject) -> None:
    """Tampered unless `assertion` is the signature of `person`'s own key over exactly the act `done`, at its time."""
    own = assertion.kind == "key" and assertion.key_id == person.key_id
    _require(own and _is_about(assertion, person, done) and _is_signed(assertion, person.public_key), person)


def check_kept(unit: Unit, assertion: Assertion, person: Person, done: JsonObject) -> None:
    """As `check_assertion`, of an assertion of any kind that this node has kept: by the keys that it knows or knew.

    A session's key counts when the passkey that opened the session has signed it, an access token's when the act that
    issued it holds.
    """
    if assertion.kind == "key":
        check_assertion(assertion, person, done)
        return
    _require(_is_about(assertion, person, done), person)
    if assertion.kind == "session":
        found = _session(unit, assertion, person)
        _require(_is_signed(assertion, found.public_key) and confirming.vouches(unit, found), person)
    elif assertion.kind == "token":
        token = _token(unit, assertion, person)
        _require(_is_signed(assertion, token.public_key) and _is_issued(unit, token), person)
    else:
        _require(confirming.holds(unit, assertion, done), person)


def _accept(unit: Unit, assertion: Assertion, person: Person, done: JsonObject) -> None:
    """An assertion made now: it holds, the session is open, a passkey's challenge was not answered before."""
    if assertion.kind == "key":
        check_assertion(assertion, person, done)
        return
    _require(_is_about(assertion, person, done), person)
    if assertion.kind == "passkey":
        _require(confirming.use(unit, assertion, done), person)
        return
    if assertion.kind == "token":
        token = _token(unit, assertion, person)
        rules.check_token(token, unit.now, str(done["verb"]))
        _require(_is_signed(assertion, token.public_key), person)
        return
    found = _session(unit, assertion, person)
    if not rules.is_live(found, unit.now):
        raise session_over()
    _require(_is_signed(assertion, found.public_key), person)
    if done["verb"] in rules.CONFIRMED and not rules.is_visit(found):
        raise confirming.unconfirmed(done)


def _session(unit: Unit, assertion: Assertion, person: Person) -> Session:
    """The session whose key an assertion names, if it is this person's; Tampered otherwise."""
    found = store.screens.session(unit, key_id=assertion.key_id)
    if found is None or found.person != person.id:
        raise _unproven(person)
    return found


def _token(unit: Unit, assertion: Assertion, person: Person) -> AccessToken:
    """The access token whose key an assertion names, if it is this person's; Tampered otherwise."""
    found = store.tokens.token(unit, key_id=assertion.key_id)
    if found is None or found.person != person.id:
        raise _unproven(person)
    return found


def _is_issued(unit: Unit, token: AccessToken) -> bool:
    """Whether the act that the token names, and that somebody signed with a key or a passkey, issued exactly it."""
    by: Any = token.issued_by
    assertion, issuer = store.find_assertion(unit, by["auth_hash"]), store.find_person(unit, by["act"]["person"])
    if assertion is None or issuer is None or assertion.kind == "token":
        return False
    check_kept(unit, assertion, issuer, by["act"])
    return bool(by["act"]["verb"] == rules.ISSUE and by["act"]["subject"] == rules.told_token(token))


def session_over() -> NotAllowed:
    """Who comes with a session that has ended."""
    return NotAllowed("access.session", "The session is over", todo="Sign in again with your passkey.")


def _require(holds: bool, person: Person) -> None:
    if not holds:
        raise _unproven(person)


def _unproven(person: Person) -> Tampered:
    return Tampered(
        "access.assertion", f"The assertion is not {person.id}'s proof of this act",
        todo="Sign in again; if it stays, the person's key row was changed: report the incident.",
    )  # fmt: skip


def _is_about(assertion: Assertion, person: Person, done: JsonObject) -> bool:
    return (assertion.person, assertion.act_hash, assertion.at) == (person.id, _hash(done), done["at"])


def _is_signed(assertion: Assertion, raw: bytes) -> bool:
    try:
        key = VerifyKey.from_raw(raw)
        signature = b64.decode(assertion.signature)
    except BadInput:
        return False
    return key.fingerprint == assertion.key_id and key.verify(signature, _signed_bytes(assertion))


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


def approvals_of(unit: Unit, targets: Sequence[str]) -> dict[str, list[Approval]]:
    """Who has taken part in the decision on each of these hashes."""
    found: dict[str, list[Approval]] = {target: [] for target in targets}
    for one in store.approvals_of(unit, targets):
        found[one.target_hash].append(one)
    return found


def actor_of(unit: Unit, person: Person) -> Actor:
    """The person as acts and entries name them."""
    return Actor(node=unit.node, person=person.id, unit=person.unit, roles=person.roles)


def _hash(value: JsonObject) -> str:
    return sha256(canonical(value)).hex()


def _signed_bytes(assertion: Assertion) -> bytes:
    return rules.DOMAIN + canonical(rules.statement(assertion))
