"""Confirming one act with a passkey: the person sees what is signed, and the authenticator signs exactly that.

The challenge is SHA-256 over JCS of the act, ``{v, verb, node, person, at, subject}``, followed by a nonce of 32 bytes;
it is answered once, within two minutes. An assertion of the kind ``passkey`` carries, as its signature, the base64 of
JCS ``{nonce, response}``: with the act and the passkey's public key anybody can check it later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from comity.access import rules, store
from comity.access.model import Ceremony, Passkey, Session
from comity.base.clock import parse_rfc3339
from comity.base.errors import BadInput, Conflict, NotAllowed, Tampered, Unavailable, Unconfirmed
from comity.base.model import Assertion, JsonObject
from comity.kit.codec import b64, idtokens
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto import passkeys
from comity.kit.crypto.passkeys import Enrolled, Site
from comity.kit.crypto.symmetric import random_bytes, sha256
from comity.kit.database.unit import Unit

MOST = 16 * 1024
"""Bytes of a browser's answer."""


@dataclass(frozen=True)
class Confirmed:
    """A browser's answer to the challenge of one act, not yet used."""

    act: JsonObject
    key_id: str
    proof: str

    @property
    def at(self) -> datetime:
        """When the act was shown."""
        return parse_rfc3339(str(self.act["at"]))


def site(origin: str) -> Site:
    """Where people sign in, by the origin of this node's pages."""
    return Site.at(origin)


def unconfirmed(act: JsonObject) -> Unconfirmed:
    """What is raised where an act must first be confirmed."""
    error = Unconfirmed("access.unconfirmed", "This act is confirmed with your passkey", todo="Confirm what is shown.")
    error.act = act
    return error


def challenge(act: JsonObject, nonce: bytes) -> bytes:
    """The 32 bytes that an authenticator signs for this act."""
    return sha256(canonical(act) + nonce)


def begin(unit: Unit, kind: Any, person: str, act: JsonObject, sealed: bytes | None = None) -> Ceremony:
    """A new challenge; Unavailable while too many are open."""
    if store.screens.count_ceremonies(unit, kind) >= rules.MANY:
        raise Unavailable("access.busy", "Too many sign-ins are under way", todo="Try again in two minutes.")
    over = unit.now + (rules.FEDERATED if kind == "federated" else rules.CEREMONY)
    made = Ceremony(random_bytes(32).hex(), kind, person, act, random_bytes(32), sealed, over)
    store.screens.insert_ceremony(unit, made)
    return made


def finish(unit: Unit, id: str, kind: str) -> Ceremony:
    """The ceremony of that id, which is thereby over; Conflict ``access.used`` for one that was, or took too long."""
    found = store.screens.ceremony(unit, id)
    if found is None or found.kind != kind or found.expires <= unit.now or not store.screens.drop_ceremony(unit, id):
        raise _over()
    return found


def ask_to_confirm(unit: Unit, site: Site, person: str, act: Mapping[str, object]) -> tuple[Ceremony, JsonObject]:
    """A challenge for the act that `Unconfirmed` told of: the ceremony, and what the browser is given."""
    own = tuple(one.credential for one in store.screens.passkeys(unit, person) if one.ended_at is None)
    if not own:
        raise NotAllowed("access.no-passkey", f"{person} has no passkey here", todo="Ask for a link to make one.")
    made = begin(unit, "confirm", person, cast(JsonObject, dict(act)))
    return made, passkeys.request(site, challenge(made.act, made.nonce), own)


def confirmed(unit: Unit, site: Site, person: str, answer: tuple[str, bytes]) -> Confirmed:
    """The answer (the ceremony's id, the browser's JSON) to a challenge given to this person at this very site.

    Whether its signature holds, the act will say, which uses it up: `use`.
    """
    id, body = answer
    made = store.screens.ceremony(unit, id)
    if made is None or made.kind != "confirm" or made.expires <= unit.now or made.person != person:
        raise _over()
    response = parse_object(body, limit=MOST, where="the passkey's answer")
    known = own_passkey(unit, response, person)
    if passkeys.origin_of(response) != site.origin:
        raise passkeys.refused()
    proof: JsonObject = {"ceremony": id, "nonce": made.nonce.hex(), "response": response}
    return Confirmed(made.act, known.key_id, b64.encode(canonical(proof)))


def holds(unit: Unit, assertion: Assertion, done: JsonObject) -> bool:
    """Whether the passkey that the assertion names, this person's, signed this act, whenever that was."""
    known, proof = store.screens.passkey(unit, key_id=assertion.key_id), _proof(assertion)
    return known is not None and known.person == assertion.person and _has_signed(known, done, proof)


def vouches(unit: Unit, session: Session) -> bool:
    """Whether a passkey of its person, or an identity provider's ID token, names the opening of this very session; a
    visitor's session needs none."""
    by: Any = session.opened_by
    if rules.is_visit(session):
        return True
    if "oidc" in by:
        return _is_told(session, by)
    known = store.screens.passkey(unit, key_id=str(by.get("passkey")))
    about = isinstance(by.get("act"), dict) and by["act"].get("subject") == {"key": session.public_key.hex()}
    return about and known is not None and known.person == session.person and _has_signed(known, by["act"], by)


def nonce_of(act: JsonObject, nonce: bytes) -> str:
    """As `challenge`, as an identity provider is given it."""
    return b64.encode_url(challenge(act, nonce))


def _is_told(session: Session, by: Mapping[str, Any]) -> bool:
    """Whether an ID token, signed by the provider's key as it was fetched, names this very session's key and person."""
    try:
        claims = idtokens.signed_claims(by["oidc"]["id_token"], by["oidc"]["key"])
        nonce = nonce_of(by["act"], bytes.fromhex(by["nonce"]))
    except (BadInput, Tampered, KeyError, TypeError, ValueError):
        return False
    about: bool = by["act"].get("subject") == {"key": session.public_key.hex()}
    return about and claims.get("nonce") == nonce and claims.get(by.get("claim", "")) == session.person


def _has_signed(known: Passkey, done: JsonObject, proof: Mapping[str, Any]) -> bool:
    """Whether `proof` ({nonce, response}) shows that the passkey signed the act; its count was looked at back then."""
    try:
        site = Site(known.rp_id, passkeys.origin_of(proof["response"]))
        nonce = bytes.fromhex(proof["nonce"])
        passkeys.verify(proof["response"], challenge(done, nonce), site, replace(enrolled(known), count=0))
    except (BadInput, NotAllowed, KeyError, TypeError, ValueError):
        return False
    return urlsplit(site.origin).hostname == site.rp_id


def use(unit: Unit, assertion: Assertion, done: JsonObject) -> bool:
    """Check an assertion that was made now, and use its challenge up; False for what is no passkey's assertion at all.

    Conflict ``access.used`` for a challenge that was answered before, too late or for another act; NotAllowed for a
    passkey that was taken back, or whose signature does not hold.
    """
    proof = _proof(assertion)
    if not isinstance(proof.get("response"), dict):
        return False
    made = finish(unit, str(proof.get("ceremony")), "confirm")
    if (made.nonce.hex(), made.act, made.person) != (proof.get("nonce"), done, assertion.person):
        raise _over()
    known = own_passkey(unit, proof["response"], assertion.person)
    site = Site(known.rp_id, passkeys.origin_of(proof["response"]))
    count = passkeys.verify(proof["response"], challenge(done, made.nonce), site, enrolled(known))
    store.screens.change_passkey(unit, known.key_id, count=count)
    return True


def _proof(assertion: Assertion) -> dict[str, Any]:
    """What a passkey's assertion carries; nothing where it is no JSON."""
    try:
        return parse_object(b64.decode(assertion.signature), limit=2 * MOST)
    except BadInput:
        return {}


def own_passkey(unit: Unit, response: JsonObject, person: str) -> Passkey:
    """The passkey in use that an answer names, if it is this person's; NotAllowed otherwise."""
    known = store.screens.passkey(unit, credential=passkeys.credential_of(response))
    if known is None or known.ended_at is not None or known.person != person:
        raise NotAllowed("access.passkey-unknown", "This passkey is not known here, or was taken back",
                         todo="Use the passkey made at this node, or ask for a new link.")  # fmt: skip
    return known


def enrolled(known: Passkey) -> Enrolled:
    """The passkey as the authenticator's answers are checked with it."""
    return Enrolled(known.credential, known.public_key, known.count)


def _over() -> Conflict:
    return Conflict("access.used", "This confirmation was used before, or took longer than two minutes",
                    todo="Do the act again; nothing was done twice.")  # fmt: skip
